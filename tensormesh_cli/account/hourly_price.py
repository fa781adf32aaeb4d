"""What a deployment would cost by the hour. Pure: the request and the price list are handed in."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from decimal import Decimal
from typing import Any

from tensormesh_cli.values.money import amount, is_money, plain

UNKNOWN = "What it costs by the hour is not in the price list (`tm billing pricing list`)."


def sentence(request: Mapping[str, Any], prices: Iterable[Mapping[str, Any]]) -> str:
    """
    The price of a deployment, for the question whether to go on.

    Args:
        request: what is asked to be deployed.
        prices: GPU rates, as the control plane lists them.
    """
    gpu, provider = _word(request.get("gpuType")), _word((_mapping(request.get("infra"))).get("cloudProvider"))
    rates: dict[str, list[Decimal]] = {}
    for price in prices:
        rate = price.get("hourlyRate")
        if not is_money(rate) or price.get("isActive") is False or not gpu or _word(price.get("gpuType")) != gpu:
            continue
        if not provider or _word(price.get("cloudProvider")) == provider:
            try:
                found = amount(rate)
            except (TypeError, ValueError):
                continue
            rates.setdefault(str(rate.get("currencyCode") or ""), []).append(found)
    if not rates:
        return UNKNOWN
    count = _count(request.get("gpuCount"))
    said = " or ".join(_span(min(each), max(each), count, currency) for currency, each in rates.items())
    where = f" at {provider}" if provider else ""
    what = f"{count} x {gpu}{where}" if count else f"each {gpu}{where}"
    return f"It costs {said} an hour ({what}) until it is deleted."


def _span(low: Decimal, high: Decimal, count: int | None, currency: str) -> str:
    low, high = low * (count or 1), high * (count or 1)
    return plain(low, currency) if low == high else f"{plain(low)} to {plain(high, currency)}"


def _word(value: Any) -> str:
    """`GPU_TYPE_H200` and `CLOUD_PROVIDER_NEBIUS` as they are typed."""
    word = str(value or "").removeprefix("GPU_TYPE_").removeprefix("CLOUD_PROVIDER_").lower()
    return "" if word == "unspecified" else word


def _mapping(value: Any) -> Mapping[str, Any]:
    return value if isinstance(value, Mapping) else {}


def _count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value > 0 else None
