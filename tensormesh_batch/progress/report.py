"""A page about a run that needs nothing else: what it did, and curves over time. All text is escaped."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from html import escape
from itertools import pairwise, zip_longest

from tensormesh_batch.errors import FolderError
from tensormesh_batch.folder.layout import Layout
from tensormesh_batch.progress.chart import Curve, Point, chart
from tensormesh_batch.progress.history import Moment, moments
from tensormesh_batch.progress.summary import Summary

POINTS = 240
"""Of a curve, at most; more would be narrower than a pixel."""

_POLICY = "default-src 'none'; style-src 'unsafe-inline'"
_STYLE = """
:root { color-scheme: light dark; --c0: #1668b8; --c1: #c2600a; --line: #8884; font: 15px/1.5 system-ui, sans-serif; }
@media (prefers-color-scheme: dark) { :root { --c0: #6cb2f5; --c1: #f2a65a; } }
body { max-width: 75rem; margin: 0 auto; padding: 1.5rem; }
h1 { margin: 0; font-size: 1.4rem; overflow-wrap: anywhere; }
.charts { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(28rem, 100%), 1fr)); gap: 1rem; }
figure { margin: 0; padding: .5rem .75rem; border-radius: .4rem; background: #8881; }
figcaption { font-weight: 600; } figcaption span { font-weight: 400; margin-left: .75rem; }
svg { width: 100%; height: auto; display: block; } .quiet { opacity: .75; }
text { fill: currentColor; opacity: .75; font-size: 11px; } .end { text-anchor: end; } .middle { text-anchor: middle; }
path { fill: none; } .grid { stroke: var(--line); } .break { stroke: currentColor; opacity: .5; stroke-dasharray: 3 3; }
.curve { stroke-width: 1.75; stroke-linejoin: round; stroke-linecap: round; }
.s0 { stroke: var(--c0); } .s1 { stroke: var(--c1); } .c0 { color: var(--c0); } .c1 { color: var(--c1); }
"""


def write_report(layout: Layout, summary: Summary) -> None:
    """
    Write the page of a folder.

    Raises:
        FolderError: it cannot be written.
    """
    page = report(layout.root.name, summary, moments(layout.history))
    unfinished = layout.report.with_suffix(".unfinished")
    try:
        unfinished.write_text(page, encoding="utf-8", errors="replace")
        unfinished.replace(layout.report)
    except OSError as error:
        raise FolderError(f"{layout.report} cannot be written: {error.strerror}") from error


def report(name: str, summary: Summary, history: Iterable[Moment]) -> str:
    """
    The page.

    Args:
        name: what the run is called.
    """
    return "".join(_parts(name, summary, _Course(history)))


class _Course:
    """
    All runs one after the other, as if none had waited for the next.

    Attributes:
        steps: seconds on that clock, a moment and the one before it; None where the moment is the first of its run.
        breaks: where another run began.
    """

    def __init__(self, history: Iterable[Moment]) -> None:
        every = list(history)
        lengths = {moment.run: moment.seconds for moment in every}  # the last one of each counts
        least = sum(lengths.values()) / POINTS
        begins: dict[int, float] = {}
        at = 0.0
        for run, length in lengths.items():
            begins[run] = at
            at += length
        self.breaks = [at for at in begins.values() if at]
        kept: list[Moment] = []
        for moment, after in zip_longest(every, every[1:]):
            ends = after is None or after.run != moment.run
            begun = not kept or kept[-1].run != moment.run
            if ends or begun or moment.seconds - kept[-1].seconds >= least:
                kept.append(moment)
        self.steps = [
            (begins[now.run] + now.seconds, now, then if then is not None and then.run == now.run else None)
            for then, now in pairwise([None, *kept])
            if now is not None
        ]

    def level(self, value: Callable[[Moment], float | None]) -> Sequence[Point]:
        """What was so at each moment."""
        return [(at, value(now)) for at, now, _ in self.steps]

    def ratio(self, part: Callable[[Moment], float], whole: Callable[[Moment], float]) -> Sequence[Point]:
        """How much of one there was for each of another, from moment to moment."""
        found: list[Point] = []
        for at, now, then in self.steps:
            of = 0.0 if then is None else whole(now) - whole(then)
            found.append((at, None if then is None or of <= 0 else max(part(now) - part(then), 0) / of))
        return found


def _parts(name: str, summary: Summary, course: _Course) -> Iterator[str]:
    yield '<!doctype html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
    yield f'<meta http-equiv="Content-Security-Policy" content="{_POLICY}">\n'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
    yield f"<title>Batch: {escape(name)}</title>\n<style>{_STYLE}</style>\n</head>\n<body>\n"
    yield f"<h1>Batch {escape(name)}</h1>\n<ul>\n"
    for line in str(summary).splitlines():
        yield f"<li>{escape(line)}</li>\n"
    yield "</ul>\n<div class=charts>\n"
    yield from _charts(course)
    yield "</div>\n"
    if course.breaks:
        yield "<p class=quiet>A dotted line is where another run went on; the time between them is left out.</p>\n"
    yield "</body>\n</html>\n"


def _charts(course: _Course) -> Iterator[str]:
    seconds: Callable[[Moment], float] = lambda moment: moment.seconds  # noqa: E731  (as those below)
    yield chart(
        "Rows a second", [Curve("answered", course.ratio(lambda moment: moment.done, seconds))], _short, course.breaks
    )
    tokens = course.ratio(lambda moment: moment.prompt_tokens + moment.completion_tokens, seconds)
    yield chart("Tokens a second", [Curve("in and out", tokens)], _short, course.breaks)
    yield chart(
        "Rows under way",
        [
            Curve("in flight", course.level(lambda moment: moment.in_flight)),
            Curve("limit", course.level(lambda moment: moment.limit)),
        ],
        _short,
        course.breaks,
    )
    latency = course.ratio(lambda moment: moment.answer_seconds, lambda moment: moment.answers)
    yield chart("Seconds that an answer takes", [Curve("mean", latency)], _short, course.breaks)
    cached = course.ratio(lambda moment: moment.cached_tokens, lambda moment: moment.prompt_tokens)
    yield chart("Share of cached tokens", [Curve("cached", cached)], lambda value: f"{value:.0%}", course.breaks)
    yield chart("Cost in USD", [Curve("all runs", course.level(lambda moment: moment.cost_usd))], _short, course.breaks)


def _short(value: float) -> str:
    for size, sign in ((1e9, "G"), (1e6, "M"), (1e3, "k")):
        if value >= size:
            return f"{value / size:g}{sign}"
    return f"{value:.3g}"
