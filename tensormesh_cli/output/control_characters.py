"""
The gate to a terminal: text of others is made safe for it, so that whoever named a thing does not move the cursor, fake
a line of ours or turn text around.

What is written to a terminal goes through `gated`, which lets no character through that is not seen, unless the text
was put together here, of parts that had gone through `visible`.
"""

from __future__ import annotations

from collections.abc import Iterable

from tensormesh_cli.values.invisible import INVISIBLE

_KEPT = "\n\t"


class Painted(str):
    """Text in which the only characters that are not seen are colours of ours, and the ends of lines."""

    __slots__ = ()


def visible(text: str, *, lines: bool = True) -> str:
    """
    The text with the characters that nobody sees spelt out.

    Args:
        lines: let it have several lines.
    """
    if text.isprintable():
        return text
    kept = _KEPT if lines else ""
    return INVISIBLE.sub(lambda found: found[0] if found[0] in kept else _spelt(found[0]), text)


def gated(text: str) -> str:
    """The text as it may go to a terminal."""
    return text if isinstance(text, Painted) else visible(text)


def encodable(text: str) -> str:
    """The text as it may go anywhere else: halves of characters, which no file can hold, are spelt out."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return text.encode("utf-8", "backslashreplace").decode()
    return text


def sentence(text: str) -> str:
    """The same for a message of one line: whatever a host has in a second one stands further in, so that it is seen."""
    return visible(text).replace("\n", "\n  ")


def painted(parts: Iterable[str], between: str = "") -> Painted:
    """Parts put together; those without paint go through the gate."""
    return Painted(between.join(gated(part) for part in parts))


def _spelt(sign: str) -> str:
    return sign.encode("unicode_escape").decode("ascii")
