"""The guide as a reader plays it: every page in its order, each program and each line, against one `tm local`."""

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
from tests.cli.processes import KEPT, TM
from tests.cli.terminal import CTRL_D, Terminal
from tests.project.test_snippets import Block, find_blocks
from tools.clean_room import local_host

ROOT = Path(__file__).resolve().parents[2]
PAGES = [page for page in site.navigation() if page == "index.md" or page.startswith("guide/")]
SECONDS = 120

TALKS = {"tm chat --continue"}
"""Lines that wait for a question, on a terminal."""

ROW = {"model": "openai/gpt-oss-20b", "messages": [{"role": "user", "content": "Say hello."}]}

SPARED = "tm contract"
"""What asks everything of a host on this machine, which takes minutes: it is asked as one of somebody's is."""

PLAYER = """\
import contextlib, io, json, runpy, sys
for line in sys.stdin:
    shown = io.StringIO()
    with contextlib.redirect_stdout(shown):
        runpy.run_path(line.strip(), run_name="__main__")
    print(json.dumps(shown.getvalue()), flush=True)
"""
"""Runs programs one after the other, as a reader's own notebook would: what one imports, the next has."""


@pytest.fixture(scope="module")
def reader(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Mapping[str, str]]:
    """Somebody who has sourced the file of a running `tm local`, with `tm` on the path and a home of their own."""
    home = tmp_path_factory.mktemp("home")
    (home / "tm").write_text(f'#!/bin/sh\nexec {" ".join(TM)} "$@"\n')
    (home / "tm").chmod(0o755)
    with local_host(sys.executable, tmp_path_factory.mktemp("host"), PYTHONPATH=str(ROOT)) as variables:
        kept = {name: value for name, value in os.environ.items() if name in KEPT}
        folders = os.pathsep.join([str(home), str(Path(sys.executable).parent), os.environ["PATH"]])
        yield kept | variables | {"PATH": folders, "PYTHONPATH": str(ROOT), "TM_CONFIG_HOME": str(home / "tm-home")}


def promised(block: Block, following: Block | None) -> str | None:
    """What a page says that a program prints: a block of text right below it."""
    if following is None or following.language != "text":
        return None
    apart = following.line - (block.line + len(block.code.splitlines()))
    return following.code if apart <= 3 else None


def with_following(blocks: list[Block]) -> Iterator[tuple[Block, Block | None]]:
    yield from zip(blocks, [*blocks[1:], None], strict=True)


def test_the_whole_guide_is_played(reader: Mapping[str, str], tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("A prefix cache keeps what was computed.\n")
    (tmp_path / "requests.jsonl").write_text(json.dumps({"custom_id": "a", "body": ROW}) + "\n")
    played = {"python": 0, "sh": 0, "promised": 0}
    with subprocess.Popen(
        [sys.executable, "-W", "error", "-c", PLAYER],
        cwd=tmp_path,
        env=dict(reader),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as player:
        assert player.stdin is not None
        assert player.stdout is not None
        assert player.stderr is not None
        for page in PAGES:
            if page == "guide/chat.md":  # which goes on with a conversation that its reader has had
                talk(["chat"], reader, tmp_path)
            for block, following in with_following(find_blocks(page, (ROOT / "docs" / page).read_text("utf-8"))):
                if block.reason or block.language not in ("python", "sh"):
                    continue
                if block.language == "sh":
                    played["sh"] += play_lines(block, reader, tmp_path)
                    continue
                program = tmp_path / f"program{played['python']}.py"
                program.write_text(block.code, encoding="utf-8")
                player.stdin.write(f"{program}\n")
                player.stdin.flush()
                shown = player.stdout.readline()
                assert shown, f"{block}\n{player.stderr.read()}"
                played["python"] += 1
                if (text := promised(block, following)) is not None:
                    assert shown == json_line(text), block
                    played["promised"] += 1
        player.stdin.close()
        assert player.wait(timeout=SECONDS) == 0

    assert played["python"] > 40
    assert played["sh"] > 5
    assert played["promised"] > 1


def json_line(text: str) -> str:
    """A text as the player writes it."""
    return json.dumps(text) + "\n"


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
