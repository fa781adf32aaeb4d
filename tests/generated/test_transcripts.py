"""What a real vLLM answers becomes models, and comes out of them unchanged."""

from __future__ import annotations

import json
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

from tensormesh_generated import models
from tensormesh_generated.api.responses import create_response
from tensormesh_runtime.json_model import JsonModel
from tensormesh_runtime.open_object import OpenObject


def module(transcript: Any) -> Any:
    return import_module(f"tensormesh_generated.api.{transcript.operation}")


def unknown(value: Any, place: str = "") -> Iterator[str]:
    """Every key, at any depth, that the documents do not know."""
    if isinstance(value, JsonModel):
        yield from (f"{place}.{key}" for key in value.additional_properties)
        if isinstance(value, OpenObject):
            yield f"{place} is of an unknown kind"
        for name, item in vars(value).items():
            if name != "additional_properties":
                yield from unknown(item, f"{place}.{name}")
    elif isinstance(value, list):
        for item in value:
            yield from unknown(item, f"{place}[]")


def test_a_whole_answer_comes_out_as_it_went_in(answer: Any) -> None:
    """Every answer parses, and `to_dict` gives back equal JSON."""
    data = json.loads(answer.text)

    assert data == module(answer).parse(data).to_dict()


def test_a_whole_answer_is_known_to_the_documents(answer: Any) -> None:
    """The documents know every key that the engine sends, at every depth."""
    parsed = module(answer).parse(json.loads(answer.text))

    assert sorted(set(unknown(parsed))) == []


def test_every_event_comes_out_as_it_went_in(stream: Any) -> None:
    """Every event of a stream parses, and `to_dict` gives back equal JSON."""
    assert stream.events

    assert stream.events == [module(stream).parse_event(event).to_dict() for event in stream.events]


def test_every_event_is_known_to_the_documents(stream: Any) -> None:
    """The documents know every kind of event and every key in it."""
    parsed = [module(stream).parse_event(event) for event in stream.events]

    assert sorted({key for event in parsed for key in unknown(event, type(event).__name__)}) == []


def test_a_failure_is_known_to_the_documents(failure: Any) -> None:
    """Every error body is one of the declared shapes."""
    data = json.loads(failure.text)
    kind = models.DetailErrorResponse if "detail" in data else models.ErrorResponse
    parsed = kind.from_dict(data)

    assert data == parsed.to_dict()
    assert list(unknown(parsed)) == []


def test_required_fields_are_there(answer: Any) -> None:
    """What the documents promise, the engine keeps: every required field of every object can be read."""

    def read(value: Any) -> None:
        if isinstance(value, list):
            for item in value:
                read(item)
        if isinstance(value, JsonModel):
            for attribute in type(value).__attrs_attrs__:
                read(getattr(value, attribute.name))

    read(module(answer).parse(json.loads(answer.text)))


def test_what_was_sent_can_be_built_from_models(sent: Any) -> None:
    """Each recorded request, made a model, is sent as it was."""
    build = getattr(module(sent), "build_stream_request" if sent.body.get("stream") else "build_request")
    name = build.__annotations__["body"].split(" | ")[0]
    body = getattr(models, name).from_dict(sent.body)

    assert sent.body == build(body=body).json


def test_a_chat_answer_reads_as_typed_values() -> None:
    """Not only equal JSON: the recorded greeting has its text, its reasoning and its usage."""
    text = (Path(__file__).parents[1] / "transcripts" / "vllm-0.32.0" / "chat_basic.txt").read_text(encoding="utf-8")
    answer = models.ChatCompletionResponse.from_dict(json.loads(text.partition("\n\n")[2]))

    assert "Hello!" in (answer.choices[0].message.content or "")
    assert (answer.choices[0].message.reasoning or "").startswith("\nThe user wants a reply.")
    assert (answer.choices[0].finish_reason, answer.choices[0].stop_reason) == ("stop", None)
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.total_tokens) == (13, 49, 62)
    assert answer.usage.prompt_tokens_details is not None
    assert answer.usage.prompt_tokens_details.cached_tokens == 0


def test_a_responses_stream_reads_as_tagged_events() -> None:
    """Each event has the class of its `type`, from the first to the last."""
    text = (Path(__file__).parents[1] / "transcripts" / "vllm-0.32.0" / "resp_stream.txt").read_text(encoding="utf-8")
    lines = [line for line in text.splitlines() if line.startswith("data: {")]
    events: list[Any] = [create_response.parse_event(json.loads(line[6:])) for line in lines]

    assert isinstance(events[0], models.ResponseCreatedEvent)
    assert isinstance(events[-1], models.ResponseCompletedEvent)
    assert isinstance(events[-1].response, models.ResponseCreateResponse)
    assert list(range(len(events))) == [event.sequence_number for event in events]
    deltas = [event.delta for event in events if isinstance(event, models.ResponseOutputTextDeltaEvent)]
    assert "Hello! This is a tiny test model." in "".join(deltas)
