"""
Small private files, whole at every moment: written aside and put in place at once, under a lock.

Whoever is killed half-way leaves the old file or the new one.
"""

from __future__ import annotations

import os
import stat
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tensormesh_cli.errors import CliError

LOCK_SECONDS = 60.0
"""How long to wait for another process; no holder needs nearly as long."""

_POLL_SECONDS = 0.02


def read(path: Path) -> str | None:
    """
    The text of a file; None where there is none.

    Raises:
        CliError: it cannot be read, or is not text.
    """
    try:
        return path.read_text(encoding="utf-8")
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise CliError("file", f"{path} cannot be read: {error.strerror}") from error
    except UnicodeDecodeError as error:
        raise CliError("file", f"{path} cannot be read: it is not UTF-8 text") from error


def write(path: Path, text: str) -> None:
    """
    Put `text` in place of what was there, readable by the owner only. Hold the lock while you do.

    Raises:
        CliError: the disk is full, the folder cannot be written to, ...; what was there is as it was.
    """
    with _aside(path, text.encode("utf-8")) as (aside, target), _told(path):
        os.replace(aside, target)
        _sync_folder(target.parent)


@contextmanager
def room(path: Path, size: int) -> Iterator[None]:
    """
    Make sure that `write` can put `size` bytes there, before asking for what can be had only once. Hold the lock
    meanwhile.

    Raises:
        CliError: it cannot.
    """
    with _aside(path, bytes(size)):
        yield


def remove(path: Path) -> bool:
    """
    Remove a file; whether there was one.

    Raises:
        CliError: it cannot be removed.
    """
    try:
        path.unlink()
    except (FileNotFoundError, NotADirectoryError):
        return False
    except OSError as error:
        raise CliError("file", f"{path} cannot be removed: {error.strerror}") from error
    return True


@contextmanager
def locked(path: Path) -> Iterator[None]:
    """
    Keep other processes from writing `path` meanwhile. The lock ends with the process, however that ends.

    Raises:
        CliError: another process holds it for too long, or the folder cannot be written to.
    """
    target = Path(os.path.realpath(path))
    try:
        _make_private(target.parent)
        descriptor = os.open(target.with_name(f".{target.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        advice = "fix that, or have TM_CONFIG_HOME name another folder"
        raise CliError("file", f"{path} cannot be locked: {error.strerror}", advice) from error
    try:
        deadline = time.monotonic() + LOCK_SECONDS
        while not _try_lock(descriptor):
            if time.monotonic() > deadline:
                raise CliError("file", f"{path} is held by another tm for more than {LOCK_SECONDS:g} seconds")
            time.sleep(_POLL_SECONDS)
        yield
    finally:
        os.close(descriptor)


if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> bool:
        try:
            msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)
        except OSError:
            return False
        return True

else:
    import fcntl

    def _try_lock(descriptor: int) -> bool:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True


@contextmanager
def _told(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise CliError("file", f"{path} cannot be written: {error.strerror}; it is as it was") from error


@contextmanager
def _aside(path: Path, content: bytes) -> Iterator[tuple[Path, Path]]:
    """A file with the content, gone at the end unless it has been moved, and the file beside which it lies."""
    target = Path(os.path.realpath(path))  # a link stays one
    aside = target.with_name(f".{target.name}.new")
    try:
        with _told(path):
            _make_private(target.parent)
            aside.unlink(missing_ok=True)
            _write_aside(aside, content)
        yield aside, target
    finally:
        with suppress(OSError):
            aside.unlink(missing_ok=True)


def _write_aside(path: Path, content: bytes) -> None:
    # Exclusive: nobody else's file, and no link that leads elsewhere.
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        while content:
            content = content[os.write(descriptor, content) :]
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _make_private(folder: Path) -> None:
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if sys.platform == "win32":
        return
    found = folder.stat()
    shared = bool(found.st_mode & stat.S_ISVTX) or folder == Path.home()  # a folder of many things, such as /tmp
    if found.st_uid == os.getuid() and stat.S_IMODE(found.st_mode) & 0o077 and not shared:
        folder.chmod(0o700)


def _sync_folder(folder: Path) -> None:
    if sys.platform == "win32":
        return
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
