"""The way of a call, from a method down to the bytes, and of the answer up again."""

from __future__ import annotations

from collections.abc import Iterator

from documentation.pictures.svg import arrow, box, picture, text

STEPS = (
    ("your program", "client.inference.serverless.chat.completions.create(...)", "", "above"),
    (
        "tensormesh_generated.namespaces.inference",
        "arguments become a request, a value",
        "a model of the answer",
        "machine",
    ),
    (
        "tensormesh_overlay.calls.sender",
        "base URL, key, limits; refuses what the service refuses",
        "status -> error, JSON -> model, think blocks -> reasoning",
        "hand",
    ),
    ("tensormesh_overlay.calls.retry", "says send or wait, does neither", "is it worth another try?", "hand"),
    (
        "tensormesh_transport.blocking",
        "a free connection or a new one (asynchronous: the same, awaited)",
        "bytes as they come",
        "hand",
    ),
    ("tensormesh_transport.core.exchange", "request -> bytes", "bytes -> status, headers, content", "hand"),
    ("the host", "", "", "above"),
)
"""Where, what happens on the way down, and what on the way up."""

WIDTH, HEIGHT, GAP, LEFT = 900, 64, 22, 20


def draw() -> str:
    """SVG."""
    return picture("The way of a call", WIDTH, 20 + (HEIGHT + GAP) * len(STEPS), _parts())


def _parts() -> Iterator[str]:
    for number, (name, down, up, tint) in enumerate(STEPS):
        y = 16 + (HEIGHT + GAP) * number
        yield box(LEFT, y, WIDTH - 2 * LEFT, HEIGHT, tint)
        yield text(LEFT + 14, y + 22, name, bold=True)
        if down:
            yield text(LEFT + 14, y + 46, f"{'↓ ' if up else ''}{down}")
        if up:
            yield text(WIDTH - LEFT - 14, y + 46, f"↑ {up}", anchor="end")
        if number + 1 < len(STEPS):
            yield arrow(120, y + HEIGHT + 1, y + HEIGHT + GAP - 1)
            yield arrow(WIDTH - 120, y + HEIGHT + GAP - 1, y + HEIGHT + 1)
