"""
Whether an answer is what its request asked for: so many choices, no longer than that, ended for a reason.

Knows completions of OpenAI's form, whole or as the events of a stream. No schema can say any of this.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tensormesh_contract.documents.openness import left_open
from tensormesh_contract.documents.operations import Operation
from tensormesh_contract.documents.shapes import Shape
from tensormesh_contract.evaluation.findings import Kind
from tensormesh_contract.evaluation.values import Deviation
from tensormesh_documents.json_types import Json, JsonObject

_COMPLETIONS = frozenset({"chat", "completion"})


def wish_deviations(
    asked: Json, pieces: Sequence[JsonObject], operation: Operation, shape: Shape, where: str
) -> Iterator[Deviation]:
    """
    Check an answer against its request.

    Args:
        asked: the body of the request.
        pieces: the whole answer alone, or all events of a stream that came to its end.
        operation: what was asked.
        shape: what the document says of the answer, or of an event.
        where: the way to them.
    """
    if not makes_choices(operation) or "choices" not in shape.properties or any("error" in one for one in pieces):
        return
    # Of what is not as it should be, the schema tells.
    choices = [one for piece in pieces for one in _listed(piece.get("choices")) if isinstance(one, dict)]
    place = shape.properties["choices"]
    if not choices:
        if all(isinstance(piece.get("choices"), list) for piece in pieces):
            detail = "is empty, so that there is no answer"
            yield Deviation(Kind.NOT_SENT, place.node, where, "choices", detail, None)
        return
    yield from _ends(choices, place, where)
    yield from _goes_on(choices, place, where)
    if isinstance(asked, dict):
        yield from _heeded(asked, choices, pieces, operation, where)


def makes_choices(operation: Operation) -> bool:
    """Tell whether an operation answers with choices that a model has made."""
    facts = operation.facts.get("stream") if operation.facts is not None else None
    return facts is not None and facts.text("adds") in _COMPLETIONS


def _ends(choices: Sequence[JsonObject], place: Shape, where: str) -> Iterator[Deviation]:
    """Each choice ends for a reason, and they are numbered from 0 on."""
    ended: dict[int, bool] = {}
    for one in choices:
        index = one.get("index")
        if not isinstance(index, int):
            return
        ended[index] = ended.get(index, False) or one.get("finish_reason") is not None
    item = place.items or place
    if ended and sorted(ended) != [*range(len(ended))]:
        node = item.properties.get("index", item).node
        detail = "does not number the choices from 0 on"
        yield Deviation(Kind.IMPLAUSIBLE, node, f"{where} choices[]", "index", detail, [*ended])
    if not all(ended.values()):
        node = item.properties.get("finish_reason", item).node
        detail = "says of no end why it is there: it is null, or does not come"
        yield Deviation(Kind.NOT_SENT, node, f"{where} choices[]", "finish_reason", detail, None)


def _goes_on(pieces: Sequence[JsonObject], place: Shape, where: str) -> Iterator[Deviation]:
    """Of a choice that has ended, no more comes."""
    ended: set[int] = set()
    for one in pieces:
        index = one.get("index")
        if isinstance(index, int) and index in ended:
            detail = "comes, and after it another piece of the same choice"
            node = (place.items or place).properties.get("finish_reason", place).node
            yield Deviation(Kind.STREAM_END, node, f"{where} choices[]", "finish_reason", detail, one)
            return
        if isinstance(index, int) and one.get("finish_reason") is not None:
            ended.add(index)


def _heeded(
    asked: JsonObject, choices: Sequence[JsonObject], pieces: Sequence[JsonObject], operation: Operation, where: str
) -> Iterator[Deviation]:
    for name, detail, value in (
        _number(asked, choices),
        _length(asked, pieces),
        _stop(asked, choices),
    ):
        if detail and not left_open(operation.parameter(name)):
            yield Deviation(Kind.NOT_HEEDED, operation.parameter(name), "request", name, detail, value)


def _number(asked: JsonObject, choices: Sequence[JsonObject]) -> tuple[str, str, Json]:
    wanted, prompts = _count(asked.get("n")), asked.get("prompt")
    numbers = [one.get("index") for one in choices]
    got = len({number for number in numbers if isinstance(number, int)})
    # Which of them are one choice, nobody can tell where they are not numbered.
    numbered = all(isinstance(number, int) for number in numbers)
    if wanted is None or not numbered or got == wanted or isinstance(prompts, list):
        return "n", "", None
    return "n", f"asks for {wanted}, and {got} came", wanted


def _length(asked: JsonObject, pieces: Sequence[JsonObject]) -> tuple[str, str, Json]:
    name = "max_completion_tokens" if asked.get("max_completion_tokens") is not None else "max_tokens"
    most, choices = _count(asked.get(name)), _count(asked.get("n")) or 1
    counts = [usage.get("completion_tokens") for one in pieces if isinstance(usage := one.get("usage"), dict)]
    longest = max((one for one in counts if isinstance(one, int)), default=0)
    if most is None or longest <= most * choices or isinstance(asked.get("prompt"), list) or asked.get("echo"):
        return name, "", None
    return name, f"allows {most * choices} tokens, and {longest} came", most


def _stop(asked: JsonObject, choices: Sequence[JsonObject]) -> tuple[str, str, Json]:
    given = asked.get("stop")
    stops = [one for one in (given if isinstance(given, list) else [given]) if isinstance(one, str) and one]
    kept = any(asked.get(name) for name in ("include_stop_str_in_output", "echo"))
    texts: dict[Json, str] = {}
    for one in choices:
        said = one.get("message") or one.get("delta") or {}
        text = said.get("content") if isinstance(said, dict) and "text" not in one else one.get("text")
        index = one.get("index")
        if isinstance(text, str) and isinstance(index, int):
            texts[index] = texts.get(index, "") + text
    passed = next((stop for stop in stops for text in texts.values() if stop in text), None)
    if passed is None or kept:
        return "stop", "", None
    return "stop", f"names {passed!r}, and the answer goes on past it", given


def _count(value: Json) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None


def _listed(value: Json) -> Sequence[Json]:
    return value if isinstance(value, list) else ()
