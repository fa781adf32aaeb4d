"""`tm init`: what is missing on this machine, or, with --sync, the settings of the account written down."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import click

from tensormesh_cli.account import deployments
from tensormesh_cli.app import App, current
from tensormesh_cli.command_line.groups import Command
from tensormesh_cli.doctor.checks import checks, lines, report
from tensormesh_cli.doctor.facts import survey
from tensormesh_cli.errors import CliError
from tensormesh_cli.output.control_characters import painted
from tensormesh_cli.settings import config_file, precedence, private_files
from tensormesh_cli.values.times import written


@click.command(cls=Command)
@click.option("--sync", is_flag=True, help="Ask the control plane for key, user and model, and keep them.")
def init(sync: bool) -> None:
    """
    Set up this machine.

    Without --sync it tells what is missing. With --sync it asks the control plane for your user id, the deployment to
    use on demand and a key for inference, and keeps them in the table [managed] of config.toml; the rest of that file
    stays as it is, and what you wrote under [overrides] wins.
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
    ready = found["ready"]["serverless"] or found["ready"]["gateway"]
    last = 'You can begin: `tm infer chat "Hello!"`.\n' if ready else "Then: `tm doctor`.\n"
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
    config_file.parse(private_files.read(path), path)  # a broken file is better known before anything is asked
    with app.progress("Asking the control plane"):
        found = _ask(app)
    origin = precedence.synced_for(app.settings, app.control_plane.base)
    synced_at = written(datetime.now(UTC))
    base = app.flags.get("controlplane_base")
    with private_files.locked(path):
        text = config_file.synced(
            private_files.read(path),
            found | origin | {"synced_at": synced_at},
            {"controlplane_base": base} if base else None,
        )
        private_files.write(path, text)
    reply = {
        "synced": True,
        "config_path": str(path),
        "gateway_provider": found.get("gateway_provider"),
        "gateway_api_key_present": True,
        "gateway_user_id": found["gateway_user_id"],
        "gateway_model_id": found.get("gateway_model_id"),
        "synced_at": synced_at,
    }
    model = found.get("gateway_model_id")
    about = f"the on-demand model {model}" if model else "no on-demand model, as no deployment is up"
    app.report(reply, f"{path} holds a key for inference, your user id, and {about}.")
    overrides = app.config().get("overrides") or {}
    for name in sorted(found.keys() & overrides.keys()):
        app.note(f"[overrides] sets {name}, which wins over what was found.")


def _ask(app: App) -> dict[str, Any]:
    user_id = app.call(lambda client: client.control_plane.users.get_auth_profile()).id
    models = app.call(lambda client: client.control_plane.models.list())
    found = deployments.gateway([model.to_dict() for model in models], user_id)
    if found is not None:
        return found
    keys = app.call(lambda client: client.control_plane.users.api_keys.list())
    key = deployments.newest_key([item.to_dict() for item in keys], datetime.now(UTC))
    if key is None:
        raise CliError(
            "not_ready",
            "There is neither a deployment that is up nor an API key to work with.",
            f"make a key: `tm users api-keys create --user-id {user_id} --name tm`, then `tm init --sync` again",
        )
    return {"gateway_api_key": key, "gateway_user_id": user_id}
