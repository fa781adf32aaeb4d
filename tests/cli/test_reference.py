"""docs/reference/commands.md."""

from __future__ import annotations

import re

from tests.cli.reference import FILE, reference
from tests.cli.test_every_command import ELSEWHERE


def test_the_reference_of_the_commands_is_fresh() -> None:
    assert FILE.read_text(encoding="utf-8") == reference(), "run `make generate`"


def test_every_test_that_it_names_is_there() -> None:
    for place in ELSEWHERE.values():
        file, _, name = place.partition("::")
        assert re.search(rf"^def {name}\(", (FILE.parents[2] / file).read_text(), re.MULTILINE), place
