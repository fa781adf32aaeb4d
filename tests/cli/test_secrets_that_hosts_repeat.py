"""A key, a token or a password that a host says again: no command shows it, whatever the format and the log."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.cases import cases
from tests.cli.conftest import Tm
from tests.overlay.scripted_host import ScriptedHost, Step, answer, events, streamed

KEY = "sk-SENTINEL-0123456789-abcdefghijklmnop"
SAID = f"Incorrect API key provided: {KEY}."
ERROR = {"error": {"message": SAID, "code": "invalid_api_key", "type": "invalid_request_error"}}
CHUNK = {"choices": [{"index": 0, "delta": {"content": "Hel"}}]}
PARTS = [
    pytest.param(answer(401, ERROR, www_authenticate=f"Bearer {KEY}"), id="JSON"),
    pytest.param(answer(500, f"<html>{SAID}</html>"), id="HTML"),
    pytest.param(answer(200, ERROR), id="a success"),
    pytest.param(answer(200, SAID), id="words"),
]
STREAMS = [
    pytest.param(streamed(events(CHUNK, ERROR, end=b"")), id="an event"),
    pytest.param(streamed(events(CHUNK, end=b"") + SAID.encode()), id="words at the end"),
]
INFER = ["infer", "chat", "Hello", "--model", "m"]


@pytest.fixture
def elsewhere(scripted: ScriptedHost) -> dict[str, str]:
    """The variables of somebody who calls the host with the key."""
    bases = {f"TENSORMESH_{name}_BASE_URL": scripted.url for name in ("SERVERLESS", "CONTROL_PLANE", "ON_DEMAND")}
    return {**bases, "TENSORMESH_INFERENCE_API_KEY": KEY, "TENSORMESH_CONTROL_PLANE_TOKEN": KEY}


@pytest.mark.parametrize("output", ["text", "json", "jsonl", "yaml", "table", "csv", "raw"])
@pytest.mark.parametrize(
    ("command", "said"),
    [
        *(pytest.param([*INFER, "--no-stream"], *one.values, id=f"whole, {one.id}") for one in PARTS),
        *(pytest.param([*INFER, "--stream"], *one.values, id=f"streamed, {one.id}") for one in PARTS + STREAMS),
        *(pytest.param(["infer", "models"], *one.values, id=f"models, {one.id}") for one in PARTS),
        *(pytest.param(["billing", "balance"], *one.values, id=f"control plane, {one.id}") for one in PARTS),
        *(pytest.param(["api", "GET", "/v1/models"], *one.values, id=f"any route, {one.id}") for one in PARTS[:3]),
    ],
)
def test_in_an_error(
    offline: Tm,
    scripted: ScriptedHost,
    elsewhere: dict[str, str],
    command: list[str],
    said: tuple[Step, ...],
    output: str,
) -> None:
    if "--stream" in command and output in ("yaml", "table", "csv"):
        output = "raw"  # no stream is shown so
    scripted.always_plays(said)

    outcome = offline("--debug", "--output", output, *command, **elsewhere)

    assert outcome.code != 0
    assert "SENTINEL" not in outcome.stdout + outcome.stderr
    assert KEY in str([asked.headers for asked in scripted.asked])


@cases("status", [400, 409, 500, 200])
def test_when_a_login_is_refreshed(offline: Tm, scripted: ScriptedHost, status: int) -> None:
    token = "refresh-SENTINEL-1"
    offline.home.mkdir(mode=0o700)
    file = offline.home / "auth.json"
    begun = {"access_token": "access-1", "refresh_token": token, "controlplane_base": scripted.url}
    file.write_text(json.dumps(begun))
    file.chmod(0o600)
    scripted.always_plays(answer(status, {"error": {"message": f"unknown token {token}"}}))

    for output in ("text", "json"):
        outcome = offline(
            "--debug", "--output", output, "auth", "refresh", TENSORMESH_CONTROL_PLANE_BASE_URL=scripted.url
        )

        assert outcome.code != 0
        assert "SENTINEL" not in outcome.stdout + outcome.stderr
    assert json.loads(file.read_text()) == begun


def test_in_a_batch(offline: Tm, scripted: ScriptedHost, elsewhere: dict[str, str], tmp_path: Path) -> None:
    rows, folder = tmp_path / "rows.jsonl", tmp_path / "answers"
    row: dict[str, Any] = {"custom_id": "a", "body": {"model": "m", "prompt": "Hello"}}
    rows.write_text(json.dumps(row) + "\n")
    scripted.always_plays(answer(400, ERROR))

    outcome = offline("batch", "run", str(rows), str(folder), **elsewhere)

    files = "".join(file.read_bytes().decode("utf-8", "replace") for file in folder.rglob("*") if file.is_file())
    assert "Incorrect API key provided: ***." in (folder / "errors.jsonl").read_text()
    assert "SENTINEL" not in outcome.stdout + outcome.stderr + files
