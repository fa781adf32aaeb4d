"""
The file that leads a shell to this host.

Knows quoting, permissions and writing in one go; refuses to know the variables.
"""

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
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(env_text(variables))
            file.flush()
            os.fsync(file.fileno())
        Path(name).replace(path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise
