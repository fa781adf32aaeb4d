"""Linters find nothing in the bundles, not even a warning, and TypeScript's types of them are those we mean."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from tests.bundles.conftest import FOLDER, ROOT, needs

QUIET = {"REDOCLY_TELEMETRY": "off", "REDOCLY_SUPPRESS_UPDATE_NOTICE": "true", "NO_COLOR": "1"}

GUIDE = (ROOT / "docs" / "openapi.md").read_text(encoding="utf-8")
PROGRAM = GUIDE.partition("```ts\n")[2].partition("```")[0]


def run(tool: str, program: str, place: Path, *arguments: str) -> tuple[int, str]:
    """How a program of a tool ended, and what it said."""
    done = subprocess.run(
        [str(needs(tool) / program), *arguments],
        cwd=place,
        env={**os.environ, **QUIET},
        capture_output=True,
        text=True,
        check=False,
    )
    return done.returncode, done.stdout + done.stderr


def test_redocly_finds_nothing(file: Path, tmp_path: Path) -> None:
    """By its recommended rules, of which none is a mere warning."""
    status, said = run("redocly", "redocly", tmp_path, "lint", "--extends", "recommended-strict", str(file))

    assert status == 0, said
    assert "Your API description is valid" in said


def test_redocly_sees_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "wrong.json").write_text('{"openapi": "3.1.0", "info": {"title": "W"}, "paths": {}}', encoding="utf-8")

    status, said = run("redocly", "redocly", tmp_path, "lint", "--extends", "recommended-strict", "wrong.json")

    assert status != 0
    assert "version" in said


def test_spectral_finds_nothing(file: Path, tmp_path: Path) -> None:
    """By its rules for OpenAPI, hints included."""
    (tmp_path / "rules.yaml").write_text("extends: ['spectral:oas']\n", encoding="utf-8")

    status, said = run(
        "spectral", "spectral", tmp_path, "lint", "--ruleset", "rules.yaml", "--fail-severity", "hint", str(file)
    )

    assert status == 0, said
    assert "No results with a severity of 'hint' or higher found!" in said


def make_types(file: Path, place: Path) -> Path:
    """A folder with what openapi-typescript makes of a bundle."""
    # A field with a default may be left out of a request.
    options = ["--default-non-nullable", "false", "--output", "types.ts"]
    status, said = run("openapi-typescript", "openapi-typescript", place, str(file), *options)
    assert status == 0, said
    return place


def compiled(place: Path, name: str) -> tuple[int, str]:
    return run("openapi-typescript", "tsc", place, "--noEmit", "--strict", "--target", "es2022", name)


def test_typescript_types_are_made_of_it(file: Path, tmp_path: Path) -> None:
    assert compiled(make_types(file, tmp_path), "types.ts") == (0, "")


@pytest.fixture(scope="module")
def serverless(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_types(FOLDER / "serverless.json", tmp_path_factory.mktemp("types"))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        pytest.param("Say", "Say", id="right"),
        pytest.param('"Say hello."', "7", id="wrong content"),
        pytest.param("delta.content", "delta.contents", id="misspelt"),
        pytest.param('model: "openai/gpt-oss-20b", ', "", id="no model"),
    ],
)
def test_a_program_in_typescript_calls_by_them(serverless: Path, old: str, new: str) -> None:
    """The one of the guide passes the compiler, and one that is wrong does not."""
    assert old in PROGRAM
    (serverless / "chat.ts").write_text(PROGRAM.replace(old, new), encoding="utf-8")

    status, said = compiled(serverless, "chat.ts")

    assert (status == 0) is (old == new), said
