"""`tm chat` in a real terminal, with prompt-toolkit and rich, and without either."""

from __future__ import annotations

from typing import Any

import pytest

from tests.cli import processes
from tests.cli.chat.conversations import MODEL, Opens
from tests.cli.conftest import Tm
from tests.cli.terminal import Terminal


@pytest.fixture(params=[(), ("rich", "prompt_toolkit")], ids=["with the extra", "without"])
def without(request: pytest.FixtureRequest) -> tuple[str, ...]:
    found: tuple[str, ...] = request.param
    return found


@pytest.fixture
def opens(tm: Tm, without: tuple[str, ...]) -> Opens:
    """Starts `tm` on a terminal."""

    def start(*arguments: str, **how: Any) -> Terminal:
        how = {"without": without} | how
        return Terminal(arguments or ["chat", "--model", MODEL], processes.environment(tm), **how)

    return start


@pytest.fixture
def opens_plain(tm: Tm) -> Opens:
    """The same where it does not matter what is typed with."""
    return lambda *arguments, **how: Terminal(
        arguments or ["chat", "--model", MODEL],
        processes.environment(tm),
        **({"without": ("rich", "prompt_toolkit")} | how),
    )
