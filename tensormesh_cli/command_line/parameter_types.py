"""What an option may hold: a word out of a list that may grow, an amount, a moment, JSON."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from tensormesh_cli.values.encoded_text import decoded_text
from tensormesh_cli.values.times import moment

if TYPE_CHECKING:
    from click.shell_completion import CompletionItem

    _Text = click.ParamType[str]
    _Anything = click.ParamType[Any]
else:
    _Text = _Anything = click.ParamType  # older releases of click have no generic one

FILE = click.Path(path_type=Path, dir_okay=False)
UNKNOWN = "UNSPECIFIED"
"""How the protocol spells "no value"; nobody has to type it."""


class Word(_Text):
    """
    One of the values of an open enumeration, in full (`GPU_TYPE_H100`) or short (`h100`).

    A value in full that is not known yet is let through, so that the service may grow.
    """

    name = "word"

    def __init__(self, choices: tuple[str, ...], prefix: str) -> None:
        self.prefix = prefix
        self.known = {choice.removeprefix(prefix).lower(): choice for choice in choices}
        self.shown = [short for short, choice in self.known.items() if not choice.endswith(UNKNOWN)]

    def get_metavar(self, param: click.Parameter, ctx: click.Context | None = None) -> str | None:
        return "|".join(self.shown) if len(self.shown) > 1 else None

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        full = value.strip().upper().replace("-", "_")
        short = full.removeprefix(self.prefix).lower()
        if short in self.known:
            return self.known[short]
        # Where only a value or two are known, the list is no list of what there is.
        if full.startswith(self.prefix) or len(self.shown) < 2:
            return self.prefix + full.removeprefix(self.prefix)
        return self.fail(f"{value!r} is not one of {', '.join(self.shown)}.", param, ctx)

    def shell_complete(self, ctx: click.Context, param: click.Parameter, incomplete: str) -> list[CompletionItem]:
        from click.shell_completion import CompletionItem

        return [CompletionItem(word) for word in self.shown if word.startswith(incomplete.lower())]


class Amount(_Anything):
    """Money: `12.50`, or `"12.50 EUR"`."""

    name = "amount"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> dict[str, Any]:
        from tensormesh_cli.values.money import money

        try:
            return money(value)
        except ValueError as error:
            return self.fail(f"{error}.", param, ctx)


class Moment(_Text):
    """
    A time: `2026-06-01T08:00:00Z`, `2026-06-01`, `now`, or a span such as `15m`, `24h` or `7d` from now.

    Args:
        ahead: a span without a sign lies ahead; otherwise it lies behind.
    """

    name = "time"

    def __init__(self, *, ahead: bool = False) -> None:
        self.ahead = ahead

    def convert(self, value: str, param: click.Parameter | None, ctx: click.Context | None) -> str:
        try:
            return moment(value, datetime.now(UTC), ahead=self.ahead)
        except (ValueError, OverflowError):
            return self.fail(f"{value!r} is no time such as 2026-06-01T08:00:00Z, 2026-06-01 or 24h.", param, ctx)


class Query(_Anything):
    """A JMESPath expression. A wrong one is found out before anything is sent."""

    name = "query"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        from tensormesh_cli.output.selection import compiled

        try:
            return compiled(value)
        except ValueError as error:
            return self.fail(f"{value!r} is no JMESPath: {error}", param, ctx)


class Names(_Anything):
    """Names with commas between them."""

    name = "names"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> tuple[str, ...]:
        found = tuple(dict.fromkeys(name.strip() for name in value.split(",") if name.strip()))
        return found or self.fail("there is no name in it.", param, ctx)


class Json(_Anything):
    """JSON, or `@file` with JSON in it."""

    name = "json"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:
        try:
            text = decoded_text(Path(value[1:]).read_bytes()) if value.startswith("@") else value
            return decoded(text)
        except OSError as error:
            return self.fail(f"{value[1:]} cannot be read: {error.strerror}.", param, ctx)
        except ValueError as error:
            return self.fail(f"it is not JSON: {error}.", param, ctx)


def decoded(text: str) -> Any:
    """
    Decode JSON strictly.

    Raises:
        ValueError: it is not JSON.
    """

    def refuse(name: str) -> Any:
        raise ValueError(f"{name} is no JSON number")

    try:
        return json.loads(text, parse_constant=refuse)
    except RecursionError as error:
        raise ValueError("it is nested too deeply") from error
