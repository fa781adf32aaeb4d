"""The three places a call can go to, and what each wants to see: base URL, credentials, `X-User-Id`."""

from __future__ import annotations

from typing import Literal, NamedTuple

from tensormesh_overlay.configuration.config import DEFAULT_SERVERLESS_BASE_URL, SETTINGS, Config, checked, user_id
from tensormesh_overlay.configuration.headers import lower
from tensormesh_overlay.errors import ConfigurationError
from tensormesh_runtime.types import CallOptions, Operation
from tensormesh_transport.secret import Secret

SurfaceName = Literal["serverless", "on_demand", "control_plane"]

UNLISTED = "request"
"""The `call` of an operation that the documents do not list."""

LOGIN_TAG = "cli_auth."
"""The login routes come before there is a token, so they go without."""

AUTHORIZATION, USER_ID = "authorization", "x-user-id"

_TITLES = {
    "serverless": "serverless inference",
    "on_demand": "on-demand inference",
    "control_plane": "the control plane",
}


class Target(NamedTuple):
    """Where one call goes, and with which headers (by lower-case name). Its `repr` shows none, so it shows no key."""

    base_url: str
    headers: dict[str, str]

    def __repr__(self) -> str:
        return f"Target({self.base_url!r})"


def target(surface: SurfaceName, operation: Operation, config: Config, options: CallOptions) -> Target:
    """
    Decide where a call goes. A header of the call wins over its `user_id`, that over a header of the client, and that
    over the client's credentials.

    Raises:
        ConfigurationError: the surface does not have that operation, or the client lacks what it needs.
        ValidationError: a header of the call cannot be sent.
    """
    if surface not in operation.surfaces:
        places = " and ".join(_TITLES[name] for name in operation.surfaces)
        raise ConfigurationError(f"{operation.id} is a call of {places}; this client speaks to {_TITLES[surface]}")
    if options.user_id is not None and surface != "on_demand":
        raise ConfigurationError(f"user_id belongs to on-demand inference; calls of {_TITLES[surface]} carry none")
    user = {} if options.user_id is None else {USER_ID: options.user_id}
    given = {**lower(config.default_headers), **user, **lower(options.headers)}
    if surface == "control_plane":
        return Target(config.control_plane_base_url, _control_plane(operation, config, given))
    if surface == "serverless":
        return Target(config.serverless_base_url, _serverless(operation, config, given))
    return Target(_need(config, "on_demand_base_url", surface), _on_demand(config, given))


def _control_plane(operation: Operation, config: Config, given: dict[str, str]) -> dict[str, str]:
    if operation.call.startswith(LOGIN_TAG):
        return given
    return _authorized(given, config, "control_plane_token", "control_plane")


def _serverless(operation: Operation, config: Config, given: dict[str, str]) -> dict[str, str]:
    default_host = config.serverless_base_url == DEFAULT_SERVERLESS_BASE_URL
    public = default_host and operation.method == "GET" and operation.call != UNLISTED
    if config.inference_api_key is None and public:
        return given
    return _authorized(given, config, "inference_api_key", "serverless")


def _on_demand(config: Config, given: dict[str, str]) -> dict[str, str]:
    user = given.get(USER_ID)
    if user is None:
        user = _need(config, "on_demand_user_id", "on_demand")
    named = {**given, USER_ID: checked("user_id (or the header X-User-Id)", user_id, user)}
    return _authorized(named, config, "inference_api_key", "on_demand")


def _authorized(given: dict[str, str], config: Config, name: str, surface: SurfaceName) -> dict[str, str]:
    if AUTHORIZATION in given:
        return given
    return {AUTHORIZATION: Secret(f"Bearer {_need(config, name, surface)}"), **given}


def _need(config: Config, name: str, surface: SurfaceName) -> str:
    value: str | None = getattr(config, name)
    if value is not None:
        return value
    hint = ""
    if name == "on_demand_base_url":
        hint = "; it is the address of your deployment's region"
    elif name == "on_demand_user_id":
        hint = "; or pass user_id=... with the call"
    elif name == "inference_api_key" and config.control_plane_token is not None:
        hint = "; a control-plane token does not open it"
    elif name == "control_plane_token" and config.inference_api_key is not None:
        hint = "; an inference API key does not open it"
    raise ConfigurationError(f"{_TITLES[surface]} needs {name}: pass {name}=... or set {SETTINGS[name][0]}{hint}")
