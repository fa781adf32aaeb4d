"""Where lines are typed: prompt-toolkit where it is installed, else what Python brings."""

from __future__ import annotations

import glob
import os
from collections.abc import Callable, Sequence
from contextlib import suppress
from typing import Protocol

type Completer = Callable[[str], Sequence[str]]
"""What the line up to the cursor may become: each with all of its last word."""


class Editor(Protocol):
    """One line, or several, at a time."""

    def read(self, prompt: str) -> str:
        """
        What was typed. The cursor stands at the beginning of a line afterwards, whatever happened.

        Raises:
            EOFError: Ctrl-D.
            KeyboardInterrupt: Ctrl-C.
        """
        ...


def chosen(typed: Sequence[str], complete: Completer, *, dumb: bool) -> Editor:
    """
    The best editor that there is.

    Args:
        typed: what was typed before, oldest first.
        dumb: the terminal can do nothing.
    """
    if not dumb:
        with suppress(ImportError):
            from tensormesh_cli.terminal.prompt_editor import PromptEditor

            return PromptEditor(typed, complete)
    return PlainEditor(typed, complete)


class PlainEditor:
    """Python's own; with readline, where that is there, keys and completion do what they do in a shell."""

    def __init__(self, typed: Sequence[str], complete: Completer) -> None:
        try:
            import readline
        except ImportError:  # such as on Windows
            return
        readline.set_completer_delims(" ")
        readline.set_completer(self._completion(complete, readline.get_line_buffer))
        # The libedit of macOS has another language for keys.
        libedit = "libedit" in (readline.__doc__ or "")
        readline.parse_and_bind("bind ^I rl_complete" if libedit else "tab: complete")
        for text in typed:
            readline.add_history(text.replace("\n", " "))

    def read(self, prompt: str) -> str:
        try:
            return input(prompt)
        except (EOFError, KeyboardInterrupt):
            print()  # the prompt still stands there
            raise

    @staticmethod
    def _completion(complete: Completer, line: Callable[[], str]) -> Callable[[str, int], str | None]:
        def completion(word: str, index: int) -> str | None:
            found = complete(line())
            return found[index] if index < len(found) else None

        return completion


def paths(begun: str) -> list[str]:
    """The files whose names begin so; folders end with a slash."""
    found = glob.glob(f"{glob.escape(os.path.expanduser(begun))}*")
    return sorted(f"{path}{os.sep}" if os.path.isdir(path) else path for path in found)
