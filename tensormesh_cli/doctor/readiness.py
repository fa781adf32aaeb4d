"""How ready each surface is, and where its key or token comes from. Pure."""

from __future__ import annotations

import uuid
from typing import Any

from tensormesh_cli.doctor.facts import Facts
from tensormesh_cli.output.secrets import masked
from tensormesh_cli.settings.definitions import TOKEN_VARIABLE
from tensormesh_cli.values.times import written


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


def _is_uuid(text: str) -> bool:
    try:
        uuid.UUID(text)
    except ValueError:
        return False
    return True
