"""
Settings: constructor arguments over environment variables over defaults.

| argument                 | variable                              | default                          |
|--------------------------|---------------------------------------|----------------------------------|
| control_plane_token      | TENSORMESH_CONTROL_PLANE_TOKEN        |                                  |
| control_plane_base_url   | TENSORMESH_CONTROL_PLANE_BASE_URL     | https://api.tensormesh.ai        |
| inference_api_key        | TENSORMESH_INFERENCE_API_KEY          |                                  |
| serverless_base_url      | TENSORMESH_SERVERLESS_BASE_URL        | https://serverless.tensormesh.ai |
| on_demand_base_url       | TENSORMESH_ON_DEMAND_BASE_URL         |                                  |
| on_demand_user_id        | TENSORMESH_ON_DEMAND_USER_ID          |                                  |
| timeout (seconds)        | TENSORMESH_TIMEOUT_SECONDS            | 30                               |
| max_retries              | TENSORMESH_MAX_RETRIES                | 0                                |
| ca_bundle                | TENSORMESH_CA_BUNDLE                  | the system's                     |

A blank variable counts as unset. A blank or wrong argument is an error, here and now. No file is read.
"""

from __future__ import annotations

import math
import uuid
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, fields
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tensormesh_overlay.errors import ConfigurationError

DEFAULT_CONTROL_PLANE_BASE_URL = "https://api.tensormesh.ai"
DEFAULT_SERVERLESS_BASE_URL = "https://serverless.tensormesh.ai"
DEFAULT_TIMEOUT_SECONDS = 30.0
DEFAULT_MAX_RETRIES = 0


@dataclass(frozen=True)
class Config:
    """Every setting, checked. Secrets stay out of its `repr`."""

    control_plane_token: str | None = field(default=None, repr=False)
    control_plane_base_url: str = DEFAULT_CONTROL_PLANE_BASE_URL
    inference_api_key: str | None = field(default=None, repr=False)
    serverless_base_url: str = DEFAULT_SERVERLESS_BASE_URL
    on_demand_base_url: str | None = None
    on_demand_user_id: str | None = None
    timeout: float = DEFAULT_TIMEOUT_SECONDS
    max_retries: int = DEFAULT_MAX_RETRIES
    ca_bundle: str | None = None


def _credential(value: Any) -> str:
    text = _text(value)
    if not text.isascii() or not text.isprintable() or " " in text:
        raise ValueError("it holds characters that no key has; was it copied whole, and nothing else with it?")
    return text


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"it must be text, not {type(value).__name__}")
    if not value.strip():
        raise ValueError("it is blank; leave it out instead")
    return value.strip()


def _base_url(value: Any) -> str:
    text = _text(value)
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.hostname:
        raise ValueError("it must begin with https:// (or http://) and name a host")
    if parts.query or parts.fragment or parts.username:
        raise ValueError("it must be a plain address, without query, fragment or user name")
    _ = parts.port  # raises ValueError where it is no number
    # Other tools want the `/v1` that our paths already have, and read the same variable.
    return text.rstrip("/").removesuffix("/v1").rstrip("/")


def _user_id(value: Any) -> str:
    try:
        return str(uuid.UUID(_text(value)))
    except ValueError as error:
        raise ValueError("it must be a UUID, such as 00000000-0000-0000-0000-000000000000") from error


def _seconds(value: Any) -> float:
    if isinstance(value, bool):
        raise TypeError("it must be a number of seconds")
    seconds = float(value)
    if not 0 < seconds < math.inf:
        raise ValueError("it must be a number of seconds above 0; there is no way to wait for ever")
    return seconds


def _count(value: Any) -> int:
    if isinstance(value, bool) or (isinstance(value, float) and not value.is_integer()):
        raise ValueError("it must be a whole number")
    count = int(value)
    if count < 0:
        raise ValueError("it must be 0 or more")
    return count


def _file(value: Any) -> str:
    path = Path(_text(str(value) if isinstance(value, Path) else value)).expanduser()
    if not path.is_file():
        raise ValueError(f"there is no file {str(path)!r}")
    return str(path)


SETTINGS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "control_plane_token": ("TENSORMESH_CONTROL_PLANE_TOKEN", _credential),
    "control_plane_base_url": ("TENSORMESH_CONTROL_PLANE_BASE_URL", _base_url),
    "inference_api_key": ("TENSORMESH_INFERENCE_API_KEY", _credential),
    "serverless_base_url": ("TENSORMESH_SERVERLESS_BASE_URL", _base_url),
    "on_demand_base_url": ("TENSORMESH_ON_DEMAND_BASE_URL", _base_url),
    "on_demand_user_id": ("TENSORMESH_ON_DEMAND_USER_ID", _user_id),
    "timeout": ("TENSORMESH_TIMEOUT_SECONDS", _seconds),
    "max_retries": ("TENSORMESH_MAX_RETRIES", _count),
    "ca_bundle": ("TENSORMESH_CA_BUNDLE", _file),
}
"""Argument -> environment variable and check."""

assert SETTINGS.keys() == {item.name for item in fields(Config)}  # noqa: S101


def resolve(arguments: Mapping[str, Any], environ: Mapping[str, str]) -> Config:
    """
    Decide every setting.

    Args:
        arguments: what the caller gave; None counts as not given.
        environ: the environment variables.

    Raises:
        ConfigurationError: a value is blank or wrong; the message names the argument and the variable.
    """
    values = {}
    for name, (variable, check) in SETTINGS.items():
        value = arguments.get(name)
        origin = f"{name} (or {variable})"
        if value is None:
            value = environ.get(variable)
            if value is None or not value.strip():
                continue
            origin = f"{variable} (or {name}=)"
        try:
            values[name] = check(value)
        except (TypeError, ValueError) as error:
            raise ConfigurationError(f"{origin} cannot be used: {error}") from error
    return Config(**values)
