"""
Places in a JSON value, as JSON pointers (RFC 6901) and as the keys that lead there.

Knows how they are written and how they are walked, but not whose value it is.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from functools import lru_cache
from typing import Any, cast
from urllib.parse import unquote

type Keys = tuple[str | int, ...]

_STRAY_TILDE = re.compile(r"~(?![01])")
_INDEX = re.compile(r"0|[1-9][0-9]{0,17}", re.ASCII)


def parse(pointer: str) -> Keys:
    """
    Give the keys of a pointer. Whether a number is an index is for the value to say, so all of them are text.

    Raises:
        ValueError: it is no pointer.
    """
    first, *parts = pointer.split("/")
    if first or _STRAY_TILDE.search(pointer):
        raise ValueError(f"{pointer!r} is no JSON pointer")
    return tuple(part.replace("~1", "/").replace("~0", "~") for part in parts)


def write(keys: Iterable[str | int]) -> str:
    """Give the pointer of some keys."""
    return "".join("/" + str(key).replace("~", "~0").replace("/", "~1") for key in keys)


def walk(value: Any, keys: Iterable[str | int]) -> tuple[Keys, Any]:
    """
    Go along keys from a value.

    Returns:
        The keys as the value has them, numbers where it has lists, and what stands there.

    Raises:
        LookupError: nothing stands there.
    """
    gone: list[str | int] = []
    for key in keys:
        if isinstance(value, list) and _INDEX.fullmatch(str(key)) and int(key) < len(value):
            key = int(key)
            value = value[key]
        elif isinstance(value, dict) and key in value:
            value = value[key]
        else:
            raise LookupError(f"nothing stands at {write((*gone, key))}")
        gone.append(key)
    return tuple(gone), value


@lru_cache(maxsize=4096)
def split(reference: str) -> tuple[str, Keys]:
    """
    Give the file that a `$ref` names, empty for its own, and the keys in it. Documents say the same ones often.

    Raises:
        ValueError: its fragment is no pointer.
    """
    file, _, fragment = reference.partition("#")
    return unquote(file), parse(unquote(fragment))


def resolve[Object: Mapping[str, Any]](value: Object, whole: Mapping[str, Any]) -> Object:
    """
    Give `value`, or what it refers to inside the document that it stands in.

    Raises:
        LookupError: it refers to nothing, to no object, or in a circle.
        ValueError: its reference is none.
    """
    seen: set[str] = set()
    while isinstance(reference := value.get("$ref"), str):
        file, keys = split(reference)
        _, found = walk(whole, keys)
        if file or reference in seen or not isinstance(found, dict):
            raise LookupError(f"$ref {reference!r} leads to no object of its document")
        seen.add(reference)
        value = cast("Object", found)
    return value
