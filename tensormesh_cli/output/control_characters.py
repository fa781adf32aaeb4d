"""Text of others, made safe for a terminal: whoever named a thing must not move the cursor."""

from __future__ import annotations


def visible(text: str, *, lines: bool = True) -> str:
    """
    The text with its control characters spelt out.

    Args:
        lines: let it have several lines.
    """
    if text.isprintable():
        return text
    kept = "\n\t" if lines else ""
    return "".join(sign if sign.isprintable() or sign in kept else _spelt(sign) for sign in text)


def _spelt(sign: str) -> str:
    return sign.encode("unicode_escape").decode("ascii")
