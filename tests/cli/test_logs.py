"""`tm logs`."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest

from tensormesh_cli.account.log_tail import LogTail, in_order
from tensormesh_local import LocalHost
from tests.cases import cases
from tests.cli.conftest import Tm

START = "2026-06-01T12:00:00Z"


def line(second: int, message: str) -> dict[str, Any]:
    return {"timestamp": f"2026-06-01T12:00:{second:02}Z", "message": message}


def test_lines_are_told_once() -> None:
    tail = LogTail(START)

    assert tail.feed([line(2, "b"), line(1, "a")]) == [line(1, "a"), line(2, "b")]
    assert tail.start == "2026-06-01T12:00:02Z"
    assert tail.feed([line(2, "b"), line(2, "c"), line(3, "d")]) == [line(2, "c"), line(3, "d")]


def test_the_same_line_twice_is_two_lines() -> None:
    tail = LogTail(START)

    assert tail.feed([line(1, "a"), line(1, "a")]) == [line(1, "a"), line(1, "a")]
    assert tail.feed([line(1, "a"), line(1, "a"), line(1, "a")]) == [line(1, "a")]


def test_lines_from_before_the_start_are_left_out() -> None:
    assert LogTail("2026-06-01T12:00:05Z").feed([line(1, "a"), line(5, "b")]) == [line(5, "b")]


def test_a_line_without_a_time_is_not_lost() -> None:
    tail = LogTail(START)

    assert tail.feed([{"message": "a"}]) == [{"message": "a"}]
    assert tail.feed([{"message": "a"}, line(1, "b")]) == [line(1, "b")]


@pytest.fixture
def deployment(control_plane: Any) -> str:
    found: str = control_plane("/v1/models")["models"][0]["deploymentId"]
    return found


def test_a_log_is_one_line_each(tm: Tm, deployment: str) -> None:
    lines = tm("logs", deployment, "--limit", "3").stdout.splitlines()

    assert len(lines) == 3
    assert all(text[:4].isdigit() and "Z  " in text for text in lines)


def test_the_newest_come_first_if_wanted(tm: Tm, deployment: str, host: LocalHost) -> None:
    answer = tm.ok("logs", deployment, "--direction", "desc", "--limit", "5")

    stamps = [item["timestamp"] for item in answer["logs"]]
    assert stamps == sorted(stamps, reverse=True)
    assert "direction=LOG_DIRECTION_BACKWARD" in host.requests[-1].query


def test_a_log_is_followed(
    tm: Tm, deployment: str, host: LocalHost, monkeypatch: pytest.MonkeyPatch, plain_client: httpx.Client
) -> None:
    """Three looks: the lines so far, a host that is away, new lines; then Ctrl-C."""
    pauses = 0

    def pause(seconds: float) -> None:
        nonlocal pauses
        assert seconds == 0.5
        pauses += 1
        if pauses == 1:
            host.faults.add({"status": 503})
        if pauses == 3:
            raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", pause)

    outcome = tm("-o", "json", "logs", deployment, "--follow", "--interval", "0.5", "--start-time", "10m")

    assert outcome.code == 0
    assert "Trying on." in outcome.stderr
    lines = [json.loads(text) for text in outcome.stdout.splitlines()]
    assert lines == sorted(lines, key=lambda item: item["timestamp"])
    assert len({(item["timestamp"], item["message"]) for item in lines}) == len(lines) > 3


def test_a_deployment_that_is_not_there_ends_it(tm: Tm) -> None:
    assert tm("logs", "dep-none", "--follow").code == 4


@cases("line", [None, "x", 7, ["x"]])
@cases("options", [[], ["--follow"]])
def test_what_is_no_line_is_shown_as_one(
    tm: Tm, host: LocalHost, line: Any, options: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    def over(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", over)
    host.faults.add({"status": 200, "body": {"logs": [line]}})

    outcome = tm("logs", "dep-7f3a91c2", *options)

    assert (outcome.code, outcome.stdout) == (0, f"-  {line or ''}\n")


def test_the_last_hundred_lines_are_shown_in_order(tm: Tm, deployment: str, host: LocalHost) -> None:
    outcome = tm("logs", deployment, "--start-time", "3h")

    stamps = [text.split()[0] for text in outcome.stdout.splitlines()]
    assert len(stamps) == 100
    assert stamps == sorted(stamps)
    assert "limit=100" in host.requests[-1].query
    assert "These are the last 100 lines: --limit N shows more." in outcome.stderr
    assert stamps[-1] == tm.ok("logs", deployment, "--direction", "desc", "--start-time", "3h")["logs"][0]["timestamp"]


def test_a_limit_takes_the_last_lines(tm: Tm, deployment: str) -> None:
    last = tm.ok("logs", deployment, "--limit", "100")["logs"]
    outcome = tm("-o", "json", "logs", deployment, "--limit", "3")

    assert json.loads(outcome.stdout)["logs"] == last[-3:]
    assert outcome.stderr == ""


def test_lines_that_come_in_order_all_the_same_are_left_so() -> None:
    lines = [line(1, "a"), line(2, "b"), line(2, "c")]

    assert in_order(lines) == lines
    assert in_order(lines[::-1]) == lines
    assert in_order([line(1, "b"), line(1, "a")]) == [line(1, "a"), line(1, "b")]
    assert in_order([line(2, "b"), {"message": "odd"}, line(1, "a")]) == [
        line(1, "a"),
        {"message": "odd"},
        line(2, "b"),
    ]


@pytest.mark.parametrize(("options", "count"), [([], 100), (["--limit", "2"], 2)])
def test_following_begins_with_the_last_lines(
    tm: Tm, deployment: str, host: LocalHost, monkeypatch: pytest.MonkeyPatch, options: list[str], count: int
) -> None:
    before = tm.ok("logs", deployment, "--limit", str(count))["logs"]
    looks = 0

    def pause(seconds: float) -> None:
        nonlocal looks
        looks += 1
        if looks == 2:
            raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", pause)

    outcome = tm("logs", deployment, "--follow", *options)

    said = outcome.stdout.splitlines()
    assert [text.split("  ")[1] for text in said[: len(before)]] == [item["message"] for item in before]
    assert said == sorted(said, key=lambda text: text.split()[0])
    assert len(said) in (len(before), len(before) + 1), "nothing is told twice; a heartbeat may come between"
    assert "LOG_DIRECTION_FORWARD" in host.requests[-1].query
    assert "limit" not in host.requests[-1].query
