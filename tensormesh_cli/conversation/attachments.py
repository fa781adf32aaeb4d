"""Files that go along with a question: text in its words, pictures beside them."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tensormesh_cli.errors import CliError

type Content = str | list[dict[str, Any]]
"""The content of a message, as a request has it."""

MOST_IMAGE_BYTES = 20 << 20
_KINDS = (
    (b"\x89PNG\r\n\x1a\n", b"", "image/png"),
    (b"\xff\xd8\xff", b"", "image/jpeg"),
    (b"GIF8", b"", "image/gif"),
    (b"RIFF", b"WEBP", "image/webp"),
)
"""How the pictures that models read begin, what stands at their ninth byte, and what they are."""


@dataclass(frozen=True)
class TextFile:
    """A file of text."""

    name: str
    text: str

    def __str__(self) -> str:
        end = "" if self.text.endswith("\n") else "\n"
        return f'<file name="{self.name}">\n{self.text}{end}</file>'


@dataclass(frozen=True)
class Image:
    """
    A picture.

    Attributes:
        url: where it is, or all of it as a `data:` address.
    """

    name: str
    url: str

    @property
    def part(self) -> dict[str, Any]:
        return {"type": "image_url", "image_url": {"url": self.url}}


type Attachment = TextFile | Image


def is_address(name: str) -> bool:
    """Whether a picture lies on the web, where the host gets it by itself."""
    return name.startswith(("https://", "http://"))


def image(name: str, content: bytes) -> Image:
    """
    A picture out of a file.

    Raises:
        CliError: it is none that models read, or too large.
    """
    if len(content) > MOST_IMAGE_BYTES:
        raise CliError("input", f"{name} is larger than {MOST_IMAGE_BYTES >> 20} MiB.", "make the picture smaller")
    for start, ninth, kind in _KINDS:
        if content.startswith(start) and content[8:].startswith(ninth):
            return Image(name, f"data:{kind};base64,{base64.b64encode(content).decode()}")
    raise CliError("input", f"{name} is no picture that models read.", "they read PNG, JPEG, GIF and WebP")


def content(text: str, attachments: Sequence[Attachment] = ()) -> Content:
    """
    What a message holds. Files come first, so that another question about them begins with the same words, which the
    host has computed before.
    """
    files = [str(item) for item in attachments if isinstance(item, TextFile)]
    words = "\n\n".join([*files, *([text] if text else [])])
    images = [item.part for item in attachments if isinstance(item, Image)]
    if not images:
        return words
    return [*images, *([{"type": "text", "text": words}] if words else [])]


def words(content: object) -> str:
    """The text of a message, with a word for each picture."""
    if isinstance(content, str):
        return content
    found = []
    for part in content if isinstance(content, list) else ():
        if isinstance(part, dict):
            found.append(str(part["text"]) if isinstance(part.get("text"), str) else f"[{part.get('type')}]")
    return "\n".join(found)
