"""docs/guide/interplay.md: its tables name tests that exist, and its programs run."""

from __future__ import annotations

import os
import re
import runpy
from pathlib import Path

import pytest

from tensormesh_local import LocalHost
from tests.documentation.blocks import Block, find_blocks
from tests.interplay.conftest import KEY, PROGRAMS
from tests.interplay.installed import LIBRARIES
from tests.promises.test_tables import ROOT, functions_of, names_in, rows

DOCUMENT = ROOT / "docs" / "guide" / "interplay.md"
BLOCKS = [
    block for block in find_blocks(DOCUMENT.name, DOCUMENT.read_text(encoding="utf-8")) if block.language == "python"
]


def test_every_test_that_is_named_exists() -> None:
    named = names_in("interplay")

    assert len(named) > 30
    assert [f"{file}::{name}" for file, name in named if name not in functions_of(file)] == []


def test_every_test_of_a_promise_of_litellm_has_a_row() -> None:
    """A promise is proved in the files that are about them."""
    told = {name for file, name in names_in("interplay") if file == "tests/interplay/test_programs.py"}

    assert functions_of("tests/interplay/test_programs.py") - told == {"test_every_program_is_run"}


def test_every_program_has_a_row() -> None:
    told = {name for row in rows("interplay") for name in re.findall(r"`(\w+\.(?:py|sh|yaml))`", row)}

    assert {file.name for file in PROGRAMS.iterdir() if file.is_file()} <= told


@pytest.mark.parametrize("block", BLOCKS, ids=str)
def test_a_program_of_the_document_runs(
    block: Block,
    request: pytest.FixtureRequest,
    host: LocalHost,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
) -> None:
    code = block.code
    library = "openai" if "from openai" in code else "litellm"
    if library not in os.environ.get(LIBRARIES, "").split():
        pytest.skip(f"`make interplay` runs it, in an environment with {library}")
    if "127.0.0.1:4000" in code:
        code = code.replace("http://127.0.0.1:4000", request.getfixturevalue("proxy").url)
    monkeypatch.setenv("OPENAI_BASE_URL", f"{host.serverless_base_url}/v1")
    monkeypatch.setenv("OPENAI_API_KEY", KEY)
    program = tmp_path / "program.py"
    program.write_text(code, encoding="utf-8")

    runpy.run_path(str(program), run_name="__main__")

    assert capsys.readouterr().out.strip() == "hello in one sentence."
    assert [sent.status for sent in host.requests] == [200]
