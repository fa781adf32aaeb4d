"""The three places a call can go to, and what each wants to see: base URL, credentials, `X-User-Id`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from tensormesh_generated.types import Operation
from tensormesh_overlay.config import DEFAULT_SERVERLESS_BASE_URL, SETTINGS, Config
from tensormesh_overlay.errors import ConfigurationError

SurfaceName = Literal["serverless", "on_demand", "control_plane"]

LOGIN_TAG = "cli_auth."
"""The login routes come before there is a token, so they go without."""

_TITLES = {
    "serverless": "serverless inference",
    "on_demand": "on-demand inference",
    "control_plane": "the control plane",
}


@dataclass(frozen=True)
class Target:
    """Where one call goes, and with which headers."""

    base_url: str
    headers: dict[str, str]


def target(surface: SurfaceName, operation: Operation, config: Config) -> Target:
    """
    Decide where a call goes.

    Raises:
        ConfigurationError: the surface does not have that operation, or the client lacks what it needs.
    """
    if surface not in operation.surfaces:
        places = " and ".join(_TITLES[name] for name in operation.surfaces)
        raise ConfigurationError(f"{operation.id} is a call of {places}; this client speaks to {_TITLES[surface]}")
    if surface == "control_plane":
        headers = {}
        if not operation.call.startswith(LOGIN_TAG):
            headers["Authorization"] = f"Bearer {_need(config.control_plane_token, 'control_plane_token', surface)}"
        return Target(config.control_plane_base_url, headers)
    if surface == "serverless":
        return Target(config.serverless_base_url, _serverless_headers(operation, config))
    base_url = _need(config.on_demand_base_url, "on_demand_base_url", surface)
    user_id = _need(config.on_demand_user_id, "on_demand_user_id", surface)
    key = _need(config.inference_api_key, "inference_api_key", surface)
    return Target(base_url, {"Authorization": f"Bearer {key}", "X-User-Id": user_id})


def _serverless_headers(operation: Operation, config: Config) -> dict[str, str]:
    public = config.serverless_base_url == DEFAULT_SERVERLESS_BASE_URL and operation.method == "GET"
    if config.inference_api_key is None and public:
        return {}
    return {"Authorization": f"Bearer {_need(config.inference_api_key, 'inference_api_key', 'serverless')}"}


def _need(value: str | None, name: str, surface: SurfaceName) -> str:
    if value is None:
        variable = SETTINGS[name][0]
        raise ConfigurationError(f"{_TITLES[surface]} needs {name}: pass {name}=... or set {variable}")
    return value
