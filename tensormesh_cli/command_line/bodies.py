"""The body of a call: JSON from `--json`, `--file` or a pipe, and the options that set single fields of it."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import click

from tensormesh_cli.command_line.parameter_types import decoded
from tensormesh_cli.errors import CliError
from tensormesh_cli.values.encoded_text import decoded_text

JSON_OPTIONS: tuple[click.Option, ...] = (
    click.Option(["--json", "json_text"], metavar="JSON|@FILE", help="The body, or @ and a file with it."),
    click.Option(
        ["--file", "json_file"],
        type=click.Path(),  # so that shells complete it
        metavar="PATH",
        help="A file with the body as JSON; - is standard input.",
    ),
)


def given(json_text: str | None, json_file: str | None, *, pipe: bool) -> dict[str, Any] | None:
    """
    The JSON object that was handed in; None where there is none.

    Args:
        pipe: take it from standard input, where that is no terminal and nothing else was given.

    Raises:
        CliError: it is not a JSON object, or its file cannot be read.
    """
    if json_text is not None:
        if json_text.startswith("@"):
            return _object(read(json_text[1:]), json_text[1:])
        return _object(json_text, "--json")
    if json_file is not None:
        return _object(read(json_file), "standard input" if json_file == "-" else json_file)
    if pipe and sys.stdin is not None and not sys.stdin.isatty():
        text = read("-")
        return _object(text, "standard input") if text.strip() else None
    return None


def merged(base: Mapping[str, Any] | None, fields: Mapping[str, Any], keys: Sequence[str], wrap: str) -> dict[str, Any]:
    """
    The body to send.

    Args:
        base: what was handed in as JSON, with or without the key `wrap` around it.
        fields: what options set, by dotted place; they win.
        keys: the keys of the body.
    """
    body = dict(base or {})
    if wrap and body and not isinstance(body.get(wrap), Mapping):
        inner = {key: value for key, value in body.items() if key not in keys}
        body = {key: value for key, value in body.items() if key in keys} | {wrap: inner}
    for place, value in fields.items():
        node = body
        *parents, last = place.split(".")
        for key in parents:
            child = node.get(key)
            node[key] = dict(child) if isinstance(child, Mapping) else {}
            node = node[key]
        node[last] = value
    return body


def holds(body: Mapping[str, Any], place: str) -> bool:
    """Whether the body has something at a dotted place."""
    node: Any = body
    for key in place.split("."):
        if not isinstance(node, Mapping) or node.get(key) is None:
            return False
        node = node[key]
    return True


def read(name: str) -> str:
    """
    The text of a file; `-` is standard input.

    Raises:
        CliError: it cannot be read, or is not UTF-8.
    """
    source = "standard input" if name == "-" else name
    try:
        if name == "-":
            text = decoded_text(sys.stdin.buffer.read(), sys.stdin.encoding)
        else:
            text = decoded_text(Path(name).read_bytes())
    except OSError as error:
        raise CliError("input", f"{source} cannot be read: {error.strerror}") from error
    except UnicodeError as error:
        raise CliError("input", f"{source} cannot be read: it is not UTF-8 text") from error
    return text


def _object(text: str, source: str) -> dict[str, Any]:
    advice = 'a body is written {"key": "value"}'
    if source == "standard input":
        advice += "; where a command takes a text, - stands for standard input"
    try:
        found = decoded(text)
    except ValueError as error:
        raise CliError("input", f"{source} is not JSON: {error}", advice) from error
    if not isinstance(found, dict):
        raise CliError("input", f"{source} must hold a JSON object", advice)
    return found
