"""
Small private files, whole at every moment: written aside and put in place at once, under a lock.

Whoever is killed half-way leaves the old file or the new one. Pipes and devices are no files: they would be waited for,
or written over.
"""

from __future__ import annotations

import io
import os
import stat
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from tensormesh_cli.errors import CliError

LOCK_SECONDS = 60.0
"""How long to wait for another process; no holder needs nearly as long."""

MOST_BYTES = 1 << 20
"""Far more than any settings or tokens take."""

_POLL_SECONDS = 0.02
_ELSEWHERE = "fix that, or have TM_CONFIG_HOME name another folder"
_AT_ONCE: int = getattr(os, "O_NONBLOCK", 0)


def read(path: Path, *, pipe: bool = False, most: int = MOST_BYTES) -> str | None:
    """
    The text of a file; None where there is none.

    Args:
        pipe: it may be one, or a device.
        most: so many bytes it may have.

    Raises:
        CliError: it cannot be read, or is not text.
    """
    try:
        if not pipe:
            _check_regular(path, os.stat(path))  # before it is opened, for devices notice that
        # Should it have become a pipe meanwhile, nobody waits for its other end.
        with open(os.open(path, os.O_RDONLY | (0 if pipe else _AT_ONCE)), "rb") as file:
            if not pipe:
                _check_regular(path, os.fstat(file.fileno()))
            content = file.read(most + 1)
    except (FileNotFoundError, NotADirectoryError):
        return None
    except OSError as error:
        raise CliError("file", f"{path} cannot be read: {error.strerror}") from error
    if len(content) > most:
        raise CliError("file", f"{path} cannot be read: it has more than {most:,} bytes")
    try:
        return content.decode("utf-8-sig").replace("\r\n", "\n").replace("\r", "\n")
    except UnicodeDecodeError as error:
        raise CliError("file", f"{path} cannot be read: it is not UTF-8 text") from error


def write(path: Path, text: str) -> None:
    """
    Put `text` in place of what was there, readable by the owner only. Hold the lock while you do.

    Raises:
        CliError: the disk is full, the folder cannot be written to, ...; what was there is as it was.
    """
    with _aside(path) as (file, target), _opened(path, target.parent) as folder:
        with _told(path):
            _write(file, text.encode("utf-8"))
            os.fsync(file.fileno())
            file.close()
            os.replace(file.name, target)
        _sync(folder)


@contextmanager
def room(path: Path, size: int) -> Iterator[Callable[[str], None]]:
    """
    Make ready to put a text of up to `size` bytes in place of what was there, before asking for what can be had only
    once. Hold the lock meanwhile.

    What is given does so: it opens nothing and needs no more disk, and comes to the disk after it is in place, so that
    hardly a moment is left in which a kill could lose the text.

    Raises:
        CliError: it cannot be done.
    """
    with _aside(path) as (file, target), _opened(path, target.parent) as folder:
        with _told(path):
            _write(file, bytes(size))
            os.fsync(file.fileno())

        def put(text: str) -> None:
            with _told(path):
                file.seek(0)
                _write(file, text.encode("utf-8"))
                file.truncate()
                if sys.platform == "win32":  # where no open file is moved
                    file.close()
                os.replace(file.name, target)
            _sync(None if file.closed else file.fileno(), folder)

        yield put


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
def locked(path: Path, *, own: bool = False) -> Iterator[None]:
    """
    Keep other processes from writing `path` meanwhile. The lock ends with the process, however that ends.

    Args:
        own: its folder is one of `tm`, so it is closed to others. Any other folder stays as it is.

    Raises:
        CliError: another process holds it for too long, or the folder cannot be written to.
    """
    target = _target(path)
    try:
        _make(target.parent)
        if own:
            _close_to_others(path.parent)
        descriptor = os.open(target.with_name(f".{target.name}.lock"), os.O_RDWR | os.O_CREAT, 0o600)
    except OSError as error:
        raise CliError("file", f"{path} cannot be locked: {error.strerror}", _ELSEWHERE) from error
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
def _aside(path: Path) -> Iterator[tuple[io.FileIO, Path]]:
    """An empty file beside the one that is meant, and that one. It is gone at the end, unless it has been moved."""
    target = _target(path)
    aside = target.with_name(f".{target.name}.new")
    with _told(path):
        _make(target.parent)
        aside.unlink(missing_ok=True)
        # Exclusive: nobody else's file, and no link that leads elsewhere.
        file = io.FileIO(aside, "x", opener=lambda name, flags: os.open(name, flags, 0o600))
    try:
        with file:
            yield file, target
    finally:
        with suppress(OSError):
            aside.unlink(missing_ok=True)


def _target(path: Path) -> Path:
    """
    The file that is meant, which a link may lead to: the link stays one.

    Raises:
        CliError: it is no file.
    """
    target = Path(os.path.realpath(path))
    with suppress(OSError):  # it is not there yet, or whoever comes next says what is wrong
        if not stat.S_ISREG(os.stat(target).st_mode):
            raise CliError("file", f"{path} cannot be written: it is no regular file", _ELSEWHERE)
    return target


def _check_regular(path: Path, found: os.stat_result) -> None:
    if not stat.S_ISREG(found.st_mode):
        raise CliError("file", f"{path} cannot be read: it is no regular file", _ELSEWHERE)


def _write(file: io.FileIO, content: bytes) -> None:
    while content:
        content = content[os.write(file.fileno(), content) :]


def _make(folder: Path) -> None:
    """A folder that is not there yet, and those above it, for their owner only."""
    missing, at = [], folder
    while not at.exists():
        missing.append(at)
        at = at.parent
    for one in reversed(missing):  # each by itself: `parents` would leave their modes to the umask
        one.mkdir(mode=0o700, exist_ok=True)


def _close_to_others(folder: Path) -> None:
    if sys.platform == "win32":
        return
    found = folder.stat()
    shared = bool(found.st_mode & stat.S_ISVTX) or folder == Path.home()  # a folder of many things, such as /tmp
    if found.st_uid == os.getuid() and stat.S_IMODE(found.st_mode) & 0o077 and not shared:
        folder.chmod(0o700)


@contextmanager
def _opened(path: Path, folder: Path) -> Iterator[int | None]:
    """A folder, to be synced when something in it has changed place; None where that cannot be done."""
    if sys.platform == "win32":
        yield None
        return
    with _told(path):
        descriptor = os.open(folder, os.O_RDONLY)
    try:
        yield descriptor
    finally:
        os.close(descriptor)


def _sync(*descriptors: int | None) -> None:
    """As far as the disk can: what is meant is in place already."""
    for descriptor in descriptors:
        if descriptor is not None:
            with suppress(OSError):
                os.fsync(descriptor)
