"""`tm prompts`."""

from __future__ import annotations

import gzip
import json
from pathlib import Path
from typing import Any

import httpx
import pytest

from tensormesh_local import LocalHost
from tests.cli.conftest import Tm

MODEL = "openai/gpt-oss-20b"
RULES = "Follow the rules of the house, which are many and strict. " * 20


def body(system: str, question: str, **fields: Any) -> dict[str, Any]:
    messages = [{"role": "system", "content": f"{system} {RULES}"}, {"role": "user", "content": question}]
    return {"model": MODEL, "messages": messages, **fields}


def row(name: str, system: str, question: str = "Hello") -> dict[str, Any]:
    return {"custom_id": name, "url": "/v1/chat/completions", "body": body(system, question)}


def written(file: Path, *rows: Any) -> Path:
    file.write_text("".join(f"{json.dumps(one)}\n" for one in rows))
    return file


@pytest.fixture
def source(tmp_path: Path) -> Path:
    return written(tmp_path / "in.jsonl", *(row(f"row-{n}", f"It is 14:05:{n:02} now.") for n in range(10)))


def test_what_moves_is_found_with_its_place_and_its_price(tm: Tm, source: Path) -> None:
    found = tm.ok("prompts", str(source))
    (part,) = found["moving_parts"]

    assert (found["requests"], found["as_they_stand"]["cached_tokens"]) == (10, 0)
    assert (part["kind"], part["place"], part["requests"]) == ("a time", "the system prompt", 10)
    assert part["lines"] == [*range(1, 11)]
    assert part["examples"] == [" 14:05:00", " 14:05:01"]
    assert found["moved_last"]["cached_tokens"] == part["gain_tokens"] > 0.8 * found["tokens"]
    assert found["moved_last"]["saved_usd"] == pytest.approx(part["gain_tokens"] * 0.07e-6)


def test_people_are_told_in_words(tm: Tm, source: Path) -> None:
    lines = tm("prompts", str(source), "--price", "2").stdout.splitlines()

    assert lines[0].startswith("10 requests with 3,0")
    assert "A time in the system prompt at token 5: “14:05:00”, “14:05:01”" in lines[-3]
    assert lines[-2].strip() == "10 requests: row-0, row-1, row-2, row-3, row-4 and 5 more"
    (moved,) = [line for line in lines if "with what moves at the end" in line]
    assert moved.endswith("saves 0.0052 USD")


def test_another_order_is_worth_something_where_the_cache_is_small(tm: Tm, tmp_path: Path) -> None:
    """It holds one of two beginnings, which come in turns."""
    rows = [row(f"{n}", f"You are number {n % 2}.", f"Question {n}") for n in range(10)]
    source = written(tmp_path / "in.jsonl", *rows)
    found = tm.ok("prompts", str(source), "--cache-tokens", "400")

    assert found["as_they_stand"]["cached_tokens"] == 0
    assert found["reordered"]["cached_tokens"] > 0.7 * found["tokens"]
    assert (
        "`tm batch run` sends requests in the better order"
        in tm("prompts", str(source), "--cache-tokens", "400").stdout
    )
    assert tm.ok("prompts", str(source))["reordered"] == tm.ok("prompts", str(source))["as_they_stand"]


@pytest.mark.parametrize(
    "one",
    [
        {"custom_id": "a", "method": "POST", "url": "/v1/chat/completions", "body": body("Be brief.", "Hello")},
        {"body": body("Be brief.", "Hello", stream=True)},
        body("Be brief.", "Hello"),
        {"model": MODEL, "prompt": "Once upon a time"},
        {"model": MODEL, "prompt": ["Once upon a time", "There was"]},
        {"model": MODEL, "input": "Hello"},
        {"model": "somebody/elses-model", "input": "Hello", "novel": 1},
    ],
)
def test_every_kind_of_request_is_read(tm: Tm, tmp_path: Path, one: dict[str, Any]) -> None:
    found = tm.ok("prompts", str(written(tmp_path / "in.jsonl", one)))

    assert (found["requests"], found["unreadable"]) == (1, [])
    assert found["tokens"] > 0


