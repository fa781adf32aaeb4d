"""`tm users api-keys create`, which may keep the key that it makes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from tensormesh_cli.app import App
from tensormesh_cli.commands import mirror
from tensormesh_cli.errors import CliError
from tensormesh_cli.output.secrets import hidden, hidden_text
from tensormesh_cli.settings import config_file
from tensormesh_cli.settings.keys import ON_DEMAND_KEY, SERVERLESS_KEY, found_at

if TYPE_CHECKING:
    from tensormesh_generated.commands import Command as Row

STORE = click.Option(
    ["--store"], is_flag=True, help="Keep the key in config.toml, where `tm infer` finds it; it is not shown."
)


def create(row: Row) -> click.Command:
    """The command of the row, with one option more."""
    return mirror.command(row, STORE, show=_show)


def _show(app: App, row: Row, value: Any, text: str | None, show_secrets: bool, store: bool) -> None:
    if not store:
        mirror.emit(app, row, value, text, show_secrets)
        return
    made = value.get("apiKey") if isinstance(value, dict) else None
    key = made.get("id") if isinstance(made, dict) else None
    if not isinstance(key, str) or not key.strip():
        # It may have been made all the same, and this is the only time that it is shown.
        mirror.emit(app, row, value, text, show_secrets)
        raise CliError("protocol", "The answer holds no key to keep.", "`tm users api-keys list` shows what there is")
    fresh = {SERVERLESS_KEY: key, **found_at(app.settings, app.control_plane.base, SERVERLESS_KEY)}
    try:
        app.keep(lambda before: config_file.found(before, fresh))
    except CliError:
        mirror.emit(app, row, value, text, show_secrets)
        raise
    raw = None if text is None else hidden_text(text, value, row.secrets)
    app.emit(hidden(value, row.secrets), raw=raw, columns=row.columns)
    app.note(f"{app.config_path} holds the key for serverless.")
    for name in (SERVERLESS_KEY, ON_DEMAND_KEY):
        item = app.settings[name]
        if item.value != key and (name == SERVERLESS_KEY or item.deployment is None):
            app.note(f"{item.source} is set and wins over it.")
            break
