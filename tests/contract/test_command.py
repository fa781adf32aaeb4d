"""The command: its reports, its exit codes, and what it saves."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from tensormesh_contract.exchanges.record import to_line
from tensormesh_local import LocalHost
from tests.contract.conftest import Drift, Sent, drifting, exchange, main
from tests.contract.test_options import REMOTE, options


def ask(host: LocalHost, *arguments: str, drift: Drift | None = None) -> int:
    """Run the command on a host, gently."""
    with drifting(host.base_url, drift or (lambda _: None)) as url:
        return main(["--host", f"{url}/serverless", "--gentle", "--rate", "1000", "--quiet", *arguments])


@pytest.fixture
def key(host: LocalHost, monkeypatch: pytest.MonkeyPatch) -> str:
    monkeypatch.setenv("KEY", host.inference_api_key)
    return host.inference_api_key


def test_agreement_ends_with_0(host: LocalHost, key: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert ask(host) == 0
    said = capsys.readouterr()
    assert said.out.endswith("Host and documents agree.\n")
    assert key not in said.out + said.err


def test_a_drift_ends_with_1_and_is_in_all_reports(
    host: LocalHost, key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def drift(sent: Sent) -> None:
        if sent.path.endswith("/version"):
            sent.json = {"version": 7}

    html, data = tmp_path / "deep" / "report.html", tmp_path / "report.json"
    status = ask(host, "--html", str(html), "--json", str(data), drift=drift)
    out = capsys.readouterr().out

    assert status == 1
    assert "is an integer, documented as string" in out
    assert "is an integer, documented as string" in html.read_text(encoding="utf-8")
    assert json.loads(data.read_text(encoding="utf-8"))["failed"] is True
    assert '-H "Authorization: Bearer $KEY"' in out
    assert key not in out + html.read_text(encoding="utf-8") + data.read_text(encoding="utf-8")


def test_nobody_there_ends_with_2_and_soon(capsys: pytest.CaptureFixture[str]) -> None:
    """Nothing is made up for a host that does not answer the first questions."""
    assert main(["--host", "http://127.0.0.1:9", "--quiet"]) == 2
    assert "Nothing succeeded" in (said := capsys.readouterr().err)
    assert "ConnectError" in said


def test_a_wrong_key_ends_with_2_and_not_with_agreement(
    host: LocalHost, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("KEY", "ak-wrong")

    for address in (host.control_plane_base_url, host.serverless_base_url):
        assert main(["--host", address, "--gentle", "--rate", "1000", "--quiet"]) == 2
        assert "answered 401 to everything that needs a key; is it the right one" in capsys.readouterr().err


def test_a_key_that_was_not_given_is_what_is_missing(
    host: LocalHost, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("KEY", "TENSORMESH_INFERENCE_API_KEY"):
        monkeypatch.delenv(name, raising=False)

    assert main(["--host", host.serverless_base_url, "--gentle", "--rate", "1000", "--quiet"]) == 2
    assert "none was given. Put it into the environment variable KEY" in capsys.readouterr().err


@pytest.mark.parametrize(("status", "advice"), [(308, "it is somewhere else"), (429, "it has too much to do")])
def test_a_host_that_turns_everything_down_is_told_with_what_to_look_at(
    host: LocalHost, key: str, capsys: pytest.CaptureFixture[str], status: int, advice: str
) -> None:
    def drift(sent: Sent) -> None:
        sent.status = status

    assert ask(host, drift=drift) == 2
    assert f"answered {status} to everything that needs a key; {advice}" in capsys.readouterr().err


def test_a_report_that_cannot_be_written_is_told_before_anybody_is_asked(
    host: LocalHost, key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "file"
    file.touch()

    for option, place in (("--html", tmp_path), ("--json", file / "report.json")):
        assert ask(host, option, str(place)) == 2
        assert str(file if place != tmp_path else tmp_path) in capsys.readouterr().err
    assert host.requests == []


def test_what_is_no_character_is_in_all_reports_by_its_number(
    host: LocalHost, key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    def drift(sent: Sent) -> None:
        if sent.path.endswith("/version"):
            sent.json = {"version": "1", "more": "\ud800"}

    html, data = tmp_path / "report.html", tmp_path / "report.json"

    assert ask(host, "--html", str(html), "--json", str(data), drift=drift) == 1
    assert 'seen: "\\ud800"' in capsys.readouterr().out
    assert "\\ud800" in html.read_text(encoding="utf-8")
    (found,) = (one for one in json.loads(data.read_text(encoding="utf-8"))["findings"] if one["name"] == "more")
    assert found["examples"] == ["\ud800"]


def test_a_reader_who_has_seen_enough_takes_nothing_from_the_files(tmp_path: Path) -> None:
    """As in `... | head`: no traceback, and the same exit status."""
    seen, data = tmp_path / "seen.jsonl", tmp_path / "report.json"
    seen.write_text(to_line(exchange("/version", {"version": 7})) + "\n", encoding="utf-8")
    words = [sys.executable, "-m", "tensormesh_contract", "--evaluate", str(seen), "--json", str(data)]
    with subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as started:
        assert started.stdout is not None
        assert started.stderr is not None
        started.stdout.close()
        said = started.stderr.read()

    assert (started.returncode, said) == (1, "")
    assert json.loads(data.read_text(encoding="utf-8"))["failed"] is True


@pytest.mark.parametrize(
    "arguments", [["--host", "x"], ["--evaluate", "/nope/none.jsonl"], ["--host", REMOTE, "--accept", "/no"]]
)
def test_what_cannot_begin_ends_with_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(arguments) == 2
    assert capsys.readouterr().err.count("\n") == 1


def test_what_was_saved_is_evaluated_the_same_without_asking_anybody(
    host: LocalHost, key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "seen.jsonl"
    ask(host, "--save", str(file), "--unseen")
    first = capsys.readouterr().out
    asked = len(host.requests)

    assert main(["--evaluate", str(file), "--unseen"]) == 0
    again = capsys.readouterr().out
    assert again.splitlines()[-1] == first.splitlines()[-1]
    assert [line for line in again.splitlines() if "never seen" in line] == [
        line for line in first.splitlines() if "never seen" in line
    ]
    assert len(host.requests) == asked
    assert key not in file.read_text(encoding="utf-8")


def broken(sent: Sent) -> None:
    """What shows only across several requests, or by the requests themselves."""
    if sent.status == 401 and sent.path.endswith("/tokenize"):
        sent.status, sent.json = 200, {"tokens": [1], "count": 1, "max_model_len": 5}


def test_what_only_watching_shows_is_in_what_was_saved(
    host: LocalHost, key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "seen.jsonl"
    with drifting(host.base_url, broken) as url:
        options = ["--phases", "examples", "--quiet", "--save", str(file)]
        status = main(["--host", f"{url}/serverless", *options])
    first = capsys.readouterr().out

    assert status == 1
    assert "answers without a key, and the document wants one" in first
    assert main(["--evaluate", str(file)]) == 1
    assert capsys.readouterr().out == first.replace(f"Written: {file}\n", "")


def test_a_last_line_that_is_cut_off_does_not_spoil_what_was_saved(
    host: LocalHost, key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "seen.jsonl"
    ask(host, "--save", str(file))
    file.write_text(file.read_text(encoding="utf-8")[:-20], encoding="utf-8")

    assert main(["--evaluate", str(file)]) == 0
    said = capsys.readouterr()
    assert "the last, is cut off and was left out." in said.err
    assert "Host and documents agree" in said.out


SAVED = "holds what was asked and answered. Keys and tokens may be among it: it is for you alone."


@pytest.mark.usefixtures("key")
@pytest.mark.parametrize("before", ["nothing", "a file", "a link"])
def test_what_was_saved_is_for_its_owner_only_and_made_anew(
    host: LocalHost, tmp_path: Path, capsys: pytest.CaptureFixture[str], before: str
) -> None:
    """Hosts answer with keys, and say so in no header."""
    file, led = tmp_path / "below" / "seen.jsonl", tmp_path / "led"
    file.parent.mkdir()
    led.write_text("precious")
    if before == "a file":
        file.write_text("old")
        file.chmod(0o644)
    elif before == "a link":
        file.symlink_to(led)
    umask = os.umask(0)
    try:
        main(["--host", host.serverless_base_url, "--gentle", "--rate", "1000", "--save", str(file)])
    finally:
        os.umask(umask)

    assert f"{file} {SAVED}\n" in capsys.readouterr().err
    assert not file.is_symlink()
    assert file.stat().st_mode & 0o777 == 0o600
    first, *lines = (json.loads(line) for line in file.read_text(encoding="utf-8").splitlines())
    assert first["run"]["gentle"] is True
    assert all(line["surface"] for line in lines)
    assert led.read_text() == "precious"


@pytest.mark.usefixtures("key")
def test_what_was_seen_may_be_saved_by_way_of_a_pipe(host: LocalHost, tmp_path: Path) -> None:
    """To a program that compresses it."""
    pipe, lines = tmp_path / "pipe", list[str]()
    os.mkfifo(pipe)
    reader = threading.Thread(target=lambda: lines.extend(pipe.read_text(encoding="utf-8").splitlines()))
    reader.start()

    ask(host, "--save", str(pipe))
    reader.join(10)

    assert len(lines) > 5


@pytest.mark.parametrize("exempt", ["NO_PROXY", "no_proxy"])
def test_no_proxy_hears_of_a_host_on_this_machine(
    host: LocalHost, key: str, exempt: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Neither of a walk nor of a fuzz run, whatever else is exempt: where one variable counted, no call succeeded."""
    for name in ("NO_PROXY", "no_proxy"):
        monkeypatch.setenv(name, "")
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    monkeypatch.setenv(exempt, "elsewhere.example")

    arguments = ["--host", host.serverless_base_url, "--phases", "examples", "--cases", "1", "--quiet"]
    assert main(arguments) == 0


def test_the_old_name_of_an_option_is_taken_and_not_shown(
    host: LocalHost, key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "seen.jsonl"
    ask(host, "--save", str(file))

    assert main(["--judge", str(file)]) == 0  # the old name
    assert options("--judge", str(file)) == options("--evaluate", str(file))  # the old name
    capsys.readouterr()
    assert main(["--help"]) == 0
    assert "judge" not in capsys.readouterr().out  # the old name


def test_a_fuzz_run_on_a_local_host_of_its_own(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """All of it, in a small way: start, walk, four phases, reports."""
    data = tmp_path / "report.json"
    status = main(
        ["--surface", "on-demand", "--cases", "3", "--phases", "examples,fuzzing,stateful", "--json", str(data)]
    )
    said = capsys.readouterr()

    assert status == 0, said.out
    assert "on-demand: examples, fuzzing, stateful, with the seed 1" in said.err
    assert "8 of 8 operations answered with success" in said.out
    assert {one["surface"] for one in json.loads(data.read_text(encoding="utf-8"))["operations"]} == {"on-demand"}
