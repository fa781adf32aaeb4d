"""A question and its answer, whole and in pieces."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tests.live.conftest import Host
from tests.overlay.conftest import Runner

type Chat = Callable[..., Any]

COUNTED = {"include_usage": True}
NO_THOUGHTS = {"chat_template_kwargs": {"enable_thinking": False}}


def said(choice: Any) -> tuple[Any, ...]:
    """What a choice comes to, however it came."""
    message = choice.message
    calls = [(call.function.name, call.function.arguments) for call in message.tool_calls or ()]
    return choice.index, message.role, message.content, message.reasoning, calls, choice.finish_reason


def test_an_answer_says_who_answered_and_what_it_took(chat: Chat, host: Host) -> None:
    answer = chat()
    (choice,) = answer.choices

    assert (answer.object, answer.model) == ("chat.completion", host.model)
    assert answer.id.startswith("chatcmpl-")
    assert (choice.message.role, choice.finish_reason) == ("assistant", "stop")
    assert choice.message.content.strip()
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


def test_a_stream_adds_up_to_the_whole_answer(chat: Chat, runner: Runner) -> None:
    whole = chat()
    streamed = runner.run(chat(stream=True, stream_options=COUNTED).get_final_completion())

    assert [said(choice) for choice in streamed.choices] == [said(choice) for choice in whole.choices]
    assert (streamed.object, streamed.model) == (whole.object, whole.model)
    assert streamed.usage.prompt_tokens == whole.usage.prompt_tokens
    assert streamed.usage.completion_tokens == whole.usage.completion_tokens


def test_a_stream_counts_tokens_when_asked_to(chat: Chat, runner: Runner) -> None:
    *chunks, last = runner.read(chat(stream=True, stream_options=COUNTED))

    assert last.choices == []
    assert last.usage.total_tokens == last.usage.prompt_tokens + last.usage.completion_tokens
    assert {chunk.usage for chunk in chunks} == {None}


def test_a_stream_counts_no_tokens_unasked(chat: Chat, runner: Runner) -> None:
    assert {chunk.usage for chunk in runner.read(chat(stream=True))} == {None}


def test_the_text_of_a_stream_is_the_text_of_the_answer(chat: Chat, runner: Runner) -> None:
    texts = runner.read(chat(stream=True).text_deltas())

    assert len(texts) > 1
    assert "".join(texts) == chat().choices[0].message.content


def test_a_thought_is_not_part_of_the_text(chat: Chat, runner: Runner) -> None:
    message = chat().choices[0].message
    thoughts = runner.read(chat(stream=True).reasoning_deltas())

    assert message.reasoning.strip()
    assert message.reasoning not in message.content
    assert "think>" not in message.content + message.reasoning
    assert "".join(thoughts) == message.reasoning


def test_a_thought_is_counted(chat: Chat) -> None:
    usage = chat().usage

    assert 0 < usage.completion_tokens_details.reasoning_tokens < usage.completion_tokens


def test_thinking_can_be_switched_off(chat: Chat, runner: Runner) -> None:
    whole = chat(extra_body=NO_THOUGHTS).choices[0].message
    streamed = chat(stream=True, extra_body=NO_THOUGHTS)

    assert whole.content.strip()
    assert whole.reasoning is None
    assert runner.read(streamed.reasoning_deltas()) == []
    assert streamed.snapshot().choices[0].message.content == whole.content


def test_two_choices_are_kept_apart(chat: Chat, runner: Runner) -> None:
    whole = chat(n=2, temperature=1.0, seed=7)
    streamed = runner.run(chat(n=2, temperature=1.0, seed=7, stream=True).get_final_completion())

    assert [said(choice) for choice in whole.choices] == [said(choice) for choice in streamed.choices]
    assert [choice.index for choice in whole.choices] == [0, 1]


def test_an_answer_ends_before_the_stop_text(chat: Chat, runner: Runner) -> None:
    text = chat(extra_body=NO_THOUGHTS).choices[0].message.content
    stop = text.split()[2]
    (choice,) = chat(stop=stop, extra_body=NO_THOUGHTS).choices
    streamed = runner.run(chat(stop=[stop], stream=True, extra_body=NO_THOUGHTS).get_final_completion())

    assert choice.message.content == text[: text.index(stop)]
    assert (choice.finish_reason, choice.stop_reason) == ("stop", stop)
    assert said(streamed.choices[0]) == said(choice)
    assert streamed.choices[0].stop_reason == stop


def test_an_answer_ends_where_the_tokens_end(chat: Chat, runner: Runner) -> None:
    whole = chat(max_tokens=30)
    streamed = runner.run(chat(max_tokens=30, stream=True, stream_options=COUNTED).get_final_completion())

    assert (whole.choices[0].finish_reason, whole.usage.completion_tokens) == ("length", 30)
    assert said(streamed.choices[0]) == said(whole.choices[0])
    assert streamed.usage.completion_tokens == 30


def test_an_answer_can_be_all_thought(chat: Chat, runner: Runner) -> None:
    """The tokens ended before the thought did: there is no text, in either way to ask."""
    whole = chat(max_tokens=5).choices[0]
    streamed = runner.run(chat(max_tokens=5, stream=True).get_final_completion()).choices[0]

    assert said(whole) == said(streamed)
    assert (whole.message.content, whole.finish_reason) == (None, "length")
    assert whole.message.reasoning


def test_the_likeliest_tokens_come_with_their_probabilities(chat: Chat, runner: Runner) -> None:
    asked = {"logprobs": True, "top_logprobs": 2, "max_tokens": 4}
    whole = chat(**asked).choices[0].logprobs.content
    streamed = runner.run(chat(stream=True, **asked).get_final_completion()).choices[0].logprobs.content

    assert [token.token for token in whole] == [token.token for token in streamed]
    assert [len(token.top_logprobs) for token in whole] == [2, 2, 2, 2]
    assert all(token.logprob <= 0 for token in whole)


def test_the_same_question_is_read_from_the_cache(chat: Chat) -> None:
    text = "Count with me, " + ", ".join(map(str, range(40)))
    chat(text)

    assert chat(text).usage.prompt_tokens_details.cached_tokens > 0


def test_on_demand_answers_likewise(client: Any, runner: Runner, host: Host) -> None:
    model = host.model if host.engine else "openai-gpt-oss-120b-gpu-type-h200x1_8nic16"
    asked = {"model": model, "messages": [{"role": "user", "content": "Hello"}]}
    answer = runner.run(client.inference.on_demand.chat.completions.create(**asked))

    assert answer.choices[0].message.content.strip()


@pytest.mark.parametrize("form", ["json_object", "text"])
def test_a_documented_form_of_answer_is_taken(chat: Chat, form: str) -> None:
    answer = chat("Say hello in JSON.", response_format={"type": form}, extra_body=NO_THOUGHTS)

    assert answer.choices[0].finish_reason in ("stop", "length")
