"""Every setting: its key, its option, its variable and its default; and the folder where they are kept."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, Final, NamedTuple

import click

from tensormesh_cli.settings.homes import ON_DEMAND, SERVERLESS, SERVICE
from tensormesh_cli.values.numbers import BYTES, COUNT, SECONDS

HOME_VARIABLE: Final = "TM_CONFIG_HOME"
TOKEN_VARIABLE: Final = "TENSORMESH_CONTROL_PLANE_TOKEN"  # noqa: S105 - the name of a variable
KEY_VARIABLE: Final = "TENSORMESH_INFERENCE_API_KEY"
MAKE_KEY = "make one: `tm users api-keys create --name tm --store`"
NEW_KEY = f"run `tm init --sync`, or {MAKE_KEY}"
GET_KEY = f"{NEW_KEY}, or set {KEY_VARIABLE}"


class Setting(NamedTuple):
    """
    One setting.

    Attributes:
        name: its key in config.toml and in `tm config show`.
        flag: the option that sets it.
        variable: the environment variable that sets it.
        gateway: it stands in the tables [overrides] and [managed] only, not at the top.
        found: it may stand there, too, because `tm init --sync` finds it.
        kind: the numbers that it may be; without one it is text.
    """

    name: str
    flag: str | None = None
    variable: str | None = None
    gateway: bool = False
    found: bool = False
    kind: click.FloatRange | click.IntRange | None = None
    default: Any = None
    secret: bool = False

    @property
    def tables(self) -> bool:
        """Whether it may stand in [overrides] and [managed]."""
        return self.gateway or self.found


SETTINGS: Final = (
    Setting(
        "controlplane_base",
        "--controlplane-base",
        "TENSORMESH_CONTROL_PLANE_BASE_URL",
        default=SERVICE,
    ),
    Setting("serverless_base", "--base-url", "TENSORMESH_SERVERLESS_BASE_URL", default=SERVERLESS),
    Setting("serverless_model", "--model", found=True),
    Setting("serverless_api_key", "--api-key", KEY_VARIABLE, found=True, secret=True),
    Setting("gateway_provider", "--gateway-provider", gateway=True, default=ON_DEMAND.variables.get("provider")),
    Setting("gateway_base", "--base-url", "TENSORMESH_ON_DEMAND_BASE_URL", gateway=True),
    Setting("gateway_api_key", "--api-key", KEY_VARIABLE, gateway=True, secret=True),
    Setting("gateway_user_id", "--user-id", "TENSORMESH_ON_DEMAND_USER_ID", gateway=True),
    Setting("gateway_model_id", "--model", gateway=True),
    Setting("ca_bundle", "--ca-bundle", "TENSORMESH_CA_BUNDLE"),
    Setting("timeout_seconds", "--timeout", "TENSORMESH_TIMEOUT_SECONDS", kind=SECONDS, default=30.0),
    Setting("max_response_bytes", "--max-response-bytes", kind=BYTES),
    Setting("max_retries", "--max-retries", "TENSORMESH_MAX_RETRIES", kind=COUNT, default=0),
)


def state_home(environ: Mapping[str, str]) -> Path:
    """The folder of what is kept and can be done without, such as conversations."""
    if environ.get(HOME_VARIABLE, "").strip():
        return home(environ)
    chosen = Path(environ.get("XDG_STATE_HOME", ""))  # by the standard, one that is not absolute is none
    return (chosen if chosen.is_absolute() else Path.home() / ".local" / "state") / "tensormesh"


def home(environ: Mapping[str, str]) -> Path:
    """The folder of config.toml and auth.json."""
    chosen = environ.get(HOME_VARIABLE, "").strip()
    return Path(chosen).expanduser() if chosen else Path.home() / ".config" / "tensormesh"
