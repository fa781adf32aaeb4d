"""Answers set as Markdown, block after block as they come; what is still being written stands below, and is wiped."""

from __future__ import annotations

import sys
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING

from tensormesh_cli.app import App
from tensormesh_cli.output.control_characters import visible
from tensormesh_cli.output.markdown_blocks import Blocks

if TYPE_CHECKING:
    from rich.console import Console, ConsoleOptions, RenderResult
    from rich.live import Live
    from rich.segment import Segment

_CODE_THEME = "ansi_dark"
_PREVIEW_ROWS = 12
"""So much of a block is shown while it is written: its end."""

_SECONDS = 0.1
"""So long a drawing stands at least."""


class MarkdownText:
    """
    Where the text of one answer goes. Its end has to be told.

    Raises:
        ImportError: rich is not there.
    """

    def __init__(self, app: App) -> None:
        from rich.console import Console

        color = app.colored(sys.stdout)
        self._console = Console(
            file=sys.stdout,
            force_terminal=app.screen.terminal,
            color_system="standard" if color else None,
            highlight=False,
            markup=False,
            emoji=False,
        )
        self._blocks = Blocks()
        self._live: Live | None = None
        self._first = True
        self._lock = threading.Lock()
        self._over = threading.Event()
        self._thread: threading.Thread | None = None

    def write(self, text: str) -> None:
        if self._live is None:
            self._live = self._begun()
        with self._lock:
            for block in self._blocks.feed(text):
                self._print(block)

    def end(self) -> None:
        if self._live is None:
            return
        self._over.set()
        live, self._live = self._live, None
        try:
            if self._thread is not None:
                self._thread.join()
        finally:  # whatever happens, the cursor is there again
            rest = self._blocks.flush()  # first, so that the preview is empty when it is drawn for the last time
            live.stop()
        if rest:
            self._print(rest)

    def _begun(self) -> Live:
        from rich.live import Live

        live = Live(
            _Preview(self._blocks),
            console=self._console,
            auto_refresh=False,  # its thread would draw over a block that is being set
            transient=True,
            redirect_stdout=False,
            redirect_stderr=False,
        )
        live.start()
        if self._console.is_terminal:
            self._thread = threading.Thread(target=self._draw, args=(live,), daemon=True)
            self._thread.start()
        return live

    def _draw(self, live: Live) -> None:
        """Shows what is not finished, also when nothing more comes."""
        drawn = ""
        while not self._over.wait(_SECONDS):
            with self._lock:
                if self._blocks.rest != drawn:
                    drawn = self._blocks.rest
                    live.refresh()

    def _print(self, block: str) -> None:
        self._console.print(_Gated(block, apart=not self._first))
        self._first = False


class _Gated:
    """
    Markdown in which nothing is left that is not seen. It is looked at after it was read, too: `&#x202e;` is harmless
    before. Links show where they lead, and are none for the terminal.

    Args:
        apart: an empty row stands before it.
    """

    def __init__(self, text: str, *, apart: bool) -> None:
        self._text = text
        self._apart = apart

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from rich.markdown import Markdown
        from rich.segment import Segment

        markdown = Markdown(visible(self._text), hyperlinks=False, code_theme=_CODE_THEME, justify="left")
        rows = [_trimmed(row) for row in console.render_lines(markdown, options, pad=False)]
        while rows and not rows[-1]:
            rows.pop()
        if self._apart:
            yield Segment.line()
        begun = False
        for row in rows:
            begun = begun or bool(row)
            if begun:  # some kinds of block have an empty row around them, others none
                for segment in row:
                    yield Segment(visible(segment.text), segment.style and segment.style.update_link(None))
                yield Segment.line()


def _trimmed(row: Sequence[Segment]) -> list[Segment]:
    """A row without the blanks at its end, which would be copied along."""
    found = [segment for segment in row if segment.control is None]
    while found and not found[-1].text.rstrip() and not (found[-1].style and found[-1].style.bgcolor):
        found.pop()
    if found and not (found[-1].style and found[-1].style.bgcolor):
        found[-1] = found[-1]._replace(text=found[-1].text.rstrip())
    return found


class _Preview:
    """The last rows of what is not finished, whenever it is looked at."""

    def __init__(self, blocks: Blocks) -> None:
        self._blocks = blocks

    def __rich_console__(self, console: Console, options: ConsoleOptions) -> RenderResult:
        from rich.segment import Segment
        from rich.text import Text

        text = self._blocks.rest.lstrip("\n")
        if not text.strip():
            return
        # A row can hold no more signs than there are columns: what stands far before the end is not seen.
        shown = visible(text[-(options.max_width * _PREVIEW_ROWS) :])
        rows = console.render_lines(Text(shown), options, pad=False)
        for row in rows[-min(_PREVIEW_ROWS, max(console.height - 2, 1)) :]:
            yield from row
            yield Segment.line()
