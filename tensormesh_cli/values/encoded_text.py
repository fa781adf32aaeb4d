"""Text as others hand it in."""

from __future__ import annotations

import codecs

_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
    codecs.BOM_UTF32_LE: "utf-32",  # begins with that of UTF-16
    codecs.BOM_UTF32_BE: "utf-32",
}
"""With these, programs of Windows begin text, and say what it is written in. They are none of it."""


def decoded_text(content: bytes, encoding: str = "utf-8") -> str:
    """
    The text in some bytes, its lines ended by line feeds.

    Args:
        encoding: what it is written in, unless it says so itself.

    Raises:
        UnicodeError: it is no text.
    """
    for mark, named in _MARKS.items():
        if content.startswith(mark):
            encoding = named
    return content.decode(encoding).replace("\r\n", "\n").replace("\r", "\n")
