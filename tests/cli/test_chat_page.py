"""docs/guide/chat.md: its sample conversation is what a terminal shows."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

from tests.cli import processes
from tests.cli.conftest import Tm
from tests.cli.processes import until
from tests.cli.terminal import Terminal

PAGE = Path(__file__).resolve().parents[2] / "docs" / "guide" / "chat.md"


def test_the_sample_conversation_of_the_page_is_played(tm: Tm) -> None:
    found = re.search(r"```text\n\$ tm (.*?)\n(.*?)\n```\n\n", PAGE.read_text(encoding="utf-8"), re.DOTALL)
    assert found is not None
    command, shown = shlex.split(found[1]), found[2]

    with Terminal(command, processes.environment(tm), without=("prompt_toolkit",)) as terminal:
        for number, line in enumerate(re.findall(r"^>>> (.*)", shown, re.MULTILINE), start=1):
            until(lambda number=number: terminal.text.count(">>>") == number and terminal.last_line == ">>>")  # type: ignore[misc]
            terminal.enter(line)
        assert terminal.ends() == 0
        *lines, last = terminal.text.splitlines()

    assert last.startswith("Kept as ")
    assert "\n".join(lines) == shown
