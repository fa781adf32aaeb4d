"""What an input holds and what it may cost, before anything is sent."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Literal

from tensormesh_batch.money.price import PER_USD, Price, Tokens, dollars
from tensormesh_batch.money.worst_case import worst_case
from tensormesh_batch.plan.building import Order, Survey, build
from tensormesh_batch.progress.amounts import count, usd
from tensormesh_batch.rows.line import Line
from tensormesh_batch.rows.source import Source, seekable_file
from tensormesh_batch.running.settings import Settings

CHARACTERS_PER_TOKEN = 4
"""Of English, about; other languages and program text have fewer."""


@dataclass(frozen=True, slots=True)
class Estimate:
    """
    What an input holds.

    Attributes:
        rows: requests.
        bad_lines: lines that are none.
        bad: the first of them: number, and what is wrong.
        models: how many rows each model gets.
        prompt_tokens: about so many go in, by the number of characters.
        most_completion_tokens: no more come out; None where nothing limits that.
        most_usd: no more is paid; None where that cannot be told.
        unpriced: models without a price.
        unlimited: rows without a limit: no `max_tokens`, and the context of their model is not known.
        order: in which order the rows would go.
        shared: of what goes in, the share that a row has in common with the one before it, in that order.
        shared_as_it_is: the same in the order of the input.
        saved_usd: what the order could save, where the host's cache keeps up.
    """

    rows: int
    bad_lines: int
    bad: tuple[tuple[int, str], ...]
    models: Mapping[str, int]
    prompt_tokens: int
    most_completion_tokens: int | None
    most_usd: Decimal | None
    unpriced: tuple[str, ...]
    unlimited: int
    order: Literal["prefix", "input"]
    shared: float
    shared_as_it_is: float
    saved_usd: Decimal | None

    def __str__(self) -> str:
        return "\n".join(_lines(self))

    def to_dict(self) -> dict[str, Any]:
        """As JSON has it; money as text."""
        found = asdict(self)
        for name in ("most_usd", "saved_usd"):
            found[name] = None if found[name] is None else f"{found[name]:f}"
        return {**found, "bad": [{"line": number, "problem": why} for number, why in self.bad]}


class _Sum:
    """Adds up rows."""

    def __init__(self, settings: Settings) -> None:
        self.models: Counter[str] = Counter()
        self.completion = 0
        self.most = 0
        self.unlimited = 0
        self.unpriced: set[str] = set()
        self.input_cost = 0
        self._settings = settings

    def add(self, line: Line, size: int) -> None:
        model = line.body["model"]
        self.models[model] += 1
        worst = worst_case(size, line.body, self._settings.contexts.get(model))
        price = self._settings.price(model)
        if price is None:
            self.unpriced.add(model)
        else:
            self.input_cost += price.cost(Tokens(size // CHARACTERS_PER_TOKEN, 0, 0))
        if worst is None:
            self.unlimited += 1
            return
        self.completion += worst.completion
        if price is not None:
            self.most += price.cost(worst)


def estimate(
    source: Source,
    *,
    model: str | None = None,
    max_tokens: int | None = None,
    order: Order = "auto",
    price: Price | Mapping[str, Price] | None = None,
    contexts: Mapping[str, int] | None = None,
) -> Estimate:
    """
    Tell what an input holds, and what it may cost. Sends nothing, and writes nothing but files that go away again.

    Args:
        source: as `run` takes it. Standard input, and rows of a program, are used up.
        model, max_tokens, order, price, contexts: as `run` takes them.

    Raises:
        InputError: there is no such file, or two rows have the same custom_id.
    """
    settings = Settings.of(model=model, max_tokens=max_tokens, price=price, contexts=contexts or {})
    found = _Sum(settings)
    with TemporaryDirectory(prefix="tensormesh-batch-") as folder:
        file = seekable_file(source, Path(folder) / "input.jsonl")
        plan = Path(folder) / "plan.bin"
        survey = build(file, plan, defaults=settings.defaults, order=order, skip_bad=True, seen=found.add)
    return _estimate(survey, found)


def _estimate(survey: Survey, found: _Sum) -> Estimate:
    characters = survey.characters or 1
    as_it_is = survey.in_a_row / characters
    shared = survey.sharable / characters if survey.order == "prefix" else as_it_is
    known = not found.unlimited and not found.unpriced
    saved = None if found.unpriced else Decimal(found.input_cost) * Decimal(max(shared - as_it_is, 0.0)) / PER_USD
    return Estimate(
        rows=survey.rows,
        bad_lines=survey.bad,
        bad=tuple(survey.bad_lines),
        models=dict(found.models.most_common()),
        prompt_tokens=survey.characters // CHARACTERS_PER_TOKEN,
        most_completion_tokens=None if found.unlimited else found.completion,
        most_usd=dollars(found.most) if known else None,
        unpriced=tuple(sorted(found.unpriced)),
        unlimited=found.unlimited,
        order=survey.order,
        shared=shared,
        shared_as_it_is=as_it_is,
        saved_usd=None if saved is None else round(saved, 6),
    )


def _lines(found: Estimate) -> Iterator[str]:
    models = ", ".join(f"{name} ({count:,})" for name, count in found.models.items())
    yield f"{count(found.rows, 'row', 'rows')}{f' for {models}' if models else ''}"
    if found.bad_lines:
        yield f"{count(found.bad_lines, 'line is no request', 'lines are no requests')}:"
        yield from (f"  line {number}: {why}" for number, why in found.bad)
        if (more := found.bad_lines - len(found.bad)) > 0:
            yield f"  and {more:,} more"
    out = "" if found.most_completion_tokens is None else f", at most {found.most_completion_tokens:,} out"
    yield f"about {found.prompt_tokens:,} tokens in{out}"
    if found.most_usd is not None:
        yield f"at most {usd(found.most_usd)} USD"
    if found.unpriced:
        yield f"what it may cost is not known without the price of {', '.join(found.unpriced)}: give price (--price)"
    if found.unlimited:
        rows = count(found.unlimited, "row has", "rows have")
        yield f"{rows} no limit for what comes out: give max_tokens (--max-tokens)"
    if found.order == "prefix":
        saved = f", which could save {usd(found.saved_usd)} USD" if found.saved_usd else ""
        yield (
            f"rows with the same beginning go together: {found.shared:.1%} of what goes in is shared with the row "
            f"before, {found.shared_as_it_is:.1%} in the order of the input{saved}"
        )
    else:
        yield f"rows go in the order of the input: {found.shared:.1%} of what goes in is shared with the row before"
