"""The files that shells read when they start, and the line in them that teaches a shell to complete."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import NamedTuple

from tensormesh_cli.errors import CliError


class Startup(NamedTuple):
    """A file, and the line that has to stand in it."""

    path: Path
    line: str

    def install(self) -> bool:
        """
        Add the line at the end of the file; False where it is there already.

        Raises:
            CliError: the file cannot be read or written.
        """
        try:
            there = self.path.read_bytes() if self.path.exists() else b""
            if self.line.encode() in (known.strip() for known in there.splitlines()):
                return False
            self.path.parent.mkdir(parents=True, exist_ok=True)
            with open(self.path, "ab") as file:  # a link stays a link, and a mode what it was
                file.write(b"\n" * (there != b"" and not there.endswith(b"\n")) + f"{self.line}\n".encode())
        except OSError as error:
            raise CliError("file", f"{self.path} cannot be written: {error.strerror}") from error
        return True


def startup(shell: str, prog: str, environ: Mapping[str, str]) -> Startup:
    """Where a shell looks, and what it is told."""
    home = Path(environ.get("HOME") or Path.home())
    name = shlex.quote(prog)
    call = f"{name} completion {shell}" + ("" if prog == "tm" else f" --prog {name}")
    if shell == "fish":
        config = Path(environ.get("XDG_CONFIG_HOME") or home / ".config")
        return Startup(config / "fish" / "config.fish", f"{call} | source")
    folder = Path(environ.get("ZDOTDIR") or home) if shell == "zsh" else home
    return Startup(folder / f".{shell}rc", f'eval "$({call})"')


def of_the_user(environ: Mapping[str, str]) -> str:
    """The name of the shell that somebody works in; empty where that is not known."""
    return Path(environ.get("SHELL", "")).name
