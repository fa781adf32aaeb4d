"""Typing with prompt-toolkit: several lines, history, completion while one types a command."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from prompt_toolkit import PromptSession
from prompt_toolkit.completion import CompleteEvent, Completer, Completion
from prompt_toolkit.document import Document
from prompt_toolkit.history import InMemoryHistory
from prompt_toolkit.key_binding import KeyBindings, KeyPressEvent


class _Words(Completer):
    def __init__(self, complete: Callable[[str], Sequence[str]]) -> None:
        self._complete = complete

    def get_completions(self, document: Document, complete_event: CompleteEvent) -> Iterable[Completion]:
        line = document.text_before_cursor
        word = line.rpartition(" ")[2]
        for found in self._complete(line):
            yield Completion(found, start_position=-len(word))


class PromptEditor:
    """Enter sends; Alt-Enter begins another line, and what is pasted keeps its lines; Ctrl-X Ctrl-E opens $EDITOR."""

    def __init__(self, typed: Sequence[str], complete: Callable[[str], Sequence[str]]) -> None:
        self._session: PromptSession[str] = PromptSession(
            history=InMemoryHistory(typed),
            completer=_Words(complete),
            complete_while_typing=False,
            multiline=True,
            key_bindings=_keys(),
            prompt_continuation=lambda width, number, wrapped: "... "[:width],
            enable_open_in_editor=True,
        )

    def read(self, prompt: str) -> str:
        return self._session.prompt(prompt)


def _keys() -> KeyBindings:
    keys = KeyBindings()

    @keys.add("enter")
    def _send(event: KeyPressEvent) -> None:
        event.current_buffer.validate_and_handle()

    @keys.add("escape", "enter")
    def _another_line(event: KeyPressEvent) -> None:
        event.current_buffer.insert_text("\n")

    return keys
