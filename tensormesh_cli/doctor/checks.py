"""The checks of `tm doctor`, `tm infer doctor` and `tm init`, and how they are reported."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import click

from tensormesh_cli.app import App
from tensormesh_cli.doctor.facts import Facts
from tensormesh_cli.doctor.readiness import control_plane, gateway, serverless
from tensormesh_cli.login.tokens import LOG_IN
from tensormesh_cli.output.control_characters import Painted, visible
from tensormesh_cli.settings.definitions import GET_KEY
from tensormesh_cli.settings.keys import NAMES, SurfaceName, way_out

EXIT_STATUS = click.Option(["--exit-status"], is_flag=True, help="End with 1 if something is missing.")
_COLORS = {"ok": "green", "missing": "red", "advised": "yellow"}
_HOSTS: dict[SurfaceName, str] = {"serverless": "serverless", "on-demand": "on-demand hosts"}
_MODEL = "`tm init --sync` keeps the deployment that is up; --model names one"
_MARKS = {"ok": "ok", "missing": "no", "advised": "note"}


@dataclass(frozen=True)
class Check:
    """One line of the report. What is `advised` only does not keep anything from working."""

    name: str
    verdict: Literal["ok", "missing", "advised"]
    message: str
    fix: str | None = None


def checks(facts: Facts, *surfaces: str) -> list[Check]:
    """
    Every check in the order of a first set-up.

    Args:
        surfaces: where inference is wanted; everywhere without them.
    """
    login = control_plane(facts)
    return [
        _config(facts),
        *_unknown(facts),
        _login(facts, login),
        *(_key(facts, surface) for surface in NAMES if surface in (surfaces or NAMES)),
        *_on_demand(facts, logged_in=login["ready"]),
        *_certificates(facts),
        *_open(facts),
    ]


def report(facts: Facts, asked: Sequence[Check] = ()) -> dict[str, Any]:
    """
    The whole report, as JSON has it.

    Args:
        asked: what the hosts said, if they were asked.
    """
    login = control_plane(facts)
    routed, shared = gateway(facts, logged_in=login["ready"]), serverless(facts)
    found = [*checks(facts), *asked]
    overall = login["ready"] and shared["ready"] and routed["ready"] and not facts.config_problem
    overall = overall and not any(item.verdict == "missing" for item in asked)
    return {
        "ok": overall,
        "ready": {
            "control_plane": login["ready"],
            "serverless": shared["ready"],
            "gateway": routed["ready"],
            "overall": overall,
        },
        "missing": [item.name for item in found if item.verdict == "missing"],
        "warnings": [item.message for item in found if item.verdict == "advised"],
        "files": {
            "config": {"path": str(facts.config_path), "exists": facts.config_exists},
            "auth": {"path": str(facts.auth_path), "exists": facts.auth_exists},
        },
        "config": {"ok": not facts.config_problem, "problem": facts.config_problem},
        "control_plane": login,
        "serverless": shared,
        "gateway": routed,
        "checks": [vars(item) for item in found],
    }


def lines(app: App, found: Iterable[Check]) -> Painted:
    """A line for each check, and below it what to do."""
    text = ""
    for item in found:
        mark = _MARKS[item.verdict].ljust(4)
        mark = click.style(mark, fg=_COLORS[item.verdict]) if app.screen.color else mark
        text += f"{mark}  {visible(item.message, lines=False)}\n"
        if item.fix and item.verdict != "ok":
            text += f"      {visible(item.fix, lines=False)}\n"
    return Painted(text)


def _config(facts: Facts) -> Check:
    if facts.config_problem:
        return Check("config", "missing", facts.config_problem, "fix it, or `tm config init --force`")
    if not facts.config_exists:
        return Check("config", "ok", f"no {facts.config_path}: defaults and variables apply")
    return Check("config", "ok", str(facts.config_path))


def _unknown(facts: Facts) -> list[Check]:
    fix = "correct or remove it: `tm config show` lists the settings"
    return [Check("config", "advised", f"{key} is no setting, and ignored", fix) for key in facts.unknown_keys]


def _open(facts: Facts) -> list[Check]:
    return [
        Check("permissions", "advised", f"others on this machine may read {path}", f"chmod 600 {path}")
        for path in facts.open_files
    ]


def _login(facts: Facts, login: Mapping[str, Any]) -> Check:
    match login["state"]:
        case "absent":
            return Check("control_plane", "missing", "you are not logged in", LOG_IN)
        case "unreadable":
            return Check("control_plane", "missing", str(facts.auth_problem), LOG_IN)
        case "elsewhere":
            return Check(
                "control_plane",
                "missing",
                f"you are logged in at {login['logged_in_at']}, not at {login['base']}",
                LOG_IN,
            )
        case "expired" if not login["ready"]:
            return Check("control_plane", "missing", f"the login ended at {login['expires_at']}", LOG_IN)
    return Check("control_plane", "ok", f"a token for {login['base']}, from {login['source']}")


def _key(facts: Facts, surface: SurfaceName) -> Check:
    found = serverless(facts) if surface == "serverless" else gateway(facts, logged_in=True)
    key, name, hosts = facts.values[NAMES[surface]], NAMES[surface], _HOSTS[surface]
    kept = f"the key for {hosts}, from {key.source},"
    match found["api_key_state"]:
        case "absent":
            return Check(name, "missing", f"there is no key for {hosts}", GET_KEY)
        case "elsewhere":
            advice = key.home.advice.format(base=found["base"]) if key.home else GET_KEY
            return Check(name, "missing", f"{kept} is for {found['api_key_of']}, not for {found['base']}", advice)
        case "token":
            return Check(name, "missing", f"{kept} is the token of the control plane", way_out(key, surface))
        case "deployment":
            message = f"{kept} is the key of the deployment {key.deployment}, and serverless takes API keys"
            return Check(name, "missing", message, GET_KEY)
    return Check(name, "ok", f"a key for {hosts}, from {key.source}")


def _on_demand(facts: Facts, *, logged_in: bool) -> list[Check]:
    routed = gateway(facts, logged_in=logged_in)
    user = {
        "ok": Check("gateway_user_id", "ok", f"the user id for on-demand hosts is {routed['user_id']}"),
        "derived": Check("gateway_user_id", "ok", "the user id for on-demand hosts is asked of the control plane"),
        "missing": Check("gateway_user_id", "missing", "there is no user id for on-demand hosts", LOG_IN),
        "invalid": Check(
            "gateway_user_id",
            "missing",
            f"the user id for on-demand hosts is no UUID: {routed['user_id']}",
            f"correct it: it comes from {facts.values['gateway_user_id'].source}",
        ),
    }[routed["user_id_state"]]
    model = (
        Check("gateway_model_id", "ok", f"the on-demand model is {routed['model_id']}")
        if routed["model_id"]
        else Check("gateway_model_id", "advised", "no on-demand model is chosen", _MODEL)
    )
    return [user, model]


def _certificates(facts: Facts) -> list[Check]:
    bundle = facts.values["ca_bundle"]
    if bundle.value is None or os.path.isfile(os.path.expanduser(bundle.value)):
        return []
    return [
        Check("ca_bundle", "advised", f"there is no file {bundle.value}", f"correct it: it comes from {bundle.source}")
    ]
