"""The control plane's tokens: what auth.json says, whether they still hold, what a refresh makes of them. No I/O."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Literal

from tensormesh_cli.errors import CliError
from tensormesh_cli.settings.definitions import TOKEN_VARIABLE
from tensormesh_cli.settings.homes import SERVICE, Home
from tensormesh_cli.values.times import parsed, written

NAME = "auth.json"
LOG_IN = f"log in with `tm auth login`, or set {TOKEN_VARIABLE}"
LOG_IN_AGAIN = "log in again: `tm auth login`"
LEEWAY = timedelta(seconds=30)
"""A token that ends within this is as good as ended: the call has to arrive, too."""

LONGEST = timedelta(days=3650)

State = Literal["fresh", "expired", "unknown"]


@dataclass(frozen=True)
class Tokens:
    """
    What auth.json holds.

    Attributes:
        expires_at: when the access token ends, where that is known.
        controlplane_base: the host that gave them; files of other tools do not say, and mean that of the service.
        document: the whole file, with what we do not know.
    """

    access_token: str = field(repr=False)
    refresh_token: str | None = field(repr=False)
    expires_at: datetime | None
    controlplane_base: str | None
    document: Mapping[str, Any] = field(repr=False)

    @property
    def home(self) -> Home:
        """Where alone they may be sent."""
        said = "You are logged in at"
        if self.controlplane_base is None:
            said = f"{NAME} does not say where you are logged in, which stands for"
        return Home(said, (self.controlplane_base or SERVICE,), None, "`tm auth login --controlplane-base {base}`")

    def state(self, now: datetime) -> State:
        if self.expires_at is None:
            return "unknown"
        return "expired" if self.expires_at <= now + LEEWAY else "fresh"


def parse(text: str, path: Path) -> Tokens:
    """
    Read auth.json.

    Raises:
        CliError: it is not JSON, or holds no token.
    """
    try:
        document = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise CliError("config", f"{path} is not JSON", LOG_IN_AGAIN) from error
    if not isinstance(document, dict):
        raise CliError("config", f"{path} must hold a JSON object", LOG_IN_AGAIN)
    access = document.get("access_token")
    if not isinstance(access, str) or not access.strip():
        raise CliError("config", f"{path} holds no access_token", LOG_IN_AGAIN)
    refresh, base = document.get("refresh_token"), document.get("controlplane_base")
    return Tokens(
        access_token=access.strip(),
        refresh_token=refresh.strip() if isinstance(refresh, str) and refresh.strip() else None,
        expires_at=parsed(document.get("expires_at")),
        controlplane_base=base if isinstance(base, str) and base.strip() else None,
        document=document,
    )


def renewed(before: Mapping[str, Any], reply: Mapping[str, Any], base: str, now: datetime) -> dict[str, Any]:
    """
    What auth.json holds after a login or a refresh.

    A reply without a refresh token keeps the old one; keys we do not know stay.
    """
    given = {key: value for key, value in reply.items() if value is not None and value != ""}
    document = {**before, **given, "controlplane_base": base}
    document.pop("expires_at", None)
    lifetime = _seconds(reply.get("expires_in"))
    if lifetime is not None:
        document["expires_at"] = written(now + lifetime)
    return document


def text(document: Mapping[str, Any]) -> str:
    """auth.json, whatever a host has added to its tokens."""
    try:
        found = json.dumps(document, indent=2, ensure_ascii=False)
        found.encode()
    except (ValueError, RecursionError):  # halves of characters, or nested too deeply: tokens are neither
        plain = {key: value for key, value in document.items() if not isinstance(value, dict | list)}
        found = json.dumps(plain, indent=2)
    return f"{found}\n"


def _seconds(value: Any) -> timedelta | None:
    try:
        return min(timedelta(seconds=float(value)), LONGEST)
    except (TypeError, ValueError, OverflowError):
        return None
