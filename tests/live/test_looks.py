"""What the engine answers, our host passes on unchanged, and answers in the same way by itself: fields and types."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tests.live.answers import Look, look
from tests.live.conftest import LIVE, NOT_LIVE, TIMEOUT_SECONDS, Host
from tests.live.questions import QUESTIONS, REFUSED, Question

if not LIVE:
    pytest.skip(NOT_LIVE, allow_module_level=True)

# Where our host looks otherwise, and why that is left so. A line that is no longer true makes a test fail.
OTHER_LOOK = {
    "models": "`permission` means nothing and has not been seen on Tensormesh",
    "health": "the documents promise JSON, which a gateway sends; the engine's own answer is empty",
    "tools_undescribed": "Tensormesh refuses a tool without a description; the engine takes it",
    "responses_tools_stream": "the blank line between thought and call is a message of its own, but only in streams",
    "models_without_key": "on Tensormesh this list is public; the engine guards all of /v1",
    "tokenize_without_key": "on Tensormesh this needs a key; the engine guards nothing but /v1",
}
# Where a refusal says the same in other words.
OTHER_WORDS = {
    "chat_bad_role": "the engine tries every kind of message, and tells of each",
    "responses_no_input": "the engine counts a field of its own among those that were sent",
}
GUARDED_BY_US = {"models_without_key", "tokenize_without_key"}
"""Our host asks for keys itself, whoever answers."""


def ask(host: Host, question: Question) -> httpx.Response:
    headers = {"Authorization": f"Bearer {host.key}"} if question.key else {}
    with httpx.Client(base_url=host.url, headers=headers, timeout=TIMEOUT_SECONDS, trust_env=False) as client:
        if question.body is None:
            return client.get(question.path)
        return client.post(question.path, json={"model": host.model, **question.body})


def difference(ours: Look, theirs: Look) -> dict[str, Any]:
    """What one has and the other does not."""
    return {
        "status and type": () if ours[:2] == theirs[:2] else (ours[:2], theirs[:2]),
        "only here": sorted(ours.fields - theirs.fields),
        "only there": sorted(theirs.fields - ours.fields),
    }


NONE: dict[str, Any] = {"status and type": (), "only here": [], "only there": []}


@pytest.mark.parametrize("question", [*QUESTIONS, *REFUSED], ids=str)
def test_all_three_answer_alike(ours: Host, relayed: Host, direct: Host, question: Question) -> None:
    theirs = look(ask(direct, question))
    alone, between = (difference(look(ask(host, question)), theirs) for host in (ours, relayed))

    assert (alone != NONE) == (question.name in OTHER_LOOK), alone
    assert (between != NONE) == (question.name in GUARDED_BY_US), between


@pytest.mark.parametrize(
    "question", [one for one in REFUSED if one.key and not one.name.endswith("unknown_model")], ids=str
)
def test_our_host_refuses_in_the_words_of_the_engine(ours: Host, direct: Host, question: Question) -> None:
    same = ask(ours, question).json() == ask(direct, question).json()

    assert same != (question.name in OTHER_WORDS)


@pytest.mark.parametrize("question", [one for one in REFUSED if one.name.endswith("unknown_model")], ids=str)
def test_an_unknown_model_is_refused_with_the_names_of_those_there_are(
    ours: Host, direct: Host, question: Question
) -> None:
    refusals = [ask(host, question).json()["error"] for host in (ours, direct)]
    said = "The model `nobody/nothing` does not exist. Valid aliases: "

    assert [refusal["message"].startswith(said) for refusal in refusals] == [True, True]
    assert direct.model in refusals[1]["message"]
    assert [refusal.pop("message") for refusal in refusals]
    assert refusals[0] == refusals[1]


def test_every_stated_difference_is_about_a_question() -> None:
    names = {question.name for question in [*QUESTIONS, *REFUSED]}

    assert len(names) == len([*QUESTIONS, *REFUSED])
    assert names >= OTHER_LOOK.keys() | OTHER_WORDS.keys() | GUARDED_BY_US
