"""
The keys for inference: one for each surface, whose each is, and what to do about one that is not accepted. Pure.

The key of a deployment opens on-demand hosts alone; an API key opens both. So each surface has a key of its own, and
takes that of the other where it has none. `gateway_api_key` is the older name, and stood for both.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, Final, Literal, NamedTuple

from tensormesh_cli.settings.definitions import GET_KEY, KEY_VARIABLE, MAKE_KEY, NEW_KEY
from tensormesh_cli.settings.homes import SERVERLESS, SERVICE, Home, is_inference, is_service
from tensormesh_cli.settings.sources import CONFIG, FLAG, MANAGED, VARIABLE, Value, table

SurfaceName = Literal["serverless", "on-demand"]
NAMES: Final[dict[SurfaceName, str]] = {"serverless": "serverless_api_key", "on-demand": "gateway_api_key"}
"""Surface -> the setting that is its key."""

SERVERLESS_KEY, ON_DEMAND_KEY = NAMES.values()
_ANOTHER_KEY = f"set {KEY_VARIABLE} to a key of {{base}}"


class File(NamedTuple):
    """
    What config.toml alone says, read when it is needed: what nobody asks for may be wrong.

    Attributes:
        key: the word of the file on a key, by its name.
        hosts: the hosts for inference that it names.
    """

    document: Mapping[str, Any]
    key: Callable[[str], Value]
    hosts: Callable[[], tuple[str, ...]]


def settled(values: Mapping[str, Value], file: File) -> dict[str, Value]:
    """The key of each surface, of what was said of each by its own name."""
    shared, routed = values[SERVERLESS_KEY], values[ON_DEMAND_KEY]
    if shared.rank > CONFIG:
        older = file.key(ON_DEMAND_KEY)
        if older.rank < shared.rank:  # written by hand, when it was the one name that there was
            shared = older
    if routed.value is None and (other := file.key(SERVERLESS_KEY)).value is not None:
        routed = other
    return {SERVERLESS_KEY: _owned(shared, file), ON_DEMAND_KEY: _owned(routed, file)}


def giver_of(name: str) -> str:
    """What [managed] calls the control plane that gave a key, beside it."""
    return f"{name}_from"


def hosts_of(name: str) -> str:
    """What [managed] calls the hosts that a key is for, beside it."""
    return f"{name}_hosts"


def found_at(values: Mapping[str, Value], giver: str, name: str) -> dict[str, Any]:
    """What [managed] says of a key that was found: that `giver` gave it, and which hosts it is for."""
    if is_service(giver):
        return {giver_of(name): giver}
    bases = [str(values[base].value) for base in ("serverless_base", "gateway_base")]
    # Whoever names a control plane of their own and leaves the rest as it is does not mean the hosts of the service.
    return {giver_of(name): giver, hosts_of(name): [base for base in bases if not is_inference(base)]}


def way_out(key: Value, surface: SurfaceName, *, asked: bool = False) -> str:
    """
    What to do where a surface does not accept the key: something that changes what is sent.

    Args:
        asked: the hosts were asked about all keys just now.
    """
    more = "" if asked else "; `tm doctor --online` tells which keys the hosts accept"
    if key.value is None:
        return GET_KEY
    if key.rank == FLAG:
        return f"the key is the one of {key.source}: give another{more}"
    if key.rank == VARIABLE:
        return f"the key is the one of {key.source}, which wins over config.toml: set or unset it{more}"
    if key.rank == CONFIG:
        name = NAMES[surface]
        return f"the key stands in config.toml as {key.under}: `tm config set {name}` puts another there{more}"
    if key.deployment and surface == "serverless":
        return f"the key is the one of the deployment {key.deployment}, and serverless takes API keys: {NEW_KEY}{more}"
    return f"`tm init --sync` found the key: run it again, or {MAKE_KEY}{more}"


def _owned(key: Value, file: File) -> Value:
    """A key with whose it is: that of the hosts which its file names, of those it was found for, or of everybody's."""
    if key.rank == CONFIG:
        said = "The key for inference in config.toml stands there for"
        return replace(key, home=Home(said, file.hosts(), None, _ANOTHER_KEY))
    if key.rank != MANAGED:
        return key
    found = table(file.document, "managed")
    if key.under == ON_DEMAND_KEY and key.value != found.get(SERVERLESS_KEY):
        model = found.get("gateway_model_id")
        key = replace(key, deployment=model if isinstance(model, str) and model.strip() else None)
    giver, listed = found.get(giver_of(key.under), SERVICE), found.get(hosts_of(key.under))
    if not isinstance(giver, str) or is_service(giver):
        said = "The key for inference that `tm init --sync` found is for"
        return replace(key, home=Home(said, (SERVERLESS,), None, _ANOTHER_KEY))
    beside = [host for host in listed if isinstance(host, str)] if isinstance(listed, list) else []
    said = "The key for inference that `tm init --sync` found is of"
    return replace(key, home=Home(said, (giver, *beside), giver, _ANOTHER_KEY))
