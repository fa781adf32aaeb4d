"""
Settings: constructor arguments over environment variables over defaults.

| argument                 | variable                              | default                          |
|--------------------------|---------------------------------------|----------------------------------|
| control_plane_token      | TENSORMESH_CONTROL_PLANE_TOKEN        |                                  |
| control_plane_base_url   | TENSORMESH_CONTROL_PLANE_BASE_URL     | the server of its document       |
| inference_api_key        | TENSORMESH_INFERENCE_API_KEY          |                                  |
| serverless_base_url      | TENSORMESH_SERVERLESS_BASE_URL        | the server of its document       |
| on_demand_base_url       | TENSORMESH_ON_DEMAND_BASE_URL         |                                  |
| on_demand_user_id        | TENSORMESH_ON_DEMAND_USER_ID          |                                  |
| timeout (seconds)        | TENSORMESH_TIMEOUT_SECONDS            | 30 to begin, 600 for all         |
| max_retries              | TENSORMESH_MAX_RETRIES                | 0; 2 where there is a `retry`    |
| ca_bundle                | TENSORMESH_CA_BUNDLE                  | the system's                     |

A blank variable counts as unset. A blank or wrong argument is an error, here and now. No file is read.

What has no variable: `max_connections`, `max_response_bytes`, `default_headers`, `think`, `retry`,
`allow_undescribed_tools`, `allow_json_schema`.
"""

from __future__ import annotations

import math
import os
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Literal, get_args

from tensormesh_generated.surfaces import SURFACES
from tensormesh_overlay.configuration.addresses import base_url, text
from tensormesh_overlay.configuration.headers import lower
from tensormesh_overlay.configuration.misnomers import PREFIX, unknown_argument, warn_of_variables
from tensormesh_overlay.configuration.retry_policy import RETRIES, RetryPolicy
from tensormesh_overlay.errors import ConfigurationError
from tensormesh_runtime.publication import public_as
from tensormesh_runtime.types import Timeout, shown
from tensormesh_transport.messages import MAX_BYTES
from tensormesh_transport.secret import Secret

DEFAULT_CONTROL_PLANE_BASE_URL = SURFACES["control_plane"].base_url
DEFAULT_SERVERLESS_BASE_URL = SURFACES["serverless"].base_url
DEFAULT_TIMEOUT_SECONDS = 30.0
"""To connect, and to begin an answer that is not written by a model as a whole."""
DEFAULT_TOTAL_TIMEOUT_SECONDS = 600.0
"""For a whole answer. Models write for minutes, and what is cut off is paid for all the same."""
DEFAULT_STREAM_IDLE_TIMEOUT_SECONDS = 300.0
DEFAULT_MAX_RETRIES = 0
DEFAULT_MAX_CONNECTIONS = 1000
MAX_TIMEOUT_SECONDS = 1e6
"""Beyond about 2e6, sockets cannot count."""

ThinkPolicy = Literal["split", "keep", "open"]
"""What becomes of `<think>` blocks that lead an answer: see `Tensormesh`."""


