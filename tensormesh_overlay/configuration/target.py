"""The three places a call can go to, and what each wants to see: base URL, credentials, `X-User-Id`."""

from __future__ import annotations

from typing import NamedTuple

from tensormesh_generated.surfaces import SURFACES
from tensormesh_generated.surfaces import SurfaceName as SurfaceName
from tensormesh_overlay.configuration.config import DEFAULT_SERVERLESS_BASE_URL, SETTINGS, Config, checked, user_id
from tensormesh_overlay.configuration.headers import lower
from tensormesh_overlay.errors import ConfigurationError
from tensormesh_runtime.types import CallOptions, Operation
from tensormesh_transport.secret import Secret

UNLISTED = "request"
"""The `call` of an operation that the documents do not list."""

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
    base_url = _need(config, f"{surface}_base_url", surface)
    return Target(base_url, _credentials(surface, operation, config, given))


def _credentials(surface: SurfaceName, operation: Operation, config: Config, given: dict[str, str]) -> dict[str, str]:
    """
    The headers of a call with those that the documents want for it: of the first way in for which all is there, else
    none, where that is one.
    """
    if surface == "on_demand" and USER_ID in given:
        given[USER_ID] = checked("user_id (or the header X-User-Id)", user_id, given[USER_ID])
    security = dict(operation.security).get(surface, SURFACES[surface].security)
    ways = [way for way in security if way]
    for way in ways:
        if all(header in given or _held(config, header, surface) is not None for header in way):
            break
    else:
        if not ways or (len(ways) < len(security) and _is_open(surface, config)):
            return given
        way = ways[0]
    return {**{header: _credential(config, header, surface) for header in way if header not in given}, **given}


def _is_open(surface: SurfaceName, config: Config) -> bool:
    """
    Whether what needs no key according to the documents, needs none where the call goes: an engine at any other
    address is somebody's own, and wants one for all of it.
    """
    return surface != "serverless" or config.serverless_base_url == DEFAULT_SERVERLESS_BASE_URL


def _setting(header: str, surface: SurfaceName) -> str:
    if header == USER_ID:
        return "on_demand_user_id"
    return "control_plane_token" if surface == "control_plane" else "inference_api_key"


def _held(config: Config, header: str, surface: SurfaceName) -> str | None:
    held: str | None = getattr(config, _setting(header, surface))
    return held


def _credential(config: Config, header: str, surface: SurfaceName) -> str:
    value = _need(config, _setting(header, surface), surface)
    return Secret(f"Bearer {value}") if header == AUTHORIZATION else value


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
