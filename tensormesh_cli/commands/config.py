"""`tm config`: what applies and why, settings read and written one by one, and a file to begin with."""

from __future__ import annotations

import sys
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from tensormesh_cli.app import App, current
from tensormesh_cli.client import ARGUMENTS, BASES, check
from tensormesh_cli.command_line import standard_input
from tensormesh_cli.command_line.groups import Argument, Command
from tensormesh_cli.command_line.parameter_types import FILE
from tensormesh_cli.errors import CliError
from tensormesh_cli.output.secrets import address, masked
from tensormesh_cli.settings import config_file, private_files
from tensormesh_cli.settings.definitions import HOME_VARIABLE, SETTINGS, Setting
from tensormesh_cli.settings.keys import giver_of, hosts_of
from tensormesh_cli.settings.precedence import resolve
from tensormesh_cli.settings.sources import FLAG, VARIABLE, said

_SETTINGS = {item.name: item for item in SETTINGS}
SHOWN_FIRST = ("config_path", "controlplane_base", "gateway_provider", "gateway_base", "controlplane_auth_json")


@click.command(cls=Command)
@click.option("--sources", is_flag=True, help="Say where each value comes from.")
def show(sources: bool) -> None:
    """Show every setting as it applies. Keys are masked, and so are passwords in addresses."""
    app = current()
    home = f"env:{HOME_VARIABLE}" if app.environ.get(HOME_VARIABLE, "").strip() else "built-in:home"
    values: dict[str, object] = {"config_path": str(app.config_path), "controlplane_auth_json": str(app.store.path)}
    origins = {"config_path": "--config" if "config" in app.flags else home, "controlplane_auth_json": home}
    for name, item in app.settings.items():
        values[name] = None if item.value is None else _shown(name, item.value)
        origins[name] = item.source
    order = [*SHOWN_FIRST, *(name for name in values if name not in SHOWN_FIRST)]
    values, origins = {name: values[name] for name in order}, {name: origins[name] for name in order}
    app.emit({"values": values, "sources": origins} if sources else values)


@click.command(cls=Command)
@click.option(
    "--path",
    type=FILE,
    help="Where to put it. [default: where tm looks for it]",
)
@click.option("--force", is_flag=True, help="Replace a file that is there; it is kept beside the new one.")
def init(path: Path | None, force: bool) -> None:
    """
    Begin a config.toml, every setting in a comment.

    With --force, what `tm init --sync` had found is kept, and the old file stays as config.toml.bak.
    """
    app = current()
    target = path or app.config_path
    with app.locked(target):
        before = private_files.read(target)
        if before is not None and not force:
            raise CliError("file", f"{target} is there already.", "--force replaces it and keeps the old one beside it")
        if before is not None:
            private_files.write(target.with_name(f"{target.name}.bak"), before)
        private_files.write(target, config_file.begun(_managed(before, target)))
    app.report({"path": str(target)}, str(target))


_NAME = Argument(
    ["name"],
    metavar="NAME",
    type=click.Choice([item.name for item in SETTINGS], case_sensitive=False),
    help="The setting, as `tm config show` names it.",
)


@click.command(cls=Command, params=[_NAME])
@click.option("--show-secrets", is_flag=True, help="Show a key in full.")
def get(name: str, show_secrets: bool) -> None:
    """
    Print a setting as it applies, wherever it comes from.
    """
    app = current()
    item, setting = app.settings[name], _SETTINGS[name]
    if item.value is None:
        raise CliError("not_ready", f"{name} is not set.", f"`tm config set {name}` sets it")
    text = item.value if show_secrets else _shown(name, item.value)
    app.emit({"name": name, "value": text, "source": item.source}, raw=str(text), words=str(text))
    if setting.secret and not show_secrets:
        app.note("Keys are masked; --show-secrets shows them.")


@click.command("set", cls=Command, params=[_NAME])
@click.argument(
    "value", cls=Argument, required=False, metavar="[VALUE]", help="What it shall be; asked for, or read, if left out."
)
def set_(name: str, value: str | None) -> None:
    """
    Write a setting into config.toml, whose comments stay.

    Keys are better not typed into a command: left out, the value is asked for, or read from standard input.
    """
    app, setting = current(), _SETTINGS[name]
    text = _given(setting) if value is None else value.strip()
    if not text:
        raise click.UsageError(f"There is nothing to set {name} to; `tm config unset {name}` removes it.")
    item = said(setting._replace(flag="this command"), {name: text}, {}, {})
    if name in ARGUMENTS:
        check(name, replace(item, source="what was given here"))

    def change(before: str | None) -> str:
        after = config_file.changed(before, name, item.value, table="overrides" if setting.gateway else None)
        resolve({}, {}, config_file.parse(after, app.config_path))
        return after

    app.keep(change)
    if setting.secret and value is not None:
        app.note("Others may see it in the history of the shell; left out, the value is asked for.")
    _report_change(app, name, {"set": True}, f"{app.config_path} sets {name}.")


@click.command(cls=Command, params=[_NAME])
def unset(name: str) -> None:
    """
    Remove a setting from config.toml.

    What stands there by hand goes first; then what `tm init --sync` has found applies again. A second time removes
    that, too.
    """
    app = current()
    document = app.config()
    managed = document.get("managed") or {}
    places = [(None, document), ("overrides", document.get("overrides") or {})]
    found = [(table, [name]) for table, place in places if name in place]
    if not found and name in managed:
        found = [("managed", [name, giver_of(name), hosts_of(name)])]
    for table, names in found:
        app.keep(partial(config_file.without, names=names, table=table))
    words = f"{app.config_path} no longer sets {name}." if found else f"{app.config_path} does not set {name}."
    _report_change(app, name, {"removed": bool(found)}, words)


def _report_change(app: App, name: str, done: dict[str, bool], words: str) -> None:
    item = app.settings[name]
    applies = None if item.value is None else _shown(name, item.value)
    app.report({"name": name, **done, "value": applies, "source": item.source}, words)
    if "set" not in done:
        app.note(f"{name} is not set now." if item.value is None else f"{applies} applies now, from {item.source}.")
    elif item.rank in (FLAG, VARIABLE):
        app.note(f"{item.source} is set and wins over it.")


def _given(setting: Setting) -> str:
    """The value that is typed or piped in."""
    if sys.stdin.isatty():
        return str(click.prompt(setting.name, hide_input=setting.secret, err=True)).strip()
    return standard_input.text().strip()


def _shown(name: str, value: Any) -> Any:
    if _SETTINGS[name].secret:
        return masked(value)
    return address(value) if name in BASES else value


def _managed(text: str | None, path: Path) -> dict[str, object]:
    """What `tm init --sync` had found; nothing where the file is broken, for that is what --force is for."""
    try:
        found = config_file.parse(text, path).get("managed")
    except CliError:
        return {}
    return dict(found) if isinstance(found, dict) else {}
