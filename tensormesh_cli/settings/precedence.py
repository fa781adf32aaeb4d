"""
What applies, and why: flag, then variable, then config.toml, then what `tm init --sync` found, then the default.

Pure: files and variables are handed in.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import click

from tensormesh_cli.errors import CliError
from tensormesh_cli.output.secrets import address
from tensormesh_cli.settings import homes
from tensormesh_cli.settings.definitions import HOME_VARIABLE, SETTINGS, Setting
from tensormesh_cli.settings.homes import SERVERLESS, SERVICE, Home, is_inference, is_service
from tensormesh_cli.values.numbers import SECONDS

_RETIRED = {
    "controlplane_auth_json": f"auth.json stands beside config.toml; {HOME_VARIABLE} moves both",
    "profile": f"there are no profiles; use one folder for each account, chosen by {HOME_VARIABLE}",
    "profiles": f"there are no profiles; use one folder for each account, chosen by {HOME_VARIABLE}",
}
_PROVIDER = re.compile(r"[a-z0-9]([a-z0-9-]*[a-z0-9])?")
FLAG, VARIABLE, CONFIG, MANAGED, DEFAULT = range(5)
KEY = "gateway_api_key"
GIVER, HOSTS = "gateway_api_key_from", "gateway_api_key_hosts"
"""Beside a key that `tm init --sync` has found: the control plane that gave it, and the hosts that it is for."""

_ANOTHER_KEY = "set TENSORMESH_INFERENCE_API_KEY to a key of {base}"


@dataclass(frozen=True)
class Value:
    """
    What a setting is, where that was said, and how strong a word that is (the lower, the stronger).

    Attributes:
        home: where alone it may be sent, if it is a key that a file keeps.
    """

    value: Any
    source: str
    rank: int
    home: Home | None = None


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
    values["gateway_base"] = _gateway_base(values)
    values[KEY] = replace(values[KEY], home=_home(values[KEY], document))
    return values


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
    inner = {item.name for item in SETTINGS if item.gateway}
    overrides = document.get("overrides", {})
    return [
        *(key for key in document if key not in top),
        *(f"[overrides] {key}" for key in (overrides if isinstance(overrides, Mapping) else ()) if key not in inner),
    ]


def synced_for(values: Mapping[str, Value], giver: str) -> dict[str, Any]:
    """What [managed] says of a key that was found: that `giver` gave it, and which hosts it is for."""
    if is_service(giver):
        return {GIVER: giver}
    bases = [str(values[name].value) for name in ("serverless_base", "gateway_base")]
    # Whoever names a control plane of their own and leaves the rest as it is does not mean the hosts of the service.
    return {GIVER: giver, HOSTS: [base for base in bases if not is_inference(base)]}


def _home(key: Value, document: Mapping[str, Any]) -> Home | None:
    """Whose a key is: that of the hosts which its file names, of those which it was found for, or of everybody's."""
    if key.rank == CONFIG:
        hosts = _hosts(document)
        return Home("The key for inference in config.toml stands there for", hosts, None, _ANOTHER_KEY)
    if key.rank == MANAGED:
        found = _table(document, "managed")
        giver, listed = found.get(GIVER, SERVICE), found.get(HOSTS)
        if not isinstance(giver, str) or is_service(giver):
            return Home("The key for inference that `tm init --sync` found is for", (SERVERLESS,), None, _ANOTHER_KEY)
        beside = [host for host in listed if isinstance(host, str)] if isinstance(listed, list) else []
        return Home("The key for inference that `tm init --sync` found is of", (giver, *beside), giver, _ANOTHER_KEY)
    return None


def _hosts(document: Mapping[str, Any]) -> tuple[str, ...]:
    """The hosts for inference where nothing but config.toml has a say."""
    wanted = ("serverless_base", "gateway_base", "gateway_provider")
    alone = {item.name: _one(item, {}, {}, document) for item in SETTINGS if item.name in wanted}
    try:
        routed = _gateway_base(alone)
    except CliError:  # a flag or a variable has said better
        return (str(alone["serverless_base"].value),)
    return str(alone["serverless_base"].value), str(routed.value)


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
            raise CliError("config", f"{setting.name} must be text, in quotes; {source} gives {_shown(setting, value)}")
        return value.strip()
    try:
        return setting.kind(str(value))
    except click.BadParameter as error:
        wanted = "a number of seconds above 0" if setting.kind is SECONDS else "a whole number, 0 or more"
        raise CliError("config", f"{setting.name} must be {wanted}; {source} gives {value!r}") from error


def _shown(setting: Setting, value: Any) -> str:
    return f"a {type(value).__name__}" if setting.secret else address(repr(value))


def _gateway_base(values: Mapping[str, Value]) -> Value:
    base, provider = values["gateway_base"], values["gateway_provider"]
    if base.value is not None and base.rank <= provider.rank:
        return base
    name = str(provider.value).lower()
    if not _PROVIDER.fullmatch(name):
        shown = address(repr(name))
        raise CliError("config", f"gateway_provider must be a name such as nebius; {provider.source} gives {shown}")
    return Value(f"https://external.{name}.tensormesh.ai", "derived-from:gateway_provider", provider.rank)
