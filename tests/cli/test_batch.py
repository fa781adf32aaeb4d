"""`tm batch`."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tensormesh_local import LocalHost
from tests.batch.host import BatchHost, Reply, answer
from tests.batch.rows import answers, row, written
from tests.cli import processes
from tests.cli.conftest import Tm
from tests.cli.terminal import CTRL_C, Terminal

MODEL = "openai/gpt-oss-20b"


@pytest.fixture
def out(tmp_path: Path) -> Path:
    return tmp_path / "out"


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return written(tmp_path / "in.jsonl", [row(name, model=MODEL) for name in "abc"])


@pytest.fixture
def batch_host() -> Iterator[BatchHost]:
    with BatchHost() as running:
        yield running


@pytest.fixture
def theirs(offline: Tm, batch_host: BatchHost) -> Tm:
    """`tm` of somebody whose host answers as a test wants; there is no price list."""
    offline.env |= {"TENSORMESH_SERVERLESS_BASE_URL": batch_host.url, "TENSORMESH_INFERENCE_API_KEY": "ak"}
    return offline


def test_every_row_is_answered_and_the_same_command_sends_nothing_again(
    tm: Tm, host: LocalHost, source: Path, out: Path
) -> None:
    first = tm.ok("batch", "run", str(source), str(out))
    assert (first["rows"], first["done"], first["failed"]) == (3, 3, 0)
    assert first["cost_usd"] is not None  # by the price list of the service
    assert sorted(answers(out)) == ["a", "b", "c"]
    again = tm.ok("batch", "run", str(source), str(out))
    assert (again["done"], again["done_before"], again["cost_usd"]) == (3, 3, first["cost_usd"])


def test_people_are_told_in_words(tm: Tm, source: Path, out: Path) -> None:
    outcome = tm("batch", "run", str(source), str(out))
    assert outcome.stdout.startswith("3 of 3 rows have an answer; 3 came in ")
    assert f"`tm batch merge {out} FILE` makes one file of them" in outcome.stderr
    assert tm("batch", "run", str(source), str(out), "--quiet").stderr == ""


def test_answers_are_merged_in_the_order_of_the_input(tm: Tm, source: Path, out: Path, tmp_path: Path) -> None:
    tm.ok("batch", "run", str(source), str(out))
    target = tmp_path / "all.jsonl"
    assert tm.ok("batch", "merge", str(out), str(target)) == {"answers": 3, "errors": 0, "missing": 0}
    assert [json.loads(line)["custom_id"] for line in target.read_text().splitlines()] == ["a", "b", "c"]
    assert "two passes" in tm("batch", "merge", str(out), "-").stderr


def test_rows_of_a_table_are_sent(theirs: Tm, batch_host: BatchHost, tmp_path: Path, out: Path) -> None:
    table = tmp_path / "in.csv"
    table.write_text("id,text\na,one\nb,two\n")
    options = ["--prompt", "Say {text}", "--system", "Be brief.", "--model", "m", "--max-tokens", "5"]
    assert theirs.ok("batch", "run", str(table), str(out), *options)["done"] == 2
    assert sorted(batch_host.asked) == ["Say one", "Say two"]


def test_standard_input_is_an_input(
    theirs: Tm, source: Path, out: Path, monkeypatch: pytest.MonkeyPatch, batch_host: BatchHost
) -> None:
    assert theirs("batch", "run", "-", str(out), input=source.read_text()).code == 0
    assert len(batch_host.asked) == 3


def test_a_dry_run_sends_nothing(tm: Tm, host: LocalHost, source: Path, out: Path) -> None:
    found = tm.ok("batch", "run", str(source), str(out), "--dry-run")
    assert (found["rows"], found["models"], found["most_completion_tokens"]) == (3, {MODEL: 3}, 15)
    assert float(found["most_usd"]) > 0
    assert not out.exists()
    words = tm("batch", "run", str(source), str(out), "--dry-run").stdout
    assert words.startswith(f"3 rows for {MODEL} (3)\nabout ")


def test_a_dry_run_needs_nobody(offline: Tm, source: Path, out: Path) -> None:
    offline.env["TENSORMESH_SERVERLESS_BASE_URL"] = "http://127.0.0.1:9"
    outcome = offline("batch", "run", str(source), str(out), "--dry-run")
    assert outcome.code == 0
    assert "is not known without the price of openai/gpt-oss-20b: give price (--price)" in outcome.stdout


def test_a_dry_run_tells_of_bad_lines_by_its_exit_code(tm: Tm, tmp_path: Path, out: Path) -> None:
    source = written(tmp_path / "in.jsonl", [row("a"), "{"])
    outcome = tm("batch", "run", str(source), str(out), "--dry-run")
    assert (outcome.code, "1 line is no request:\n  line 2: " in outcome.stdout) == (1, True)
    assert tm("batch", "run", str(source), str(out), "--dry-run", "--skip-bad").code == 0


def test_the_context_of_models_limits_what_a_row_can_cost(tm: Tm, tmp_path: Path, out: Path) -> None:
    source = written(tmp_path / "in.jsonl", [row("a", model=MODEL, max_tokens=None)])
    assert tm.ok("batch", "run", str(source), str(out), "--dry-run")["unlimited"] == 0
    assert tm.ok("batch", "run", str(source), str(out), "--budget", "1")["done"] == 1


def test_rows_that_failed_are_told_by_the_exit_code(
    theirs: Tm, batch_host: BatchHost, tmp_path: Path, out: Path
) -> None:
    batch_host.reply = lambda body, times: (
        Reply(400, {}) if times == 0 and body["messages"][0]["content"] == "bad" else answer(body)
    )
    source = written(tmp_path / "in.jsonl", [row("a", "bad"), row("b")])
    outcome = theirs("batch", "run", str(source), str(out))
    assert outcome.code == 1
    assert "1 row failed; errors.jsonl says why" in outcome.stdout
    assert theirs("batch", "run", str(source), str(out), "--retry-failed").code == 0


def refused(name: str, *options: str, lines: list[Any] | None = None, why: str, kind: str, code: int = 1) -> Any:
    return pytest.param(options, lines, why, kind, code, id=name)


@pytest.mark.parametrize(
    ("options", "lines", "why", "kind", "code"),
    [
        refused("bad line", lines=[row("a"), "{"], why="1 line is no request:\n  line 2: it is not JSON", kind="input"),
        refused("no price", "--budget", "1", why="A budget needs the price of 'a/model'", kind="stopped"),
        refused("spent", "--budget", "0.000001", "--price", "1,1", why="more than is left of the", kind="stopped"),
        refused("no sum", "--budget", "much", why="is no sum of US dollars such as 12.50", kind="usage", code=2),
        refused("no price at all", "--price", "much", why="is no price such as 0.15,0.60", kind="usage", code=2),
        refused("a template", "--prompt", "{a}", why="these lines are requests", kind="usage", code=2),
        refused("engine", "--engine", "asyncio", "--processes", "2", why="leave out", kind="usage", code=2),
    ],
)  # fmt: skip
def test_what_cannot_be_done_is_said(
    theirs: Tm,
    batch_host: BatchHost,
    tmp_path: Path,
    out: Path,
    options: tuple[str, ...],
    lines: list[Any] | None,
    why: str,
    kind: str,
    code: int,
) -> None:
    source = written(tmp_path / "in.jsonl", lines or [row("a")])
    outcome = theirs("--error-format", "json", "batch", "run", str(source), str(out), *options)
    assert (outcome.code, outcome.error["kind"]) == (code, kind), outcome.error
    assert why in outcome.error["message"]
    assert batch_host.asked == []


def test_an_input_that_is_not_there_is_named(theirs: Tm, out: Path) -> None:
    outcome = theirs("batch", "run", "gone.jsonl", str(out))
    assert (outcome.code, outcome.stderr) == (1, "Error: There is no file 'gone.jsonl'.\n")
    assert not out.exists()


def test_a_folder_of_another_run_is_named(theirs: Tm, source: Path, out: Path) -> None:
    theirs.ok("batch", "run", str(source), str(out))
    outcome = theirs("batch", "run", str(source), str(out), "--max-tokens", "9")
    assert (outcome.code, "was begun with other options" in outcome.stderr) == (1, True)


def test_a_key_that_nobody_knows_is_told_as_elsewhere(
    theirs: Tm, batch_host: BatchHost, source: Path, out: Path
) -> None:
    batch_host.reply = lambda body, times: Reply(401, {"error": {"message": "no such key"}})
    outcome = theirs("--error-format", "json", "batch", "run", str(source), str(out))
    assert (outcome.code, outcome.error["kind"], outcome.error["status"]) == (3, "unauthorized", 401)
    assert "TENSORMESH_INFERENCE_API_KEY" in str(outcome.error["hint"])


def test_a_key_goes_to_no_host_but_its_own(offline: Tm, batch_host: BatchHost, source: Path, out: Path) -> None:
    offline.home.mkdir()
    (offline.home / "config.toml").write_text('[overrides]\nserverless_api_key = "kept-for-another"\n')
    outcome = offline("batch", "run", str(source), str(out), "--base-url", batch_host.url)
    assert outcome.code == 2
    assert batch_host.url in outcome.stderr
    assert "kept-for-another" not in outcome.stderr
    assert batch_host.asked == []


def test_without_a_key_nothing_is_begun(offline: Tm, source: Path, out: Path) -> None:
    outcome = offline("batch", "run", str(source), str(out))
    assert (outcome.code, "There is no key for inference" in outcome.stderr) == (2, True)
    assert not out.exists()


def test_rows_go_on_demand(tm: Tm, host: LocalHost, tmp_path: Path, out: Path) -> None:
    served = tm.ok("infer", "models", "--surface", "on-demand")["data"][0]["id"]
    source = written(tmp_path / "in.jsonl", [row("a", model=served)])
    found = tm.ok("batch", "run", str(source), str(out), "--surface", "on-demand")
    assert (found["done"], found["cost_usd"]) == (1, None)


def test_a_model_that_is_configured_is_that_of_rows_that_name_none(
    theirs: Tm, batch_host: BatchHost, tmp_path: Path, out: Path
) -> None:
    theirs.home.mkdir()
    (theirs.home / "config.toml").write_text('serverless_model = "configured/model"\n')
    source = written(
        tmp_path / "in.jsonl", [{"custom_id": "a", "body": {"messages": [{"role": "user", "content": "Hi"}]}}]
    )
    theirs.ok("batch", "run", str(source), str(out))
    assert answers(out)["a"]["response"]["body"]["model"] == "configured/model"


def test_another_window_tells_how_far_a_run_is(theirs: Tm, batch_host: BatchHost, source: Path, out: Path) -> None:
    batch_host.wait.clear()
    running = threading.Thread(target=lambda: processes.run(theirs, "batch", "run", str(source), str(out)))
    running.start()
    try:
        processes.until(lambda: len(batch_host.asked) == 3)
        processes.until(
            lambda: "in_flight" in (out / "progress.json").read_text() if (out / "progress.json").exists() else False
        )
        found = theirs.ok("batch", "status", str(out))
        assert (found["state"], found["rows"], found["done"]) == ("running", 3, 0)
        assert theirs("batch", "status", str(out)).stdout.startswith("running: 0 of 3 rows, ")
    finally:
        batch_host.wait.set()
        running.join()
    assert theirs.ok("batch", "status", str(out))["state"] == "ended"
    assert theirs("batch", "status", str(out)).stdout.startswith("ended\n3 of 3 rows have an answer")


def test_the_status_of_something_else_is_an_error(theirs: Tm, tmp_path: Path) -> None:
    outcome = theirs("batch", "status", str(tmp_path))
    assert (outcome.code, "is the folder of no batch" in outcome.stderr) == (1, True)


def test_a_terminal_shows_one_line_that_is_wiped(theirs: Tm, batch_host: BatchHost, tmp_path: Path, out: Path) -> None:
    source = written(tmp_path / "in.jsonl", [row(f"r{i}") for i in range(20)])
    batch_host.wait.clear()
    with Terminal(
        ["batch", "run", str(source), str(out), "--max-in-flight", "4"], processes.environment(theirs)
    ) as terminal:
        terminal.sees("0 of 20 rows, 0.0 rows/s, 4/4 in flight")
        batch_host.wait.set()
        terminal.sees("20 of 20 rows have an answer")
        assert terminal.ends() == 0
        assert "in flight" not in terminal.text


def test_ctrl_c_waits_for_what_is_under_way_and_says_so(
    theirs: Tm, batch_host: BatchHost, tmp_path: Path, out: Path
) -> None:
    source = written(tmp_path / "in.jsonl", [row(f"r{i}") for i in range(20)])
    batch_host.wait.clear()
    with Terminal(
        ["batch", "run", str(source), str(out), "--max-in-flight", "2"], processes.environment(theirs), columns=200
    ) as terminal:
        terminal.sees("2/2 in flight")
        terminal.type(CTRL_C)
        terminal.sees("what is under way is waited for")
        batch_host.wait.set()
        terminal.sees("It was interrupted. 2 of 20 rows have an answer")
        assert terminal.ends() == 130
    assert len(answers(out)) == 2


def test_elsewhere_a_line_is_printed_each_minute(
    theirs: Tm, source: Path, out: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("tensormesh_cli.commands.batch.EACH_SECONDS", 0.0)
    assert "0 of 3 rows, " in theirs("batch", "run", str(source), str(out)).stderr
