"""What a host tells of itself, and text as tokens."""

from __future__ import annotations

from typing import Any

import pytest

from tests.live.conftest import Host
from tests.live.engine.process import CONTEXT_TOKENS
from tests.overlay.conftest import Runner

TEXTS = {
    "nothing": "",
    "words": "One, two, three.",
    "white space": "\n\n  a\t b \r\n",
    "letters with marks": "Grüße, naïve façade, Ångström",
    "other scripts": "Привет, 世界! こんにちは שלום",
    "beyond two bytes": "🌍🧑‍🚀🇫🇷 𝄞",
    "combined": "e\u0301 ﬁ Å\u200b\ufeff",
    "controls": "a\x00b\x1b[0m\x7f",
    "line ends of other lands": "a\u2028b\u2029c\x85d",
    "marks of templates": "<think>a</think><|im_start|>",
    "code": 'def f(x):\n    return {"a": [x, 1e-9]}  # "x"\n',
}


def test_the_model_is_listed(inference: Any, runner: Runner, host: Host) -> None:
    listed = runner.run(inference.models.list())
    (model,) = [model for model in listed.data if model.id == host.model]

    assert (listed.object, model.object) == ("list", "model")
    assert model.max_model_len == CONTEXT_TOKENS


def test_the_host_is_well(inference: Any, runner: Runner, host: Host) -> None:
    """The engine says so with an empty body."""
    assert runner.run(inference.health.get()).status == (None if host.engine else "ok")


def test_the_host_has_a_version(inference: Any, runner: Runner) -> None:
    assert runner.run(inference.version.get()).version.count(".") >= 2


@pytest.mark.parametrize("text", TEXTS.values(), ids=TEXTS)
def test_text_comes_back_out_of_its_tokens(inference: Any, runner: Runner, host: Host, text: str) -> None:
    given = runner.run(inference.tokenize.create(model=host.model, prompt=text))
    back = runner.run(inference.detokenize.create(model=host.model, tokens=given.tokens))

    assert back.prompt == text
    assert given.count == len(given.tokens)
    assert given.max_model_len == CONTEXT_TOKENS


def test_each_token_has_a_text(inference: Any, runner: Runner, host: Host) -> None:
    given = runner.run(
        inference.tokenize.create(model=host.model, prompt="One, two", extra_body={"return_token_strs": True})
    )

    assert len(given.token_strs) == given.count


def test_messages_are_counted_as_a_chat_counts_them(inference: Any, runner: Runner, host: Host) -> None:
    messages = [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Grüße, 世界 🌍"}]
    given = runner.run(inference.tokenize.create(model=host.model, messages=messages))
    answer = runner.run(inference.chat.completions.create(model=host.model, messages=messages, max_tokens=1))

    assert answer.usage.prompt_tokens == given.count


def test_tools_are_counted_as_a_chat_counts_them(
    inference: Any, runner: Runner, host: Host, weather: dict[str, Any]
) -> None:
    asked = {"model": host.model, "messages": [{"role": "user", "content": "Hello"}]}
    given = runner.run(inference.tokenize.create(**asked, extra_body={"tools": [weather]}))
    answer = runner.run(inference.chat.completions.create(**asked, tools=[weather], max_tokens=1))

    assert answer.usage.prompt_tokens == given.count


def test_a_call_has_a_name_of_its_own(inference: Any, runner: Runner, host: Host) -> None:
    """The caller's, where it gave one: in the headers, and in the answer."""
    answer = runner.run(
        inference.chat.completions.with_raw_response.create(
            model=host.model,
            messages=[{"role": "user", "content": "Hello"}],
            max_tokens=1,
            extra_headers={"X-Request-Id": "mine"},
        )
    )

    assert (answer.status_code, answer.request_id) == (200, "mine")
    assert answer.parsed.id == "chatcmpl-mine"
