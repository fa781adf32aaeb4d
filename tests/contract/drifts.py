"""
Drifts by name: what a gateway may change between a host and its caller, and what a report has to say of it.

Each is planted alone, in pairs with others, and through a real proxy. `python -m tests.contract.gateway NAME ...`
starts that proxy before a local host, to look at a report with one's own eyes.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from tensormesh_contract.evaluation.findings import Kind
from tests.contract.conftest import Sent

CHAT = "/v1/chat/completions"
COMPLETIONS = "/v1/completions"
RESPONSES = "/v1/responses"
SCHEMAS = "/components/schemas/"

type Change = Callable[[Sent], None]


@dataclass(frozen=True)
class Drift:
    """
    One drift.

    Args:
        name: to select it by.
        change: changes one answer.
        kind: what the one finding of it is.
        words: what its heading says.
        place: where the document would have to change: the end of the pointer.
        cure: whether pasting the suggestion makes the finding go; else only a person can tell.
        surface: on which surface.
        trials: whether only requests made to be right or wrong show it.
        extra: kinds of further findings that the same drift has to have, such as the new name of a field.
        operations: how many operations it is seen at.
    """

    name: str
    change: Change
    kind: Kind
    words: str
    place: str
    cure: bool = True
    surface: str = "serverless"
    trials: bool = False
    extra: tuple[Kind, ...] = ()
    operations: int = 1


def body(path: str, change: Callable[[Any], None], *, status: int = 200) -> Change:
    """Change the JSON of one path, where it has a status."""

    def drift(sent: Sent) -> None:
        if sent.path.endswith(path) and sent.status == status and sent.is_json:
            value = sent.json
            change(value)
            sent.json = value

    return drift


def events(path: str, change: Callable[[dict[str, Any]], None]) -> Change:
    """Change every event of the streams of one path."""

    def drift(sent: Sent) -> None:
        if sent.path.endswith(path) and sent.is_stream:
            lines = []
            for line in sent.body.decode().split("\n"):
                if line.startswith("data: {"):
                    value = json.loads(line.removeprefix("data: "))
                    change(value)
                    line = f"data: {json.dumps(value)}"
                lines.append(line)
            sent.body = "\n".join(lines).encode()

    return drift


def stream(path: str, change: Callable[[bytes], bytes]) -> Change:
    """Change the bytes of the streams of one path."""

    def drift(sent: Sent) -> None:
        if sent.path.endswith(path) and sent.is_stream:
            sent.body = change(sent.body)

    return drift


def everywhere(change: Change, *, path: str = "", status: int | None = None, method: str = "") -> Change:
    """Change whole answers, of one path, status or method where they are given."""

    def drift(sent: Sent) -> None:
        if sent.path.endswith(path) and status in (None, sent.status) and method in ("", sent.method):
            change(sent)

    return drift


def refusing(path: str, name: str, status: int = 400) -> Change:
    """Refuse what has a parameter."""

    def drift(sent: Sent) -> None:
        if sent.path.endswith(path) and name in sent.asked:
            sent.refuse(status, f"Unexpected field {name}")

    return drift


def accepting(path: str, wrong: Callable[[Sent], bool]) -> Change:
    """Give the answer to a right request where a wrong one was refused."""
    kept: list[Sent] = []

    def drift(sent: Sent) -> None:
        if not sent.path.endswith(path):
            return
        if sent.status == 200 and not sent.is_stream:
            kept.append(sent.copy())
        elif sent.status >= 400 and kept and wrong(sent):
            sent.take(kept[0])

    return drift


def rename(holder: dict[str, Any], old: str, new: str) -> None:
    if old in holder:
        holder[new] = holder.pop(old)


def _milliseconds(value: dict[str, Any]) -> None:
    if value.get("created", 0) < 10**11 and "created" in value:
        value["created"] *= 1000


def _other_times(value: dict[str, Any]) -> None:
    for ticket in value.get("tickets", ()):
        ticket["createdAt"] = "yesterday"


def header(name: str, value: str) -> Change:
    return lambda sent: sent.headers.update({name: value})


def _usage_of_chunks(value: dict[str, Any]) -> None:
    value["usage"] = None


def _counted_beside(path: str, *, again: bool) -> Change:
    """Put usage into the last event with choices, and leave it in one of its own or not."""

    def drift(sent: Sent) -> None:
        if sent.path.endswith(path) and sent.is_stream:
            *before, last, counts, done, rest = sent.body.split(b"\n\n")
            if json.loads(counts.removeprefix(b"data: "))["choices"]:
                return
            value = json.loads(last.removeprefix(b"data: "))
            value["usage"] = json.loads(counts.removeprefix(b"data: "))["usage"]
            own = [counts] if again else []
            sent.body = b"\n\n".join([*before, b"data: " + json.dumps(value).encode(), *own, done, rest])

    return drift


def _unasked_counts(sent: Sent) -> None:
    """Usage in each stream, whether it was asked for or not."""
    wanted = (sent.asked.get("stream_options") or {}).get("include_usage")
    if sent.is_stream and sent.path.endswith(CHAT) and not wanted:
        *before, last, done, rest = sent.body.split(b"\n\n")
        value = json.loads(last.removeprefix(b"data: "))
        value["choices"] = []
        value["usage"] = {"prompt_tokens": 3, "completion_tokens": 1, "total_tokens": 4}
        sent.body = b"\n\n".join([*before, last, b"data: " + json.dumps(value).encode(), done, rest])


class _Renumbered:
    """Another id for every event."""

    def __init__(self, name: str, value: Callable[[int], Any]) -> None:
        self._name = name
        self._value = value
        self._number = 0

    def __call__(self, value: dict[str, Any]) -> None:
        self._number += 1
        if self._name in value:
            value[self._name] = self._value(self._number)


def _ndjson(sent: Sent) -> None:
    if sent.is_stream:
        lines = [line.removeprefix("data: ") for line in sent.body.decode().split("\n") if line.startswith("data: {")]
        sent.headers["content-type"], sent.body = "application/x-ndjson", "\n".join(lines).encode()


def _whole(sent: Sent) -> None:
    if sent.is_stream:
        sent.headers["content-type"], sent.body = "application/json", b'{"id": "1"}'


def _unasked_stream(sent: Sent) -> None:
    if sent.status == 200 and sent.is_json:
        sent.headers["content-type"], sent.body = "text/event-stream", b"data: [DONE]\n\n"


def _error_shape(sent: Sent) -> None:
    if sent.status >= 400:
        sent.json = {"code": sent.status, "msg": "no"}


def _server_error(sent: Sent) -> None:
    sent.status = 500
    sent.json = {"error": {"message": "gone", "type": "InternalServerError"}}


def _litellm(sent: Sent) -> None:
    for name in ("call-id", "model-id", "response-cost", "version", "key-spend"):
        sent.headers[f"x-litellm-{name}"] = "1"


def _text(sent: Sent) -> None:
    sent.headers["content-type"] = "text/html"


def _no_body(sent: Sent) -> None:
    sent.body = b""


def _cut(sent: Sent) -> None:
    sent.body = sent.body[:-5]


def _status(status: int) -> Change:
    def change(sent: Sent) -> None:
        sent.status = status

    return change


def _refuses_query(sent: Sent) -> None:
    if "limit=" in sent.query.lower() or "size=" in sent.query.lower():
        sent.refuse(400, "")
        sent.json = {"code": 3, "message": "Unexpected parameter", "details": []}


def _is_odd(name: str) -> Callable[[Sent], bool]:
    return lambda sent: isinstance(sent.asked.get(name), dict)


DRIFTS = (
    # Fields
    Drift(
        "renamed-field", body(CHAT, lambda v: rename(v["usage"], "prompt_tokens", "input_tokens")),
        Kind.MISSING_FIELD, "`200 usage prompt_tokens` is required", f"{SCHEMAS}UsageInfo/required",
        extra=(Kind.UNDOCUMENTED_FIELD,),
    ),
    Drift(
        "new-field", body("/tokenize", lambda v: v.update(tokenizer={"name": "bpe", "vocab": 9})),
        Kind.UNDOCUMENTED_FIELD, "`200 tokenizer` is sent", f"{SCHEMAS}TokenizeResponse/properties",
    ),
    Drift(
        "removed-field", body("/v1/models", lambda v: [one.pop("object") for one in v["data"]]),
        Kind.MISSING_FIELD, "`200 data[] object` is required", f"{SCHEMAS}InferenceModel/required",
    ),
    Drift(
        "new-field-in-events", events(CHAT, lambda v: v.update(provider="x")),
        Kind.UNDOCUMENTED_FIELD, "`200 event provider`", f"{SCHEMAS}ChatCompletionChunk/properties",
    ),
    Drift(
        "removed-choices", events(CHAT, lambda v: v.pop("choices")),
        Kind.MISSING_FIELD, "`200 event choices`", f"{SCHEMAS}ChatCompletionChunk/required",
    ),
    # Types
    Drift(
        "number-as-text", body(CHAT, lambda v: v.update(created=str(v["created"]))),
        Kind.TYPE, "`200 created` is a string, documented as integer", "ChatCompletionResponse/properties/created/type",
    ),
    Drift(
        "text-as-number", body("/version", lambda v: v.update(version=7)),
        Kind.TYPE, "`200 version` is an integer", f"{SCHEMAS}VersionResponse/properties/version/type",
    ),
    Drift(
        "null-list", body("/tokenize", lambda v: v.update(tokens=None)),
        Kind.TYPE, "`200 tokens` is null, documented as array", f"{SCHEMAS}TokenizeResponse/properties/tokens/type",
    ),
    Drift(
        "null-that-others-share", body("/v1/billing/balance", lambda v: v.update(balance=None)),
        Kind.TYPE, "`200 balance` is null", "/properties/balance", surface="control-plane",
    ),
    Drift(
        "list-for-object", body("/detokenize", lambda v: v.update(prompt=["a"])),
        Kind.TYPE, "`200 prompt` is an array, documented as string",
        f"{SCHEMAS}DetokenizeResponse/properties/prompt/type",
    ),
    Drift(
        "fraction-for-count", body(CHAT, lambda v: v["usage"].update(total_tokens=3.5)),
        Kind.TYPE, "`200 usage.total_tokens` is a number", f"{SCHEMAS}UsageInfo/properties/total_tokens/type",
    ),
    Drift(
        "int64-as-number", body("/v1/billing/balance", lambda v: (v["balance"] or {}).update(units=5)),
        Kind.TYPE, "`200 balance.units` is an integer", "/properties/units/type", surface="control-plane",
    ),
    # Values
    Drift(
        "new-value", body(CHAT, lambda v: v["choices"][0].update(finish_reason="exhausted")),
        Kind.UNKNOWN_VALUE, "`200 choices[].finish_reason` has a value that is not",
        "ChatCompletionResponseChoice/properties/finish_reason",
    ),
    Drift(
        "new-constant", body(CHAT, lambda v: v.update(object="chat.completion.v2")),
        Kind.CONSTANT, "`200 object` has a value that is not chat.completion",
        "ChatCompletionResponse/properties/object",
    ),
    Drift(
        "negative-count", body(CHAT, lambda v: v["usage"].update(prompt_tokens=-1)),
        Kind.IMPLAUSIBLE, "`200 usage.prompt_tokens` is a count below 0", "UsageInfo/properties/prompt_tokens",
        cure=False,
    ),
    Drift(
        "negative-count-in-events", events(COMPLETIONS, lambda v: (v.get("usage") or {}).update(total_tokens=-3)),
        Kind.IMPLAUSIBLE, "usage.total_tokens` is a count below 0", "UsageInfo/properties/total_tokens", cure=False,
    ),
    Drift(
        "milliseconds", body(CHAT, _milliseconds),
        Kind.IMPLAUSIBLE, "`200 created` is no time in seconds", "ChatCompletionResponse/properties/created",
        cure=False,
    ),
    Drift(
        "milliseconds-in-events", events(CHAT, _milliseconds),
        Kind.IMPLAUSIBLE, "`200 event created` is no time in seconds", "ChatCompletionChunk/properties/created",
        cure=False,
    ),
    Drift(
        "other-time-format", body("/v1/support/tickets", _other_times),
        Kind.FORMAT, "is not of format date-time", "/properties/createdAt", surface="control-plane",
    ),
    # Streams
    Drift(
        "no-end", stream(CHAT, lambda b: b.replace(b"data: [DONE]\n\n", b"")),
        Kind.STREAM_END, "does not end with [DONE]", "x-tensormesh/stream/end", cure=False,
    ),
    Drift(
        "goes-on", stream(COMPLETIONS, lambda b: b + b'data: {"id": "1"}\n\n'),
        Kind.STREAM_END, "goes on after [DONE]", "x-tensormesh/stream/end", cure=False,
    ),
    Drift(
        "cut-event", stream(CHAT, lambda b: b[:-3]),
        Kind.STREAM_END, "breaks off in the middle of an event", "x-tensormesh/stream/end", cure=False,
    ),
    Drift(
        "ping", stream(CHAT, lambda b: b'event: ping\ndata: {"type": "ping"}\n\n' + b),
        Kind.UNKNOWN_EVENT, "`200 event ping` is no ChatCompletionChunk", f"{SCHEMAS}ChatCompletionChunk", cure=False,
    ),
    Drift(
        "ping-without-json", stream(COMPLETIONS, lambda b: b"event: keepalive\ndata: ...\n\n" + b),
        Kind.UNKNOWN_EVENT, "`200 event keepalive` is no", "TextCompletionResponse", cure=False,
    ),
    Drift(
        "unknown-event", stream(RESPONSES, lambda b: b.replace(b"response.in_progress", b"response.begun")),
        Kind.UNKNOWN_EVENT, "`200 event response.begun` is no ResponseStreamEvent", f"{SCHEMAS}ResponseStreamEvent",
        cure=False,
    ),
    Drift(
        "event-of-another-name", stream(RESPONSES, lambda b: b.replace(b"event: response.created", b"event: begun")),
        Kind.STREAM_EVENT, "has the name begun and the type response.created", f"{SCHEMAS}ResponseStreamEvent",
        cure=False,
    ),
    Drift(
        "event-without-json", stream(CHAT, lambda b: b"data: hello\n\n" + b),
        Kind.STREAM_EVENT, "has data that is no JSON object", "x-tensormesh/stream", cure=False,
    ),
    Drift(
        "ids-change", events(CHAT, _Renumbered("id", lambda n: f"chatcmpl-{n}")),
        Kind.STREAM_IDENTITY, "`200 event id` changes from one event to the next", "ChatCompletionChunk/properties/id",
        cure=False,
    ),
    Drift(
        "times-change", events(COMPLETIONS, _Renumbered("created", lambda n: 1_700_000_000 + n)),
        Kind.STREAM_IDENTITY, "`200 event created` changes", "TextCompletionResponse/properties/created", cure=False,
    ),
    Drift(
        "numbers-stand-still", events(RESPONSES, _Renumbered("sequence_number", lambda _: 1)),
        Kind.STREAM_IDENTITY, "`200 event sequence_number` does not go up", f"{SCHEMAS}ResponseStreamEvent", cure=False,
    ),
    Drift(
        "usage-does-not-come", events(CHAT, _usage_of_chunks),
        Kind.NOT_SENT, "`200 event usage` was asked for by stream_options.include_usage",
        "ChatCompletionChunk/properties/usage", cure=False,
    ),
    Drift(
        "usage-twice", _counted_beside(CHAT, again=True),
        Kind.NOT_ASKED, "`200 event usage` comes more than once", "ChatCompletionChunk/properties/usage", cure=False,
    ),
    Drift(
        "usage-beside-choices", _counted_beside(COMPLETIONS, again=False),
        Kind.NOT_ASKED, "`200 event usage` comes on an event with choices", "TextCompletionResponse/properties/usage",
        cure=False,
    ),
    Drift(
        "usage-unasked", _unasked_counts,
        Kind.NOT_ASKED, "`200 event usage` comes, and stream_options.include_usage has not asked for it",
        "ChatCompletionChunk/properties/usage", cure=False, trials=True,
    ),
    # What carries an answer
    Drift(
        "whole-for-stream", everywhere(_whole, path=CHAT),
        Kind.MEDIA_TYPE, "a stream was asked for and none came", "responses/200", cure=False,
    ),
    Drift(
        "stream-for-whole", everywhere(_unasked_stream, path=COMPLETIONS),
        Kind.MEDIA_TYPE, "a stream came and none was asked for", "responses/200", cure=False,
    ),
    Drift(
        "ndjson", everywhere(_ndjson, path=CHAT),
        Kind.MEDIA_TYPE, "is application/x-ndjson, documented as text/event-stream", "responses/200",
    ),
    Drift(
        "html", everywhere(_text, path="/version"),
        Kind.MEDIA_TYPE, "is text/html, documented as application/json", "responses/200", cure=False,
    ),
    Drift(
        "no-body", everywhere(_no_body, path="/version"),
        Kind.BODY, "has no body, and the document shows one", "responses/200", cure=False,
    ),
    Drift(
        "no-json", everywhere(_cut, path="/version"),
        Kind.BODY, "has a body that is no JSON", "responses/200", cure=False,
    ),
    Drift(
        "other-success", everywhere(_status(203), path="/version", status=200),
        Kind.STATUS, "`203` is a status that the operation does not declare", "/responses",
    ),
    Drift(
        "other-refusal", everywhere(_status(418), path=CHAT, status=404),
        Kind.STATUS, "`418` is a status that the operation does not declare", "/responses",
    ),
    Drift(
        "server-error", everywhere(_server_error, path="/detokenize"),
        Kind.SERVER_ERROR, "fails on this request", "/responses", cure=False,
    ),
    # Headers
    Drift(
        "new-header", everywhere(header("x-trace", "1")),
        Kind.UNDOCUMENTED_HEADER, "x-trace` is sent", "/headers", operations=8,
    ),
    Drift(
        "family-of-headers", everywhere(_litellm),
        Kind.UNDOCUMENTED_HEADER, "undocumented header (5): `x-litellm-call-id`", "/headers", operations=8,
    ),
    Drift(
        "wrong-header", everywhere(header("retry-after", "soon"), path=CHAT, status=404),
        Kind.UNDOCUMENTED_HEADER, "retry-after` is sent", "/headers",
    ),
    # Errors
    Drift(
        "error-shape", everywhere(_error_shape),
        Kind.MISSING_FIELD, "error` is required", f"{SCHEMAS}ErrorResponse/required",
        extra=(Kind.UNDOCUMENTED_FIELD,), operations=5,
    ),
    Drift(
        "error-without-words", body(CHAT, lambda v: v["error"].pop("message"), status=404),
        Kind.MISSING_FIELD, "error message` is required", f"{SCHEMAS}ErrorInfo/required",
    ),
    Drift(
        "error-of-another-kind", body(CHAT, lambda v: v["error"].update(type="NoSuchThing"), status=404),
        Kind.UNKNOWN_VALUE, "error.type` has a value that is not", f"{SCHEMAS}ErrorInfo/properties/type",
    ),
    # What is accepted and refused
    Drift(
        "refuses-top-k", refusing(CHAT, "top_k"),
        Kind.PARAMETER_REFUSED, "`request top_k` is documented, and refused with 400",
        "ChatCompletionRequest/properties/top_k", trials=True,
    ),
    Drift(
        "refuses-stop", refusing(COMPLETIONS, "stop", 422),
        Kind.PARAMETER_REFUSED, "`request stop` is documented, and refused with 422",
        "TextCompletionRequest/properties/stop", trials=True,
    ),
    Drift(
        "refuses-a-query", everywhere(_refuses_query, path="/v1/billing/transactions"),
        Kind.PARAMETER_REFUSED, "is documented, and refused with 400", "", trials=True, surface="control-plane",
    ),
    Drift(
        "takes-any-temperature", accepting(CHAT, _is_odd("temperature")),
        Kind.WRONG_ACCEPTED, "`request temperature` is taken as an object",
        "ChatCompletionRequest/properties/temperature", trials=True,
    ),
    Drift(
        "needs-no-messages", accepting(CHAT, lambda sent: "messages" not in sent.asked),
        Kind.WRONG_ACCEPTED, "`request without messages` is required", f"{SCHEMAS}ChatCompletionRequest", trials=True,
    ),
    Drift(
        "takes-any-model", accepting(CHAT, lambda sent: str(sent.asked.get("model")).startswith("no-such")),
        Kind.WRONG_ACCEPTED, "names a model that there is not", "/post", cure=False,
    ),
    Drift(
        "lets-strangers-in", accepting(CHAT, lambda sent: not sent.keyed),
        Kind.OPEN_TO_STRANGERS, "answers without a key", "/post", cure=False,
    ),
)  # fmt: skip
