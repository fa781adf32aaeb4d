"""
One JSON value checked against one shape.

Knows fields, types, values and variants, but not whose answer it is.
What it finds comes out as `Deviation`s, what it saw goes into a `Sightings`.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from tensormesh_contract.documents.shapes import Shape
from tensormesh_contract.evaluation import changes
from tensormesh_contract.evaluation.findings import Kind
from tensormesh_contract.evaluation.formats import fits
from tensormesh_contract.evaluation.plausibility import implausible, no_count, no_sum
from tensormesh_contract.evaluation.secrets import sounds_secret
from tensormesh_contract.json_values import in_words, type_name, with_article
from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_documents.library import Node

_HARD = 1_000
"""A wrong type, a missing field or a wrong constant tells variants apart; more fields than known hardly do."""


@dataclass(frozen=True, slots=True)
class Deviation:
    """
    One way in which a value is not what its document says.

    Args:
        kind: what it is.
        node: the schema, or another part of the document, that it deviates from.
        where: the way to the value, such as `200 choices[].message`.
        name: the field or the type that it is about.
        detail: the rest of the sentence.
        value: the value that shows it.
        secret: whether that value must not be shown.
        change: what a host does that does the same everywhere, in words; empty for what it does here only.
        documented: the name that the document has for a field that is spelt otherwise.
    """

    kind: Kind
    node: Node
    where: str
    name: str
    detail: str
    value: Json
    secret: bool = False
    change: str = ""
    documented: str = ""


@dataclass(frozen=True, slots=True)
class HeaderSighting:
    """Where a header is documented, how many answers could have had it, and whether one had."""

    node: Node
    answers: int
    sent: bool


@dataclass(slots=True)
class Sightings:
    """Which documented fields and headers were there, and how many objects and answers there were."""

    objects: dict[tuple[Shape, str], int] = field(default_factory=dict[tuple[Shape, str], int])
    fields: dict[tuple[Shape, str], set[str]] = field(default_factory=dict[tuple[Shape, str], set[str]])
    headers: dict[tuple[str, str], HeaderSighting] = field(default_factory=dict[tuple[str, str], HeaderSighting])

    def note_header(self, where: str, name: str, node: Node, *, sent: bool) -> None:
        """Note one answer that may have a header."""
        known = self.headers.get((where, name), HeaderSighting(node, 0, sent=False))
        self.headers[where, name] = HeaderSighting(node, known.answers + 1, sent=known.sent or sent)

    def note(self, shape: Shape, where: str, value: JsonObject) -> None:
        """Note one object."""
        key = (shape, where)
        self.objects[key] = self.objects.get(key, 0) + 1
        self.fields.setdefault(key, set()).update(shape.properties.keys() & value.keys())

    def seen(self) -> Iterator[str]:
        """Name every field and header that was sent, as findings do."""
        for (_, where), names in self.fields.items():
            yield from (" ".join(part for part in (where.strip(), name) if part) for name in names)
        yield from (f"{where} {name}" for (where, name), header in self.headers.items() if header.sent)


def deviations(value: Json, shape: Shape, where: str, sightings: Sightings | None) -> list[Deviation]:
    """
    Check a value against a shape.

    Args:
        value: the value.
        shape: what the document says of it.
        where: the way to it.
        sightings: takes note of the objects in it; None when this is only a try.
    """
    # Lists, and no generators within generators: of a long answer, nearly every value has nothing to say.
    if shape.variants:
        return _variant(value, shape, where, sightings)
    if not shape.allows(value):
        return [_other_type(value, shape, where)]
    if isinstance(value, dict):
        return _object(value, shape, where, sightings)
    if isinstance(value, list):
        way, items = f"{where}[]", shape.items
        return [one for item in value for one in deviations(item, items, way, sightings)] if items is not None else []
    return _scalar(value, shape, where)


def step(where: str, name: str) -> str:
    """Go on to a field; what ends in a space is not a value yet, but where values begin."""
    return f"{where}.{name}" if where and not where.endswith(" ") else where + name


def name_at(where: str) -> str:
    """Give the name of the field that a way leads to."""
    return where.rpartition(" ")[2].rpartition(".")[2]


def _other_type(value: Json, shape: Shape, where: str) -> Deviation:
    name = type_name(value)
    detail = f"is {with_article(name)}, documented as {in_words(sorted(shape.types))}"
    change = changes.of_type(value, shape, name_at(where)) if value is not None else ""
    return Deviation(Kind.TYPE, shape.node, where, name, detail, value, shape.secret, change)


def _null(shape: Shape, where: str, own: Node | None, *, required: bool) -> Deviation:
    """What it refers to is others' as well, and for them it is right: then its own place is to change."""
    found = _other_type(None, shape, where)
    change = changes.REQUIRED if required else changes.LEFT_OUT
    return replace(found, node=own or found.node, change=change)


