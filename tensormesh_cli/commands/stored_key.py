"""What `tm users api-keys create` does beside its call: with --store it keeps the key."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import click

from tensormesh_cli.app import App
from tensormesh_cli.commands.extension import Extension
from tensormesh_cli.errors import CliError
from tensormesh_cli.output.secrets import hidden
from tensormesh_cli.settings import config_file
from tensormesh_cli.settings.keys import ON_DEMAND_KEY, SERVERLESS_KEY, found_at

_PLACE = ("apiKey", "id")

STORE = click.Option(
    ["--store"], is_flag=True, help="Keep the key in config.toml, where `tm infer` finds it; it is not shown."
)


def nothing(app: App, request: Mapping[str, Any]) -> str:
    """The question is about the call alone."""
    return ""


def kept(app: App, answer: Any, *, store: bool) -> Any:
    """
    The answer without the key, which is kept; the answer itself where nobody asks for that.

    Raises:
        CliError: it cannot be kept. Then it is shown, for it is never shown again.
    """
    if not store:
        return answer
    made = answer.get("apiKey") if isinstance(answer, dict) else None
    key = made.get("id") if isinstance(made, dict) else None
    if not isinstance(key, str) or not key.strip():
        app.emit(answer)
        raise CliError("protocol", "The answer holds no key to keep.", "`tm users api-keys list` shows what there is")
    try:
        fresh = {SERVERLESS_KEY: key, **found_at(app.settings, app.control_plane.base, SERVERLESS_KEY)}
        app.keep(lambda before: config_file.found(before, fresh))
    except CliError:
        app.emit(answer)
        raise
    app.note(f"{app.config_path} holds the key for serverless.")
    for name in (SERVERLESS_KEY, ON_DEMAND_KEY):
        item = app.settings[name]
        if item.value != key and (name == SERVERLESS_KEY or item.deployment is None):
            app.note(f"{item.source} is set and wins over it.")
            break
    return hidden(answer, [_PLACE])


EXTENSION = Extension((STORE,), nothing, kept)
