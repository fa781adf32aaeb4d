"""What a failed call is told as: the host's sentence first, in words of `tm`, with a hint that holds."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import tensormesh_generated
import tensormesh_overlay
import tensormesh_transport
from tensormesh_cli.failures import in_words_of_tm
from tensormesh_local import LocalHost
from tests.cases import cases
from tests.cli.conftest import Tm

ASK = ["infer", "chat", "Hello", "--model", "openai/gpt-oss-20b"]
READ = ["billing", "balance"]
FOR_PROGRAMS = re.compile(r"\b[a-z_]+\(\)|\b[a-z_]+=(?=[\s.,;)]|$)")


@cases("command", [ASK, [*ASK, "--no-stream"], READ])
@cases("status", [429, 503])
@cases(("asked", "told"), [("7", "7 seconds"), ("1", "1 second"), ("0.2", "1 second")])
def test_the_seconds_that_a_host_asks_for_are_shown(
    tm: Tm, host: LocalHost, command: list[str], status: int, asked: str, told: str
) -> None:
    host.faults.add({"status": status, "headers": {"Retry-After": asked}})

    assert tm(*command).stderr.endswith(f"\nHint: try again in {told}\n")


@pytest.mark.parametrize("command", [ASK, [*ASK, "--no-stream"], READ])
def test_no_hint_promises_what_does_not_happen(tm: Tm, host: LocalHost, command: list[str]) -> None:
    """A POST is not repeated by --max-retries."""
    host.faults.add({"status": 429})

    assert tm(*command).stderr.endswith("\nHint: wait a moment and try again\n")


def test_an_id_for_support_is_spoken_of_where_there_is_one(tm: Tm, host: LocalHost) -> None:
    host.faults.add({"status": 500})

    assert "tell support the request id" in tm(*READ).stderr


@cases("command", [ASK, [*ASK, "--no-stream"], READ])
@cases("status", [400, 401, 403, 404, 409, 422, 429, 500, 503])
def test_the_sentence_of_the_host_comes_first(tm: Tm, host: LocalHost, command: list[str], status: int) -> None:
    host.faults.add({"status": status, "body": {"error": {"message": "So it is."}}})

    error = tm(*command).stderr

    assert re.match(rf"Error: So it is\. \(HTTP {status}, request [\w-]+\)\n", error)


def test_a_host_without_a_sentence_is_told_by_its_status(tm: Tm, host: LocalHost) -> None:
    host.faults.add({"status": 500, "body": "<html>Oops</html>"})

    error = tm(*READ).stderr

    assert error.startswith("Error: HTTP 500 ")
    assert "<html>Oops</html>" in error


def test_a_host_may_use_words_of_programs(tm: Tm, host: LocalHost) -> None:
    host.faults.add({"status": 400, "body": {"message": "timeout= sets the limits; see to_dict()"}})

    assert tm(*READ).stderr.startswith("Error: timeout= sets the limits; see to_dict() (HTTP 400")


def test_a_limit_is_named_as_its_option(tm: Tm, host: LocalHost) -> None:
    host.faults.add({"delay_seconds": 5})

    error = tm(*READ, "--timeout", "0.05").stderr

    assert "--timeout sets the limit" in error
    assert not FOR_PROGRAMS.search(error)


def test_a_stream_that_breaks_off_tells_nobody_to_call_a_method(tm: Tm, host: LocalHost) -> None:
    host.faults.add({"cut_after_events": 3})

    error = tm(*ASK).stderr

    assert error.startswith("Error: ")
    assert not FOR_PROGRAMS.search(error)


def test_a_stream_that_falls_silent_names_the_option_for_that(tm: Tm, host: LocalHost) -> None:
    host.faults.add({"stall_after_events": 2})

    outcome = tm(*ASK, "--stream-idle-timeout", "0.05")

    assert outcome.code == 7
    assert "--stream-idle-timeout SECONDS" in outcome.stderr
    assert not FOR_PROGRAMS.search(outcome.stderr)


SETTINGS_OF_A_CLIENT = {
    "config.py",
    "client.py",
    "confinement.py",
    "default.py",
    "httpx_hooks.py",
    "misnomers.py",
    "types.py",
    "target.py",
    "unexpected.py",
}
"""What is said there is about arguments that `tm` gives, after it has looked at them itself."""

NOT_OF_TM = {"costs.py", "display.py", "function_tool.py", "loop.py", "waiting.py"}
"""What is said there is said by parts of the client that `tm` does not use."""


def texts(file: Path) -> Iterator[str]:
    """What a module may say: its literals but for those that describe it, with a word for what is filled in."""
    tree = ast.parse(file.read_text())
    inside = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in ast.walk(node)}
    described = {id(node.value) for node in ast.walk(tree) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in inside | described:
            yield node.value


def test_nothing_that_the_client_says_about_a_call_is_for_programs_only() -> None:
    packages = [Path(package.__path__[0]) for package in (tensormesh_overlay, tensormesh_transport)]
    files = [file for folder in packages for file in folder.rglob("*.py")]
    files += list(Path(tensormesh_generated.__path__[0]).glob("*.py"))
    said = [text for file in files if file.name not in SETTINGS_OF_A_CLIENT | NOT_OF_TM for text in texts(file)]
    for_programs = [text for text in said if " " in text and FOR_PROGRAMS.search(text)]

    assert len(for_programs) > 5
    assert [text for text in for_programs if FOR_PROGRAMS.search(in_words_of_tm(text))] == []
