"""
The file that leads a shell to this host.

Knows quoting, permissions, writing in one go and taking the file away again,
but not the variables, and to touch what it has not made: a shell runs
what stands there, so nobody else may have a hand in it.
"""

import errno
import os
import shlex
import stat
import tempfile
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

_LOCAL = "http://"
_MOST_BYTES = 64 * 1024


def env_text(variables: Mapping[str, str]) -> str:
    """Write variables as shell lines."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items())


@contextmanager
def env_file(path: Path, variables: Mapping[str, str]) -> Iterator[None]:
    """
    Keep the file there as long as the block runs, made anew, for nobody else to read and never half done.

    A link in its place gives way to it, as do an empty file and one that an earlier host has left; where the link leads
    is left alone. It is taken away in the end, unless somebody else has written there since.

    Raises:
        OSError: when that cannot be done, or when something of somebody's stands there.
    """
    place = path.parent.resolve() / path.name
    text = env_text(variables)
    _check_free(place, variables)
    _make_folder(place.parent)
    handle, name = tempfile.mkstemp(dir=place.parent, prefix=f".{place.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
            made = os.fstat(file.fileno())
        # In place of a link too, not of what it leads to.
        Path(name).replace(place)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
    try:
        yield
    finally:
        _remove(place, made, text)


def _check_free(place: Path, variables: Mapping[str, str]) -> None:
    """
    Refuse to write over what no host has left there.

    Raises:
        OSError: something else stands there.
    """
    try:
        found = place.lstat()
    except (FileNotFoundError, NotADirectoryError):
        return
    if stat.S_ISLNK(found.st_mode):
        return
    if not stat.S_ISREG(found.st_mode):
        raise OSError(errno.EEXIST, "it is there already and no regular file")
    held = _read(place)
    if held.strip() and not _is_like(held, variables):
        raise OSError(errno.EEXIST, "it is there already, and no local host wrote it; name another file, or remove it")


def _is_like(text: str, variables: Mapping[str, str]) -> bool:
    """Tell whether a text is what a host writes: the same variables, and addresses that no service has."""
    try:
        words = shlex.split(text, comments=False)
    except ValueError:
        return False
    given = dict(word.split("=", 1) for word in words if "=" in word)
    lines = text.splitlines()
    return (
        given.keys() == variables.keys()
        and all(line.startswith("export ") for line in lines)
        and len(lines) == len(variables)
        and all(given[name].startswith(_LOCAL) for name, value in variables.items() if value.startswith(_LOCAL))
    )


def _make_folder(folder: Path) -> None:
    """Make what is missing on the way, each for its owner only, whatever the umask says."""
    missing: list[Path] = []
    while not folder.exists():
        missing.append(folder)
        folder = folder.parent
    for one in reversed(missing):
        one.mkdir(mode=0o700, exist_ok=True)


def _remove(place: Path, made: os.stat_result, text: str) -> None:
    """Take away what was made, if it is still that, and says the same."""
    # What is gone, or of somebody else, leaves nothing to take away.
    with suppress(OSError):
        found = place.lstat()
        if (found.st_dev, found.st_ino) == (made.st_dev, made.st_ino) and _read(place) == text:
            place.unlink()


def _read(place: Path) -> str:
    """Read a file, not where a link leads."""
    descriptor = os.open(place, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NONBLOCK", 0))
    with os.fdopen(descriptor, "rb") as file:
        return file.read(_MOST_BYTES).decode("utf-8", "replace")
