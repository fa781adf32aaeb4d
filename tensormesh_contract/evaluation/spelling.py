"""
Fields under another spelling than the documented one, in camelCase or with something in front of every name.

Knows names, and how to give a value back with the documented ones, so that all else is evaluated as if nothing were
spelt otherwise; does not say whose fault it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from tensormesh_contract.documents.shapes import Shape, folded
from tensormesh_contract.evaluation.findings import Kind
from tensormesh_contract.evaluation.secrets import sounds_secret
from tensormesh_contract.evaluation.values import Deviation, chosen, step
from tensormesh_documents.json_types import Json, JsonObject

FEW = 3
"""So many names of one object have one thing in front of them before that is taken for a rule; or else all have."""

_NESTED = (list, dict)
_STYLES = (
    ("lower case", re.compile(r"[a-z0-9]+")),
    ("snake_case", re.compile(r"[a-z0-9]+(_[a-z0-9]+)+")),
    ("kebab-case", re.compile(r"[a-z0-9]+(-[a-z0-9]+)+")),
    ("UPPER_CASE", re.compile(r"[A-Z0-9]+(_[A-Z0-9]+)*")),
    ("camelCase", re.compile(r"[a-z0-9]+([A-Z][a-zA-Z0-9]*)+")),
    ("PascalCase", re.compile(r"[A-Z][a-zA-Z0-9]*")),
)


@dataclass(frozen=True, slots=True)
class Respelling:
    """
    One field that is sent under another spelling.

    Args:
        shape: the object that has it.
        where: the way to that object.
        sent: its name as it came.
        documented: its name in the document.
        value: what it holds.
        rule: what is done to names, in a few words that are the same for all of them.
        fixed: whether there is a name for it that a document could have.
    """

    shape: Shape
    where: str
    sent: str
    documented: str
    value: Json
    rule: str
    fixed: bool = True


def style(name: str) -> str:
    """Say how a name is written; empty for a way that has no name."""
    return next((title for title, known in _STYLES if known.fullmatch(name)), "")


def respelt(value: Json, shape: Shape, where: str) -> tuple[Json, list[Respelling]]:
    """
    Give a value with the documented names for its fields.

    Args:
        value: what was sent.
        shape: what the document says of it.
        where: the way to it.

    Returns:
        The value, the same object where nothing is spelt otherwise, and what is.
    """
    if not isinstance(value, _NESTED):
        return value, []
    if shape.variants:
        return _variant(value, shape, where)
    found: list[Respelling] = []
    if isinstance(value, list):
        if shape.items is None:
            return value, found
        items: list[Json] = []
        way = f"{where}[]"
        for item in value:
            inner, more = respelt(item, shape.items, way)
            items.append(inner)
            found += more
        same = all(inner is item for inner, item in zip(items, value, strict=True))
        return (value if same else items), found
    properties = shape.properties
    if not (properties or shape.rest):
        return value, found
    names = {one.sent: one for one in _names(value, shape, where)} if properties else {}
    found += names.values()
    fields: JsonObject = {}
    same, before = not names, step(where, "")
    for name, item in value.items():
        documented = names[name].documented if name in names else name
        known = properties.get(documented) or shape.rest
        read: Json = item
        if known is not None and isinstance(item, _NESTED):
            read, more = respelt(item, known, before + (documented if documented in properties else "*"))
            found += more
            same = same and read is item
        fields[documented] = read
    # Of two documented spellings, either will do for both.
    for name, second in shape.respellings.items():
        if name in value:
            fields.setdefault(second, fields[name])
    return (value if same and len(fields) == len(value) else fields), found


def spelling_deviations(spelt: Iterable[Respelling], where: str) -> Iterator[Deviation]:
    """Give the deviations that other spellings are, in a value to which there is a way."""
    return (_deviation(one, where) for one in spelt)


def _deviation(found: Respelling, where: str) -> Deviation:
    known = found.shape.properties[found.documented]
    hidden = found.shape.secret or known.secret or sounds_secret(found.documented)
    detail = f"is sent where `{found.documented}` is documented"
    return Deviation(
        Kind.SPELLING,
        found.shape.node,
        where + found.where,
        found.sent,
        detail,
        found.value,
        hidden,
        found.rule,
        found.documented if found.fixed else "",
    )


def _variant(value: Json, shape: Shape, where: str) -> tuple[Json, list[Respelling]]:
    """Read a value as the variant that it is, once its names are the documented ones."""
    fitting = [one for one in shape.variants if one.allows(value)]
    tagged = shape.tagged(value) if shape.tag and isinstance(value, dict) else None
    if tagged in fitting:
        return respelt(value, tagged, where)
    read = [respelt(value, one, where) for one in fitting]
    if all(inner is value for inner, _ in read):
        return value, []
    # As it came it is none, or one that it is hardly like.
    named = [one for one, (inner, _) in zip(fitting, read, strict=True) if chosen(inner, shape) is one]
    best = max(named or fitting, key=lambda one: len(read[fitting.index(one)][1]))
    return read[fitting.index(best)]


def _names(value: JsonObject, shape: Shape, where: str) -> Iterator[Respelling]:
    """Pair the names that no document has with those that are documented and were not sent."""
    if shape.rest is not None or value.keys() <= shape.properties.keys():
        return
    odd = [name for name in value if name not in shape.properties]
    missing: dict[str, list[str]] = {}
    for name in shape.properties:
        if name not in value:
            missing.setdefault(folded(name), []).append(name)
    paired = {name: missing[folded(name)] for name in odd if folded(name) in missing}
    meant = {name: known[0] for name, known in paired.items() if len(known) == 1}
    # Two that mean the same field are two fields.
    alone = {name: known for name, known in meant.items() if [*meant.values()].count(known) == 1}
    for name, known in alone.items():
        yield Respelling(shape, where, name, known, value[name], _rule(name))
    if not alone:
        for (before, after), names in _dressed(odd, [name for same in missing.values() for name in same]).items():
            if len(names) == len(value) or len(names) >= FEW:
                rule = f"`{before or after}` stands {'before' if before else 'behind'} the names of fields"
                for one, known in names.items():
                    yield Respelling(shape, where, one, known, value[one], rule, fixed=False)
                return


def _dressed(odd: list[str], missing: list[str]) -> dict[tuple[str, str], dict[str, str]]:
    """Group names by what stands before or behind a documented one; what most have comes first."""
    found: dict[tuple[str, str], dict[str, str]] = {}
    for name in odd:
        for known in missing:
            before, after = name.removesuffix(known), name.removeprefix(known)
            if before not in (name, "") and not before[-1].isalnum():
                found.setdefault((before, ""), {})[name] = known
            elif after not in (name, "") and not after[0].isalnum():
                found.setdefault(("", after), {})[name] = known
    return dict(sorted(found.items(), key=lambda one: -len(one[1])))


def _rule(name: str) -> str:
    written = style(name)
    return f"fields are written in {written}" if written else "fields are spelt otherwise than documented"
