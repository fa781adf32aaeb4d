"""Reads the files that go along with a question."""

from __future__ import annotations

import os
import stat
from collections.abc import Iterable
from pathlib import Path

from tensormesh_cli.command_line import standard_input
from tensormesh_cli.conversation.attachments import MOST_IMAGE_BYTES, Attachment, Image, TextFile, image, is_address
from tensormesh_cli.errors import CliError


def attachments(files: Iterable[str], images: Iterable[str]) -> tuple[Attachment, ...]:
    """
    What `-f` and `--image` name.

    Raises:
        CliError: one of them cannot be used.
    """
    return (*(text_file(name) for name in files), *(image_file(name) for name in images))


def text_file(name: str) -> TextFile:
    """
    A file of text; `-` is standard input.

    Raises:
        CliError: it cannot be read, or is no text.
    """
    path = name if name == "-" else os.path.expanduser(name)
    try:
        return TextFile("standard input" if name == "-" else os.path.basename(path), standard_input.text(path))
    except CliError as error:
        if error.message.endswith("it is not UTF-8 text"):
            raise CliError("input", error.message, "a picture goes along with --image, or /image") from error
        raise


def image_file(name: str) -> Image:
    """
    A picture, or the address of one.

    Raises:
        CliError: it cannot be read, or is none.
    """
    if is_address(name):
        return Image(name, name)
    path = Path(os.path.expanduser(name))
    try:
        with open(path, "rb") as file:
            if stat.S_ISCHR(os.fstat(file.fileno()).st_mode):
                raise CliError("input", f"{name} cannot be read: it is a device")
            return image(path.name, file.read(MOST_IMAGE_BYTES + 1))
    except OSError as error:
        raise CliError("input", f"{name} cannot be read: {error.strerror}") from error
