"""
`python -m tests.console.screenshots`: makes the pictures of docs/guide/console.md in a real browser, of a busy host.

The times on them are those of the run, so they are not made with every test.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import httpx

from tensormesh_local import LocalHost
from tests.cli import chromium
from tests.cli.chromium import Session, until
from tests.console.conftest import MODEL, chat_body

DOCS = Path(__file__).resolve().parents[2] / "docs"
PICTURES = {
    "console.png": ("#requests", ".row", 1100, 560, "light"),
    "console-lens.png": ("#request/{moving}", ".lens .prompt", 1100, 620, "light"),
    "console-summary.png": ("#lens", ".parts", 1100, 420, "dark"),
    "console-narrow.png": ("#requests", ".row", 400, 700, "dark"),
}
"""The file, the view, what has to be there, width, height, colour scheme."""

PROMPT = "It is 14:05:{} now. You help the guests of a house."
QUESTIONS = ("Why is the sky blue?", "What is 17 * 23?", "Name three rivers.", "How far is the moon?")


def ask(host: LocalHost) -> int:
    """Ask as a program does that writes the time into its prompt; gives the number of a request that paid for it."""
    headers = {"Authorization": f"Bearer {host.inference_api_key}"}
    with httpx.Client(base_url=host.serverless_base_url, headers=headers, trust_env=False) as client:

        def chat(system: str, question: str, **fields: object) -> None:
            client.post("/v1/chat/completions", json=chat_body(question, system, **fields))

        for place, question in enumerate(QUESTIONS):
            chat(PROMPT.format(11), question, stream=place % 2 == 1)
        client.post("/v1/completions", json={"model": MODEL, "prompt": "Once upon a time", "max_tokens": 20})
        host.faults.add(status=429, headers={"Retry-After": "1"})
        chat(PROMPT.format(11), "Are you there?")
        client.get("/v1/models")
        for place, question in enumerate(QUESTIONS):
            chat(PROMPT.format(7 * place + 18), question, stream=place % 2 == 0)
        chat(PROMPT.format(11), "Thanks, and good night!")
    return host.requests[-2].number


def take(session: Session, host: LocalHost, name: str, moving: int) -> bytes:
    """Take one picture."""
    view, ready, width, height, scheme = PICTURES[name]
    session.look(width=width, height=height, scheme=scheme)
    session.open(f"{host.base_url}/{view.format(moving=moving)}")
    until(lambda: session.run("return Boolean(document.querySelector(arguments[0]))", ready) or None)
    until(lambda: session.texts("#state") == ["Live"] or None)
    if view == "#requests":
        until(lambda: session.texts(".totals")[0].startswith(f"{len(host.requests)} requests") or None)
    session.run(
        "document.querySelector('.lens')?.previousElementSibling.scrollIntoView(); document.activeElement.blur()"
    )
    session.settle()
    return session.screenshot()


def main() -> int:
    programs = chromium.installed()
    if programs is None:
        print(f"screenshots: {chromium.NEEDED}", file=sys.stderr)
        return 1
    with (
        tempfile.TemporaryDirectory() as profile,
        chromium.driver(programs[1]) as driver,
        LocalHost() as host,
        chromium.browser(driver, programs[0], f"--user-data-dir={profile}") as session,
    ):
        session.open(host.base_url)
        until(lambda: session.texts("#state") == ["Live"] or None)
        moving = ask(host)
        for name in PICTURES:
            (DOCS / "pictures" / name).write_bytes(take(session, host, name, moving))
            print(f"docs/pictures/{name}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
