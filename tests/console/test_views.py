"""Every view in a real browser, live."""

from __future__ import annotations

import json
import re
from typing import Any

import httpx
import pytest

from tensormesh_local import LocalHost, Options
from tests.cli.chromium import Session, until
from tests.console.conftest import MODEL, Ask
from tests.console.window import rows, shows


def test_a_request_appears_as_it_happens(window: Session, ask: Ask) -> None:
    shows(window, ".empty", "Nothing was asked yet")
    ask("Why is the sky blue?")
    ask("Why is the sky blue?", stream=True)
    until(lambda: window.texts(".row .status") == ["200", "200"] or None)
    newest, oldest = rows(window, 2)

    assert "/v1/chat/completions" in newest
    assert [MODEL in row and "200" in row for row in (newest, oldest)] == [True, True]
    assert window.texts(".row .bar") != []
    shows(window, ".totals", "2 requests")


def test_what_is_under_way_is_shown_until_it_is_over(window: Session, host: LocalHost, ask: Ask) -> None:
    host.faults.add(delay_seconds=1)
    ask()
    seen: set[str] = set()
    until(lambda: seen.update(window.texts(".row .status")) or ("200 ⚡" in seen) or None)

    assert rows(window, 1)


def test_the_list_is_emptied(window: Session, host: LocalHost, ask: Ask) -> None:
    ask()
    rows(window, 1)
    window.run("[...document.querySelectorAll('button')].find(one => one.textContent === 'Clear').click()")
    shows(window, ".empty", "Nothing was asked yet")

    assert host.requests == []


def test_the_page_comes_back_to_a_host_that_was_away(browser: Session) -> None:
    with LocalHost() as first:
        port = first.port
        browser.open(first.base_url)
        shows(browser, "#state", "Live")
    shows(browser, "#state", "trying again")
    browser.complaints()
    with LocalHost(Options(port=port)):
        shows(browser, "#state", "Live")
        browser.complaints()


def test_a_conversation_is_readable(window: Session, host: LocalHost, ask: Ask) -> None:
    answer = ask("What is 4 + 3?").json()["choices"][0]["message"]
    rows(window, 1)
    window.click(".row")
    shows(window, ".turn.answer", answer["content"])
    titles = window.texts(".turn h3")

    assert titles == ["system", "user", "answer"]
    assert "What is 4 + 3?" in window.texts(".turn")[1]
    shows(window, ".lens", "No earlier request begins like this one")


def test_tools_and_their_calls_are_readable(window: Session, client: httpx.Client) -> None:
    tool = {
        "type": "function",
        "function": {"name": "get_weather", "description": "Weather.", "parameters": {"type": "object"}},
    }
    messages = [{"role": "user", "content": "What is the weather in Paris?"}]
    body = {"model": MODEL, "messages": messages, "tools": [tool], "tool_choice": "required"}
    client.post("/serverless/v1/chat/completions", json=body)
    rows(window, 1)
    window.click(".row")
    shows(window, ".turn.answer", "calls get_weather")
    shows(window, "summary", "Tools: get_weather")


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/chat/completions", {"messages": [{"role": "user", "content": "Hello"}]}),
        ("/v1/completions", {"prompt": "Once upon a time"}),
        ("/v1/responses", {"input": "Hello"}),
    ],
)
def test_a_stream_is_a_line_of_time_and_one_text(
    window: Session, client: httpx.Client, path: str, body: dict[str, Any]
) -> None:
    whole = client.post(f"/serverless{path}", json={"model": MODEL, **body}).text
    client.post(f"/serverless{path}", json={"model": MODEL, "stream": True, **body})
    rows(window, 2)
    window.click(".row")
    shows(window, "main .quiet", "events; the first text after")
    window.run("[...document.querySelectorAll('summary')].find(one => one.textContent === 'Each event').click()")
    shows(window, ".events", "[DONE]" if "responses" not in path else "response.completed")
    [said] = window.texts(".turn.answer > pre")

    assert len(window.texts(".timeline i")) > 5
    assert json.dumps(said.strip(), ensure_ascii=False)[1:-1] in whole.replace("\\u00a0", " ")


