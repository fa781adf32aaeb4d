"""Nothing that the published command line takes is missing here."""

from __future__ import annotations

import re
from pathlib import Path

from tests.cli.conftest import Tm

LINES = [line for line in (Path(__file__).parent / "published_commands.txt").read_text().splitlines() if line[0] != "#"]


def test_a_published_command_is_here_with_its_options(offline: Tm) -> None:
    general, missing = offline("-h").stdout, []
    for line in LINES:
        words, _, options = line.partition(":")
        text = offline(*words.split(), "-h").stdout + general
        for option in options.split():
            spelt = option.replace("/", "[/, ]+") if option[0] == "-" else re.escape(option)
            if not re.search(rf"(?<![\w-]){spelt}(?![\w-])", text):
                missing.append(f"{words}: {option}")

    assert len(LINES) > 70
    assert missing == []
