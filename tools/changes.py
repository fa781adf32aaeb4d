"""
Says in the words of a change log how one generated package differs from another.

Breaking is what may need a change in a program that uses the package: a name that is gone, something that must be
given now, a value that is no longer taken, or an answer that may be something else.
"""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from typing import NamedTuple

from tools.interface import Interface, Item, Member

BREAKING_FACTS = {"answer", "body", "call", "columns", "paging", "positional", "returns", "stream"}
LONGEST = 90


class Change(NamedTuple):
    """One difference: of what, in words, and whether it may break a program."""

    name: str
    text: str
    breaking: bool = False


class Changes(NamedTuple):
    """All differences; `described` names what has other words and is the same otherwise."""

    changes: list[Change]
    described: list[str]


def compare_interfaces(old: Interface, new: Interface) -> Changes:
    """What became of `old`."""
    sent = {name for items in (old, new) for name in _reached(items, sent=True)}
    received = {name for items in (old, new) for name in _reached(items, sent=False)}
    changes = [
        *(Change(name, "gone", True) for name in old if name not in new),
        *(Change(name, f"new {_introduced(new[name])}") for name in new if name not in old),
    ]
    described = []
    for name, item in new.items():
        if name not in old:
            continue
        # What no operation reaches (an error, say) is read, if anything.
        made = name in sent or item.kind in ("operation", "command")
        found = list(_item(name, old[name], item, made, made and name not in received))
        changes += found
        if not found and old[name].words != item.words:
            described.append(name)
    return Changes(sorted(changes), described)


def _introduced(item: Item) -> str:
    if item.kind == "operation":
        return "operation: {method} {path} -> {answer}, {call}()".format_map(item.facts)
    return item.kind


def _reached(items: Interface, *, sent: bool) -> set[str]:
    """The models and types that the operations of a package send, or those that they receive."""
    seen: set[str] = set()
    waiting = []
    for item in items.values():
        if item.kind == "operation":
            waiting += [item.facts.get(key, "") for key in (("body",) if sent else ("answer", "stream"))]
            waiting += [member.given for member in item.members.values()] if sent else []
    while waiting:
        for name in set(re.findall(r"\w+", waiting.pop())) & items.keys() - seen:
            seen.add(name)
            waiting += [member.given if sent else member.read for member in items[name].members.values()]
    return seen


def _item(name: str, old: Item, new: Item, made: bool, only_made: bool) -> Iterator[Change]:
    for key in sorted(old.facts.keys() | new.facts.keys()):
        before, after = old.facts.get(key, ""), new.facts.get(key, "")
        if before != after:
            lost = key == "surfaces" and {*before.split(", ")} - {*after.split(", ")}
            yield Change(name, _fact(key, before, after), key in BREAKING_FACTS or bool(lost))
    for key in old.members.keys() | new.members.keys():
        joint = " " if new.kind in ("operation", "command") else "."
        whole = f"{name}{joint}{key}" if key else name
        if key not in new.members:
            yield Change(whole, "gone", True)
        elif key not in old.members:
            member = new.members[key]
            must = ", must be given" if member.needed and made else ""
            yield Change(whole, f"new, {_short(member.read or member.given)}{must}", bool(must))
        else:
            yield from _member(whole, old.members[key], new.members[key], made, only_made)


def _member(name: str, old: Member, new: Member, made: bool, only_made: bool) -> Iterator[Change]:
    if new.needed and not old.needed:
        yield Change(name, "must be given now" if made else "is always there now", made)
    if old.needed and not new.needed:
        yield Change(name, "need not be given now" if only_made else "may be missing now", not only_made)
    # What need not be given reads as None where it is missing: that is said already.
    one, other = (_parts(item.read) - ({"None"} if old.needed != new.needed else set()) for item in (old, new))
    given, taken = _parts(old.given), _parts(new.given)
    if one != other or given != taken:
        narrower = made and not _covers(taken, given)
        wider = not only_made and not _covers(one, other)
        yield Change(name, _became(old, new), narrower or wider)
    for key in sorted(old.facts.keys() | new.facts.keys()):
        before, after = old.facts.get(key, ""), new.facts.get(key, "")
        if before != after:
            yield Change(name, _fact(key, before, after))


def _fact(key: str, before: str, after: str) -> str:
    return f"{key}: {before or 'none'} -> {after or 'none'}"


def _became(old: Member, new: Member) -> str:
    before, after = (old.read, new.read) if old.read != new.read else (old.given, new.given)
    if len(before) + len(after) < LONGEST and "Literal" not in f"{before}{after}":
        return f"{before} -> {after}"
    more, less = (", ".join(map(_short, sorted(_parts(a) - _parts(b)))) for a, b in ((after, before), (before, after)))
    return "; ".join([f"also {more}"] * bool(more) + [f"no longer {less}"] * bool(less))


def _parts(annotation: str) -> set[str]:
    """`A | Literal['b', 'c']` -> `A`, `'b'`, `'c'`."""
    if not annotation:
        return set()
    return set(_split(ast.parse(annotation, mode="eval").body))


def _split(node: ast.expr) -> Iterator[str]:
    if isinstance(node, ast.BinOp):
        yield from _split(node.left)
        yield from _split(node.right)
    elif isinstance(node, ast.Subscript) and ast.unparse(node.value) == "Literal":
        values = node.slice.elts if isinstance(node.slice, ast.Tuple) else [node.slice]
        yield from map(ast.unparse, values)
    else:
        yield ast.unparse(node)


def _covers(wide: set[str], narrow: set[str]) -> bool:
    """Whether everything that is one of `narrow` is one of `wide`."""
    return "Any" in wide or all(part in wide or any(_includes(other, part) for other in wide) for part in narrow)


def _includes(wide: str, narrow: str) -> bool:
    one, other = (ast.parse(part, mode="eval").body for part in (wide, narrow))
    if isinstance(other, ast.Constant) and other.value is not None:
        return wide == type(other.value).__name__
    if isinstance(one, ast.Subscript) and isinstance(other, ast.Subscript):
        same = ast.unparse(one.value) == ast.unparse(other.value)
        pairs = [item.slice.elts if isinstance(item.slice, ast.Tuple) else [item.slice] for item in (one, other)]
        return same and all(_covers(set(_split(a)), set(_split(b))) for a, b in zip(*pairs, strict=False))
    # An object of a kind that is new was one of no known kind before.
    is_class = narrow.isidentifier() and narrow[0].isupper() and narrow not in ("Any", "None")
    return (wide, narrow) == ("float", "int") or (wide == "OpenObject" and is_class)


def _short(text: str) -> str:
    return text if len(text) <= LONGEST else f"{text[: LONGEST - 3]}..."
