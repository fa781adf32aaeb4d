"""Text of others in a real browser: it stays text; and who is elsewhere shows the token."""

from __future__ import annotations

import time

from tensormesh_local import LocalHost, Options
from tests.cli.chromium import Session, until
from tests.console.conftest import ELSEWHERE, Ask
from tests.console.window import rows, shows

MARKUP = "<img src=x onerror=\"document.title='struck'\"><script>document.title='struck'</script><b>bold</b>"


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
