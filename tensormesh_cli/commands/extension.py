"""What a command does that mirrors a call, beside that call."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, NamedTuple

import click

from tensormesh_cli.app import App


class Extension(NamedTuple):
    """
    What is added to a mirrored command.

    Attributes:
        options: further options.
        before: a sentence for the question whether to go on, out of the body that will be sent.
        after: takes the answer and the further options, and gives what is printed.
    """

    options: tuple[click.Option, ...]
    before: Callable[[App, Mapping[str, Any]], str]
    after: Callable[..., Any]
