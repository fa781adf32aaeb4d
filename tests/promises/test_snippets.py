"""The programs of the documents run as they stand, against a host like the real one."""

from __future__ import annotations

import ast
import re
import runpy
from pathlib import Path

import pytest

from tensormesh_local import LocalHost

FOLDER = Path(__file__).resolve().parent / "snippets"

PRINTED = {
    "auth_constructor": "",
    "auth_environment": "",
    "started_sync": r"\S+ .*",
    "started_async": r"\S+ .*",
    "started_control_plane": r"\S+.*",
    "inference_serverless": r"\['openai/gpt-oss-20b', .*\n.*red.*\n.*Danube.*\nHello!\nok \d.*",
    "inference_on_demand": r".+\n\['openai-gpt-oss-120b-.*'\]\n.*red.*\ncompleted\nHello!\nok \d.*",
    "inference_streaming": r"\S+.*",
    "inference_tools": r"get_weather \{'city': 'Paris'\}",
    "inference_json_mode": r"\{.*\}",
}
"""Program -> what it prints, white space aside."""


@pytest.mark.parametrize("name", PRINTED)
def test_a_program_runs_and_prints_what_it_should(
    name: str, host: LocalHost, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.chdir(tmp_path)

    runpy.run_path(str(FOLDER / f"{name}.py"), run_name="__main__")

    printed = capsys.readouterr().out.strip()
    assert re.fullmatch(PRINTED[name], printed, re.DOTALL), printed
    assert {request.status for request in host.requests} <= {200}


@pytest.mark.parametrize("name", PRINTED)
def test_a_program_imports_nothing_but_the_client_and_the_standard_library(name: str) -> None:
    tree = ast.parse((FOLDER / f"{name}.py").read_text(encoding="utf-8"))
    imported = {node.module for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)}
    imported |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names}

    assert imported <= {"tensormesh", "asyncio", "json"}
    assert "tensormesh" in imported


def test_every_program_is_run() -> None:
    assert {file.stem for file in FOLDER.glob("*.py")} == PRINTED.keys()
