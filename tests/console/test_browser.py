"""The page in a real browser: every view, by keyboard alone, live, with thousands of requests and hostile answers."""

from __future__ import annotations

import json
import re
import socket
import time
from itertools import batched
from typing import Any

import httpx
import pytest

from tensormesh_local import LocalHost, Options
from tensormesh_local.request_log import KEPT
from tests.cli.chromium import Session, until
from tests.console.conftest import ELSEWHERE, MODEL, Ask

ENTER, ESCAPE, TAB, DOWN, UP, END, HOME = "\ue007", "\ue00c", "\ue004", "\ue015", "\ue013", "\ue010", "\ue011"
MARKUP = "<img src=x onerror=\"document.title='struck'\"><script>document.title='struck'</script><b>bold</b>"


def shows(window: Session, selector: str, text: str) -> None:
    """Wait until what a CSS selector finds has a text in it."""
    until(lambda: any(text in found for found in window.texts(selector)) or None)


def rows(window: Session, count: int) -> list[str]:
    """Wait until so many rows are drawn, and read them."""

    def found() -> list[str] | None:
        texts = window.texts(".row")
        return texts if len(texts) == count else None

    return until(found)


def focused(window: Session) -> str:
    return str(window.run("const at = document.activeElement; return at.id || at.className || at.textContent"))


def asked(host: LocalHost, count: int) -> None:
    """Ask many small questions, all at once over one connection, and wait for the answers."""
    with socket.create_connection(("127.0.0.1", host.port)) as connection:
        for some in batched(range(count), 50):
            for number in some:
                head = f"GET /serverless/version?question={number} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n"
                connection.sendall(head.encode())
            answers = 0
            while answers < len(some):
                answers += connection.recv(1 << 20).count(b"HTTP/1.1 200")


# live


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


# one request


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


# the lens


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


# faults, account


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


# thousands


def scrolled(window: Session) -> float:
    """How many milliseconds it takes to draw the list anew somewhere else: the middle of many times."""
    return float(
        window.run(
            """
            const scroller = document.querySelector(".scroller");
            const taken = [];
            for (let step = 1; step <= 51; step += 1) {
              const begun = performance.now();
              scroller.scrollTop = (scroller.scrollHeight / 51) * step;
              scroller.dispatchEvent(new Event("scroll"));
              scroller.getBoundingClientRect();
              taken.push(performance.now() - begun);
            }
            return taken.sort((one, other) => one - other)[25];
            """
        )
    )


def test_five_thousand_requests_cost_no_more_than_what_can_be_seen(window: Session, host: LocalHost) -> None:
    asked(host, 200)
    shows(window, ".totals", "200 requests")
    few = scrolled(window)
    asked(host, 4_800)
    shows(window, ".totals", "5,000 requests")

    assert len(window.texts(".row")) < 60
    assert scrolled(window) < 4 * few + 5
    window.press(END)
    until(lambda: any("question=0" in row for row in window.texts(".row")) or None)
    window.press("/")
    until(lambda: focused(window) == "search" or None)
    window.press(*"question=4321")
    shows(window, ".totals", "1 of 5,000 requests")


def test_the_oldest_make_room_for_the_newest(window: Session, host: LocalHost) -> None:
    asked(host, KEPT + 50)
    shows(window, ".totals", "5,000 requests")

    assert len(host.requests) == KEPT == 5_000


def test_a_list_that_grows_fast_is_drawn_now_and_then(window: Session, host: LocalHost) -> None:
    window.run(
        "window.drawn = 0; const count = () => { window.drawn += 1; };"
        "new MutationObserver(count).observe(document.querySelector('.rows'), {childList: true})"
    )
    begun = time.monotonic()
    asked(host, 500)
    shows(window, ".totals", "500 requests")

    assert window.run("return window.drawn") <= 3 + 10 * (time.monotonic() - begun)


# hostile


