"""What a command is handed to ask: its argument, a body as JSON, and what was piped in beside them."""

from __future__ import annotations

from collections.abc import Callable, Collection

import click

from tensormesh_cli.app import App
from tensormesh_cli.command_line import bodies, standard_input
from tensormesh_cli.command_line.bodies import Body
from tensormesh_cli.inference.conversation import question


def handed_in(
    app: App,
    text: str | None,
    json_text: str | None,
    json_file: str | None,
    known: Callable[[], Collection[str]],
    *,
    alone: bool = True,
    piped: bool = True,
) -> tuple[str | None, Body]:
    """
    The text that is asked, and the body that it goes into.

    Piped text goes before the argument: many questions about one document then begin alike, and the cache knows it.

    Args:
        text: the argument; `-` is standard input.
        known: the fields of a body.
        alone: no other argument was given.
        piped: what is piped in was not read before.

    Raises:
        CliError: something cannot be read, or is not what it should be.
    """
    named = bodies.reads_standard_input(json_text, json_file)
    if text == "-":
        if named:
            raise click.UsageError("Standard input can be read once: it is the text, or the body as JSON.")
        return question(text), bodies.given(json_text, json_file) or {}
    came = standard_input.beside(app) if piped and not named else ""
    alone = alone and text is None and json_text is None and json_file is None
    part, said = bodies.sorted_out(came, known, alone=alone)
    return joined(said, text), bodies.given(json_text, json_file, part) or {}


def joined(*texts: str | None) -> str | None:
    """Texts as one; None where there are none."""
    said = [text for text in texts if text]
    return "\n\n".join(said) if said else None
