"""The house: each package stands on those below it."""

from __future__ import annotations

from collections.abc import Iterator

from documentation.pictures.svg import box, picture, text

FLOORS = (
    ("tensormesh_cli", "the command tm", "hand"),
    ("tensormesh", "the public names", "hand"),
    ("tensormesh_batch", "many requests, into a folder", "hand"),
    ("tensormesh_overlay", "settings, calls, retries, streams, tools", "hand"),
    ("tensormesh_generated", "models, operations, methods; no I/O", "machine"),
    ("tools", "makes tensormesh_generated, from templates", "hand"),
    ("tensormesh_runtime", "what models and requests can do; no I/O", "hand"),
    ("tensormesh_transport", "HTTP/1.1, sync and async", "hand"),
    ("tensormesh_documents", "reads openapi/", "facts"),
)
"""From the roof down."""

BESIDE = (
    ("tensormesh_langchain", "a chat model for LangChain"),
    ("tensormesh_pydantic_ai", "for pydantic-ai"),
    ("tensormesh_pytest", "a plugin for tests"),
    ("tensormesh_contract", "checks a host"),
    ("tensormesh_local", "a host of your own"),
)
"""What stands beside: on the reader of the documents, on the client, or on both."""

WIDTH, ROW, LEFT, SIDE = 900, 46, 20, 620
LEGEND = (("hand", "by hand"), ("machine", "by machine"), ("facts", "the facts"), ("beside", "beside the layers"))


def draw() -> str:
    """SVG."""
    return picture("The packages, each on those below it", WIDTH, 70 + ROW * len(FLOORS), _parts())


def _parts() -> Iterator[str]:
    place = LEFT
    for tint, words in LEGEND:
        yield box(place, 16, 16, 16, tint)
        yield text(place + 24, 29, words)
        place += 150
    for number, (name, words, tint) in enumerate(FLOORS):
        ground = number == len(FLOORS) - 1
        y = 50 + ROW * number
        yield box(LEFT, y, WIDTH - 2 * LEFT if ground else SIDE - LEFT - 20, ROW - 6, tint)
        yield text(LEFT + 14, y + 25, name, bold=True)
        yield text(LEFT + 210, y + 25, words)
    height = ROW * (len(FLOORS) - 1) / len(BESIDE)
    for number, (name, words) in enumerate(BESIDE):
        top = 50 + height * number
        yield box(SIDE, top, WIDTH - LEFT - SIDE, height - 6, "beside")
        yield text(SIDE + 14, top + height / 2 - 6, name, bold=True)
        yield text(SIDE + 14, top + height / 2 + 14, words)
