"""Elements of SVG as text."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape

FONT = 'font-family="sans-serif" font-size="13"'
INK, LINE, PAPER = "#222222", "#888888", "#ffffff"
TINTS = {"hand": "#fff3d6", "machine": "#dcebff", "facts": "#e3f4e1", "beside": "#f3e6f5", "above": "#eeeeee"}
"""Colours of boxes, by who writes what is in them."""


def picture(title: str, width: int, height: int, parts: Iterable[str]) -> str:
    """A whole picture on white paper, which shows on dark pages too; the title is for those who cannot see it."""
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img" {FONT}>'
    paper = f'<rect width="100%" height="100%" rx="6" fill="{PAPER}"/>'
    return "\n".join([head, f"<title>{escape(title)}</title>", paper, *parts, "</svg>", ""])


def text(x: float, y: float, words: str, *, bold: bool = False, anchor: str = "start") -> str:
    """A line of text."""
    style = ' font-weight="bold"' if bold else ""
    return f'<text x="{x:g}" y="{y:g}" text-anchor="{anchor}" fill="{INK}"{style}>{escape(words)}</text>'


def box(x: float, y: float, width: float, height: float, tint: str) -> str:
    """A box in the colour of a tint."""
    return (
        f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="5" fill="{TINTS[tint]}" stroke="{LINE}"/>'
    )


def arrow(x: float, y: float, to_y: float) -> str:
    """An arrow straight down, or up."""
    head = -6 if to_y > y else 6
    path = f"M{x:g} {y:g} V{to_y:g} M{x - 4:g} {to_y + head:g} L{x:g} {to_y:g} L{x + 4:g} {to_y + head:g}"
    return f'<path d="{path}" fill="none" stroke="{INK}"/>'


def bar(x: float, y: float, width: float, height: float, colour: str) -> str:
    """A bar of a chart."""
    return f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" fill="{colour}"/>'
