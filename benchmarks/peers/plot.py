"""The picture: one row a case, one mark a peer, at how many times our cost its cost is."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from xml.sax.saxutils import escape

from benchmarks.peers.cases import CASES
from benchmarks.peers.results import Results
from benchmarks.peers.roster import OURS, PEERS

SHOWN = (
    "import-sync",
    "first-answer-sync",
    "request-sync",
    "request-async-1",
    "request-async-64",
    "request-async-256",
    "first-chunk-sync",
    "first-chunk-async",
    "chunks-sync-1000",
    "chunks-async-1000",
    "chunks-sync-batched",
    "chunks-async-batched",
    "texts-sync",
    "texts-async",
    "streams-1000-paced",
)
# Okabe and Ito's colours, which differ for everybody.
COLOURS = {
    "published": "#d55e00",
    "openai": "#009e73",
    "httpx": "#0072b2",
    "httpx2": "#56b4e9",
    "aiohttp": "#cc79a7",
    "requests": "#e69f00",
    "urllib3": "#777777",
}
TYPED = {peer.name for peer in PEERS if peer.typed}
FONT = 'font-family="sans-serif" font-size="13"'
LEFT, RIGHT, TOP, ROW = 300, 24, 78, 26
WIDTH = 900


def picture(results: Results) -> str:
    """SVG."""
    rows = {
        case.title: {peer: ratio for peer in COLOURS if (ratio := _ratio(results, case.name, peer))}
        for case in CASES
        if case.name in SHOWN and results.figure(case.name, OURS)
    }
    return draw({title: ratios for title, ratios in rows.items() if ratios})


def draw(rows: Mapping[str, Mapping[str, float]]) -> str:
    """SVG of ratios by row and peer; the axis is logarithmic, ours is its 1."""
    ratios = [ratio for row in rows.values() for ratio in row.values()]
    low = math.floor(math.log2(min([0.5, *ratios])))
    high = math.ceil(math.log2(max([2.0, *ratios])))
    bottom = TOP + ROW * len(rows)

    def x(ratio: float) -> float:
        return LEFT + (math.log2(ratio) - low) / (high - low) * (WIDTH - LEFT - RIGHT)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {WIDTH} {bottom + 30}" {FONT}>',
        "<title>CPU time of other clients, as multiples of ours</title>",
        '<rect width="100%" height="100%" fill="#ffffff"/>',
        _text(LEFT, 22, "CPU time as a multiple of ours, log scale (disc: a typed client, ring: a bare library)"),
        *_legend(sorted({peer for row in rows.values() for peer in row}, key=list(COLOURS).index)),
    ]
    for power in range(low, high + 1):
        place, ratio = x(2.0**power), 2.0**power
        line = 'stroke="#222222" stroke-width="2"' if power == 0 else 'stroke="#dddddd"'
        parts.append(f'<line x1="{place:.1f}" x2="{place:.1f}" y1="{TOP - 12}" y2="{bottom}" {line}/>')
        parts.append(_text(place, bottom + 18, "ours" if power == 0 else f"{ratio:g} x", "middle"))
    for index, (title, row) in enumerate(rows.items()):
        y = TOP + ROW * index + 4
        parts.append(_text(LEFT - 16, y + 4, title, "end"))
        for peer, ratio in row.items():
            label = escape(f"{peer}: {ratio:.2f} times ours")
            parts.append(f"{_mark(peer, x(ratio), y)}<title>{label}</title></circle>")
    return "\n".join([*parts, "</svg>", ""])


def _legend(peers: Sequence[str]) -> list[str]:
    parts = []
    for index, peer in enumerate(peers):
        place = LEFT + index * 85
        parts += [f"{_mark(peer, place, 43)}</circle>", _text(place + 11, 48, peer)]
    return parts


def _mark(peer: str, x: float, y: float) -> str:
    """A disc for a typed client, a ring for a bare library."""
    fill = COLOURS[peer] if peer in TYPED else "none"
    return f'<circle cx="{x:.1f}" cy="{y}" r="5.5" fill="{fill}" stroke="{COLOURS[peer]}" stroke-width="2">'


def _text(x: float, y: float, text: str, anchor: str = "start") -> str:
    return f'<text x="{x:.1f}" y="{y}" text-anchor="{anchor}" fill="#222222">{escape(text)}</text>'


def _ratio(results: Results, case: str, peer: str) -> float | None:
    ours, theirs = results.figure(case, OURS), results.figure(case, peer)
    return theirs.median / ours.median if ours and theirs else None
