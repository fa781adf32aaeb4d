"""The three places a call can go to, and what each wants to see: base URL, credentials, `X-User-Id`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from tensormesh_generated.types import CallOptions, Operation
from tensormesh_overlay.config import DEFAULT_SERVERLESS_BASE_URL, SETTINGS, Config, user_id
from tensormesh_overlay.errors import ConfigurationError

SurfaceName = Literal["serverless", "on_demand", "control_plane"]

LOGIN_TAG = "cli_auth."
"""The login routes come before there is a token, so they go without."""

AUTHORIZATION, USER_ID = "authorization", "x-user-id"

_TITLES = {
    "serverless": "serverless inference",
    "on_demand": "on-demand inference",
    "control_plane": "the control plane",
}


@dataclass(frozen=True)
class Target:
    """Where one call goes, and with which headers (by lower-case name)."""

    base_url: str
    headers: dict[str, str]


def target(surface: SurfaceName, operation: Operation, config: Config, options: CallOptions) -> Target:
    """
    Decide where a call goes. A header of the call wins over one of the client, and that over the credentials.

    Raises:
        ConfigurationError: the surface does not have that operation, or the client lacks what it needs.
    """
    if surface not in operation.surfaces:
        places = " and ".join(_TITLES[name] for name in operation.surfaces)
        raise ConfigurationError(f"{operation.id} is a call of {places}; this client speaks to {_TITLES[surface]}")
    given = lower({**lower(config.default_headers), **lower(options.headers)})
    if surface == "control_plane":
        return Target(config.control_plane_base_url, _control_plane(operation, config, given))
    if surface == "serverless":
        return Target(config.serverless_base_url, _serverless(operation, config, given, options))
    return _on_demand(config, given, options)


def lower(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers by lower-case name."""
    return {name.lower(): value for name, value in headers.items()}


def _control_plane(operation: Operation, config: Config, given: dict[str, str]) -> dict[str, str]:
    if AUTHORIZATION in given or operation.call.startswith(LOGIN_TAG):
        return given
    token = config.control_plane_token
    if token is None and config.inference_api_key is not None:
        raise _missing("control_plane_token", "control_plane", "an inference API key does not open it")
    return {AUTHORIZATION: f"Bearer {token or _need(token, 'control_plane_token', 'control_plane')}", **given}


def _serverless(operation: Operation, config: Config, given: dict[str, str], options: CallOptions) -> dict[str, str]:
    if options.user_id is not None:
        raise ConfigurationError("user_id belongs to on-demand inference; serverless calls carry none")
    if AUTHORIZATION in given:
        return given
    public = config.serverless_base_url == DEFAULT_SERVERLESS_BASE_URL and operation.method == "GET"
    if config.inference_api_key is None and public:
        return given
    return {AUTHORIZATION: f"Bearer {_inference_key(config, 'serverless')}", **given}


def _on_demand(config: Config, given: dict[str, str], options: CallOptions) -> Target:
    if config.on_demand_base_url is None:
        raise _missing("on_demand_base_url", "on_demand", "it is the address of your deployment's region")
    base_url = config.on_demand_base_url
    origin = "the header X-User-Id" if USER_ID in given else "user_id"
    user = given.get(USER_ID) or options.user_id or config.on_demand_user_id
    if user is None:
        raise _missing("on_demand_user_id", "on_demand", "or pass user_id=... with the call")
    try:
        headers = {**given, USER_ID: user_id(user)}
    except (TypeError, ValueError) as error:
        raise ConfigurationError(f"{origin} cannot be used: {error}") from error
    if AUTHORIZATION not in given:
        headers[AUTHORIZATION] = f"Bearer {_inference_key(config, 'on_demand')}"
    return Target(base_url, headers)


def _inference_key(config: Config, surface: SurfaceName) -> str:
    key = config.inference_api_key
    if key is None and config.control_plane_token is not None:
        raise _missing("inference_api_key", surface, "a control-plane token does not open it")
    return _need(key, "inference_api_key", surface)


def _need(value: str | None, name: str, surface: SurfaceName) -> str:
    if value is None:
        raise _missing(name, surface)
    return value


def _missing(name: str, surface: SurfaceName, hint: str = "") -> ConfigurationError:
    variable = SETTINGS[name][0]
    more = f"; {hint}" if hint else ""
    return ConfigurationError(f"{_TITLES[surface]} needs {name}: pass {name}=... or set {variable}{more}")
