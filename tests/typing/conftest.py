"""What the two type checkers say of programs and of the documents: each is asked once for all of them."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import NamedTuple

import pytest

from tests.documentation.blocks import ROOT, of

FOLDER = Path(__file__).resolve().parent
CACHE = ROOT / ".mypy_cache" / "programs"
RIGHT, WRONG = (FOLDER / "programs" / name for name in ("right.py", "wrong.py"))

PLANTED = """
from typing import assert_type
from tensormesh.types import ChatCompletionResponse
from tensormesh_generated import api
from tensormesh_generated.client import Client

def faults(client: Client) -> None:
    call = api.chat.create_chat_completion.sync
    assert_type(call(client=client, body={}), ChatCompletionResponse | None)
    call(client=client, body=7)
    call(client=client, body={})  # type: ignore[arg-type]
"""

PLANTED_BLOCK = "from tensormesh import Tensormesh\n\nTensormesh().inference.serverless.version.get(7)\n"

BLOCKS = {f"block_{re.sub(r'\W', '_', str(block))}": block for block in of("python")}
"""The Python in the documents, by a name for its module."""

FOREIGN = (
    "agents", "ask", "daft", "dask", "distributed", "dspy", "instructor", "litellm", "llama_index", "ray", "smolagents",
)  # fmt: skip
"""What some blocks import and this environment does not have."""

LARGE = ("aiohttp", "langsmith", "logfire_api", "numpy", "openai", "trio")
"""What libraries of others import, and takes mypy longer than all else: nothing here is about their types."""

SETTINGS = "\n".join([
    "[mypy]\nstrict = true\npython_version = 3.12",
    r"exclude = tests/typing/programs/wrong\.py",
    "[mypy-blocks.*]\ndisallow_untyped_decorators = false",
    *(f"[mypy-{name}.*]\nignore_missing_imports = true" for name in FOREIGN),
    *(f"[mypy-{name}.*]\nfollow_imports = skip" for name in LARGE),
])  # fmt: skip


class Said(NamedTuple):
    """One error: the name of its file, its line, code and words."""

    file: str
    line: int
    code: str
    message: str


@pytest.fixture(scope="module")
def mypy() -> list[Said]:
    """Of this folder, of the programs, of the blocks of the documents (`block_`), and of planted faults in both."""
    with TemporaryDirectory() as place:
        made = Path(place)
        (made / "blocks").mkdir()
        # Line numbers are then those of the document.
        texts = {name: "\n" * (block.line - 1) + block.code for name, block in BLOCKS.items()}
        for name, text in {"__init__": "", "block_planted": PLANTED_BLOCK, **texts}.items():
            (made / "blocks" / f"{name}.py").write_text(text, encoding="utf-8")
        (made / "planted.py").write_text(PLANTED, encoding="utf-8")
        (made / "mypy.ini").write_text(SETTINGS, encoding="utf-8")
        # One that is named itself is looked at although the settings leave it out.
        files = map(str, (FOLDER, WRONG, made / "planted.py", made / "blocks"))
        options = ["--config-file", str(made / "mypy.ini"), "--output", "json", "--cache-dir", str(CACHE)]
        command = [sys.executable, "-m", "mypy", *options, *files]
        done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 1, done.stdout + done.stderr
    said = [json.loads(line) for line in done.stdout.splitlines()]
    return [
        Said(Path(one["file"]).name, one["line"], one["code"], one["message"])
        for one in said
        if one["severity"] == "error"
    ]


@pytest.fixture(scope="module")
def pyright() -> list[Said]:
    """Of the programs. Of copies elsewhere: the settings of the project leave out what is wrong on purpose."""
    with TemporaryDirectory() as place:
        for file in (RIGHT, WRONG):
            (Path(place) / file.name).write_bytes(file.read_bytes())
        command = [sys.executable, "-m", "pyright", "--pythonpath", sys.executable, "--outputjson", place]
        done = subprocess.run(command, cwd=place, check=False, capture_output=True, text=True)
    said = json.loads(done.stdout)["generalDiagnostics"]
    return [
        Said(Path(one["file"]).name, one["range"]["start"]["line"] + 1, one["rule"], one["message"])
        for one in said
        if one["severity"] == "error"
    ]
