"""`tm contract`: the options of `python -m tensormesh_contract`, and the host and the key of the settings."""

from __future__ import annotations

import os
from typing import Any

import click

from tensormesh_cli.app import App, current
from tensormesh_cli.command_line.groups import Command
from tensormesh_cli.errors import CliError
from tensormesh_cli.inference.surface import Surface
from tensormesh_cli.values.json_text import loads
from tensormesh_contract import command_line
from tensormesh_contract.command_line import NOBODY

KEY = "KEY"
"""The variable under which the key of the settings is handed on."""


@click.command(cls=Command, params=[item for item in command_line.contract.params if item.name != "quiet"])
def contract(**options: Any) -> None:
    """
    Check a host against the OpenAPI documents, and report where they differ.

    Without --host it is the host of --surface under the settings of tm, serverless if none is named, asked with the
    key or the login that tm has and, on demand, as yourself; --key-env and --user-id name others. A host on another
    machine is only read, and each of its inference operations called once whole and once as a stream, at one request
    a second. A host on this machine is sent everything there is.

    The exit code is 0 if host and documents agree, 1 if they differ, and 2 if nobody could be asked, or too little
    answered.
    """
    from tensormesh_contract.session import NothingEvaluatedError, report

    app = current()
    text = app.wants_text
    progress = text and app.flags.get("error_format") != "json"
    try:
        given, environment = _from_settings(app, options)
        found = report(given, environment, tell=app.note if progress else lambda line: None)
        if text:
            app.write(found.text)
        else:
            data = loads(found.json)
            app.emit(data, rows=data["findings"])
        for file in found.written():
            if text:
                app.write(f"Written: {file}\n")
    except NothingEvaluatedError as error:
        raise CliError("not_evaluated", str(error)) from error
    except CliError as error:
        error.code = NOBODY  # 1 would say that host and documents differ
        raise
    click.get_current_context().exit(found.status)


def _from_settings(app: App, options: dict[str, Any]) -> tuple[dict[str, Any], dict[str, str]]:
    """
    Add what the settings know: the options that name the host, and the variables with its key and its certificates.

    Raises:
        CliError: a setting cannot be used, or there is no key.
    """
    environment = dict(app.environ)
    if options["host"] is None and options["evaluate"] is None:
        place, environment[KEY] = _configured(app, options)  # before any other setting: its options are such, too
        options = options | place | {"key_env": KEY}
    if (bundle := app.settings["ca_bundle"].value) is not None:
        environment["SSL_CERT_FILE"] = os.path.expanduser(bundle)
    return options, environment


def _configured(app: App, options: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """The host of the settings as options, and the key for it."""
    surface, key = options["surface"] or "serverless", _value(app, options["key_env"])
    if surface == "control-plane":
        config = app.connect(("controlplane_base",)).config
        return {"host": config.control_plane_base_url, "surface": surface}, key or app.control_plane.token()
    at = Surface.chosen(app, surface, user_id=options["user_id"], api_key=key)
    own, config = at.key(), at.client().config
    if surface == "serverless":
        return {"host": config.serverless_base_url, "surface": surface}, own
    return {"host": config.on_demand_base_url, "surface": surface, "user_id": config.on_demand_user_id}, own


def _value(app: App, variable: str | None) -> str | None:
    found = app.environ.get(variable, "").strip() if variable else None
    if found == "":
        raise click.UsageError(f"--key-env: the variable {variable} is not set.")
    return found
