"""What a run of `tm` knows: its flags, its settings, its screen. One object, handed to every command."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Callable, Mapping
from contextlib import AbstractContextManager
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, TextIO

import click

from tensormesh_cli.errors import CliError
from tensormesh_cli.output.control_characters import encodable, gated, sentence, visible
from tensormesh_cli.output.rendering import Screen, render
from tensormesh_cli.settings import config_file, definitions, precedence, private_files
from tensormesh_cli.settings.sources import Value
from tensormesh_cli.values.json_text import dumps

if TYPE_CHECKING:
    from tensormesh import Tensormesh
    from tensormesh_cli.login.session import ControlPlaneSession, Login
    from tensormesh_cli.login.token_store import TokenStore
    from tensormesh_cli.output.progress import Progress
    from tensormesh_cli.output.selection import Selection


class App:
    """
    One run.

    Attributes:
        flags: the global options that were given, by name.
    """

    def __init__(self, environ: Mapping[str, str] | None = None) -> None:
        self.environ = os.environ if environ is None else environ
        self.flags: dict[str, Any] = {}
        self._logging = False

    @cached_property
    def home(self) -> Path:
        return definitions.home(self.environ)

    @cached_property
    def state_home(self) -> Path:
        return definitions.state_home(self.environ)

    @property
    def config_path(self) -> Path:
        return self.flags.get("config") or self.home / config_file.NAME

    def locked(self, path: Path) -> AbstractContextManager[None]:
        """Keep other processes from writing a file of settings meanwhile."""
        return private_files.locked(path, own=os.path.realpath(path.parent) == os.path.realpath(self.home))

    @cached_property
    def settings(self) -> dict[str, Value]:
        """
        Every setting and its source.

        Raises:
            CliError: config.toml or a variable cannot be used.
        """
        return precedence.resolve(self.flags, self.environ, self.config())

    def config(self) -> dict[str, Any]:
        """
        config.toml, decoded; empty where there is none.

        Raises:
            CliError: it cannot be read, or is the one that was asked for and not there.
        """
        # A file that was named may be a pipe, such as from a program that decrypts it.
        text = private_files.read(self.config_path, pipe="config" in self.flags)
        if text is None and "config" in self.flags:
            raise CliError(
                "config", f"There is no {self.config_path}.", f"`tm config init --path {self.config_path}` begins one"
            )
        return config_file.parse(text, self.config_path)

    def keep(self, change: Callable[[str | None], str]) -> None:
        """
        Change config.toml, by what is made of its text; the settings are those of the new file from then on.

        Raises:
            CliError: it cannot be read or written, or is a file of something else.
        """
        path = self.config_path
        with self.locked(path):
            private_files.write(path, change(private_files.read(path)))
        self.__dict__.pop("settings", None)

    @cached_property
    def store(self) -> TokenStore:
        from tensormesh_cli.login.token_store import TokenStore

        return TokenStore(self.home)

    @cached_property
    def control_plane(self) -> ControlPlaneSession:
        from tensormesh_cli.login.session import ControlPlaneSession

        self._log_calls()
        session = ControlPlaneSession(self.settings, self.environ, self.store)
        click.get_current_context().call_on_close(session.close)
        return session

    def call[T](self, send: Callable[[Tensormesh], T], login: Login = "needed") -> T:
        """Make a call of the control plane; one that needs no login is made without, where there is none."""
        return self.control_plane.call(send, login)

    def connect(self, names: tuple[str, ...], **arguments: Any) -> Tensormesh:
        """A client without a control-plane token, closed when the command ends."""
        from tensormesh_cli.client import connect

        self._log_calls()
        client = connect(self.settings, names, **arguments)
        click.get_current_context().call_on_close(client.close)
        return client

    @property
    def quiet(self) -> bool:
        return bool(self.flags.get("quiet"))

    @cached_property
    def screen(self) -> Screen:
        terminal = sys.stdout.isatty()
        return Screen(
            format=self.flags.get("output"),
            terminal=terminal,
            color=self.colored(sys.stdout),
            width=shutil.get_terminal_size().columns if terminal else None,
        )

    @cached_property
    def selection(self) -> Selection | None:
        """What of an answer is wanted; None for all of it."""
        query, columns = self.flags.get("query"), self.flags.get("columns", ())
        if query is None and not columns:
            return None
        from tensormesh_cli.output.selection import Selection

        return Selection(query, columns)

    @property
    def wants_text(self) -> bool:
        """Whether an answer may be told in words."""
        return self.screen.format in (None, "text") and self.selection is None

    def emit(self, value: Any, **forms: Any) -> str:
        """Print an answer in the form that is wanted; see `render` for `forms`. Returns what was printed."""
        screen = self.screen
        if self.selection is not None:
            from tensormesh_cli.output.selection import selected

            value, screen, forms, remark = selected(self.selection, value, screen, forms)
            if remark:
                self.note(remark)
        rendered = render(value, screen, **forms)
        self.write(rendered.text)
        if rendered.remark and (screen.terminal or screen.format in ("jsonl", "csv")):
            self.note(rendered.remark)
        return rendered.text

    def emit_line(self, value: Any) -> None:
        """Print a piece of an answer that goes on, as a line of JSON."""
        if self.selection is not None:
            from tensormesh_cli.output.selection import searched

            if (value := searched(self.selection, value)) is None:
                return
        self.write(f"{dumps(value)}\n")

    def report(self, value: Any, words: str, rows: Any = None) -> None:
        """Print what a command has found out or done. `--quiet` leaves the words away."""
        if not self.quiet or self.selection or self.screen.format not in (None, "text", "table"):
            self.emit(value, words=words, rows=rows)

    def write(self, text: str) -> None:
        """Print a part of the output. A terminal obeys characters that a file just keeps."""
        # Whether there is colour in it, was decided before; click would take out that of an answer, too.
        click.echo(gated(text) if self.screen.terminal else encodable(text), nl=False, color=True)

    def note(self, text: str) -> None:
        """A remark beside the output: on stderr, and not with `--quiet`."""
        if not self.quiet:
            click.secho(sentence(text), err=True, dim=True, color=self.colored(sys.stderr))

    def say(self, text: str) -> None:
        """A line that has to be read, on stderr."""
        click.echo(visible(text, lines=False), err=True)

    def progress(self, text: str) -> Progress:
        """A line that says what is being waited for, where a terminal can show it; not with `--quiet`."""
        from tensormesh_cli.output.progress import Progress

        return Progress(text, shown=self._can_be_wiped and not self.flags.get("debug"))  # whose lines it would wipe

    @property
    def _can_be_wiped(self) -> bool:
        return sys.stderr.isatty() and not self.quiet and self.environ.get("TERM") != "dumb"

    def colored(self, stream: TextIO) -> bool:
        """Whether to use colour on a stream; `--color` decides, then NO_COLOR, FORCE_COLOR and the terminal."""
        wanted = self.flags.get("color") or "auto"
        if wanted != "auto":
            return bool(wanted == "always")
        if self.environ.get("NO_COLOR") or self.environ.get("TERM") == "dumb":
            return False
        return stream.isatty() or bool(self.environ.get("FORCE_COLOR"))

    def _log_calls(self) -> None:
        """`--debug`: each call and its outcome on stderr. The client keeps queries and headers out of it."""
        if self._logging or self.quiet or not self.flags.get("debug"):
            return
        self._logging = True
        import logging

        class Visible(logging.Formatter):
            def format(self, record: logging.LogRecord) -> str:
                return visible(super().format(record))

        log, handler = logging.getLogger("tensormesh"), logging.StreamHandler(sys.stderr)
        handler.setFormatter(Visible("debug: %(message)s"))
        log.addHandler(handler)
        log.setLevel(logging.DEBUG)
        click.get_current_context().call_on_close(lambda: log.removeHandler(handler))


def current() -> App:
    """The run that the command being carried out belongs to."""
    return click.get_current_context().ensure_object(App)
