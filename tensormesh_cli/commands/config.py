"""`tm config`: what applies and why, and a file to begin with."""

from __future__ import annotations

from pathlib import Path

import click

from tensormesh_cli.app import current
from tensormesh_cli.client import BASES
from tensormesh_cli.command_line.groups import Command
from tensormesh_cli.command_line.parameter_types import FILE
from tensormesh_cli.errors import CliError
from tensormesh_cli.output.secrets import address, masked
from tensormesh_cli.settings import config_file, private_files
from tensormesh_cli.settings.definitions import HOME_VARIABLE, SETTINGS

SHOWN_FIRST = ("config_path", "controlplane_base", "gateway_provider", "gateway_base", "controlplane_auth_json")


@click.command(cls=Command)
@click.option("--sources", is_flag=True, help="Say where each value comes from.")
def show(sources: bool) -> None:
    """Show every setting as it applies. Keys are masked, and so are passwords in addresses."""
    app = current()
    secret = {item.name for item in SETTINGS if item.secret}
    home = f"env:{HOME_VARIABLE}" if app.environ.get(HOME_VARIABLE, "").strip() else "built-in:home"
    values: dict[str, object] = {"config_path": str(app.config_path), "controlplane_auth_json": str(app.store.path)}
    origins = {"config_path": "--config" if "config" in app.flags else home, "controlplane_auth_json": home}
    for name, item in app.settings.items():
        values[name] = item.value
        if item.value is not None and name in secret:
            values[name] = masked(item.value)
        elif item.value is not None and name in BASES:
            values[name] = address(item.value)
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
    with private_files.locked(target):
        before = private_files.read(target)
        if before is not None and not force:
            raise CliError("file", f"{target} is there already.", "--force replaces it and keeps the old one beside it")
        if before is not None:
            private_files.write(target.with_name(f"{target.name}.bak"), before)
        private_files.write(target, config_file.begun(_managed(before, target)))
    app.report({"path": str(target)}, str(target))


def _managed(text: str | None, path: Path) -> dict[str, object]:
    """What `tm init --sync` had found; nothing where the file is broken, for that is what --force is for."""
    try:
        found = config_file.parse(text, path).get("managed")
    except CliError:
        return {}
    return dict(found) if isinstance(found, dict) else {}
