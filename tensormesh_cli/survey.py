"""Looks at this machine for the report of `readiness`. Whatever is wrong is a finding, not an error."""

from __future__ import annotations

from datetime import UTC, datetime

from tensormesh_cli import settings
from tensormesh_cli.app import App
from tensormesh_cli.errors import CliError
from tensormesh_cli.readiness import Facts


def survey(app: App) -> Facts:
    """
    What there is.

    Raises:
        CliError: a flag or a variable cannot be used.
    """
    config_problem = auth_problem = tokens = None
    try:
        values = app.settings
    except CliError as error:
        config_problem = error.message
        values = settings.resolve(app.flags, app.environ, {})
    try:
        tokens = app.store.load()
    except CliError as error:
        auth_problem = error.message
    return Facts(
        config_path=app.config_path,
        config_exists=app.config_path.exists(),
        auth_path=app.store.path,
        auth_exists=app.store.path.exists(),
        values=values,
        now=datetime.now(UTC),
        config_problem=config_problem,
        token=app.environ.get(settings.TOKEN_VARIABLE, "").strip() or None,
        tokens=tokens,
        auth_problem=auth_problem,
    )
