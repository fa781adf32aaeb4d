"""
The file that leads a shell to this host.

Knows quoting, permissions, writing in one go and taking the file away again,
but not the variables.
"""

import errno
import os
import shlex
import tempfile
from collections.abc import Mapping
from pathlib import Path


def env_text(variables: Mapping[str, str]) -> str:
    """Write variables as shell lines."""
    return "".join(f"export {name}={shlex.quote(value)}\n" for name, value in variables.items())


def write_env_file(path: Path, variables: Mapping[str, str]) -> None:
    """
    Write the file so that it is never seen half done, nor by anybody else.

    It is made beside its place with mode 0600 and then moved there.

    Raises:
        OSError: when that cannot be done, or when the path is a device or a directory.
    """
    path = path.resolve()
    if path.exists() and not path.is_file():
        raise OSError(errno.EINVAL, "it is there already and no regular file")
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(env_text(variables))
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def remove_env_file(path: Path, variables: Mapping[str, str]) -> None:
    """Take the file away, unless another host has written its own there since."""
    try:
        if path.read_text(encoding="utf-8") == env_text(variables):
            path.resolve().unlink()
    except (OSError, UnicodeDecodeError):
        # It is gone or somebody else's: either way there is nothing left to take away.
        return
