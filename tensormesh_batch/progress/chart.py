"""Curves over time as SVG, for a page: no script, and colours that its style sheet names. No I/O."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from html import escape
from typing import NamedTuple

from tensormesh_batch.progress.amounts import length

WIDTH, HEIGHT = 560, 200
_LEFT, _RIGHT, _TOP, _BOTTOM = 56, 12, 10, 24
_TICKS = 4

type Point = tuple[float, float | None]


class Curve(NamedTuple):
    """
    Attributes:
        name: what it is, in the legend.
        points: seconds and values, in their order; it is interrupted where there is no value.
    """

    name: str
    points: Sequence[Point]


def chart(title: str, curves: Sequence[Curve], shown: Callable[[float], str], breaks: Sequence[float] = ()) -> str:
    """
    A figure.

    Args:
        shown: a value, as it stands at the axis.
        breaks: seconds at which something began anew.
    """
    return "".join(_figure(title, curves, shown, breaks))


def _figure(
    title: str, curves: Sequence[Curve], shown: Callable[[float], str], breaks: Sequence[float]
) -> Iterator[str]:
    values = [value for curve in curves for _, value in curve.points if value is not None]
    yield f"<figure><figcaption>{escape(title)}"
    if len(curves) > 1:
        for number, curve in enumerate(curves):
            yield f' <span class="c{number}">{escape(curve.name)}</span>'
    yield "</figcaption>"
    if not values:
        yield "<p class=quiet>nothing is known</p></figure>\n"
        return
    end = max((at for curve in curves for at, _ in curve.points), default=0.0) or 1.0
    step = _step(max(values))
    top = step * max(math.ceil(max(values) / step - 1e-9), 1)

    def x(at: float) -> float:
        return _LEFT + (WIDTH - _LEFT - _RIGHT) * at / end

    def y(value: float) -> float:
        return HEIGHT - _BOTTOM - (HEIGHT - _TOP - _BOTTOM) * value / top

    yield f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">'
    for count in range(round(top / step) + 1):
        at = y(count * step)
        yield f'<path class="grid" d="M{_LEFT} {at:.1f}H{WIDTH - _RIGHT}"/>'
        yield f'<text x="{_LEFT - 6}" y="{at + 4:.1f}" class="end">{escape(shown(count * step))}</text>'
    for count in range(_TICKS + 1):
        at, anchor = end * count / _TICKS, "start" if not count else "end" if count == _TICKS else "middle"
        yield f'<text x="{x(at):.1f}" y="{HEIGHT - 6}" class="{anchor}">{escape(length(at))}</text>'
    for at in breaks:
        yield f'<path class="break" d="M{x(at):.1f} {_TOP}V{HEIGHT - _BOTTOM}"/>'
    for number, curve in enumerate(curves):
        if path := _path(curve.points, x, y):
            yield f'<path class="curve s{number}" d="{path}"/>'
    yield "</svg></figure>\n"


def _path(points: Sequence[Point], x: Callable[[float], float], y: Callable[[float], float]) -> str:
    found = []
    pen = "M"
    for at, value in points:
        if value is None:
            pen = "M"
            continue
        found.append(f"{pen}{x(at):.1f} {y(value):.1f}")
        if pen == "M":
            found.append("h.01")  # so that a lone point is seen
        pen = "L"
    return "".join(found)


def _step(most: float) -> float:
    """A round number of which some reach up to the largest value."""
    if most <= 0:
        return 1.0
    rough = most / _TICKS
    power = 10.0 ** math.floor(math.log10(rough))
    return next(power * factor for factor in (1, 2, 2.5, 5, 10) if power * factor >= rough * (1 - 1e-9))
