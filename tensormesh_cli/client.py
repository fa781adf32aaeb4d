"""The client: built from the settings, its errors told as those of a command, its answers read as plain values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tensormesh_cli.errors import CliError
from tensormesh_cli.failures import failure
from tensormesh_cli.settings.precedence import check_home
from tensormesh_cli.settings.sources import DEFAULT, Value
from tensormesh_cli.values.json_text import loads

if TYPE_CHECKING:
    from tensormesh import Tensormesh

ARGUMENTS = {
    "controlplane_base": "control_plane_base_url",
    "serverless_base": "serverless_base_url",
    "gateway_base": "on_demand_base_url",
    "serverless_api_key": "inference_api_key",
    "gateway_api_key": "inference_api_key",
    "gateway_user_id": "on_demand_user_id",
    "control_plane_token": "control_plane_token",
    "ca_bundle": "ca_bundle",
    "timeout_seconds": "timeout",
    "max_retries": "max_retries",
    "max_response_bytes": "max_response_bytes",
}
"""Setting -> argument of the client."""

BASES = ("controlplane_base", "serverless_base", "gateway_base")

COMMON = ("ca_bundle", "timeout_seconds", "max_retries", "max_response_bytes")


def connect(values: Mapping[str, Value], names: tuple[str, ...], **arguments: Any) -> Tensormesh:
    """
    A client with the settings `names`, those of every call, and further `arguments`.

    A credential that is kept for another host than the one that is called stays here.

    Raises:
        CliError: a setting cannot be used; the message says where it comes from.
    """
    from tensormesh import ConfigurationError, Tensormesh

    given = _given(values, names)
    try:
        return Tensormesh(**({ARGUMENTS[name]: item.value for name, item in given.items()} | arguments), env={})
    except ConfigurationError as error:
        for name, item in given.items():
            check(name, item)
        raise CliError("config", str(error)) from error


def arguments_of(values: Mapping[str, Value], names: tuple[str, ...]) -> dict[str, Any]:
    """
    The settings `names` as arguments of a client that is made elsewhere, such as in another process.

    Raises:
        CliError: a credential is kept for another host than the one that would be called.
    """
    return {ARGUMENTS[name]: item.value for name, item in _given(values, names).items()} | {"env": {}}


def _given(values: Mapping[str, Value], names: tuple[str, ...]) -> dict[str, Value]:
    given = {name: values[name] for name in (*names, *COMMON) if values[name].value is not None}
    if given["timeout_seconds"].rank == DEFAULT:
        # The client knows which calls may take longer: a number would be the limit of each.
        del given["timeout_seconds"]
    for base in (given[name] for name in BASES if name in given):
        for home in (item.home for item in given.values() if item.home is not None):
            check_home(home, base)
    return given


def check(name: str, item: Value) -> None:
    """
    Try one of the settings that are arguments of the client by itself.

    Raises:
        CliError: it cannot be used.
    """
    from tensormesh import ConfigurationError, Tensormesh

    alone: dict[str, Any] = {ARGUMENTS[name]: item.value}
    try:
        Tensormesh(**alone, env={})
    except ConfigurationError as error:
        reason = str(error).partition("cannot be used: ")[2] or str(error)
        raise CliError("config", f"{name} cannot be used: {reason}", f"it comes from {item.source}") from error


@contextmanager
def client_errors(hints: Mapping[str, str] | None = None) -> Iterator[None]:
    """Turn what the client raises inside into a `CliError`."""
    from tensormesh import TensormeshError

    try:
        yield
    except TensormeshError as error:
        raise failure(error, hints or {}) from error


def body_of(answer: Any, empty: Any = None) -> Any:
    """
    The body of an answer as plain values, every digit as it came.

    Args:
        empty: what an empty body stands for; {} without it.

    Raises:
        CliError: it is not JSON.
    """
    if not answer.text.strip():
        return {} if empty is None else empty
    try:
        return loads(answer.text)
    except ValueError as error:
        raise CliError(
            "protocol", f"The answer is not JSON: {error}.", status=answer.status_code, request_id=answer.request_id
        ) from error