def test_compressed_files_and_standard_input_are_read(tm: Tm, source: Path, tmp_path: Path) -> None:
    packed = tmp_path / "in.jsonl.gz"
    packed.write_bytes(gzip.compress(source.read_bytes()))
    plain = tm.ok("prompts", str(source))

    assert tm.ok("prompts", str(packed)) == plain
    assert tm.ok("prompts", "-", input=source.read_text()) == plain


@pytest.mark.parametrize(
    ("line", "why"),
    [
        ("{", "it is not JSON"),
        ("[1]", "it is not a JSON object"),
        ("[" * 100_000, "it is nested too deeply"),
        ('{"custom_id": "a"}', "it has no messages, no prompt and no input"),
        ('{"url": "/v1/embeddings", "body": {"input": "x"}}', "'/v1/embeddings' is no operation with a prompt"),
        ('{"body": 1}', "its body is not a JSON object"),
        ('{"prompt": "x"}', "the body names no model"),
        (
            '{"model": "m", "messages": [{"role": "user", "content": [{"type": "input_audio"}]}]}',
            "the engine cannot read body.messages",
        ),
    ],
)
def test_a_line_that_is_no_request_is_named_and_left_out(tm: Tm, source: Path, line: str, why: str) -> None:
    with source.open("a") as file:
        file.write(f"\n{line}\n")
    outcome = tm("prompts", str(source), "-o", "json")

    assert outcome.code == 1
    assert (outcome.json["requests"], outcome.json["unreadable"][0]["line"]) == (10, 12)
    assert f"Left out: line 12: {why}" in outcome.stderr


def test_a_model_can_be_given_to_requests_that_name_none(tm: Tm, tmp_path: Path) -> None:
    source = written(tmp_path / "in.jsonl", {"prompt": "Once"}, {"prompt": "Twice", "model": "m"})

    assert [one["model"] for one in tm.ok("prompts", str(source), "--model", MODEL)["models"]] == [MODEL, "m"]


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (["nowhere.jsonl"], "nowhere.jsonl cannot be read: No such file or directory"),
        (["."], ". cannot be read: Is a directory"),
        (["broken.jsonl.gz"], "broken.jsonl.gz cannot be read"),
        (["empty.jsonl", "--price", "cheap"], "'cheap' is no price such as 0.07"),
    ],
)
def test_what_cannot_be_done_is_said(
    tm: Tm, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], words: str
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "broken.jsonl.gz").write_bytes(gzip.compress(b"{}\n" * 1000)[:-9])
    (tmp_path / "empty.jsonl").write_bytes(b"")
    outcome = tm("prompts", *arguments)

    assert outcome.code != 0
    assert words in outcome.stderr


def test_an_empty_file_has_nothing_to_tell(tm: Tm, tmp_path: Path) -> None:
    (tmp_path / "empty.jsonl").write_bytes(b"")

    assert tm("prompts", str(tmp_path / "empty.jsonl")).stdout.startswith("0 requests with 0 tokens")


def test_a_file_of_no_requests_at_all_is_an_error(tm: Tm, tmp_path: Path) -> None:
    outcome = tm("prompts", str(written(tmp_path / "in.jsonl", {"a": 1})))

    assert outcome.code != 0
    assert "holds no request: line 1: it has no messages" in outcome.stderr


def test_the_page_saves_what_is_read_here(tm: Tm, host: LocalHost, tmp_path: Path) -> None:
    """And what the host said of its cache is set beside what the prompts explain."""
    headers = {"Authorization": f"Bearer {host.inference_api_key}"}
    with httpx.Client(base_url=host.serverless_base_url, headers=headers, trust_env=False) as client:
        for question in ("One?", "Two?", "Three?"):
            client.post("/v1/chat/completions", json=body("Be brief.", question))
        client.post("/v1/chat/completions", json={"model": "none"})
        client.post("/tokenize", json={"model": MODEL, "prompt": "x"})
        saved = client.get(f"{host.base_url}/_local/console/ledger.jsonl").content
    source = tmp_path / "requests.jsonl"
    source.write_bytes(saved)
    outcome = tm("prompts", str(source), "-o", "json")
    found = outcome.json

    assert (found["requests"], found["refused"]) == (3, 1)
    assert found["told"] == {
        "prompt_tokens": found["tokens"],
        "cached_tokens": found["as_they_stand"]["cached_tokens"],
    }
    assert found["told"]["cached_tokens"] > 0
