"""What inference cost over a time, and what its cache saved. Pure: ledger, prices and usage are handed in."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any

from tensormesh_cli.values.money import CURRENCY, amount, is_money, plain
from tensormesh_cli.values.times import parsed, written

CHARGE = "TRANSACTION_TYPE_CHARGE"
PRICED_TOKENS = 1_000_000
"""A "token price" is for so many tokens."""

LEAST_EXPONENT, MOST_EXPONENT = -30, 15

WINDOWS = {"24h": timedelta(hours=24), "7d": timedelta(days=7), "30d": timedelta(days=30)}

_MONTH = re.compile(r"(\d{4})-(0[1-9]|1[0-2])")


@dataclass(frozen=True)
class Period:
    """From `start`, and up to but without `end`; `view` says what it was asked for as."""

    start: datetime
    end: datetime
    view: Mapping[str, str]

    def holds(self, moment: datetime | None) -> bool:
        return moment is not None and self.start <= moment < self.end


def window(name: str, now: datetime) -> Period:
    return Period(now - WINDOWS[name], now, {"view": "window", "window": name})


def month(name: str) -> Period:
    """
    A calendar month in UTC.

    Raises:
        ValueError: it is not written YYYY-MM.
    """
    found = _MONTH.fullmatch(name)
    if not found or int(found[1]) == 0:
        raise ValueError(f"{name!r} is no month such as 2026-06")
    year, number = int(found[1]), int(found[2])
    start = datetime(year, number, 1, tzinfo=UTC)
    end = datetime(year + number // 12, number % 12 + 1, 1, tzinfo=UTC)
    return Period(start, end, {"view": "month", "month": name})


def span(start: str, end: str | None, now: datetime) -> Period:
    """
    Between two moments.

    Raises:
        ValueError: it ends before it begins.
    """
    first, last = datetime.fromisoformat(start), datetime.fromisoformat(end) if end else now
    if last <= first:
        raise ValueError("it ends before it begins")
    return Period(first, last, {"view": "range", "start": written(first), "end": written(last)})


@dataclass
class _Line:
    model: str
    name: str
    currency: str
    events: int = 0
    input_tokens: int = 0
    output_tokens: int = 0
    cached_tokens: int = 0
    spend: Decimal = Decimal(0)
    saving: Decimal = Decimal(0)


def cost(
    period: Period,
    transactions: Iterable[Mapping[str, Any]],
    prices: Sequence[Mapping[str, Any]],
    usage: Iterable[Mapping[str, Any]],
) -> dict[str, Any]:
    """
    Spend and saving by model.

    Spend is what was charged in the period. A saving is the difference between the price of a prompt token and that
    of one from the cache, for each token that came from there.
    """
    known = _Prices(prices)
    lines: dict[tuple[str, str], _Line] = {}

    def line(model: str, currency: str) -> _Line:
        name, shown = known.names(model)
        return lines.setdefault((name, currency), _Line(name, shown, currency))

    for entry in transactions:
        if entry.get("type") != CHARGE or not period.holds(parsed(entry.get("createdAt"))):
            continue
        currency = str((entry.get("amount") or {}).get("currencyCode") or CURRENCY)
        for model, share in ((entry.get("details") or {}).get("models") or {}).items():
            line(model, currency).spend += _decimal(share.get("total_amount"))
    for row in usage:
        model = str(row.get("modelId") or "")
        currency, difference = known.saved_by_a_token(model)
        into = line(model, currency)
        cached = _count(row.get("cachedTokens"))
        into.events += _count(row.get("requestCount"))
        into.input_tokens += _count(row.get("inputTokens"))
        into.output_tokens += _count(row.get("outputTokens"))
        into.cached_tokens += cached
        into.saving += cached * difference
    return _document(period, sorted(lines.values(), key=lambda item: (-item.spend, item.model)))


def words(document: Mapping[str, Any]) -> str:
    """The same for people; the table of models apart."""
    lines = []
    for total in document["totals"]:
        currency, spend, saving = total["currency"], Decimal(total["spend"]), Decimal(total["cache_saving"])
        whole = spend + saving
        share = f", {saving / whole:.0%} of what it would have cost" if whole else ""
        lines.append(f"spent:              {_shown(spend, currency)}")
        lines.append(f"saved by the cache: {_shown(saving, currency)}{share}")
    return "\n".join(lines) + "\n" if lines else "Nothing was spent.\n"


def rows(document: Mapping[str, Any], *, currency: bool) -> list[dict[str, Any]]:
    """The models as rows of a table; `currency` gives each its own."""
    return [
        {
            "model": item["model"],
            "spent": f"{Decimal(item['spend']):.4f}",
            "saved": f"{Decimal(item['cache_saving']):.4f}",
            **({"currency": item["currency"]} if currency else {}),
            "requests": item["events"],
            "input": item["input_tokens"],
            "output": item["output_tokens"],
            "cached": item["cached_tokens"],
        }
        for item in document["per_model"]
    ]


def _shown(value: Decimal, currency: str) -> str:
    return f"{value:.4f} {currency}"


def _document(period: Period, lines: Sequence[_Line]) -> dict[str, Any]:
    totals: dict[str, dict[str, Decimal]] = {}
    for item in lines:
        total = totals.setdefault(item.currency, {"spend": Decimal(0), "saving": Decimal(0)})
        total["spend"] += item.spend
        total["saving"] += item.saving
    one = next(iter(totals.values())) if len(totals) == 1 else None
    nothing = Decimal(0) if not totals else None
    return {
        **period.view,
        "from": written(period.start),
        "to": written(period.end),
        "per_model": [
            {
                "model": item.model,
                "name": item.name,
                "events": item.events,
                "input_tokens": item.input_tokens,
                "output_tokens": item.output_tokens,
                "cached_tokens": item.cached_tokens,
                "spend": plain(item.spend),
                "cache_saving": plain(item.saving),
                "currency": item.currency,
            }
            for item in lines
        ],
        # One sum of two currencies would be a lie.
        "spend_subtotal": _text(one["spend"] if one else nothing),
        "cache_saving_total": _text(one["saving"] if one else nothing),
        "currency": next(iter(totals), CURRENCY) if len(totals) < 2 else None,
        "totals": [
            {"currency": currency, "spend": plain(total["spend"]), "cache_saving": plain(total["saving"])}
            for currency, total in totals.items()
        ],
    }


def _text(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


class _Prices:
    """The price list, by the id of a record and by the name of a model; usage and ledger may use either."""

    def __init__(self, prices: Sequence[Mapping[str, Any]]) -> None:
        # What is in force wins over what was.
        ordered = sorted(prices, key=lambda price: bool(price.get("isActive")))
        self._found = {str(price[key]): price for key in ("id", "model") for price in ordered if price.get(key)}

    def names(self, model: str) -> tuple[str, str]:
        price = self._found.get(model, {})
        return str(price.get("model") or model), str(price.get("name") or model)

    def saved_by_a_token(self, model: str) -> tuple[str, Decimal]:
        price = self._found.get(model, {})
        full, cached = price.get("inputTokenPrice"), price.get("cachedTokenPrice")
        if not is_money(full):
            return CURRENCY, Decimal(0)
        try:
            saved = amount(full) - (amount(cached) if is_money(cached) else 0)
        except (TypeError, ValueError):
            return CURRENCY, Decimal(0)
        return str(full.get("currencyCode") or CURRENCY), max(saved, Decimal(0)) / PRICED_TOKENS


def _decimal(value: Any) -> Decimal:
    """An amount; one that nobody can have meant is nought, since written out it would be as long as its exponent."""
    try:
        found = Decimal(str(value))
    except InvalidOperation:
        return Decimal(0)
    return found if found.is_finite() and LEAST_EXPONENT < found.adjusted() < MOST_EXPONENT else Decimal(0)


def _count(value: Any) -> int:
    try:
        return int(value or 0)
    except (TypeError, ValueError):
        return 0
