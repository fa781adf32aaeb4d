"""What `tm` shows: answers in every format, tables, keys that are masked, logs, costs."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from benchmarks.growth.measurement import Case, Work
from tensormesh_cli.account import deployments
from tensormesh_cli.account.log_tail import LogTail
from tensormesh_cli.account.spending import cost, rows, window, words
from tensormesh_cli.errors import CliError
from tensormesh_cli.output.control_characters import visible
from tensormesh_cli.output.rendering import FORMATS, Screen, render
from tensormesh_cli.output.secrets import address, hidden, hidden_text, masked
from tensormesh_cli.output.yaml_text import to_text
from tensormesh_cli.values import json_text
from tensormesh_cli.values.money import amount, money, plain
from tensormesh_cli.values.times import moment, parsed

NOW = datetime(2026, 6, 1, tzinfo=UTC)
UP = {"status": deployments.UP, "modelName": "m"}
MONEY = {"currencyCode": "USD", "units": "12", "nanos": 500_000_000}

SHAPES: dict[str, Callable[[int], Any]] = {
    "blank lines": lambda n: {"a": "\n" * n},
    "blank lines and a word": lambda n: {"a": "\n" * n + "x"},
    "lines": lambda n: {"a": "key: value\n" * n},
    "lines that begin with dashes": lambda n: {"a": "- - -\n" * n},
    "dashes": lambda n: {"a": "- " * n + "\n"},
    "indented lines": lambda n: {"a": "x\n" + "  y\n" * n},
    "blanks": lambda n: {"a": " " * n},
    "words": lambda n: {"a": "word " * n},
    "quotation marks": lambda n: {"a": "\"'" * n},
    "control characters": lambda n: {"a": "\x1b[0m" * n},
    "letters of other alphabets": lambda n: {"a": "äß漢" * n},
    "combining signs": lambda n: {"a": "a" + "\u0301" * n},
    "halves of characters": lambda n: {"a": "\ud83d" * n},
    "digits": lambda n: {"a": 0, "b": "1" * n},
    "a constant's name": lambda n: {"gpuType": "GPU_TYPE_" * n},
    "an underscored name": lambda n: [{"a": "A_" * n}, {"a": "A" * n + "a"}],
    "times": lambda n: {"a": "2026-01-01T00:00:00." * n},
    "fractions of a second": lambda n: [{"a": "2026-01-01T00:00:00." + "1" * n}],
    "many keys": lambda n: {f"k{i}": i for i in range(n)},
    "many items": lambda n: [{"id": i, "name": f"n{i}"} for i in range(n)],
    "many items with a key of their own": lambda n: [{f"k{i}": i} for i in range(n)],
    "many columns": lambda n: [{f"k{i}": i for i in range(n)}] * 2,
    "many lists": lambda n: {f"k{i}": [i] for i in range(n)},
    "money": lambda n: [{"price": MONEY}] * n,
    "amounts of many digits": lambda n: [{"price": {"units": "1" * n, "nanos": 1}}],
    "nested objects": lambda n: _nested(n),
    "nested lists": lambda n: _nested(n, listed=True),
}


def _nested(size: int, *, listed: bool = False) -> Any:
    value: Any = ["x"] * size
    for _ in range(200):
        value = [value] if listed else {"a": value}
    return value


def _rendered(form: Any, make: Callable[[int], Any], *, width: int | None) -> Callable[[int], Work]:
    def prepare(size: int) -> Work:
        value = make(size)
        screen = Screen(form, terminal=width is not None, color=width is not None, width=width)

        def work() -> None:
            with contextlib.suppress(CliError):
                render(value, screen)

        return work

    return prepare


def _formats() -> list[Case]:
    return [
        Case(f"output: {name}, as {form or 'it comes'}, {'on a screen' if width else 'in a pipe'}", prepare)
        for name, make in SHAPES.items()
        for form in (None, *(form for form in FORMATS if form != "raw"))
        for width in (100, None)
        for prepare in (_rendered(form, make, width=width),)
        if width is not None or form == "table"
    ]


def _keys(size: int) -> Work:
    value = {"keys": [{"apiKey": f"ak-{number:040}", "id": number} for number in range(size)]}
    text, places = json_text.dumps(value), [("keys", "*", "apiKey")]

    def work() -> None:
        hidden(value, places)
        hidden_text(text, value, places)

    return work


def _log(size: int) -> Work:
    lines = [{"timestamp": f"2026-06-01T00:00:{i % 60:02}Z", "message": f"m{i}"} for i in range(size)]

    def work() -> None:
        tail = LogTail("2026-06-01T00:00:00Z")
        tail.feed(lines)
        tail.feed(lines)

    return work


def _cost(size: int) -> Work:
    models = {f"m{i}": {"total_amount": "0.1"} for i in range(size)}
    charge = {"type": "TRANSACTION_TYPE_CHARGE", "createdAt": "2026-06-01T00:00:00Z", "details": {"models": models}}
    prices = [{"id": f"m{i}", "inputTokenPrice": MONEY} for i in range(size)]
    usage = [{"modelId": f"m{i}", "cachedTokens": "7"} for i in range(size)]

    def work() -> None:
        document = cost(window("7d", datetime(2026, 6, 2, tzinfo=UTC)), [charge], prices, usage)
        words(document)
        rows(document, currency=True)

    return work


def _amount(size: int) -> Work:
    def work() -> None:
        with contextlib.suppress(ValueError):
            plain(amount({"units": "1" * size, "nanos": 1}))

    return work


def _read(text: str) -> Work:
    def work() -> None:
        for read in (parsed, lambda text: moment(text, NOW), money, json_text.loads, address, masked, visible):
            try:
                read(text)
            except (ValueError, OverflowError, ArithmeticError) as error:
                str(error)

    return work


UNITS = {
    "digits": "1", "colons": ":", "blanks": " ", "at signs": "@", "slashes": "//", "brackets": "[",
    "quotation marks": '"', "dots": ".", "question marks": "?", "letters": "a", "exponents": "1e9",
}  # fmt: skip


def _input(name: str, unit: str) -> Case:
    return Case(f"input: {name}", lambda size: _read(unit * size))


CASES = [
    *_formats(),
    Case("output: keys that are masked", _keys),
    Case("output: keys of YAML in colour", lambda n: lambda: to_text("a: b\n\n" * n, color=True)),
    Case("output: lines of a log", _log),
    Case("output: costs by model", _cost),
    Case("output: deployments", lambda n: lambda: deployments.ranked([UP] * n)),
    Case("output: digits of an amount", _amount),
    *(_input(name, unit) for name, unit in UNITS.items()),
]
