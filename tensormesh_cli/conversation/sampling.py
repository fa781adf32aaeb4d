"""How an answer is chosen: `temperature` and its kin, as fields of a request, as options and as words of `/set`."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any, NamedTuple

import click

from tensormesh_cli.errors import CliError


class Number(click.FloatRange):
    """A number that there is: a range alone lets `nan` through."""

    name = "number"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        found = float(super().convert(value, param, ctx))
        if not math.isfinite(found):
            self.fail(f"{value!r} is not a valid {self.name}.", param, ctx)
        return found


class Parameter(NamedTuple):
    """
    One field of a request.

    Attributes:
        field: its name there.
        several: it is a list of such values.
    """

    field: str
    kind: click.ParamType[Any]
    metavar: str
    help: str
    several: bool = False

    @property
    def option(self) -> click.Option:
        name = f"--{self.field.replace('_', '-')}"
        return click.Option(
            [name],
            type=self.kind,
            metavar=self.metavar,
            help=self.help,
            multiple=self.several,
            default=None,
        )


PARAMETERS = (
    Parameter("max_tokens", click.IntRange(min=1), "N", "The longest answer, in tokens."),
    Parameter("temperature", Number(min=0), "NUMBER", "How freely words are chosen; 0 always takes the likeliest."),
    Parameter("top_p", Number(min=0, max=1, min_open=True), "NUMBER", "Choose among the likeliest of this share."),
    Parameter("top_k", click.IntRange(min=-1), "N", "Choose among so many; -1 is all."),
    Parameter(
        "min_p", Number(min=0, max=1), "NUMBER", "Leave out what is less likely than this share of the likeliest."
    ),
    Parameter("seed", click.INT, "N", "The same seed chooses the same, as far as the host can."),
    Parameter("stop", click.STRING, "TEXT", "End the answer before this text; may be repeated.", True),
    Parameter("frequency_penalty", Number(min=-2, max=2), "NUMBER", "Above 0, what came often comes less."),
    Parameter("presence_penalty", Number(min=-2, max=2), "NUMBER", "Above 0, what came at all comes less."),
    Parameter("repetition_penalty", Number(min=0, min_open=True), "NUMBER", "Above 1, words are repeated less."),
    Parameter("reasoning_effort", click.STRING, "low|medium|high", "How long to think, where a model can be told."),
)
_BY_FIELD = {item.field: item for item in PARAMETERS}


def options(*left_out: str) -> list[click.Option]:
    """The options of a command."""
    return [item.option for item in PARAMETERS if item.field not in left_out]


def taken(given: dict[str, Any]) -> dict[str, Any]:
    """The fields of a request that options have set; they are taken out of `given`."""
    found = {name: given.pop(name) for name in _BY_FIELD if name in given}
    return {
        name: list(value) if isinstance(value, tuple) else value
        for name, value in found.items()
        if value is not None and value != ()
    }


def parsed(name: str, text: str) -> tuple[str, Any]:
    """
    A field and its value, as they were typed behind `/set`; None for "as the host has it".

    Raises:
        CliError: there is no such field, or the value cannot be used.
    """
    parameter = _BY_FIELD.get(name.lstrip("-").replace("-", "_"))
    if parameter is None:
        raise CliError("usage", f"There is no {name!r} to set.", f"there are {', '.join(_BY_FIELD)}")
    if text in ("", "default"):
        return parameter.field, None
    try:
        value = parameter.kind.convert(text, None, None)
    except click.BadParameter as error:
        raise CliError("usage", f"{parameter.field} cannot be {text!r}: {error.message}") from error
    return parameter.field, [value] if parameter.several else value


def kept(document: object) -> dict[str, Any]:
    """Those of a file that are still fields, with values that they may have."""
    if not isinstance(document, Mapping):
        return {}
    found = {}
    for name, value in document.items():
        parameter = _BY_FIELD.get(name)
        if parameter is None or value is None:
            continue
        try:
            if parameter.several:
                found[name] = [parameter.kind.convert(item, None, None) for item in value]
            else:
                found[name] = parameter.kind.convert(value, None, None)
        except (click.BadParameter, TypeError, ValueError):
            continue
    return found


def told(fields: Mapping[str, Any]) -> str:
    """What is set, on one line."""
    return ", ".join(f"{name} {value}" for name, value in fields.items()) or "as the host has it"
