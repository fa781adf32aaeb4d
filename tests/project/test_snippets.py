"""
What the documents say to type is there: the verbs, files and modules of their shell lines, and where their links lead.

`tests/documentation/test_programs.py` runs what they show. A block below `<!-- not run: reason -->` is left out.
"""

from __future__ import annotations

import importlib.util
import re
import shlex
import subprocess
from pathlib import Path

import pytest

from tests.documentation.blocks import BLOCKS, Block, documents, find_blocks, of

SUFFIXES = (".py", ".md", ".yaml", ".yml", ".toml", ".jinja", ".json", ".lock")


def find_verbs(text: str) -> list[str]:
    """What `make` is asked for."""
    return re.findall(r"(?<![\w./-])make ([a-z][\w-]*)", text)


def find_commands(shell: str) -> list[list[str]]:
    """The words of each line."""
    lines = shell.replace("\\\n", " ").splitlines()
    return [words for line in lines if (words := shlex.split(line.removeprefix("$ "), comments=True))]


def find_paths(words: list[str], tops: set[str], ignored: set[str]) -> list[str]:
    """
    The words that name something in the repository.

    Args:
        words: those of one command.
        tops: the names at the root of the repository.
        ignored: names there that git ignores, because verbs make them.
    """
    found = []
    for word in words:
        path = word.rpartition("=")[2].removeprefix("./")
        top = path.partition("/")[0]
        foreign = "://" in path or path.startswith(("/", "~", "-", "../")) or re.search(r"[$<>*@\[\s]", path)
        if not foreign and top not in ignored and (("/" in word and top in tops) or path.endswith(SUFFIXES)):
            found.append(path)
    return found


def find_modules(words: list[str]) -> list[str]:
    """The modules that are run with `python -m`."""
    triples = zip(words, words[1:], words[2:], strict=False)
    return [name for program, option, name in triples if option == "-m" and Path(program).name.startswith("python")]


@pytest.fixture(scope="module")
def ignored(root: Path) -> set[str]:
    lines = (root / ".gitignore").read_text(encoding="utf-8").splitlines()
    return {line.strip("/") for line in lines if "*" not in line}


@pytest.fixture(scope="module")
def makefile_verbs(root: Path) -> set[str]:
    return set(re.findall(r"^([a-z][\w-]*):", (root / "Makefile").read_text(encoding="utf-8"), re.MULTILINE))


@pytest.mark.parametrize("block", of("sh"), ids=str)
def test_shell_blocks_mention_what_exists(
    block: Block, root: Path, makefile_verbs: set[str], ignored: set[str]
) -> None:
    """They are shell, and every verb, file and module in them is there."""
    if block.reason:
        pytest.skip(f"not run: {block.reason}")
    code = re.sub(r"^\$ ", "", block.code, flags=re.MULTILINE)
    syntax = subprocess.run(["/bin/sh", "-n"], input=code, check=False, capture_output=True, text=True)
    assert (syntax.returncode, syntax.stderr) == (0, ""), str(block)

    tops = {file.name for file in root.iterdir()}
    missing = {verb for verb in find_verbs(code) if verb not in makefile_verbs}
    for words in find_commands(code):
        missing |= {path for path in find_paths(words, tops, ignored) if not (root / path).exists()}
        missing |= {name for name in find_modules(words) if importlib.util.find_spec(name) is None}

    assert set() == missing, str(block)


@pytest.mark.parametrize("file", documents(), ids=lambda file: file.name)
def test_verbs_in_prose_exist(file: Path, makefile_verbs: set[str]) -> None:
    """A `make verb` between backticks, tables included, is in the Makefile."""
    quoted = re.findall(r"`([^`\n]+)`", file.read_text(encoding="utf-8"))

    mentioned = {verb for text in quoted for verb in find_verbs(text)}

    assert mentioned <= makefile_verbs


def anchors(file: Path) -> set[str]:
    """What a link can point to within a page."""
    headings = re.findall(r"^#+ (.*)$", file.read_text(encoding="utf-8"), re.MULTILINE)
    return {re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("file", documents(), ids=lambda file: file.name)
def test_links_lead_somewhere(file: Path) -> None:
    """To a file that is there and a heading that it has; other machines are not asked."""
    links = re.findall(r"\]\(([^)\s:]+)\)", file.read_text(encoding="utf-8"))
    parts = [link.partition("#") for link in links]
    found = [(file.parent / path if path else file, anchor) for path, _, anchor in parts]

    dead = [place for place, anchor in found if not place.exists() or (anchor and anchor not in anchors(place))]

    assert dead == []


def test_blocks_say_what_they_are() -> None:
    """Code under another name for Python or the shell would be run by nobody."""
    others = {"bash", "console", "py", "py3", "pycon", "python3", "shell", "zsh"}

    assert [str(block) for block in of(*others)] == [], "call it python or sh"


def test_blocks_are_left_out_for_a_reason() -> None:
    """`not run:` is followed by words, and stands only where something would be run."""
    wrong = [
        block for block in BLOCKS if block.reason == "" or (block.reason and block.language not in ("python", "sh"))
    ]

    assert [str(block) for block in wrong] == []


def test_the_readme_shows_a_call() -> None:
    """And so the tests above have something to test."""
    run = [block for block in of("python") if block.document == "README.md" and not block.reason]

    assert run
    assert any(block.document == "README.md" for block in of("sh"))


def test_blocks_are_found_in_lists_and_below_comments() -> None:
    """The finder itself: indentation, reasons, no language."""
    text = (
        "1. a\n\n   ```python\n   if x:\n       y\n   ```\n\n"
        "<!-- not run: costs money -->\n\n```sh\nmake a\n```\n```\nz\n```\n"
    )

    assert [
        Block("d", 4, "python", "if x:\n    y\n"),
        Block("d", 11, "sh", "make a\n", "costs money"),
        Block("d", 14, "", "z\n"),
    ] == find_blocks("d", text)


def test_names_are_found_in_commands() -> None:
    """The readers of shell lines themselves."""
    words = find_commands(
        "# note\n$ .venv/bin/python -m tools.generate --root=./openapi/x.yaml \\\n  a/b https://h/x.md\n"
    )

    assert find_verbs("make demo && make test; cmake x; make -n x") == ["demo", "test"]
    assert [find_modules(line) for line in words] == [["tools.generate"]]
    assert [find_paths(line, {"openapi", ".venv"}, {".venv"}) for line in words] == [["openapi/x.yaml"]]
