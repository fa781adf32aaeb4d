"""Which deployment or key of an account `tm` works with. Pure: what the control plane listed is handed in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

from tensormesh_cli.values.times import parsed

UP = "MODEL_STATUS_UP"
PROVIDERS = {
    "CLOUD_PROVIDER_NEBIUS": "nebius",
    "CLOUD_PROVIDER_LAMBDA": "lambda",
    "CLOUD_PROVIDER_YOTTA": "yotta",
}
"""Providers with an on-demand host, and the names of those."""


def served_name(model: Mapping[str, Any]) -> str | None:
    """What requests call a deployment."""
    return model.get("modelName") or model.get("deploymentId") or None


def ranked(models: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The deployments that serve requests: those with a name first, of these the latest change first."""
    up = [model for model in models if model.get("status") == UP and served_name(model)]

    def rank(model: Mapping[str, Any]) -> tuple[bool, datetime, datetime]:
        return bool(model.get("modelName")), _when(model.get("updatedAt")), _when(model.get("createdAt"))

    return sorted(up, key=rank, reverse=True)


def gateway(models: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """The settings of the best deployment that an on-demand host serves; empty where there is none."""
    for model in ranked(models):
        provider = PROVIDERS.get((model.get("infra") or {}).get("cloudProvider") or "")
        key, name = model.get("apiKey"), served_name(model)
        if provider and key and name:
            return {
                "gateway_provider": provider,
                "gateway_api_key": key,
                "gateway_model_id": name,
            }
    return {}


def key_kinds(models: Iterable[Mapping[str, Any]], keys: Iterable[Mapping[str, Any]], now: datetime) -> dict[str, str]:
    """What each key of an account is, in words that follow "it is"."""
    found = {str(one["apiKey"]): f"the key of the deployment {served_name(one)}" for one in models if one.get("apiKey")}
    for key in keys:
        found[str(key.get("id"))] = f"the API key {key.get('name') or 'without a name'}{_end(key, now)}"
    return found


def _end(key: Mapping[str, Any], now: datetime) -> str:
    if key.get("deletedAt"):
        return ", which was deleted"
    return ", which has ended" if key.get("expiresAt") and _when(key["expiresAt"]) <= now else ""


def newest_key(keys: Sequence[Mapping[str, Any]], now: datetime) -> str | None:
    """The newest API key that is neither deleted nor expired."""
    usable = [key for key in keys if key.get("id") and not _end(key, now)]
    best = max(usable, key=lambda key: _when(key.get("createdAt")), default=None)
    return None if best is None else str(best["id"])


def _when(value: Any) -> datetime:
    return parsed(value) or datetime.min.replace(tzinfo=UTC)
