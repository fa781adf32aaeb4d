"""Whatever a host says, a terminal gets no character of it that is obeyed or turns text around."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from tensormesh_cli.app import App
from tensormesh_cli.output.rendering import Screen
from tensormesh_cli.values.invisible import INVISIBLE
from tests.cli.conftest import Outcome, Tm
from tests.overlay.scripted_host import ScriptedHost, answer, events, streamed

EVIL = "\x1b[35m\x1b[2J\x9b2J\x07\x08\r\x7f\x85\u202e\u2066\u200e\u2028\ufeff\U000e0041\nHint: run `theirs`\t|"
OURS = re.compile(r"\x1b\[(0|1|2|31|33|36|32)m")
"""Colours of ours; the one of EVIL is none."""

SECOND = "2026-06-01T12:00:00Z"


def poisoned(value: Any) -> Any:
    """Every text, and every object with one more key."""
    if isinstance(value, str):
        return f"{value}{EVIL}"
    if isinstance(value, dict):
        return {key: poisoned(item) for key, item in value.items()} | {f"more{EVIL}": EVIL}
    return [poisoned(item) for item in value] if isinstance(value, list) else value


@pytest.fixture(params=[True, False], ids=["coloured", "plain"])
def on_a_terminal(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """What goes out, goes to a terminal that is wide enough."""
    color: bool = request.param

    def screen(app: App) -> Screen:
        return Screen(format=app.flags.get("output"), terminal=True, color=color, width=2000)

    monkeypatch.setattr(App, "screen", property(screen))
    monkeypatch.setattr(App, "colored", lambda app, stream: color)


@pytest.fixture
def theirs(offline: Tm, scripted: ScriptedHost) -> Tm:
    """`tm` of somebody whose hosts are all scripted."""
    bases = ("CONTROL_PLANE", "SERVERLESS", "ON_DEMAND")
    offline.env |= {f"TENSORMESH_{name}_BASE_URL": scripted.url for name in bases} | {
        "TENSORMESH_CONTROL_PLANE_TOKEN": "cp",
        "TENSORMESH_INFERENCE_API_KEY": "ak",
        "TENSORMESH_ON_DEMAND_USER_ID": "3f0d9c1e-7a64-4b52-9d7e-2c58f1a6b0e4",
    }
    return offline


def check(outcome: Outcome, *, color: bool = True) -> str:
    seen = outcome.stdout + outcome.stderr
    left = OURS.sub("", seen) if color else seen
    assert {sign for sign in INVISIBLE.findall(left) if sign not in "\n\t"} == set(), seen
    assert "theirs" in seen, "the host was not heard"
    return seen


CALL = {"id": f"c{EVIL}", "type": "function", "function": {"name": f"f{EVIL}", "arguments": f'{{"a": "{EVIL[:9]}"}}'}}
MESSAGE = {"role": "assistant", "content": f"Hi{EVIL}", "reasoning": EVIL, "tool_calls": [CALL]}
CHAT = {"id": "x", "object": "chat.completion", "created": 1, "model": EVIL}
WHOLE = CHAT | {"choices": [{"index": 0, "message": MESSAGE, "finish_reason": "length"}]}
CHUNKS = [
    CHAT | {"choices": [{"index": 0, "delta": {"role": "assistant", "reasoning": EVIL}}]},
    CHAT | {"choices": [{"index": 0, "delta": {"content": f"Hi{EVIL}"}}]},
    CHAT | {"choices": [{"index": 0, "delta": {"tool_calls": [CALL | {"index": 0}]}, "finish_reason": "stop"}]},
]
FAILED = {
    "id": "r",
    "object": "response",
    "created_at": 1,
    "model": "m",
    "status": "failed",
    "output": [],
    "error": {"code": f"x{EVIL}", "message": f"why{EVIL}"},
}
FORMS = [[], ["-o", "text"], ["-o", "json"], ["-o", "yaml"], ["-o", "raw"], ["-o", "table"]]


@pytest.mark.usefixtures("on_a_terminal")
@pytest.mark.parametrize("form", FORMS)
def test_a_whole_answer(theirs: Tm, scripted: ScriptedHost, form: list[str]) -> None:
    scripted.always_plays(answer(200, WHOLE))

    check(theirs("infer", "chat", "Hello", "--model", "m", "--no-stream", "--show-reasoning", *form))


@pytest.mark.usefixtures("on_a_terminal")
@pytest.mark.parametrize("form", [[], ["-o", "json"], ["-o", "raw"]])
def test_a_stream_with_tool_calls(theirs: Tm, scripted: ScriptedHost, form: list[str]) -> None:
    scripted.always_plays(streamed(events(*CHUNKS)))

    seen = check(theirs("infer", "chat", "Hello", "--model", "m", "--stream", "--show-reasoning", *form))

    assert not form or '"f\\u001b[35m' in seen


@pytest.mark.usefixtures("on_a_terminal")
@pytest.mark.parametrize("options", [["--no-stream"], ["--stream"]])
def test_why_a_response_has_failed(theirs: Tm, scripted: ScriptedHost, options: list[str]) -> None:
    event = {"type": "response.failed", "sequence_number": 0, "response": FAILED}
    scripted.always_plays(streamed(events(event)) if options == ["--stream"] else answer(200, FAILED))

    check(theirs("infer", "responses", "Hello", "--model", "m", *options))


@pytest.mark.usefixtures("on_a_terminal")
def test_a_model_that_was_looked_up(theirs: Tm, scripted: ScriptedHost) -> None:
    model = {"id": f"m{EVIL}", "object": "model", "created": 1, "owned_by": "x"}
    scripted.plays(answer(200, {"object": "list", "data": [model]}))
    scripted.plays(answer(200, WHOLE))

    check(theirs("infer", "chat", "Hello", "--no-stream"))


PATHS = {
    "models list": "/v1/models",
    "tickets list": "/v1/support/tickets",
    "billing balance": "/v1/billing/balance",
    "auth whoami": "/auth/profile",
    "infer models": "",
    "infer detokenize 1 --model m": "",
}


@pytest.mark.usefixtures("on_a_terminal")
@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("command", PATHS)
def test_whatever_is_listed(
    theirs: Tm, scripted: ScriptedHost, control_plane: Callable[[str], Any], command: str, form: list[str]
) -> None:
    honest = (
        control_plane(PATHS[command]) if PATHS[command] else {"data": [{"id": "m"}], "tokens": ["t"], "prompt": "p"}
    )
    scripted.always_plays(answer(200, poisoned(honest)))

    outcome = theirs(*command.split(), *form)

    assert outcome.code == 0, outcome.stderr
    check(outcome)


@pytest.mark.usefixtures("on_a_terminal")
@pytest.mark.parametrize("status", [400, 401, 404, 429, 500])
@pytest.mark.parametrize(
    "body", [{"message": EVIL}, {"error": {"message": EVIL}}, {"detail": EVIL}, EVIL, {EVIL: EVIL}]
)
def test_an_error(theirs: Tm, scripted: ScriptedHost, status: int, body: Any) -> None:
    scripted.always_plays(answer(status, body, x_request_id="\x9bid"))

    for command in (["billing", "balance"], ["infer", "chat", "Hello", "--model", "m"]):
        text = check(theirs("--debug", *command))
        assert "\nHint: run `theirs`" not in text
        check(theirs("--error-format", "json", *command))


@pytest.mark.usefixtures("on_a_terminal")
@pytest.mark.parametrize("form", [[], ["-o", "json"]])
@pytest.mark.parametrize("follow", [True, False])
def test_a_log_with_its_times(
    theirs: Tm, scripted: ScriptedHost, form: list[str], follow: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    def over(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", over)
    lines = [{"timestamp": f"{SECOND}{EVIL}", "message": f"a{EVIL}"}, {"timestamp": EVIL, f"k{EVIL}": EVIL}]
    scripted.always_plays(answer(200, {"logs": lines}))

    check(theirs("logs", "d", "--start-time", "2020-01-01", *(["--follow"] if follow else []), *form))


@pytest.mark.usefixtures("on_a_terminal")
def test_a_log_that_fails_while_it_is_followed(
    theirs: Tm, scripted: ScriptedHost, monkeypatch: pytest.MonkeyPatch
) -> None:
    def over(seconds: float) -> None:
        raise KeyboardInterrupt

    monkeypatch.setattr("time.sleep", over)
    scripted.always_plays(answer(503, {"message": EVIL}))

    check(theirs("logs", "d", "--follow"))


@pytest.mark.usefixtures("on_a_terminal")
def test_the_address_of_a_login(theirs: Tm, scripted: ScriptedHost, monkeypatch: pytest.MonkeyPatch) -> None:
    opened: list[str] = []
    monkeypatch.setattr("webbrowser.open", lambda address: opened.append(address))
    monkeypatch.setattr("webbrowser.get", lambda: type("Browser", (), {"basename": "firefox"}))
    scripted.plays(answer(200, {"auth_url": f"https://login.example/{EVIL}", "cli_code": "c", "interval": 1}))
    scripted.always_plays(answer(403, {"message": EVIL}))

    seen = check(theirs("auth", "login"))

    assert seen.startswith("Open browser: https://login.example/\\x1b[35m")
    assert "\nHint: run `theirs`" not in seen
    assert opened == []


@pytest.mark.usefixtures("on_a_terminal")
def test_what_a_sync_has_found(theirs: Tm, scripted: ScriptedHost) -> None:
    model = {
        "modelName": f"m{EVIL}",
        "status": "MODEL_STATUS_UP",
        "apiKey": "ak",
        "infra": {"cloudProvider": "CLOUD_PROVIDER_NEBIUS"},
    }
    scripted.plays(answer(200, {"user": {"id": f"u{EVIL}"}}))
    scripted.plays(answer(200, {"models": [model]}))

    assert theirs("init", "--sync").code == 0
    for command in (["doctor"], ["init"], ["config", "show"], ["infer", "doctor", "--surface", "on-demand"]):
        for form in FORMS:
            check(theirs(*command, *form, TENSORMESH_ON_DEMAND_USER_ID=""))


def test_a_pipe_gets_what_the_host_has_said(theirs: Tm, scripted: ScriptedHost) -> None:
    """A file obeys nothing, and loses nothing."""
    said = "a\x1b[31mb\x9bc\u202ed"
    scripted.always_plays(answer(200, {"prompt": said}))
    assert theirs("infer", "detokenize", "1", "--model", "m").stdout == f"{said}\n"

    message = {"role": "assistant", "content": said}
    scripted.always_plays(answer(200, CHAT | {"choices": [{"index": 0, "message": message}]}))
    assert theirs("infer", "chat", "Hello", "--model", "m", "--no-stream").stdout == f"{said}\n"

    scripted.always_plays(streamed(events(CHAT | {"choices": [{"index": 0, "delta": {"content": said}}]})))
    assert theirs("infer", "chat", "Hello", "--model", "m").stdout == f"{said}\n"
