"""auth.json on disk: saved whole, refreshed by one process at a time, sent to its own host only, not lost to a kill."""

from __future__ import annotations

import signal
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tensormesh_cli.errors import CliError
from tensormesh_cli.login import tokens
from tensormesh_cli.login.tokens import LOG_IN_AGAIN, Tokens
from tensormesh_cli.settings import private_files
from tensormesh_cli.settings.precedence import check_home
from tensormesh_cli.settings.sources import Value

HELD = [getattr(signal, name) for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGQUIT") if hasattr(signal, name)]
ROOM = 64 * 1024
"""Bytes that a token file may take; far more than any does."""


class TokenStore:
    """The tokens of one configuration folder."""

    def __init__(self, folder: Path) -> None:
        self.path = folder / tokens.NAME

    def load(self) -> Tokens | None:
        """
        The tokens; None where nobody is logged in.

        Raises:
            CliError: the file cannot be read, or is not what it should be.
        """
        found = private_files.read(self.path)
        return None if found is None else tokens.parse(found, self.path)

    def save(self, reply: Mapping[str, Any], base: str) -> Tokens:
        """Keep the tokens of a login at `base`, in place of any others."""
        with private_files.locked(self.path, own=True), signals_held(), private_files.room(self.path, ROOM) as put:
            return self._kept(put, {}, reply, base)

    def remove(self) -> bool:
        """Forget the tokens; whether there were any."""
        with private_files.locked(self.path, own=True):
            return private_files.remove(self.path)

    def refresh(self, stale: Tokens | None, base: Value, exchange: Callable[[str], Mapping[str, Any]]) -> Tokens:
        """
        Trade the refresh token for new ones, unless another process has just done so.

        Args:
            stale: the tokens that no longer do; None refreshes whatever is there.
            base: the control plane.
            exchange: asks it for the new tokens; it is given the refresh token. It works once, so nothing that can
                fail, or takes time, may stand between the answer of the host and the end of this.

        Raises:
            CliError: nobody is logged in there, or there is nothing to refresh with.
        """
        with private_files.locked(self.path, own=True), signals_held():
            current = self.load()
            if current is None:
                raise CliError("not_logged_in", "You are not logged in.", "log in: `tm auth login`")
            check_home(current.home, base)
            if stale is not None and current.access_token != stale.access_token:
                return current
            if current.refresh_token is None:
                raise CliError("not_logged_in", "Your login has ended and cannot be refreshed.", LOG_IN_AGAIN)
            with private_files.room(self.path, ROOM) as put:
                return self._kept(put, current.document, exchange(current.refresh_token), str(base.value).rstrip("/"))

    def check(self) -> None:
        """
        Make sure that tokens can be kept, before anybody is asked for them.

        Raises:
            CliError: they cannot.
        """
        with private_files.locked(self.path, own=True), private_files.room(self.path, ROOM):
            pass

    def _kept(
        self, put: Callable[[str], None], before: Mapping[str, Any], reply: Mapping[str, Any], base: str
    ) -> Tokens:
        text = tokens.text(tokens.renewed(before, reply, base, datetime.now(UTC)))
        put(text)
        return tokens.parse(text, self.path)


@contextmanager
def signals_held() -> Iterator[None]:
    """
    Let Ctrl-C and the like wait: a refresh token works once, so its answer must reach the disk.
    """
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    arrived: list[int] = []
    before = {}
    for number in HELD:
        if signal.getsignal(number) not in (None, signal.SIG_IGN):
            before[number] = signal.signal(number, lambda number, _: arrived.append(number))
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
        if arrived:
            signal.raise_signal(arrived[0])
