"""The body of a call: JSON from `--json`, `--file` or a pipe, and the options that set single fields of it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from contextlib import suppress
from typing import Any

import click

from tensormesh_cli.command_line import standard_input
from tensormesh_cli.command_line.parameter_types import decoded
from tensormesh_cli.errors import CliError

Body = dict[str, Any]

JSON_OPTIONS: tuple[click.Option, ...] = (
    click.Option(["--json", "json_text"], metavar="JSON|@FILE", help="The body, or @ and a file with it."),
    click.Option(
        ["--file", "json_file"],
        type=click.Path(),  # so that shells complete it
        metavar="PATH",
        help="A file with the body as JSON; - is standard input.",
    ),
)


def given(json_text: str | None, json_file: str | None, piped: Mapping[str, Any] | None = None) -> Body | None:
    """
    The JSON object that was handed in; None where there is none. What is nearer to the command wins, key by key.

    Args:
        piped: what came on standard input, beside the options.

    Raises:
        CliError: it is not a JSON object, or its file cannot be read.
    """
    parts = [] if piped is None else [piped]
    if json_file is not None:
        parts.append(_object(standard_input.text(json_file), "standard input" if json_file == "-" else json_file))
    if json_text is not None:
        file = json_text[1:] if json_text.startswith("@") else None
        parts.append(_object(json_text, "--json") if file is None else _object(standard_input.text(file), file))
    found: Body = {}
    for part in parts:
        found = _over(found, part)
    return found if parts else None


def reads_standard_input(json_text: str | None, json_file: str | None) -> bool:
    """Whether one of the options names it."""
    return json_file == "-" or json_text == "@-"


def sorted_out(piped: str, known: Callable[[], Collection[str]], *, alone: bool) -> tuple[Body | None, str | None]:
    """
    What was piped in: a body, or a text, or neither.

    Args:
        known: the fields of a body. Beside something else, an object with others is a text, such as a file of settings.
        alone: there is nothing else, so an object is meant as a body.

    Raises:
        CliError: it begins as a body does, stands alone, and is none.
    """
    text = piped.strip()
    if not text:
        return None, None
    if text.startswith("{"):
        if alone:
            return _object(text, "standard input"), None
        with suppress(ValueError):
            found = decoded(text)
            if found and found.keys() <= set(known()):
                return found, None
    return None, text


def piped_object(text: str) -> Body | None:
    """
    A body that was piped in where nothing else is taken; None where nothing was.

    Raises:
        CliError: it is not a JSON object.
    """
    return _object(text, "standard input") if text.strip() else None


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


def _over(below: Mapping[str, Any], above: Mapping[str, Any]) -> Body:
    """Two bodies as one; objects within them, too."""
    found = dict(below)
    for key, value in above.items():
        before = found.get(key)
        both = isinstance(before, Mapping) and isinstance(value, Mapping)
        found[key] = _over(before, value) if both else value  # type: ignore[arg-type]
    return found


def _object(text: str, source: str) -> dict[str, Any]:
    advice = 'a body is written {"key": "value"}'
    if source == "standard input":
        advice += "; where a command takes a text, - stands for standard input, and `< /dev/null` keeps it away"
    try:
        found = decoded(text)
    except ValueError as error:
        raise CliError("input", f"{source} is not JSON: {error}", advice) from error
    if not isinstance(found, dict):
        raise CliError("input", f"{source} must hold a JSON object", advice)
    return found
