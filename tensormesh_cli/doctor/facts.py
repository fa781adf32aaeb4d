"""What was found on this machine. Whatever is wrong is a finding, not an error."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from tensormesh_cli.app import App
from tensormesh_cli.errors import CliError
from tensormesh_cli.login.tokens import Tokens
from tensormesh_cli.settings.definitions import SETTINGS, TOKEN_VARIABLE
from tensormesh_cli.settings.precedence import resolve, unknown
from tensormesh_cli.settings.sources import Value


@dataclass(frozen=True)
class Facts:
    """
    What was found on this machine.

    Attributes:
        config_problem: why config.toml cannot be used.
        token: the token of the environment.
        tokens: the tokens of `tm auth login`.
        auth_problem: why auth.json cannot be used.
        unknown_keys: what stands in config.toml and is no setting.
        open_files: files with secrets that others on this machine may read.
    """

    config_path: Path
    config_exists: bool
    auth_path: Path
    auth_exists: bool
    values: Mapping[str, Value]
    now: datetime
    config_problem: str | None = None
    token: str | None = None
    tokens: Tokens | None = None
    auth_problem: str | None = None
    unknown_keys: tuple[str, ...] = ()
    open_files: tuple[Path, ...] = ()


def survey(app: App) -> Facts:
    """
    What there is.

    Raises:
        CliError: a flag or a variable cannot be used.
    """
    config_problem = auth_problem = tokens = None
    document: Mapping[str, Any] = {}
    try:
        values, document = app.settings, app.config()
    except CliError as error:
        config_problem = error.message
        values = resolve(app.flags, app.environ, {})
    try:
        tokens = app.store.load()
    except CliError as error:
        auth_problem = error.message
    return Facts(
        config_path=app.config_path,
        config_exists=os.path.exists(app.config_path),  # False also where nobody may look
        auth_path=app.store.path,
        auth_exists=os.path.exists(app.store.path),
        values=values,
        now=datetime.now(UTC),
        config_problem=config_problem,
        token=app.environ.get(TOKEN_VARIABLE, "").strip() or None,
        tokens=tokens,
        auth_problem=auth_problem,
        unknown_keys=tuple(unknown(document)),
        open_files=tuple(path for path in _secret_files(app, document) if _is_open(path)),
    )


def _secret_files(app: App, document: Mapping[str, Any]) -> list[Path]:
    places = (document, *(document.get(name, {}) for name in ("overrides", "managed")))
    holds_key = any(item.name in place for item in SETTINGS if item.secret for place in places)
    return [*([app.config_path] if holds_key else []), app.store.path]


def _is_open(path: Path) -> bool:
    if sys.platform == "win32":
        return False
    try:  # whoever may read the file has to get through its folder, too
        return bool(path.stat().st_mode >> 2 & path.parent.stat().st_mode & 0o011)
    except OSError:
        return False