@public_as("ClientConfig")
class Config:
    """
    Every setting, checked; none of them changes. Secrets stay out of its `repr`.

    It is no tuple, which would hand them to whatever walks through tuples, such as `json.dumps`.
    """

    control_plane_token: str | None = None
    control_plane_base_url: str = DEFAULT_CONTROL_PLANE_BASE_URL
    inference_api_key: str | None = None
    serverless_base_url: str = DEFAULT_SERVERLESS_BASE_URL
    on_demand_base_url: str | None = None
    on_demand_user_id: str | None = None
    timeout: float | Timeout = DEFAULT_TIMEOUT_SECONDS
    max_retries: int = DEFAULT_MAX_RETRIES
    ca_bundle: str | None = None
    max_connections: int = DEFAULT_MAX_CONNECTIONS
    max_response_bytes: int = MAX_BYTES
    default_headers: Mapping[str, str] = MappingProxyType({})
    think: ThinkPolicy = "split"
    retry: RetryPolicy = RetryPolicy()
    allow_undescribed_tools: bool = False
    allow_json_schema: bool = False

    def __init__(self, **settings: Any) -> None:
        vars(self).update(settings)

    @property
    def limits(self) -> float | Timeout:
        """
        What the time of a call was limited to. Where that was left open, it is no number: one would be the limit of all
        parts of all calls, and the answers of models have more time than others.
        """
        limits: float | Timeout = vars(self).get("timeout", Timeout())
        return limits

    def replace(self, **settings: Any) -> Config:
        """A copy with some settings changed, unchecked."""
        return Config(**{**vars(self), **settings})

    def __copy__(self) -> Config:
        return self

    def __deepcopy__(self, memo: dict[int, Any]) -> Config:
        return self

    def __reduce__(self) -> Any:
        raise TypeError("the settings of a client hold keys, so they are not pickled: make a client where it is needed")

    def __setattr__(self, name: str, value: Any) -> None:
        raise AttributeError("the settings of a client do not change; with_options() makes a client with others")

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Config):
            return NotImplemented
        return all(getattr(self, name) == getattr(other, name) for name in ("limits", *Config.__annotations__))

    def __repr__(self) -> str:
        secret = ("control_plane_token", "inference_api_key", "default_headers")
        return shown(self, *(name for name in Config.__annotations__ if name not in secret))


def _credential(value: Any) -> str:
    given = text(value)
    if not given.isascii() or not given.isprintable() or any(sign in given for sign in " '\""):
        raise ValueError("it holds characters that no key has; was it copied whole, and nothing else with it?")
    return Secret(given)


def user_id(value: Any) -> str:
    """The canonical form of a UUID in any of its spellings; ValueError or TypeError for anything else."""
    import uuid

    given = text(value)
    try:
        return str(uuid.UUID(given))
    except ValueError as error:
        # What it is instead stays out of sight: keys are mistaken for it.
        raise ValueError("it is not a UUID; `tm auth whoami` shows yours") from error


def seconds(value: Any) -> float:
    """A time limit; ValueError or TypeError for what cannot be one."""
    try:
        number = math.nan if isinstance(value, bool) else float(value)
    except (TypeError, ValueError) as error:
        raise TypeError(f"it must be a number of seconds or a Timeout, not {value!r:.100}") from error
    if not 0 < number <= MAX_TIMEOUT_SECONDS:
        raise ValueError("it must be a number of seconds above 0 and up to a million; there is no way to wait for ever")
    return number


def timeout(value: Any) -> float | Timeout:
    """One limit or several; ValueError or TypeError for what cannot be one."""
    if not isinstance(value, Timeout):
        return seconds(value)
    return Timeout(*(None if limit is None else seconds(limit) for limit in value))


def _count(value: Any) -> int:
    try:
        count = int(value)
    except (TypeError, ValueError) as error:
        raise TypeError(f"it must be a whole number, not {value!r:.100}") from error
    if isinstance(value, bool) or not (isinstance(value, str) or count == value):
        raise ValueError("it must be a whole number")
    if count < 0:
        raise ValueError("it must be 0 or more")
    return count


def _most(value: Any) -> int:
    count = _count(value)
    if count == 0:
        raise ValueError("it must be 1 or more")
    return count


def _headers(value: Any) -> dict[str, str]:
    if not isinstance(value, Mapping):
        raise TypeError(f"it must be a mapping, not {type(value).__name__}")
    lower(value)  # raises where one of them cannot be sent
    return {name: Secret(text) for name, text in value.items()}


def _think(value: Any) -> ThinkPolicy:
    policies = get_args(ThinkPolicy)
    if value not in policies:
        raise ValueError(f"it must be one of {', '.join(policies)}, not {value!r}")
    policy: ThinkPolicy = value
    return policy


def _retry(value: Any) -> RetryPolicy:
    if not isinstance(value, RetryPolicy):
        raise TypeError(f"it must be a RetryPolicy, not {type(value).__name__}")
    for name in ("first_delay", "max_delay", "deadline"):
        number = getattr(value, name)
        if not isinstance(number, int | float) or not 0 <= number <= MAX_TIMEOUT_SECONDS:
            raise ValueError(f"its {name} must be a number of seconds from 0 up to a million")
    return value


