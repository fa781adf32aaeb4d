"""The lens over the requests of a host, held against what the host counts."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tensormesh_local import LocalHost
from tests.console.conftest import MODEL, Ask, lens, newest


def test_the_lens_agrees_with_what_the_host_counts(page: httpx.Client, ask: Ask) -> None:
    for number in range(4):
        ask(f"Question {number}", system="Be brief." if number % 2 else "Be long.")
    found, row = lens(page), newest(page)

    assert (found["tokens"], found["cached"], found["able"]) == (row["prompt"], row["cached"], row["cached"])
    assert found["earlier"] == row["number"] - 2
    assert found["able"] > 0
    assert found["notes"] == []
    assert found["words"].startswith(f"It parts from request {found['earlier']} in message 2 (user)")


def test_the_lens_tells_what_moves(page: httpx.Client, ask: Ask) -> None:
    ask(system="It is 14:05:12 now.")
    ask(system="It is 14:05:13 now.")
    found = lens(page)
    [window] = found["windows"]
    start, end = found["here"]

    assert found["words"].startswith("A time in the system prompt at token 5: here “14:05:13”, in request")
    assert "".join(window["texts"][start:end]) == " 14:05:13"
    assert (found["cached"], found["able"]) == (0, 0)
    assert found["free"] > 0.8 * found["tokens"]


def test_a_long_prompt_is_shown_where_it_matters(page: httpx.Client, ask: Ask) -> None:
    long = "word " * 9_000
    ask(f"{long} one {long}", max_tokens=1)
    ask(f"{long} two {long}", max_tokens=1)
    found = lens(page)
    spans = [(window["start"], window["start"] + len(window["texts"])) for window in found["windows"]]

    assert found["tokens"] > 18_000
    assert sum(end - start for start, end in spans) < 3_000
    assert any(start < found["common"] < end for start, end in spans)
    assert (spans[0][0], spans[-1][1]) == (0, found["tokens"])


def test_prompts_of_other_models_and_refused_ones_are_not_compared(
    host: LocalHost, page: httpx.Client, ask: Ask
) -> None:
    ask()
    host.faults.add(status=503)
    ask(model="openai/gpt-oss-120b")
    ask(model="openai/gpt-oss-120b")

    assert lens(page)["earlier"] is None
    assert lens(page)["words"].startswith("No earlier request begins like this one")


@pytest.mark.parametrize(
    ("path", "body", "why"),
    [
        ("/serverless/tokenize", {"model": MODEL, "prompt": "x"}, "This request has no prompt."),
        ("/serverless/v1/chat/completions", {"messages": []}, "cannot be read: the body names no model"),
        ("/serverless/v1/chat/completions", [1], "cannot be read: the body is no JSON object"),
        ("/control-plane/v1/nowhere", {}, "This request has no prompt."),
    ],
)
def test_where_there_is_no_prompt_the_lens_says_why(
    page: httpx.Client, client: httpx.Client, path: str, body: Any, why: str
) -> None:
    client.post(path, json=body)

    assert why in lens(page)["why"]


def test_all_prompts_are_summed_up(page: httpx.Client, host: LocalHost, ask: Ask) -> None:
    for number in range(6):
        ask(system=f"It is 14:05:{number:02} now.")
    found = page.get("lens").json()
    [part] = found["parts"]

    assert (found["requests"], found["exact"]) == (6, True)
    assert found["told"] == {"prompt": found["tokens"], "cached": 0}
    assert found["moved"] > 0.7 * found["tokens"] > found["reordered"] == found["as_sent"] == 0
    assert float(found["worth"]["moved"]) == pytest.approx(found["moved"] * 0.07e-6)
    assert part["words"] == "a time in the system prompt at token 5: “14:05:00”, “14:05:01”"
    assert part["requests"] == [record.number for record in host.requests][:5]


def test_a_text_completion_of_several_prompts_counts_each(page: httpx.Client, client: httpx.Client) -> None:
    body = {"model": MODEL, "prompt": ["Once upon a time", "There was"], "max_tokens": 1}
    client.post("/serverless/v1/completions", json=body)

    assert page.get("lens").json()["tokens"] == newest(page)["prompt"]
