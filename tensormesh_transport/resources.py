"""What the system gives a process no more of: files, memory, threads."""

from __future__ import annotations

import contextlib
import errno
import os
from types import TracebackType

from tensormesh_transport.errors import ResourceError, words

_LIMITS = (errno.EMFILE, errno.ENFILE, errno.ENOMEM, errno.ENOBUFS)
_NO_THREAD = "can't start new thread"


def shortage(error: BaseException | None) -> ResourceError | None:
    """The error of ours where another one, or what caused it, says that there is no more to be had; else None."""
    if isinstance(error, ResourceError):
        return error
    while error is not None:
        if isinstance(error, OSError) and error.errno in _LIMITS:
            return _too_many(error.errno)
        if isinstance(error, ImportError):
            # Python tells of a library that the system could not open by its words only.
            for number in _LIMITS:
                if os.strerror(number) in str(error):
                    return _too_many(number)
        if isinstance(error, RuntimeError) and _NO_THREAD in str(error):
            return ResourceError(words(error))
        error = error.__cause__ or error.__context__
    return None


def tried() -> ResourceError | None:
    """
    The error where a socket could not be opened now.

    The system's resolver opens files, and says that it knows no such name where it cannot.
    """
    import socket

    try:
        socket.socket().close()
    except OSError as error:
        return shortage(error)
    return None


def _too_many(number: int) -> ResourceError:
    text = os.strerror(number)
    if number == errno.EMFILE:
        with contextlib.suppress(ValueError, OSError, AttributeError):  # not every system tells
            text += f": this process may have {os.sysconf('SC_OPEN_MAX')} open"
    return ResourceError(text)


class Loading:
    """A block that loads modules, or reads files, in which what the system refuses is said in an error of ours."""

    __slots__ = ()

    def __enter__(self) -> None:
        pass

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if isinstance(error, Exception) and (ours := shortage(error)) is not None:
            raise ours from error
