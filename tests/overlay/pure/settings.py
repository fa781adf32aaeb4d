"""Settings that tests try, and the variables of the environment for them."""

from __future__ import annotations

from typing import Any

import pytest

from tensormesh import AsyncTensormesh, ConfigurationError, Tensormesh
from tensormesh_overlay.calls.retry import RetryPolicy
from tensormesh_overlay.configuration.config import Config, resolve

DEFAULTS: dict[str, Any] = {
    "control_plane_token": None,
    "control_plane_base_url": "https://api.tensormesh.ai",
    "inference_api_key": None,
    "serverless_base_url": "https://serverless.tensormesh.ai",
    "on_demand_base_url": None,
    "on_demand_user_id": None,
    "timeout": 30.0,
    "max_retries": 0,
    "ca_bundle": None,
}

CHOICES: dict[str, Any] = {
    "max_connections": 1000,
    "max_response_bytes": 256 * 1024 * 1024,
    "default_headers": {},
    "think": "split",
    "retry": RetryPolicy(),
    "allow_undescribed_tools": False,
    "allow_json_schema": False,
}

VARIABLES = {
    "control_plane_token": "TENSORMESH_CONTROL_PLANE_TOKEN",
    "control_plane_base_url": "TENSORMESH_CONTROL_PLANE_BASE_URL",
    "inference_api_key": "TENSORMESH_INFERENCE_API_KEY",
    "serverless_base_url": "TENSORMESH_SERVERLESS_BASE_URL",
    "on_demand_base_url": "TENSORMESH_ON_DEMAND_BASE_URL",
    "on_demand_user_id": "TENSORMESH_ON_DEMAND_USER_ID",
    "timeout": "TENSORMESH_TIMEOUT_SECONDS",
    "max_retries": "TENSORMESH_MAX_RETRIES",
    "ca_bundle": "TENSORMESH_CA_BUNDLE",
}

UUID = "0f0e0d0c-0000-4000-8000-00000000000a"
OTHER_UUID = "11111111-2222-4333-8444-555555555555"
TEXTS = ("control_plane_token", "inference_api_key", *(name for name in VARIABLES if name.endswith(("_url", "_id"))))
CREDENTIALS = ("control_plane_token", "inference_api_key")
KINDS = (Tensormesh, AsyncTensormesh)


def config(environ: dict[str, str] | None = None, /, **arguments: Any) -> Config:
    return resolve(arguments, environ or {})


def refused(name: str) -> Any:
    """An error that names the argument and, where there is one, the variable."""
    origin = rf"{name} \(or {VARIABLES[name]}\)" if name in VARIABLES else name
    return pytest.raises(ConfigurationError, match=rf"^{origin} cannot be used: ")
