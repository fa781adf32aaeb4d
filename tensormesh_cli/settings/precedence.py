"""
What applies, and why: flag, then variable, then config.toml, then what `tm init --sync` found, then the default.

Pure: files and variables are handed in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import click

from tensormesh_cli.errors import CliError
from tensormesh_cli.settings.definitions import HOME_VARIABLE, SETTINGS, Setting
from tensormesh_cli.values.numbers import SECONDS

_RETIRED = {
    "controlplane_auth_json": f"auth.json stands beside config.toml; {HOME_VARIABLE} moves both",
    "profile": f"there are no profiles; use one folder for each account, chosen by {HOME_VARIABLE}",
    "profiles": f"there are no profiles; use one folder for each account, chosen by {HOME_VARIABLE}",
}
_PROVIDER = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
FLAG, VARIABLE, CONFIG, MANAGED, DEFAULT = range(5)


@dataclass(frozen=True)
class Value:
    """What a setting is, where that was said, and how strong a word that is (the lower, the stronger)."""

    value: Any
    source: str
    rank: int


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
    values = {item.name: _one(item, flags, environ, document) for item in SETTINGS}
    return values | {"gateway_base": _gateway_base(values)}


def unknown(document: Mapping[str, Any]) -> list[str]:
    """The keys of config.toml that mean nothing where they stand: misspelt, misplaced, or of another tool."""
    top = {item.name for item in SETTINGS if not item.gateway} | {"overrides", "managed"}
    inner = {item.name for item in SETTINGS if item.gateway}
    overrides = document.get("overrides", {})
    return [
        *(key for key in document if key not in top),
        *(f"[overrides] {key}" for key in (overrides if isinstance(overrides, Mapping) else ()) if key not in inner),
    ]


def _one(setting: Setting, flags: Mapping[str, Any], environ: Mapping[str, str], document: Mapping[str, Any]) -> Value:
    name = setting.name
    said: list[tuple[Any, str, int]] = [(flags.get(name), str(setting.flag), FLAG)]
    if setting.variable:
        said.append((environ.get(setting.variable), setting.variable, VARIABLE))
    if setting.gateway:
        said.append((_table(document, "overrides").get(name), f"config:{name}", CONFIG))
        said.append((_table(document, "managed").get(name), f"managed:{name}", MANAGED))
    else:
        said.append((document.get(name), f"config:{name}", CONFIG))
    for value, source, rank in said:
        if value is not None and not (isinstance(value, str) and not value.strip()):
            return Value(_typed(setting, value, source), source, rank)
    return Value(setting.default, f"built-in:{name}", DEFAULT)


def _table(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    table = document.get(name, {})
    if not isinstance(table, Mapping):
        raise CliError("config", f"config.toml: {name} must be a table, written [{name}]")
    return table


def _typed(setting: Setting, value: Any, source: str) -> Any:
    if setting.kind is None:
        if not isinstance(value, str):
            raise CliError("config", f"{setting.name} must be text, in quotes; {source} gives {value!r}")
        return value.strip()
    try:
        return setting.kind(str(value))
    except click.BadParameter as error:
        wanted = "a number of seconds above 0" if setting.kind is SECONDS else "a whole number, 0 or more"
        raise CliError("config", f"{setting.name} must be {wanted}; {source} gives {value!r}") from error


def _gateway_base(values: Mapping[str, Value]) -> Value:
    base, provider = values["gateway_base"], values["gateway_provider"]
    if base.value is not None and base.rank <= provider.rank:
        return base
    name = str(provider.value).lower()
    if not _PROVIDER.fullmatch(name):
        raise CliError("config", f"gateway_provider must be a name such as nebius; {provider.source} gives {name!r}")
    return Value(f"https://external.{name}.tensormesh.ai", "derived-from:gateway_provider", provider.rank)
