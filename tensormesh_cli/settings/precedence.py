"""
What applies, and why: flag, then variable, then config.toml, then what `tm init --sync` found, then the default.

Pure: files and variables are handed in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from tensormesh_cli.errors import CliError
from tensormesh_cli.output.secrets import address
from tensormesh_cli.settings import homes, keys
from tensormesh_cli.settings.definitions import HOME_VARIABLE, SETTINGS
from tensormesh_cli.settings.homes import Home
from tensormesh_cli.settings.sources import DEFAULT, MANAGED, Value, said, table

_RETIRED = {
    "controlplane_auth_json": f"auth.json stands beside config.toml; {HOME_VARIABLE} moves both",
    "profile": f"there are no profiles; use one folder for each account, chosen by {HOME_VARIABLE}",
    "profiles": f"there are no profiles; use one folder for each account, chosen by {HOME_VARIABLE}",
}
MODEL_GIVER = "serverless_model_from"
"""Beside a serverless model that `tm init --sync` has found: the host that lists it."""

_PROVIDER = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")


def resolve(flags: Mapping[str, Any], environ: Mapping[str, str], document: Mapping[str, Any]) -> dict[str, Value]:
    """
    Decide every setting.

    Args:
        flags: what the command line gave, by setting; None counts as not given.
        environ: the environment variables; blank ones count as unset.
        document: config.toml, decoded.

    Raises:
        CliError: config.toml holds a key that means nothing any more, or a value is of the wrong type.
    """
    for key, advice in _RETIRED.items():
        if key in document:
            raise CliError("config", f"config.toml: {key} is not a setting", advice)
    values = {item.name: said(item, flags, environ, document) for item in SETTINGS}
    values["gateway_base"] = _gateway_base(values)
    values["serverless_model"] = _model(values, document)
    secret = {item.name: item for item in SETTINGS if item.secret}
    kept = keys.File(document, lambda name: said(secret[name], {}, {}, document), lambda: _hosts(document))
    return values | keys.settled(values, kept)


def check_home(home: Home, base: Value) -> None:
    """
    Let a credential go to a host, if it comes from there.

    Raises:
        CliError: it does not.
    """
    homes.check(home, str(base.value), None if base.rank == DEFAULT else base.source)


def unknown(document: Mapping[str, Any]) -> list[str]:
    """The keys of config.toml that mean nothing where they stand: misspelt, misplaced, or of another tool."""
    top = {item.name for item in SETTINGS if not item.gateway} | {"overrides", "managed"}
    inner = {item.name for item in SETTINGS if item.tables}
    overrides = document.get("overrides", {})
    return [
        *(key for key in document if key not in top),
        *(f"[overrides] {key}" for key in (overrides if isinstance(overrides, Mapping) else ()) if key not in inner),
    ]


def _hosts(document: Mapping[str, Any]) -> tuple[str, ...]:
    """The hosts for inference where nothing but config.toml has a say."""
    wanted = ("serverless_base", "gateway_base", "gateway_provider")
    alone = {item.name: said(item, {}, {}, document) for item in SETTINGS if item.name in wanted}
    try:
        routed = _gateway_base(alone)
    except CliError:  # a flag or a variable has said better
        return (str(alone["serverless_base"].value),)
    return str(alone["serverless_base"].value), str(routed.value)


def _model(values: Mapping[str, Value], document: Mapping[str, Any]) -> Value:
    """The serverless model. One that was found on a host says nothing about another host."""
    model = values["serverless_model"]
    giver = table(document, "managed").get(MODEL_GIVER) if model.rank == MANAGED else None
    if isinstance(giver, str) and not homes.is_home(Home("", (giver,)), str(values["serverless_base"].value)):
        return Value(None, "built-in:serverless_model", DEFAULT)
    return model


def _gateway_base(values: Mapping[str, Value]) -> Value:
    base, provider = values["gateway_base"], values["gateway_provider"]
    if base.value is not None and base.rank <= provider.rank:
        return base
    name = str(provider.value).lower()
    if not _PROVIDER.fullmatch(name):
        shown = address(repr(name))
        raise CliError("config", f"gateway_provider must be a name such as nebius; {provider.source} gives {shown}")
    derived = homes.ON_DEMAND.template.replace("{provider}", name)
    return Value(derived, "derived-from:gateway_provider", provider.rank)
