"""
A response in named events.

Knows their order, their numbers and their shapes, but not where the
tokens came from. There is no [DONE]: `response.completed` is the end, of an
incomplete response too.
"""

from collections.abc import Iterator

from tensormesh_documents.json_types import JsonObject
from tensormesh_local.engine.generation import Kind
from tensormesh_local.inference.responses.answer import Item, ResponsesAnswer, response_object
from tensormesh_local.sse import named_event

type Event = tuple[str, JsonObject]


def events(full: ResponsesAnswer) -> Iterator[bytes]:
    """Give all events of a streamed response, numbered."""
    for number, (name, body) in enumerate(_all(full)):
        whole: JsonObject = {**body, "sequence_number": number, "type": name}
        yield named_event(name, {key: whole[key] for key in sorted(whole)})


def _all(full: ResponsesAnswer) -> Iterator[Event]:
    started = response_object(full, done=False, streamed=True)
    yield "response.created", {"response": started}
    yield "response.in_progress", {"response": started}
    writers = {"reasoning": _thought, "message": _message, "function_call": _call}
    for position, item in enumerate(full.items):
        yield from writers[item.kind](full, item, position)
    yield "response.completed", {"response": response_object(full, done=True, streamed=True)}


def _deltas(full: ResponsesAnswer, kind: Kind, call: int = -1) -> Iterator[str]:
    for step in full.said.of(kind, call):
        if step.text:
            yield step.text


def _thought(full: ResponsesAnswer, item: Item, position: int) -> Iterator[Event]:
    text = full.text(item)
    place: JsonObject = {"content_index": 0, "item_id": item.id, "output_index": position}
    yield "response.output_item.added", {"item": full.reasoning(item, "in_progress"), "output_index": position}
    yield "response.content_part.added", {**place, "part": {"text": "", "type": "reasoning_text"}}
    for delta in _deltas(full, "reasoning"):
        yield "response.reasoning_text.delta", {**place, "delta": delta}
    yield "response.reasoning_text.done", {**place, "text": text}
    yield "response.content_part.done", {**place, "part": {"text": text, "type": "reasoning_text"}}
    yield "response.output_item.done", {"item": full.reasoning(item, "completed"), "output_index": position}


def _message(full: ResponsesAnswer, item: Item, position: int) -> Iterator[Event]:
    place: JsonObject = {"content_index": 0, "item_id": item.id, "output_index": position}
    yield "response.output_item.added", {"item": full.message(item, "in_progress"), "output_index": position}
    yield (
        "response.content_part.added",
        {**place, "part": {"annotations": [], "text": "", "type": "output_text", "logprobs": []}},
    )
    waiting: list[int] = []
    for step in full.said.of("content"):
        waiting.append(step.token)
        if step.text:
            logprobs = full.delta_logprobs(waiting)
            yield "response.output_text.delta", {**place, "delta": step.text, "logprobs": logprobs}
            waiting = []
    yield "response.output_text.done", {**place, "logprobs": [], "text": full.text(item)}
    yield "response.content_part.done", {**place, "part": full.part(item)}
    yield "response.output_item.done", {"item": full.message(item, "completed"), "output_index": position}


def _call(full: ResponsesAnswer, item: Item, position: int) -> Iterator[Event]:
    place: JsonObject = {"item_id": item.id, "output_index": position}
    yield "response.output_item.added", {"item": full.call(item, "in_progress"), "output_index": position}
    for delta in _deltas(full, "arguments", item.call):
        yield "response.function_call_arguments.delta", {**place, "delta": delta}
    yield (
        "response.function_call_arguments.done",
        {**place, "arguments": full.text(item), "name": full.said.calls[item.call].name},
    )
    yield "response.output_item.done", {"item": full.call(item, "completed"), "output_index": position}