def _scalar(value: Json, shape: Shape, where: str) -> list[Deviation]:
    found: list[Deviation] = []
    if shape.values and value not in shape.values and value is not None:
        known = in_words([str(known) for known in shape.values if known is not None])
        kind = Kind.CONSTANT if shape.values_keyword == "const" else Kind.UNKNOWN_VALUE
        detail, change = f"has a value that is not {known}", changes.of_value(value, shape.values)
        found.append(Deviation(kind, shape.node, where, "", detail, value, shape.secret, change))
    if wrong := implausible(where, value):
        found.append(Deviation(Kind.IMPLAUSIBLE, shape.node, where, "", wrong, value, shape.secret, wrong))
    if isinstance(value, str) and shape.format and not fits(value, shape.format):
        detail, change = f"is not of format {shape.format}", changes.of_format(value, shape.format)
        found.append(Deviation(Kind.FORMAT, shape.node, where, shape.format, detail, value, shape.secret, change))
    if isinstance(value, str) and shape.pattern and re.search(shape.pattern, value) is None:
        detail = f"does not match {shape.pattern}"
        found.append(Deviation(Kind.FORMAT, shape.node, where, "pattern", detail, value, shape.secret))
    return found


def _object(value: JsonObject, shape: Shape, where: str, sightings: Sightings | None) -> list[Deviation]:
    properties, rest = shape.properties, shape.rest
    if not properties:
        # A free-form object: the document says what its values are, or nothing.
        way = step(where, "*")
        return [one for item in value.values() for one in deviations(item, rest, way, sightings)] if rest else []
    if sightings is not None:
        sightings.note(shape, where, value)
    found = [_missing(value, shape, where, name) for name in shape.required if name not in value]
    if "total_tokens" in properties and (wrong := no_sum(value)):
        node, way = properties["total_tokens"].node, step(where, "total_tokens")
        found.append(Deviation(Kind.IMPLAUSIBLE, node, way, "", wrong, value["total_tokens"]))
    if "count" in properties and "tokens" in properties and (wrong := no_count(value)):
        node, way = properties["count"].node, step(where, "count")
        found.append(Deviation(Kind.IMPLAUSIBLE, node, way, "", wrong, value["count"]))
    before = step(where, "")
    for name, item in value.items():
        known = properties.get(name) or rest
        if known is None:
            hidden = shape.secret or sounds_secret(name)
            detail = "is sent, and not documented"
            found.append(Deviation(Kind.UNDOCUMENTED_FIELD, shape.node, where, name, detail, item, hidden))
        elif item is None and not known.allows(None):
            found.append(_null(known, before + name, shape.reference(name), required=name in shape.required))
        else:
            found += deviations(item, known, before + name, sightings)
    return found


def _missing(value: JsonObject, shape: Shape, where: str, name: str) -> Deviation:
    there: list[Json] = [*value]
    change = f"objects of several schemas come without `{name}`"
    return Deviation(Kind.MISSING_FIELD, shape.node, where, name, "is required and was not sent", there, change=change)


def _variant(value: Json, shape: Shape, where: str, sightings: Sightings | None) -> list[Deviation]:
    variant = chosen(value, shape)
    if variant is not None:
        return deviations(value, variant, where, sightings)
    if not shape.tag or not isinstance(value, dict):
        return [_other_type(value, shape, where)]
    tag = value.get(shape.tag)
    if not isinstance(tag, str):
        return [_missing(value, shape, where, shape.tag)]
    detail = f"has a {shape.tag} that no variant of {shape.name} has"
    return [Deviation(Kind.UNKNOWN_VALUE, shape.node, where, shape.tag, detail, tag)]


def chosen(value: Json, shape: Shape) -> Shape | None:
    """Choose the variant that a value is: by its tag, or else the one it deviates least from."""
    if shape.tag and isinstance(value, dict):
        return shape.tagged(value)
    fitting = [variant for variant in shape.variants if variant.allows(value)]
    if len(fitting) <= 1:
        return fitting[0] if fitting else None
    return min(fitting, key=lambda variant: _distance(value, variant))


def _distance(value: Json, shape: Shape) -> int:
    soft = (Kind.UNDOCUMENTED_FIELD, Kind.UNKNOWN_VALUE)
    return sum(1 if one.kind in soft else _HARD for one in deviations(value, shape, "", None))