def test_markup_stays_text_wherever_it_comes_from(window: Session, host: LocalHost, ask: Ask) -> None:
    """In a question, a model's name, a path, a header, a tool, an answer whole or streamed, an error, a fault."""
    host.faults.add(set={"choices.0.message.content": MARKUP, "model": MARKUP})
    ask(MARKUP)
    host.faults.add(status=400, body={"error": {"message": MARKUP}}, headers={"x-mark": MARKUP})
    ask(MARKUP, model=MARKUP, tools=[{"type": "function", "function": {"name": MARKUP, "description": MARKUP}}])
    host.faults.add(set={"choices.*.delta.content": MARKUP})
    ask(MARKUP, stream=True, system=MARKUP)
    host.faults.add(match={"path": MARKUP}, status=500, body=MARKUP)
    rows(window, 3)
    for record in host.requests:
        window.open(f"{host.base_url}/#request/{record.number}")
        shows(window, "h2", f"Request {record.number}")
        shows(window, ".turn", "onerror")
        until(lambda: window.texts(".lens .note, .lens .quiet") or None)
        window.run(
            "for (let n = 0; n < 4; n += 1) for (const one of document.querySelectorAll('details')) one.open = true"
        )
    for view in ("requests", "lens", "faults"):
        window.open(f"{host.base_url}/#{view}")
        time.sleep(0.2)
    found = window.run("return document.querySelectorAll('main img, main script, main b > b').length")

    assert (found, window.run("return document.title")) == (0, "Tensormesh, local")


def test_the_browser_itself_refuses_what_the_page_never_does(window: Session) -> None:
    """Markup out of text, scripts out of text, and anything from elsewhere: the rules of the page forbid it."""
    tried = """
    const tries = {
      markup: () => { document.body.innerHTML += "<p>"; },
      script: () => {
        const script = document.createElement("script");
        script.textContent = "document.title = 'struck'";
        document.body.append(script);
      },
    };
    return Object.entries(tries).filter(([, attempt]) => { try { attempt(); return true; } catch { return false; } });
    """
    assert window.run(tried) == []
    window.run("fetch('http://127.0.0.1:9/').catch(() => { document.title = 'refused'; })")
    until(lambda: window.run("return document.title") == "refused" or None)

    assert any("Content Security Policy" in text for text in window.complaints())


# keyboard


def test_all_can_be_reached_by_keys(window: Session, host: LocalHost, ask: Ask) -> None:
    for question in ("One", "Two", "Three"):
        ask(question)
    rows(window, 3)

    def chosen() -> Any:
        return window.run("return document.querySelector('.row[aria-selected=true]')?.title")

    for key, title in (
        ("j", "Three"),
        ("j", "Two"),
        (DOWN, "One"),
        ("k", "Two"),
        (UP, "Three"),
        (END, "One"),
        (HOME, "Three"),
    ):
        window.press(key)
        assert chosen() == title
    assert window.run("return document.querySelector('.scroller').getAttribute('aria-activedescendant')") == (
        f"row-{host.requests[2].number}"
    )
    window.press(ENTER)
    shows(window, "h2", f"Request {host.requests[2].number}")
    window.press(ESCAPE)
    rows(window, 3)
    assert chosen() == "Three"
    for key, heading in (("2", "Cache lens"), ("3", "Faults"), ("4", "Account")):
        window.press(key)
        shows(window, "main h2", heading)
    window.press("1", "?")
    shows(window, "dialog[open] h2", "Keys")
    window.press(ESCAPE)
    until(lambda: not window.texts("dialog[open]") or None)
    window.press("/")
    until(lambda: focused(window) == "search" or None)
    window.press(*"two")
    rows(window, 1)
    window.press(ESCAPE, "j", ENTER)
    shows(window, "h2", f"Request {host.requests[1].number}")


def test_every_control_can_be_tabbed_to_and_shows_that_it_is(window: Session) -> None:
    window.press("3")
    shows(window, "legend", "What goes wrong")
    window.run("document.querySelector('.skip').focus()")
    reached: set[str] = set()
    for _ in range(60):
        window.press(TAB)
        reached.add(str(window.run("return document.activeElement.name || document.activeElement.textContent")))
        outline = window.run("return getComputedStyle(document.activeElement).outlineStyle")
        assert outline != "none" or window.run("return document.activeElement === document.body")
    controls = window.run("return [...document.querySelectorAll('form.fault [name]')].map((one) => one.name)")

    assert set(controls) <= reached


def test_every_control_has_a_name_for_those_who_do_not_see_it(window: Session, ask: Ask) -> None:
    ask()
    nameless = """
    const all = document.querySelectorAll("input, select, textarea, button, [role=listbox], [role=img], nav");
    return [...all].filter((one) => !one.getAttribute("aria-label") && !one.textContent.trim()
      && !one.labels?.length).map((one) => one.outerHTML);
    """
    for key in "1234":
        window.press(key)
        time.sleep(0.3)
        assert window.run(nameless) == []


