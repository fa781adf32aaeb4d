"""A conversation on a terminal: reads what is typed, does what it says, until Ctrl-D."""

from __future__ import annotations

import sys
from collections.abc import Callable

import click

from tensormesh_cli.conversation import sampling, slash_commands
from tensormesh_cli.conversation.entries import Entry
from tensormesh_cli.errors import CliError
from tensormesh_cli.inference.live_answer import TextOutput
from tensormesh_cli.output.error_text import told
from tensormesh_cli.terminal import editors
from tensormesh_cli.terminal.actions import ACTIONS
from tensormesh_cli.terminal.asking import AGAIN, ask
from tensormesh_cli.terminal.conversation_files import TypedLines
from tensormesh_cli.terminal.open_talk import OpenTalk

PROMPT, MORE = ">>> ", "... "
ENDING = "Ctrl-D, or /exit, ends the conversation."


class Session:
    """
    One conversation at a terminal.

    Args:
        typed: what was typed in others.
        output: makes what an answer is written to.
    """

    def __init__(self, held: OpenTalk, typed: TypedLines, output: Callable[[], TextOutput]) -> None:
        self._held = held
        self._app = held.app
        self._typed = typed
        self._output = output
        self._entry = Entry()
        self._over = False
        dumb = self._app.environ.get("TERM") == "dumb"
        self._editor = editors.chosen(typed.all(), self._completions, dumb=dumb)

    def run(self, first: str | None = None) -> None:
        """
        Talk.

        Args:
            first: the first question.
        """
        self._app.note(f"Talking to {self._held.talk.model}. /help lists commands; Ctrl-D ends.")
        if first is not None:
            self._guarded(lambda: self._ask(first))
        while not self._over:
            try:
                line = self._editor.read(MORE if self._entry.begun else PROMPT)
                text = self._entry.feed(line)
            except (EOFError, KeyboardInterrupt) as end:
                if isinstance(end, EOFError) and not self._entry.begun:
                    break
                self._entry.drop()
                self._app.note(ENDING)
                continue
            if text is not None and text.strip():
                self._guarded(lambda text=text: self._take(text))  # type: ignore[misc]
        if self._held.name:
            self._app.note(f"Kept as {self._held.name}; `tm chat --continue` goes on.")

    def _guarded(self, act: Callable[[], None]) -> None:
        """Do what may fail: the talk goes on."""
        try:
            act()
        except KeyboardInterrupt:
            self._app.say("")
        except CliError as error:
            color = self._app.colored(sys.stderr)
            click.echo(told(error.message, error.hint, color=color), err=True, color=color)
            if self._held.talk.open and error.kind != "usage":
                self._app.note(AGAIN)

    def _take(self, text: str) -> None:
        _check(text)
        self._remember(text.strip())
        command = slash_commands.read(text)
        if command is None:
            self._ask(slash_commands.question(text))
        elif command.name == "exit":
            self._over = True
        elif command.name == "retry":
            self._held.talk.retry()
            ask(self._held, self._output())
        else:
            ACTIONS[command.name](self._held, command.argument)

    def _ask(self, text: str) -> None:
        self._held.talk.ask(text, tuple(self._held.attached))
        self._held.attached.clear()
        ask(self._held, self._output())

    def _remember(self, text: str) -> None:
        try:
            self._typed.add(text)
        except CliError:
            return  # nothing is lost but a convenience

    def _completions(self, line: str) -> list[str]:
        if slash_commands.takes_file(line):
            return editors.paths(line.rpartition(" ")[2])
        return slash_commands.completions(line, self._held.known_models, [item.field for item in sampling.PARAMETERS])


def _check(text: str) -> None:
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise CliError("input", "What was typed is not UTF-8 text.", "the terminal may use another encoding") from error
