"""
The documents as a reader plays them, against one `tm local`: each program alone, and the guide page by page.

Each program runs in an empty folder, since it has to do what it says wherever it is pasted. One that leaves files there
runs once more in the folder of a reader who goes through all pages, where it finds what programs before it left; so do
the lines for `tm`.
"""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

from documentation import site
from tests.cli.processes import TM
from tests.cli.terminal import CTRL_D, Terminal
from tests.documentation.blocks import BLOCKS, ROOT, Block
from tests.programs import Programs, kept_environment, started
from tools.clean_room import local_host

GUIDE = [f"docs/{page}" for page in site.navigation() if page == "index.md" or page.startswith("guide/")]
PAGES = ["README.md", *GUIDE, *sorted({block.document for block in BLOCKS} - {"README.md", *GUIDE})]
SECONDS = 120

TALKS = {"tm chat --continue"}
"""Lines that wait for a question, on a terminal."""

ROW = {"model": "openai/gpt-oss-20b", "messages": [{"role": "user", "content": "Say hello."}]}

UNHEARD = r"Exception ignored|never awaited|Warning:"
"""What is printed and changes no exit status."""

SPARED = "tm contract"
"""What asks everything of a host on this machine, which takes minutes: it is asked as one of somebody's is."""


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """Somebody who has sourced the file of a running `tm local`, with `tm` on the path and a home of their own."""
    home = tmp_path_factory.mktemp("home")
    (home / "tm").write_text(f'#!/bin/sh\nexec {" ".join(TM)} "$@"\n')
    (home / "tm").chmod(0o755)
    with local_host(sys.executable, tmp_path_factory.mktemp("host"), PYTHONPATH=str(ROOT)) as variables:
        folders = os.pathsep.join([str(home), str(Path(sys.executable).parent), os.environ["PATH"]])
        yield (
            kept_environment()
            | variables
            | {"PATH": folders, "PYTHONPATH": str(ROOT), "TM_CONFIG_HOME": str(home / "tm-home")}
        )


def promised(block: Block, following: Block | None) -> str | None:
    """What a page says that a program prints: a block of text right below it."""
    if following is None or following.language != "text":
        return None
    apart = following.line - (block.line + len(block.code.splitlines()))
    return following.code if apart <= 3 else None


def with_following(blocks: list[Block]) -> Iterator[tuple[Block, Block | None]]:
    yield from zip(blocks, [*blocks[1:], None], strict=True)


def test_every_program_and_line_does_what_it_says(reader: Mapping[str, str], tmp_path: Path) -> None:
    folder, notes = tmp_path / "reader", tmp_path / "notes"
    folder.mkdir()
    notes.mkdir()
    (folder / "notes.txt").write_text("A prefix cache keeps what was computed.\n")
    (folder / "requests.jsonl").write_text(json.dumps({"custom_id": "a", "body": ROW}) + "\n")
    played = {"python": 0, "sh": 0, "promised": 0}
    wrong: list[str] = []
    with started(reader, notes) as programs:
        for page in PAGES:
            if page == "docs/guide/chat.md":  # which goes on with a conversation that its reader has had
                talk(["chat"], reader, folder)
            for block, following in with_following([block for block in BLOCKS if block.document == page]):
                if block.reason:
                    continue
                if block.language == "sh" and page in GUIDE:
                    played["sh"] += play_lines(block, reader, folder)
                if block.language == "python":
                    promise = promised(block, following)
                    played["python"] += 1
                    played["promised"] += promise is not None
                    wrong += play(block, promise, programs, tmp_path / f"alone{played['python']}", folder)

    assert wrong == []
    assert played["python"] > 60
    assert played["sh"] > 5
    assert played["promised"] > 2


def play(block: Block, promise: str | None, programs: Programs, alone: Path, folder: Path) -> Iterator[str]:
    """Run a program; what is wrong with it."""
    alone.mkdir()
    program = alone.with_suffix(".py")
    # Line numbers in a traceback are then those of the document.
    program.write_text("\n" * (block.line - 1) + block.code, encoding="utf-8")
    for place in (alone, folder):
        done = programs.run(program, place)
        speaks = "logging" in block.code or "stderr" in block.code
        if done.status or (done.stderr and not speaks) or re.search(UNHEARD, done.stderr):
            yield f"{block} ends with {done.status} in {place.name}:\n{done.stderr}"
        if promise is not None and done.stdout != promise:
            yield f"{block} prints in {place.name}:\n{done.stdout}"
        if not any(alone.iterdir()):
            return


def test_a_program_that_fails_warns_or_says_something_else_is_noticed(tmp_path: Path) -> None:
    def found(code: str, promise: str | None = None) -> str:
        alone = tmp_path / f"alone{len([*tmp_path.iterdir()])}"
        return " ".join(play(Block("a.md", 3, "python", code), promise, programs, alone, tmp_path))

    with started(os.environ, tmp_path) as programs:
        assert found("print(1)", "1\n") == ""
        assert "prints in alone" in found("print(1)", "2\n")
        assert "line 3, in <module>\n    1 / 0" in found("1 / 0")
        assert "DeprecationWarning: old" in found("import warnings; warnings.warn('old', DeprecationWarning)")
        assert "ends with 0" in found("import sys; print('oh', file=sys.__dict__['std' + 'err'])")
        assert found("import logging; logging.error('oh')") == ""
        assert "ends with 7" in found("raise SystemExit(7)")
        assert "No such file" in found("open('left.txt')")
        assert found("open('left.txt', 'w').close()") == ""
        assert "ends with 1 in " in found("open('left.txt', 'x').close()"), "it cannot be run where it ran before"


def test_a_program_knows_nothing_of_those_before_it(tmp_path: Path) -> None:
    with started(os.environ, tmp_path) as programs:
        (tmp_path / "one.py").write_text("import tensormesh, os; tensormesh.left = os.environ['LEFT'] = 'here'")
        (tmp_path / "two.py").write_text(
            "import tensormesh, os; print(hasattr(tensormesh, 'left'), 'LEFT' in os.environ)"
        )

        assert programs.run(tmp_path / "one.py", tmp_path).status == 0
        assert programs.run(tmp_path / "two.py", tmp_path).stdout == "False False\n"


def play_lines(block: Block, reader: Mapping[str, str], place: Path) -> int:
    """Run those lines that call `tm`, as they stand; how many. Others are for the repository or other tools; the host
    runs already."""
    lines = [line for line in block.code.replace("\\\n", " ").splitlines() if re.match(r"tm (?!local\b)", line)]
    for line in lines:
        if line in TALKS:
            talk(line.split()[1:], reader, place)
            continue
        done = subprocess.run(
            ["bash", "-e", "-c", f"{line} --gentle" if line.startswith(SPARED) else line],
            cwd=place,
            env=dict(reader),
            stdin=subprocess.DEVNULL,
            check=False,
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
        assert done.returncode == 0, f"{block}: {line}\n{done.stdout}\n{done.stderr}"
    return len(lines)


def talk(words: list[str], reader: Mapping[str, str], place: Path) -> None:
    """Ask one question in a conversation, and leave it."""
    with Terminal(words, reader, cwd=place) as terminal:
        terminal.sees(">>>")
        terminal.enter("Say hello")
        terminal.sees("tokens in")
        terminal.type(CTRL_D)
        assert terminal.ends() == 0
