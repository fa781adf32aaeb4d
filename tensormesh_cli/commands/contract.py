"""`tm contract`."""

from __future__ import annotations

import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import click

from tensormesh_cli.app import App, current
from tensormesh_cli.command_line.groups import Command
from tensormesh_cli.command_line.parameter_types import Words
from tensormesh_cli.errors import CliError
from tensormesh_cli.inference.surface import Surface
from tensormesh_cli.values.json_text import loads

PHASES = ("examples", "coverage", "fuzzing", "stateful")
NOBODY = 2
"""Exit code when nobody could be asked; 1 says that a host and the documents part."""

KEY = "KEY"
"""The variable that hands the key on: other users can read a command line."""

_FILE = click.Path(path_type=Path, dir_okay=False)


@click.command(cls=Command)
@click.option("--host", metavar="URL", help="Another host than that of the settings; its key stands in --key-env.")
@click.option(
    "--surface",
    type=click.Choice(("serverless", "on-demand", "control-plane"), case_sensitive=False),
    help="Which surface. [default: what --host looks like, else serverless]",
)
@click.option("--user-id", metavar="UUID", help="The user, on demand. [default: yourself]")
@click.option(
    "--key-env", metavar="NAME", help="The variable with the key. [default: KEY with --host, else as configured]"
)
@click.option(
    "--allow-changes", is_flag=True, help="Send a host on another machine deletions and what costs money, too."
)
@click.option("--gentle", is_flag=True, help="Treat a host on this machine as if it were on another.")
@click.option("--rate", type=click.FloatRange(min=0, min_open=True), metavar="N", help="Requests a second, at most.")
@click.option("--seed", type=int, metavar="N", help="Makes two runs alike. [default: 1]")
@click.option(
    "--cases", type=click.IntRange(min=1), metavar="N", help="Random requests for an operation. [default: 40]"
)
@click.option("--phases", type=Words(PHASES), metavar="LIST", help=f"Some of {','.join(PHASES)}. [default: all]")
@click.option("--html", type=_FILE, metavar="FILE", help="Write the report as one page.")
@click.option("--json", type=_FILE, metavar="FILE", help="Write the report as data.")
@click.option("--accept", type=_FILE, metavar="FILE", help="Differences that are known and do not count.")
@click.option("--unseen", is_flag=True, help="List what is documented and was never seen.")
@click.option("--save", type=_FILE, metavar="FILE", help="Write down every request and answer.")
@click.option("--judge", type=_FILE, metavar="FILE", help="Judge what was saved, and ask nobody.")
def contract(host: str | None, surface: str | None, user_id: str | None, key_env: str | None, **options: Any) -> None:
    """
    Hold a host against the OpenAPI documents, and tell where they part.

    Without --host it is the host of --surface under the settings of tm, asked with the key or the login that tm has.
    A host on another machine is only read, and each of its inference operations called once whole and once as a
    stream, at one request a second. A host on this machine is sent everything there is.

    The exit code is 0 if host and documents agree, 1 if they part, and 2 if nobody could be asked.

    \b
    tm contract --surface on-demand --html report.html
    KEY=... tm contract --host https://serverless.tensormesh.ai
    """
    app = current()
    environment = dict(app.environ)
    given = {"host": host, "surface": surface, "user_id": user_id, "key_env": key_env}
    try:
        if host is None and options["judge"] is None:
            place, environment[KEY] = _configured(app, surface or "serverless", user_id, _value(app, key_env))
            given |= place | {"key_env": KEY}
        _trust(app, environment)
    except CliError as error:
        error.code = NOBODY
        raise
    command = [sys.executable, "-m", "tensormesh_contract", *_spelt(given | options)]
    text = app.screen.format in (None, "text")
    if text and app.flags.get("error_format") != "json":
        sys.stdout.flush()
        os.execve(command[0], [*command, *(["--quiet"] if app.quiet else [])], environment)  # noqa: S606 - our own
    _report(app, command, environment, text=text, kept=options["json"])


def _value(app: App, variable: str | None) -> str | None:
    found = app.environ.get(variable, "").strip() if variable else None
    if found == "":
        raise click.UsageError(f"--key-env: the variable {variable} is not set.")
    return found


def _configured(app: App, surface: str, user_id: str | None, key: str | None) -> tuple[dict[str, str | None], str]:
    """
    The host of the settings as options, and the key for it.

    Args:
        key: what to take instead of the key or the login that tm has.

    Raises:
        CliError: a setting cannot be used, or there is no key.
    """
    if surface == "control-plane":
        config = app.connect(("controlplane_base",)).config
        return {"host": config.control_plane_base_url, "surface": surface}, key or app.control_plane.token()
    at = Surface.chosen(app, surface, user_id=user_id, api_key=key)
    own, config = at.key(), at.client().config
    if surface == "serverless":
        return {"host": config.serverless_base_url, "surface": surface}, own
    return {"host": config.on_demand_base_url, "surface": surface, "user_id": config.on_demand_user_id}, own


def _trust(app: App, environment: dict[str, str]) -> None:
    """The certificates of the settings, under the names by which HTTP libraries look for them."""
    bundle = app.settings["ca_bundle"].value
    if bundle is not None:
        path = os.path.expanduser(bundle)
        environment |= {"SSL_CERT_FILE": path, "REQUESTS_CA_BUNDLE": path}


def _spelt(options: dict[str, Any]) -> list[str]:
    """Options as they are typed."""
    words = []
    for name, value in options.items():
        option = f"--{name.replace('_', '-')}"
        if value is True:
            words.append(option)
        elif value is not None and value is not False:
            words.append(f"{option}={value}")
    return words


def _report(app: App, command: list[str], environment: dict[str, str], *, text: bool, kept: Path | None) -> None:
    """Run it, and print its report in the form that is wanted."""
    with tempfile.TemporaryDirectory() as folder:
        file = kept or Path(folder, "report.json")
        run = [*command, "--quiet", *([] if text else [f"--json={file}"])]
        done = subprocess.run(run, env=environment, capture_output=True, text=True, check=False)  # noqa: S603 - our own
        if done.returncode not in (0, 1) or not done.stdout:
            raise CliError("not_judged", done.stderr.strip().rpartition("\n")[2])
        if text:
            app.write(done.stdout)
        else:
            report = loads(file.read_text(encoding="utf-8"))
            app.emit(report, rows=report["findings"])
    click.get_current_context().exit(done.returncode)
