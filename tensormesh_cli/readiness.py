"""What is set up and what is not: the report of `tm doctor`, `tm init` and `tm auth status`. Pure."""

from __future__ import annotations

import os
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any, Literal

from tensormesh_cli.login.tokens import LOG_IN, Tokens
from tensormesh_cli.output.secrets import masked
from tensormesh_cli.settings.definitions import GET_KEY, TOKEN_VARIABLE
from tensormesh_cli.settings.precedence import Value
from tensormesh_cli.values.times import written


@dataclass(frozen=True)
class Facts:
    """
    What was found on this machine.

    Attributes:
        config_problem: why config.toml cannot be used.
        token: the token of the environment.
        tokens: the tokens of `tm auth login`.
        auth_problem: why auth.json cannot be used.
        unknown_keys: what stands in config.toml and is no setting.
        open_files: files with secrets that others on this machine may read.
    """

    config_path: Path
    config_exists: bool
    auth_path: Path
    auth_exists: bool
    values: Mapping[str, Value]
    now: datetime
    config_problem: str | None = None
    token: str | None = None
    tokens: Tokens | None = None
    auth_problem: str | None = None
    unknown_keys: tuple[str, ...] = ()
    open_files: tuple[Path, ...] = ()


@dataclass(frozen=True)
class Check:
    """One line of the report. What is `advised` only does not keep anything from working."""

    name: str
    verdict: Literal["ok", "missing", "advised"]
    message: str
    fix: str | None = None


def control_plane(facts: Facts) -> dict[str, Any]:
    """The login, as `tm auth status` reports it."""
    base = str(facts.values["controlplane_base"].value).rstrip("/")
    found: dict[str, Any] = {"ready": False, "base": base, "source": None, "state": "absent", "expires_at": None}
    if facts.token:
        return found | {"ready": True, "source": TOKEN_VARIABLE, "state": "unknown"}
    if facts.auth_problem:
        return found | {"source": str(facts.auth_path), "state": "unreadable", "problem": facts.auth_problem}
    if facts.tokens is None:
        return found
    state = facts.tokens.state(facts.now)
    home = facts.tokens.controlplane_base
    elsewhere = bool(home) and str(home).rstrip("/") != base
    moment = facts.tokens.expires_at
    return found | {
        "ready": not elsewhere and (state != "expired" or facts.tokens.refresh_token is not None),
        "source": str(facts.auth_path),
        "state": "elsewhere" if elsewhere else state,
        "expires_at": written(moment) if moment else None,
        "refreshable": facts.tokens.refresh_token is not None,
        "logged_in_at": home,
    }


def gateway(facts: Facts, *, logged_in: bool) -> dict[str, Any]:
    """The on-demand surface. A user id that is not set is asked of the control plane, where there is a login."""
    key, user = facts.values["gateway_api_key"], facts.values["gateway_user_id"]
    model = facts.values["gateway_model_id"].value
    if user.value is None:
        state = "derived" if logged_in else "missing"
    else:
        state = "ok" if _is_uuid(user.value) else "invalid"
    return {
        "ready": key.value is not None and state in ("ok", "derived"),
        "base": facts.values["gateway_base"].value,
        "api_key": masked(key.value) if key.value else None,
        "api_key_source": key.source if key.value else None,
        "user_id": user.value,
        "user_id_state": state,
        "model_id": model,
    }


def serverless(facts: Facts) -> dict[str, Any]:
    """The serverless surface: it needs a key and nothing else."""
    key = facts.values["gateway_api_key"]
    return {
        "ready": key.value is not None,
        "base": facts.values["serverless_base"].value,
        "api_key": masked(key.value) if key.value else None,
        "api_key_source": key.source if key.value else None,
        "model": facts.values["serverless_model"].value,
    }


def checks(facts: Facts) -> list[Check]:
    """Every check in the order of a first set-up."""
    login = control_plane(facts)
    return [
        _config(facts),
        *_unknown(facts),
        _login(facts, login),
        *_keys(facts, logged_in=login["ready"]),
        *_certificates(facts),
        *_open(facts),
    ]


def report(facts: Facts) -> dict[str, Any]:
    """The whole report, as JSON has it."""
    login = control_plane(facts)
    routed, shared = gateway(facts, logged_in=login["ready"]), serverless(facts)
    found = checks(facts)
    overall = login["ready"] and routed["ready"] and not facts.config_problem
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


def _config(facts: Facts) -> Check:
    if facts.config_problem:
        return Check("config", "missing", facts.config_problem, "mend it, or `tm config init --force`")
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


def _keys(facts: Facts, *, logged_in: bool) -> list[Check]:
    routed = gateway(facts, logged_in=logged_in)
    key = (
        Check("gateway_api_key", "ok", f"a key for inference, from {routed['api_key_source']}")
        if routed["api_key"]
        else Check("gateway_api_key", "missing", "there is no key for inference", GET_KEY)
    )
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
        else Check("gateway_model_id", "advised", "no on-demand model is chosen", "`tm init --sync`, or --model")
    )
    return [key, user, model]


def _certificates(facts: Facts) -> list[Check]:
    bundle = facts.values["ca_bundle"]
    if bundle.value is None or os.path.isfile(os.path.expanduser(bundle.value)):
        return []
    return [
        Check("ca_bundle", "advised", f"there is no file {bundle.value}", f"correct it: it comes from {bundle.source}")
    ]


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
