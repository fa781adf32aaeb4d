"""A text, and how it goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.live.conftest import Host
from tests.overlay.conftest import Runner

type Complete = Callable[..., Any]

COUNTED = {"include_usage": True}


@pytest.fixture
def complete(runner: Runner, inference: Any, host: Host) -> Complete:
    """Continue a text; gives the answer, or the stream."""

    def ask(prompt: Any = "One, two, three", **fields: Any) -> Any:
        asked = {"model": host.model, "prompt": prompt, "temperature": 0.0, "max_tokens": 8}
        return runner.run(inference.completions.create(**{**asked, **fields}))

    return ask


def said(choice: Any) -> tuple[Any, ...]:
    return choice.index, choice.text, choice.finish_reason, choice.stop_reason


def test_a_text_goes_on(complete: Complete, host: Host) -> None:
    answer = complete()

    assert (answer.object, answer.model) == ("text_completion", host.model)
    assert answer.choices[0].text.strip()
    assert answer.usage.completion_tokens == 8


def test_a_stream_adds_up_to_the_whole_answer(complete: Complete, runner: Runner) -> None:
    whole = complete()
    streamed = runner.run(complete(stream=True, stream_options=COUNTED).get_final_completion())

    assert [said(choice) for choice in streamed.choices] == [said(choice) for choice in whole.choices]
    assert streamed.usage.total_tokens == whole.usage.total_tokens
    assert streamed.object == "text_completion"


def test_the_text_of_a_stream_is_the_text_of_the_answer(complete: Complete, runner: Runner) -> None:
    assert "".join(runner.read(complete(stream=True).text_deltas())) == complete().choices[0].text


@pytest.mark.parametrize("streams", [False, True])
def test_an_echo_begins_with_the_prompt(complete: Complete, runner: Runner, *, streams: bool) -> None:
    answer = complete(echo=True, stream=streams)
    text = (runner.run(answer.get_final_completion()) if streams else answer).choices[0].text

    assert text == "One, two, three" + complete().choices[0].text


def test_a_prompt_alone_can_be_echoed(complete: Complete) -> None:
    answer = complete(echo=True, max_tokens=0, logprobs=0)

    assert answer.choices[0].text == "One, two, three"
    assert "".join(answer.choices[0].logprobs.tokens) == "One, two, three"


def test_every_token_has_a_probability(complete: Complete, runner: Runner) -> None:
    (whole,) = complete(logprobs=2).choices
    (streamed,) = runner.run(complete(logprobs=2, stream=True).get_final_completion()).choices

    assert len(whole.logprobs.tokens) == len(whole.logprobs.token_logprobs) == 8
    assert streamed.logprobs.tokens == whole.logprobs.tokens
    assert streamed.logprobs.text_offset == whole.logprobs.text_offset


def test_each_prompt_has_choices_of_its_own(complete: Complete, runner: Runner) -> None:
    fields = {"prompt": ["One,", "Red,"], "n": 2, "temperature": 1.0, "seed": 3, "max_tokens": 4}
    whole = complete(**fields)
    streamed = runner.run(complete(**fields, stream=True).get_final_completion())

    assert [choice.index for choice in whole.choices] == [0, 1, 2, 3]
    assert [said(choice) for choice in streamed.choices] == [said(choice) for choice in whole.choices]


def test_a_text_ends_before_the_stop_text(complete: Complete, runner: Runner) -> None:
    text = complete().choices[0].text
    stop = text.split()[1]
    whole = complete(stop=stop)
    streamed = runner.run(complete(stop=stop, stream=True).get_final_completion())

    assert said(whole.choices[0]) == (0, text[: text.index(stop)], "stop", stop)
    assert said(streamed.choices[0]) == said(whole.choices[0])


def test_a_prompt_may_be_tokens(complete: Complete, runner: Runner, inference: Any, host: Host) -> None:
    tokens = runner.run(inference.tokenize.create(model=host.model, prompt="One, two, three")).tokens

    assert complete(tokens).choices[0].text == complete().choices[0].text
