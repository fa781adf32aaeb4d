"""`tm init`: what is missing on this machine, or, with --sync, the settings of the account written down."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import click

from tensormesh_cli.account import deployments
from tensormesh_cli.app import App, current
from tensormesh_cli.client import client_errors
from tensormesh_cli.command_line.groups import Command
from tensormesh_cli.doctor.checks import checks, lines, report
from tensormesh_cli.doctor.facts import survey
from tensormesh_cli.errors import CliError
from tensormesh_cli.inference.surface import Surface
from tensormesh_cli.output.control_characters import painted
from tensormesh_cli.settings import config_file, private_files
from tensormesh_cli.settings.definitions import MAKE_KEY
from tensormesh_cli.settings.keys import NAMES, SERVERLESS_KEY, found_at
from tensormesh_cli.settings.precedence import MODEL_GIVER
from tensormesh_cli.values.times import written


@click.command(cls=Command)
@click.option("--sync", is_flag=True, help="Ask the control plane for keys, user and models, and keep them.")
def init(sync: bool) -> None:
    """
    Set up this machine.

    Without --sync it tells what is missing. With --sync it asks for your user id, for an API key and a model for
    serverless, and for the deployment to use on demand with its key, and keeps them in the table [managed] of
    config.toml; the rest of that file stays as it is, and what you wrote there wins.
    """
    app = current()
    if sync:
        _sync(app)
    else:
        _report(app)


def _report(app: App) -> None:
    facts = survey(app)
    found, seen = report(facts), checks(facts)
    steps = [item.fix for item in seen if item.verdict == "missing" and item.fix]
    optional = [item.fix for item in seen if item.verdict == "advised" and item.fix]
    shared, routed = found["ready"]["serverless"], found["ready"]["gateway"]
    ready, surface = shared or routed, "" if shared else " --surface on-demand"
    last = f'You can begin: `tm infer chat "Hello!"{surface}`.\n' if ready else "Then: `tm doctor`.\n"
    app.report(
        {
            "ready_for_first_request": ready,
            "config": found["files"]["config"] | found["config"],
            "control_plane": found["control_plane"],
            "serverless": found["serverless"],
            "gateway": found["gateway"],
            "warnings": found["warnings"],
            "next_steps": steps,
            "optional_next_steps": optional,
        },
        painted([lines(app, seen), last], "\n"),
        found["checks"],
    )


def _sync(app: App) -> None:
    path = app.config_path
    before = config_file.parse(private_files.read(path), path)  # better known to be broken before anything is asked
    with app.progress("Asking the control plane"):
        found = _ask(app)
    synced_at = written(datetime.now(UTC))
    base = app.flags.get("controlplane_base")
    top = {"controlplane_base": base} if base else None
    app.keep(lambda text: config_file.synced(text, found | {"synced_at": synced_at}, top))
    with app.progress("Asking the serverless host"):
        found |= _serverless_model(app, before)
    app.keep(lambda text: config_file.synced(text, found | {"synced_at": synced_at}))
    reply = {
        "synced": True,
        "config_path": str(path),
        "gateway_provider": found.get("gateway_provider"),
        "serverless_api_key_present": SERVERLESS_KEY in found,
        "serverless_model": found.get("serverless_model"),
        "gateway_api_key_present": True,
        "gateway_user_id": found["gateway_user_id"],
        "gateway_model_id": found.get("gateway_model_id"),
        "synced_at": synced_at,
    }
    app.report(reply, f"{path} holds {_told(found)}.")
    overrides = app.config().get("overrides") or {}
    for name in sorted(found.keys() & overrides.keys()):
        app.note(f"[overrides] sets {name}, which wins over what was found.")
    if SERVERLESS_KEY not in found:
        app.note(f"There is no API key, and serverless takes no other: {MAKE_KEY}.")


def _told(found: Mapping[str, Any]) -> str:
    model, shared = found.get("gateway_model_id"), found.get("serverless_model")
    parts = [
        *(["an API key"] if SERVERLESS_KEY in found else []),
        *([f"the serverless model {shared}"] if shared else []),
        "your user id",
        f"the on-demand model {model} and its key" if model else "no on-demand model, as no deployment is up",
    ]
    return f"{', '.join(parts[:-1])}, and {parts[-1]}"


def _ask(app: App) -> dict[str, Any]:
    """What the control plane knows, and of each key that it gave it."""
    user_id = app.call(lambda client: client.control_plane.users.get_auth_profile()).id
    models = app.call(lambda client: client.control_plane.models.list())
    found: dict[str, Any] = {"gateway_user_id": user_id} | deployments.gateway([model.to_dict() for model in models])
    try:
        keys = app.call(lambda client: client.control_plane.users.api_keys.list())
    except CliError as error:
        if "gateway_api_key" not in found:
            raise
        app.note(f"The API keys of your account are not known: {error.message}")
        keys = []
    if key := deployments.newest_key([item.to_dict() for item in keys], datetime.now(UTC)):
        found[SERVERLESS_KEY] = key
    given = [name for name in NAMES.values() if name in found]
    if not given:
        raise CliError(
            "not_ready",
            "There is neither a deployment that is up nor an API key to work with.",
            MAKE_KEY,
        )
    for name in given:
        found |= found_at(app.settings, app.control_plane.base, name)
    return found


def _serverless_model(app: App, before: Mapping[str, Any]) -> dict[str, str]:
    """What is asked where no model is named: that of the last time if it is still there, else the first there is."""
    at = Surface(app, "serverless")
    try:
        with client_errors(at.hints()):
            models = [str(model.id) for model in at.node(public=True).models.list().data]
    except CliError as error:
        app.note(f"No serverless model was chosen: {error.message}")
        return {}
    kept = (before.get("managed") or {}).get("serverless_model")
    if not models:
        return {}
    return {"serverless_model": kept if kept in models else models[0], MODEL_GIVER: at.base}
