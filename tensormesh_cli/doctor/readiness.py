"""How ready each surface is, and where its key or token comes from. Pure."""

from __future__ import annotations

import uuid
from typing import Any

from tensormesh_cli.doctor.facts import Facts
from tensormesh_cli.output.secrets import address, masked
from tensormesh_cli.settings.definitions import TOKEN_VARIABLE
from tensormesh_cli.settings.homes import is_home
from tensormesh_cli.settings.keys import NAMES, SurfaceName
from tensormesh_cli.settings.sources import Value
from tensormesh_cli.values.times import written


def control_plane(facts: Facts) -> dict[str, Any]:
    """The login, as `tm auth status` reports it."""
    base = str(facts.values["controlplane_base"].value).rstrip("/")
    found: dict[str, Any] = {
        "ready": False,
        "base": address(base),
        "source": None,
        "state": "absent",
        "expires_at": None,
    }
    if facts.token:
        return found | {"ready": True, "source": TOKEN_VARIABLE, "state": "unknown"}
    if facts.auth_problem:
        return found | {"source": str(facts.auth_path), "state": "unreadable", "problem": facts.auth_problem}
    if facts.tokens is None:
        return found
    state = facts.tokens.state(facts.now)
    home = facts.tokens.home
    elsewhere = not is_home(home, base)
    moment = facts.tokens.expires_at
    return found | {
        "ready": not elsewhere and (state != "expired" or facts.tokens.refresh_token is not None),
        "source": str(facts.auth_path),
        "state": "elsewhere" if elsewhere else state,
        "expires_at": written(moment) if moment else None,
        "refreshable": facts.tokens.refresh_token is not None,
        "logged_in_at": address(home.hosts[0]),
    }


def gateway(facts: Facts, *, logged_in: bool) -> dict[str, Any]:
    """The on-demand surface. A user id that is not set is asked of the control plane, where there is a login."""
    key, user = _key(facts, "on-demand", "gateway_base"), facts.values["gateway_user_id"]
    model = facts.values["gateway_model_id"].value
    if user.value is None:
        state = "derived" if logged_in else "missing"
    else:
        state = "ok" if _is_uuid(user.value) else "invalid"
    return {
        "ready": key["api_key_state"] == "ok" and state in ("ok", "derived"),
        **key,
        "user_id": user.value,
        "user_id_state": state,
        "model_id": model,
    }


def serverless(facts: Facts) -> dict[str, Any]:
    """The serverless surface: it needs an API key and nothing else."""
    key = _key(facts, "serverless", "serverless_base")
    return {"ready": key["api_key_state"] == "ok", **key, "model": facts.values["serverless_model"].value}


def _key(facts: Facts, surface: SurfaceName, name: str) -> dict[str, Any]:
    """The key for a surface, whose host a setting names, and whether it may go there."""
    key, base = facts.values[NAMES[surface]], str(facts.values[name].value)
    return {
        "base": address(base),
        "api_key": masked(key.value) if key.value else None,
        "api_key_source": key.source if key.value else None,
        "api_key_state": _state(facts, key, surface, base),
        "api_key_of": address(key.home.hosts[0]) if key.home and key.value else None,
        "api_key_deployment": key.deployment,
    }


def _state(facts: Facts, key: Value, surface: SurfaceName, base: str) -> str:
    if key.value is None:
        return "absent"
    if key.home is not None and not is_home(key.home, base):
        return "elsewhere"
    if key.value in (facts.token, facts.tokens.access_token if facts.tokens else None):
        return "token"
    return "deployment" if key.deployment and surface == "serverless" else "ok"


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
