"""Where a setting may be said, and what was said: flag, variable, config.toml, what `tm init --sync` found, default."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import click

from tensormesh_cli.errors import CliError
from tensormesh_cli.output.secrets import address
from tensormesh_cli.settings.definitions import Setting
from tensormesh_cli.settings.homes import Home
from tensormesh_cli.values.numbers import SECONDS

FLAG, VARIABLE, CONFIG, MANAGED, DEFAULT = range(5)


@dataclass(frozen=True)
class Value:
    """
    What a setting is, where that was said, and how strong a word that is (the lower, the stronger).

    Attributes:
        home: where alone it may be sent, if it is a key that a file keeps.
        under: the name that it stands under in config.toml, if it stands there.
        deployment: the one that it is the key of, where `tm init --sync` has found it there.
    """

    value: Any
    source: str
    rank: int
    home: Home | None = None
    under: str = ""
    deployment: str | None = None


def said(setting: Setting, flags: Mapping[str, Any], environ: Mapping[str, str], document: Mapping[str, Any]) -> Value:
    """
    The strongest word on a setting; its default where there is none.

    Raises:
        CliError: it is of the wrong type, or a table of config.toml is none.
    """
    name = setting.name
    found: list[tuple[Any, str, int]] = [(flags.get(name), str(setting.flag), FLAG)]
    if setting.variable:
        found.append((environ.get(setting.variable), setting.variable, VARIABLE))
    if not setting.gateway:
        found.append((document.get(name), f"config:{name}", CONFIG))
    if setting.tables:
        found.append((table(document, "overrides").get(name), f"config:{name}", CONFIG))
        found.append((table(document, "managed").get(name), f"managed:{name}", MANAGED))
    for value, source, rank in found:
        if value is not None and not (isinstance(value, str) and not value.strip()):
            return Value(_typed(setting, value, source), source, rank, under=name if rank in (CONFIG, MANAGED) else "")
    return Value(setting.default, f"built-in:{name}", DEFAULT)


def table(document: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """
    A table of config.toml; empty where it is not there.

    Raises:
        CliError: something else has its name.
    """
    found = document.get(name, {})
    if not isinstance(found, Mapping):
        raise CliError("config", f"config.toml: {name} must be a table, written [{name}]")
    return found


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
