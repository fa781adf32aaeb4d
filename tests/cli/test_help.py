"""Help, completion and version."""

from __future__ import annotations

import shutil
import subprocess

import pytest

from tensormesh import __version__
from tensormesh_cli.commands.tree import GROUPS, HAND, SHORT, entries, words
from tensormesh_generated.commands import COMMANDS
from tests.cases import cases
from tests.cli.conftest import Tm


def test_every_command_and_group_has_help(offline: Tm) -> None:
    for command in [*words(), *GROUPS, ""]:
        outcome = offline(*command.split(), "-h")

        assert outcome.code == 0, command
        assert outcome.stdout.startswith(f"Usage: tm {command}".rstrip())


def test_no_description_of_a_group_is_left_over() -> None:
    parents = {" ".join(parts[:size]) for parts in map(str.split, words()) for size in range(1, len(parts))}

    assert set(GROUPS) <= parents


def test_a_group_without_a_description_tells_what_is_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    """So a new one need not be written down anywhere."""
    for group in ("billing address", "billing stripe"):
        monkeypatch.delitem(GROUPS, group)

    told = {name: summary for name, (summary, _) in entries("billing ").items()}

    assert told["address"] == "Get the billing address; replace the billing address"
    assert told["stripe"] == "Commands of customer, payment-intents, payment-methods, setup-intents"


def test_no_command_is_a_group_too() -> None:
    assert [name for name in words() if any(other.startswith(f"{name} ") for other in words())] == []


def test_a_command_is_made_by_hand_or_from_the_document() -> None:
    assert not {row.words for row in COMMANDS} & set(HAND)


def test_help_shows_no_range_where_there_is_none(offline: Tm) -> None:
    assert "None]" not in offline("infer", "chat", "--help").stdout


def test_help_shows_what_options_take(offline: Tm) -> None:
    text = " ".join(offline("admin", "users", "change-role", "--help").stdout.split())

    assert "--target-user-role user|admin|super_admin" in text
    assert "[required]" in text
    assert "Options of every command, such as --output: see `tm --help`." in text


@pytest.mark.parametrize("arguments", [["--version"], ["-V"], ["version"]])
def test_the_version_is_that_of_the_package(offline: Tm, arguments: list[str]) -> None:
    assert offline(*arguments).stdout == f"tm {__version__}\n"


def test_the_version_is_a_number_where_only_that_is_wanted(offline: Tm) -> None:
    assert offline("version", "-o", "raw").stdout == f"{__version__}\n"


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_completion_of_a_shell_can_be_read_by_it(offline: Tm, shell: str) -> None:
    script = offline("completion", shell).stdout

    assert f"_TM_COMPLETE={shell}_complete" in script
    if shutil.which(shell):
        subprocess.run([shell, "-n"], input=script, text=True, check=True)


@cases(
    ("typed", "expected"),
    [
        ("tm use", {"users"}),
        ("tm who", {"whoami"}),
        ("tm users api-keys ", {"create", "delete", "list"}),
        ("tm billing pricing list --gpu-type h", {"h100", "h200"}),
        ("tm users update x --fi", {"--first-name", "--file"}),
        ("tm tickets list --outp", {"--output"}),
        ("tm tickets list --output j", {"json", "jsonl"}),
        ("tm local --reasoning-field reasoning_", {"reasoning_content"}),
        ("tm contract --surface c", {"control-plane"}),
    ],
)
def test_the_shell_completes(offline: Tm, typed: str, expected: set[str]) -> None:
    arguments = typed.split()
    position = len(arguments) if typed.endswith(" ") else len(arguments) - 1

    outcome = offline(_TM_COMPLETE="bash_complete", COMP_WORDS=typed, COMP_CWORD=str(position))

    assert {line.partition(",")[2] for line in outcome.stdout.splitlines()} == expected


@cases("short", sorted(SHORT))
def test_a_short_form_is_the_command_that_it_stands_for(offline: Tm, short: str) -> None:
    whole = offline(*SHORT[short].split(), "--help").stdout

    assert offline(short, "--help").stdout == whole.replace(f"tm {SHORT[short]}", f"tm {short}", 1)
    assert f"Short for `tm {SHORT[short]}`" in " ".join(offline("--help").stdout.split())


def test_a_short_form_does_what_the_command_does(tm: Tm) -> None:
    assert tm("whoami").stdout == tm("auth", "whoami").stdout
    assert tm("whoami", "-o", "json").json["user"]["firstName"] == "Ada"


@pytest.mark.parametrize(
    ("typed", "meant"),
    [("deploy", "tm models deploy"), ("balance", "tm billing balance"), ("tokenize", "tm infer tokenize")],
)
def test_a_command_without_its_group_is_found(offline: Tm, typed: str, meant: str) -> None:
    assert f"Did you mean `{meant}`?" in offline(typed).stderr


def test_what_could_be_many_commands_is_not_guessed(offline: Tm) -> None:
    assert "Did you mean" not in offline("list").stderr
