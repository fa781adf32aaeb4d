"""The client: built from the settings, its errors told as those of a command, its answers read as plain values."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from tensormesh_cli.errors import CliError
from tensormesh_cli.settings.precedence import DEFAULT, Value, check_home
from tensormesh_cli.values.json_text import loads

if TYPE_CHECKING:
    from tensormesh import Tensormesh, TensormeshError

ARGUMENTS = {
    "controlplane_base": "control_plane_base_url",
    "serverless_base": "serverless_base_url",
    "gateway_base": "on_demand_base_url",
    "gateway_api_key": "inference_api_key",
    "gateway_user_id": "on_demand_user_id",
    "control_plane_token": "control_plane_token",
    "ca_bundle": "ca_bundle",
    "timeout_seconds": "timeout",
    "max_retries": "max_retries",
}
"""Setting -> argument of the client."""

BASES = ("controlplane_base", "serverless_base", "gateway_base")

COMMON = ("ca_bundle", "timeout_seconds", "max_retries")
_STATUS_KINDS = {401: "unauthorized", 403: "unauthorized", 404: "not_found", 429: "rate_limited"}
_HINTS = {
    "rate_limited": "wait a moment and try again; --max-retries lets tm do so by itself where that is safe",
    "server": "try again; if it stays, tell support the request id",
    "unreachable": "check the network and the address: `tm config show --sources` says where it comes from",
    "timeout": "try again, or allow more time with --timeout SECONDS",
    "protocol": "try again; --debug shows the calls that were made",
}


def connect(values: Mapping[str, Value], names: tuple[str, ...], **arguments: Any) -> Tensormesh:
    """
    A client with the settings `names`, those of every call, and further `arguments`.

    A credential that is kept for another host than the one that is called stays here.

    Raises:
        CliError: a setting cannot be used; the message says where it comes from.
    """
    from tensormesh import ConfigurationError, Tensormesh

    given = {name: values[name] for name in (*names, *COMMON) if values[name].value is not None}
    if given["timeout_seconds"].rank == DEFAULT:
        # The client knows which calls may take longer: a number would be the limit of each.
        del given["timeout_seconds"]
    for base in (given[name] for name in BASES if name in given):
        for home in (item.home for item in given.values() if item.home is not None):
            check_home(home, base)
    try:
        return Tensormesh(**({ARGUMENTS[name]: item.value for name, item in given.items()} | arguments), env={})
    except ConfigurationError as error:
        for name, item in given.items():
            _check(name, item)
        raise CliError("config", str(error)) from error


def _check(name: str, item: Value) -> None:
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
        raise _translated(error, hints or {}) from error


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


def _translated(error: TensormeshError, hints: Mapping[str, str]) -> CliError:
    """
    What an error of the client means for the user.

    Args:
        hints: kind -> what to do about it in the place that made the call.
    """
    from tensormesh import errors

    status: int | None = getattr(error, "status_code", None)
    request_id: str | None = getattr(error, "request_id", None)
    if isinstance(error, errors.APITimeoutError):
        kind = "timeout"
    elif isinstance(error, errors.APIConnectionError) and not isinstance(error, errors.StreamError):
        kind = "unreachable"
    elif isinstance(error, errors.APIStatusError | errors.StreamEventError) and status is not None:
        kind = _STATUS_KINDS.get(status) or ("server" if status >= 500 else "refused")
    elif isinstance(error, errors.APIError | errors.MissingFieldError):
        kind = "protocol"
    elif isinstance(error, errors.ConfigurationError):
        kind = "config"
    else:
        kind = "input"
    text = str(error).strip()
    if isinstance(error, errors.MissingFieldError):
        text = f"the answer has no {error.name!r}, which every {error.model} should have"
    if not isinstance(error, errors.APIStatusError | errors.ProtocolError):  # those begin with the host's own words
        text = text[:1].upper() + text[1:]
    # Another token would not help where the account may not do it.
    hint = None if status == 403 else hints.get(kind) or _HINTS.get(kind)
    return CliError(kind, text, hint, status, request_id)