# looks

CONTRAST = """
const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true });
const pixel = (color, below = [255, 255, 255]) => {
  canvas.clearRect(0, 0, 1, 1);
  canvas.fillStyle = `rgb(${below.join(" ")})`; canvas.fillRect(0, 0, 1, 1);
  canvas.fillStyle = color; canvas.fillRect(0, 0, 1, 1);
  return [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3);
};
const light = (rgb) => rgb.map((part) => part / 255)
  .map((part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
  .reduce((sum, part, place) => sum + part * [0.2126, 0.7152, 0.0722][place], 0);
const ground = (one) => {
  const behind = [];
  for (let at = one; at; at = at.parentElement) behind.unshift(getComputedStyle(at).backgroundColor);
  return behind.reduce((below, color) => pixel(color, below), [255, 255, 255]);
};
const weak = [];
for (const one of document.querySelectorAll("body *")) {
  const own = [...one.childNodes].some((child) => child.nodeType === 3 && child.textContent.trim());
  if (!own || !one.checkVisibility() || one.closest("select, .skip, svg")) continue;
  const below = ground(one);
  const [a, b] = [light(pixel(getComputedStyle(one).color, below)), light(below)];
  const ratio = (Math.max(a, b) + 0.05) / (Math.min(a, b) + 0.05);
  if (ratio < 4.5) weak.push([one.outerHTML.slice(0, 80), ratio]);
}
return weak;
"""


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1200])
def test_every_view_is_readable_in_both_colour_schemes_on_narrow_screens_too(
    window: Session, host: LocalHost, ask: Ask, scheme: str, width: int
) -> None:
    """Nothing is wider than the screen, and all text stands out from its ground as the guidelines ask."""
    window.look(width=width, height=800, scheme=scheme)
    for second in range(3):
        ask("Hello " * 40, system=f"It is 14:05:{second:02} now.", stream=second % 2 == 1)
    host.faults.add(status=503)
    ask("Hello")
    host.faults.add({"status": 429, "headers": {"Retry-After": "1"}, "match": {"path": "/v1/chat/completions"}})
    views = ["requests", "lens", "faults", "account", *(f"request/{record.number}" for record in host.requests[1:4])]
    for view, ready in zip(
        views, [".row", ".parts", ".fault", ".plot", *[".lens .quiet, .lens .note"] * 3], strict=True
    ):
        window.open(f"{host.base_url}/#{view}")
        until(lambda: window.run("return Boolean(document.querySelector(arguments[0]))", ready) or None)  # noqa: B023
        time.sleep(0.2)
        assert window.run("return document.documentElement.scrollWidth") <= width, view
        assert window.run("const at = document.querySelector('main'); return at.scrollWidth - at.clientWidth") <= 0, (
            view
        )
        assert window.run(CONTRAST) == [], view
    ground = window.run("return getComputedStyle(document.documentElement).backgroundColor")

    assert (ground == "rgb(255, 255, 255)") is (scheme == "light")


# from another machine


def test_whoever_is_elsewhere_is_asked_for_the_token(browser: Session, host: LocalHost) -> None:
    """A host that goes by a name of its own is as far away."""
    with LocalHost(Options(host="127.0.0.1", allowed_hosts=(ELSEWHERE,))) as other:
        browser.look(width=1200, height=800)
        browser.open(f"http://{ELSEWHERE}:{other.port}/")
        shows(browser, "form.note", "From another machine the console needs it")
        browser.run("document.getElementById('token').value = arguments[0]", other.control_plane_token)
        browser.run("document.getElementById('token').form.requestSubmit()")
        shows(browser, "#state", "Live")
        assert browser.run("return document.cookie") == ""
        assert other.control_plane_token not in browser.url
    browser.complaints()


def test_a_huge_answer_is_shown_as_far_as_it_is_kept(window: Session, host: LocalHost, ask: Ask) -> None:
    host.faults.add(big_event_after=2, big_event_bytes=3_000_000)
    ask("Hello", stream=True)
    window.open(f"{host.base_url}/#request/{host.requests[0].number}")
    shows(window, "main .quiet", "Only the beginning of 3MB is kept.")
