"""Thousands of requests in a real browser."""

from __future__ import annotations

import time

from tensormesh_local import LocalHost
from tensormesh_local.request_log import KEPT
from tests.cli.chromium import Session, until
from tests.console.window import END, asked, focused, shows


def scrolled(window: Session) -> float:
    """How many milliseconds it takes to draw all rows of the list anew, from end to end: the middle of many times."""
    return float(
        window.run(
            """
            const scroller = document.querySelector(".scroller");
            const taken = [];
            for (let step = 1; step <= 51; step += 1) {
              const begun = performance.now();
              scroller.scrollTop = step % 2 ? scroller.scrollHeight : 0;
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