def flag(value: Any) -> bool:
    """A switch; TypeError for what is none."""
    if not isinstance(value, bool):
        raise TypeError(f"it must be True or False, not {value!r}")
    return value


def _file(value: Any) -> str:
    path = os.path.expanduser(text(os.fspath(value)))
    if not os.path.isfile(path):
        raise ValueError(f"there is no file {path!r}")
    return path


SETTINGS: dict[str, tuple[str, Callable[[Any], Any]]] = {
    "control_plane_token": ("TENSORMESH_CONTROL_PLANE_TOKEN", _credential),
    "control_plane_base_url": ("TENSORMESH_CONTROL_PLANE_BASE_URL", base_url),
    "inference_api_key": ("TENSORMESH_INFERENCE_API_KEY", _credential),
    "serverless_base_url": ("TENSORMESH_SERVERLESS_BASE_URL", base_url),
    "on_demand_base_url": ("TENSORMESH_ON_DEMAND_BASE_URL", base_url),
    "on_demand_user_id": ("TENSORMESH_ON_DEMAND_USER_ID", user_id),
    "timeout": ("TENSORMESH_TIMEOUT_SECONDS", timeout),
    "max_retries": ("TENSORMESH_MAX_RETRIES", _count),
    "ca_bundle": ("TENSORMESH_CA_BUNDLE", _file),
}
"""Argument -> environment variable and check."""

VARIABLES = {name: variable for name, (variable, _) in SETTINGS.items()}

CHOICES: dict[str, Callable[[Any], Any]] = {
    "max_connections": _most,
    "max_response_bytes": _most,
    "default_headers": _headers,
    "think": _think,
    "retry": _retry,
    "allow_undescribed_tools": flag,
    "allow_json_schema": flag,
}
"""Argument -> check, for what has no variable."""


def resolve(arguments: Mapping[str, Any], environ: Mapping[str, str]) -> Config:
    """
    Decide every setting.

    Args:
        arguments: what the caller gave; None counts as not given.
        environ: the environment variables.

    Raises:
        ConfigurationError: a value is blank or wrong; the message names the argument and the variable.

    Warns:
        UserWarning: there is a variable that nobody reads, and that is nearly called as one that is.
    """
    if not isinstance(environ, Mapping):
        raise ConfigurationError(f"env must be a mapping of variables, not {type(environ).__name__}")
    # One look at each of its names costs less than to ask for nine that are not there.
    environ = {name: environ[name] for name in environ if name.startswith(PREFIX)}
    values = {}
    for name, (variable, check) in SETTINGS.items():
        value = arguments.get(name)
        origin = f"{name} (or {variable})"
        if value is None:
            value = environ.get(variable)
            if value is None or (isinstance(value, str) and not value.strip()):
                continue
            origin = f"{variable} (or {name}=)"
        values[name] = checked(origin, check, value)
    for name, check in CHOICES.items():
        if arguments.get(name) is not None:
            values[name] = checked(name, check, arguments[name])
    if "retry" in values:
        values.setdefault("max_retries", RETRIES)
    if environ:
        warn_of_variables(environ, VARIABLES, values)
    return Config(**values)


def changed(config: Config, arguments: Mapping[str, Any]) -> Config:
    """
    The settings with some of them replaced.

    Raises:
        ConfigurationError: a value is blank or wrong.
        TypeError: there is no such setting.
    """
    checks = {**{name: check for name, (_, check) in SETTINGS.items()}, **CHOICES}
    values = {}
    for name, value in arguments.items():
        if name not in checks:
            raise unknown_argument("with_options", name, checks)
        values[name] = checked(name, checks[name], value)
    if "retry" in values and "max_retries" not in vars(config):
        values.setdefault("max_retries", RETRIES)
    return config.replace(**values)


def checked[T](origin: str, check: Callable[[Any], T], value: Any) -> T:
    """
    What `check` makes of a value.

    Raises:
        ConfigurationError: it cannot be used; the message begins with `origin`.
    """
    try:
        return check(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise ConfigurationError(f"{origin} cannot be used: {error}") from error
