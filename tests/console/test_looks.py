"""By keyboard alone, in both colour schemes, on wide and narrow screens, in a real browser."""

from __future__ import annotations

import time
from typing import Any

import pytest

from tensormesh_local import LocalHost
from tests.cli.chromium import Session, until
from tests.console.conftest import Ask
from tests.console.window import DOWN, END, ENTER, ESCAPE, HOME, TAB, UP, focused, rows, shows


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