def test_what_is_sent_again_is_shown(window: Session, host: LocalHost, ask: Ask) -> None:
    ask("Hello")
    rows(window, 1)
    window.click(".row")
    shows(window, "summary", "Change it")
    window.run("[...document.querySelectorAll('summary')].find(one => one.textContent.startsWith('Change')).click()")
    until(lambda: window.run("return Boolean(document.getElementById('again'))") or None)
    window.run("const field = document.getElementById('again'); field.value = field.value.replace('Hello', 'Changed')")
    window.click("#send")
    shows(window, ".turn", "Changed")

    assert "Changed" in json.dumps(host.requests[1].body)
    assert window.url.endswith(f"#request/{host.requests[1].number}")


def test_code_to_copy_is_offered(window: Session, ask: Ask) -> None:
    ask("Hello")
    rows(window, 1)
    window.click(".row")
    shows(window, "summary", "as curl")
    window.run("for (const one of document.querySelectorAll('summary')) one.parentElement.open = true")
    for text in ("from tensormesh import Tensormesh", "curl --silent", "tm api POST"):
        shows(window, "main pre", text)


def test_the_lens_marks_what_was_cached_and_what_broke_the_rest(window: Session, host: LocalHost, ask: Ask) -> None:
    for second in range(3):
        ask("Hello", system=f"It is 14:05:{second:02} now.")
    ask("Bye", system="It is 14:05:02 now.")
    numbers = [record.number for record in host.requests]
    window.open(f"{host.base_url}/#request/{numbers[2]}")
    shows(window, ".note.moving", f"here “14:05:02”, in request {numbers[1]} “14:05:01”")
    assert window.texts(".prompt .here") == [" 14", ":", "05", ":", "02"]
    assert window.texts(".prompt .first") == ["02"]
    assert window.texts(".prompt .cached") == []
    window.open(f"{host.base_url}/#request/{numbers[3]}")
    shows(window, ".note", f"It parts from request {numbers[2]} in message 2 (user)")
    until(lambda: len(window.texts(".prompt .cached")) > 200 or None)


def test_the_summary_tells_what_could_be_saved(window: Session, host: LocalHost, ask: Ask) -> None:
    for second in range(5):
        ask("Hello", system=f"It is 14:05:{second:02} now.")
    window.press("2")
    shows(window, ".compare", "with what moves at the end")
    [part] = window.texts(".parts li")

    assert "A time in the system prompt at token 5: “14:05:00”, “14:05:01”" in part
    window.click(".parts a")
    shows(window, "h2", f"Request {host.requests[0].number}")


def test_a_fault_is_scripted_by_the_form(window: Session, host: LocalHost, ask: Ask) -> None:
    window.press("3")
    shows(window, "legend", "What goes wrong")
    values = {"match.path": "/v1/chat/*", "status": "429", "headers": '{"Retry-After": "1"}', "times": "2"}
    for name, value in values.items():
        window.run("document.querySelector(`[name='${arguments[0]}']`).value = arguments[1]", name, value)
    window.click("form.fault button.main")
    shows(window, "[role=status]", "It will.")
    assert host.faults.pending() == [
        {"match": {"path": "/v1/chat/*"}, "times": 2, "status": 429, "headers": {"Retry-After": "1"}}
    ]
    answer = ask()
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "1")
    window.run("[...document.querySelectorAll('button')].find(one => one.textContent === 'Look again').click()")
    shows(window, "td", "1 more")


def test_a_fault_that_cannot_be_is_refused_in_words(window: Session, host: LocalHost) -> None:
    window.press("3")
    shows(window, "legend", "What goes wrong")
    window.run("document.querySelector('[name=status]').value = '99'")
    window.click("form.fault button.main")
    shows(window, ".error", "status must be a whole number of at least 200")

    assert host.faults.pending() == []
    assert re.search("status of 400", " ".join(window.complaints()))


def test_the_account_is_shown(window: Session) -> None:
    window.press("4")
    shows(window, ".facts", "$108.")
    shows(window, "td", MODEL)

    assert window.run("return document.querySelectorAll('.plot rect').length") > 30


def test_a_row_stays_the_element_it_is_while_others_come(window: Session, host: LocalHost, ask: Ask) -> None:
    """Or a click would be lost whose mouse goes down on one and up on another."""
    ask("One")
    until(lambda: window.texts(".row .status") == ["200"] or None)
    window.run("window.row = document.querySelector('.row')")
    ask("Two")
    until(lambda: window.texts(".row .status") == ["200", "200"] or None)

    assert window.run("return document.querySelectorAll('.row')[1] === window.row && window.row.isConnected")
    assert window.run("return window.row.getAttribute('aria-posinset')") == "2"
