"""A run about some operations: they alone are asked, and of the others nothing is said."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import pytest

from tensormesh_contract.documents.operations import SurfaceName
from tensormesh_contract.documents.selection import Selection, SelectionError
from tensormesh_local import LocalHost
from tests.contract.conftest import Sent, Surfaces, drifting, main

CHAT = "create_chat_completion"
SERVERLESS = [SurfaceName.SERVERLESS]


def ids(surfaces: Surfaces, selection: Selection, name: SurfaceName = SurfaceName.SERVERLESS) -> list[str]:
    return [one.id for one in selection.of(surfaces, [name])[name].operations]


@pytest.fixture(autouse=True)
def key(host: LocalHost, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEY", host.inference_api_key)


def ask(host: LocalHost, *arguments: str) -> int:
    return main(["--host", host.serverless_base_url, "--gentle", "--rate", "1000", "--quiet", *arguments])


def paths(host: LocalHost) -> set[str]:
    """What a host was asked for, but for what it says of itself."""
    return {one.path.removeprefix("/serverless") for one in host.requests} - {"/openapi.json"}


@pytest.mark.parametrize(
    "word",
    [CHAT, "/v1/chat/completions", "POST /v1/chat/completions", "chat", "chat.completions.create", "*CHAT*", "/v1/ch*"],
)
def test_an_operation_is_named_by_anything_it_is_called(surfaces: Surfaces, word: str) -> None:
    assert ids(surfaces, Selection(only=[word])) == [CHAT]
    assert CHAT not in ids(surfaces, Selection(without=[word]))


def test_what_is_left_out_is_taken_from_what_is_selected(surfaces: Surfaces) -> None:
    left = ids(surfaces, Selection(["support"], ["close_*", "post /*"]), SurfaceName.CONTROL_PLANE)

    assert left == ["list_tickets", "get_ticket"]


def test_everything_is_selected_where_nobody_says_anything(surfaces: Surfaces) -> None:
    assert len(ids(surfaces, Selection())) == len(surfaces[SurfaceName.SERVERLESS].operations)


@pytest.mark.parametrize(
    ("word", "said"),
    [
        ("create_chat_completions", "--only create_chat_completions names no operation of serverless. Did you mean"),
        ("chat/completions", "Did you mean /v1/chat/completions"),
        ("embeddings", "It takes ids, paths and tags (chat, completions, responses, models,"),
        ("list_tickets", "but of control-plane: give --surface control-plane."),
        ("support", "but of control-plane"),
    ],
)
def test_a_word_that_names_nothing_is_refused_with_what_may_be_meant(surfaces: Surfaces, word: str, said: str) -> None:
    with pytest.raises(SelectionError) as refused:
        Selection(only=[word]).of(surfaces, SERVERLESS)

    assert said in str(refused.value)


def test_words_that_leave_nothing_are_refused(surfaces: Surfaces) -> None:
    with pytest.raises(SelectionError, match="leave no operation to ask"):
        Selection(["chat"], ["*"]).of(surfaces, SERVERLESS)


@pytest.mark.parametrize("words", [["--only", ""], ["--only", "chat,,models"], ["--without", "nothing-like-it"]])
def test_a_slip_ends_with_2_before_anybody_is_asked(
    host: LocalHost, capsys: pytest.CaptureFixture[str], words: list[str]
) -> None:
    assert ask(host, *words) == 2
    assert capsys.readouterr().err.strip()
    assert host.requests == []


def test_of_a_host_that_serves_little_only_that_is_asked(
    host: LocalHost, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    files = {form: tmp_path / f"report.{form}" for form in ("json", "junit", "html")}
    written = [word for form, file in files.items() for word in (f"--{form}", str(file))]

    assert ask(host, "--only", "chat,models", *written) == 0
    text = capsys.readouterr().out
    assert paths(host) == {"/v1/models", "/v1/chat/completions"}
    assert "2 of 2 operations answered with success, 6 left out" in text
    assert "Left out by --only or --without, so that nothing is said of it (6):\n  serverless POST /v1/comp" in text
    assert "Host and documents agree, as far as can be seen: 6 of 8 operations were left out." in text

    data = json.loads(files["json"].read_text(encoding="utf-8"))
    assert data["run"]["only"] == ["chat", "models"]
    assert len(data["excluded"]) == 6
    assert data["not_asked"] == []
    skipped = ElementTree.fromstring(files["junit"].read_text(encoding="utf-8")).findall(".//skipped")  # noqa: S314
    assert [one.get("message") for one in skipped] == ["left out by --only or --without"] * 6
    assert "nothing is said of it" in files["html"].read_text(encoding="utf-8")


def test_what_is_left_out_may_be_missing_on_the_host(host: LocalHost, capsys: pytest.CaptureFixture[str]) -> None:
    def drift(sent: Sent) -> None:
        if not sent.path.endswith(("/v1/models", "/v1/chat/completions")):
            sent.status, sent.json = 404, {"detail": "Not Found"}

    with drifting(host.base_url, drift) as url:
        words = ["--host", f"{url}/serverless", "--gentle", "--rate", "1000", "--quiet", "--at-least", "100"]
        assert main(words) != 0
        assert main([*words, "--only", "models, chat"]) == 0
        assert main([*words, "--without", "completions,responses,*tokenize,health,version"]) == 0


def test_a_drift_of_what_is_asked_still_ends_with_1(host: LocalHost, capsys: pytest.CaptureFixture[str]) -> None:
    def drift(sent: Sent) -> None:
        if sent.path.endswith("/v1/models"):
            sent.json = {**sent.json, "novel": 1}

    with drifting(host.base_url, drift) as url:
        words = ["--host", f"{url}/serverless", "--gentle", "--rate", "1000", "--quiet"]
        assert main([*words, "--only", "models,chat"]) == 1
        assert "1 unknown. 6 of 8 operations were left out." in capsys.readouterr().out
        assert main([*words, "--without", "models"]) == 0


def test_a_model_is_asked_by_its_name_although_the_list_is_left_out(host: LocalHost) -> None:
    def drift(sent: Sent) -> None:
        if sent.path.endswith("/v1/models"):
            sent.json = {**sent.json, "data": sent.json["data"][-1:]}
            served.append(sent.json["data"][0]["id"])

    served: list[str] = []
    with drifting(host.base_url, drift) as url:
        assert main(["--host", f"{url}/serverless", "--gentle", "--rate", "1000", "--quiet", "--only", "chat"]) == 0
    asked = [one.body["model"] for one in host.requests if one.path.endswith("/v1/chat/completions")]

    assert asked[0] == served[0]


def test_what_nothing_selected_leads_to_is_told(host: LocalHost, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--host", host.control_plane_base_url, "--gentle", "--rate", "1000", "--quiet", "--only", "get_ticket"]

    assert main(words) == 2
    assert "get_ticket cannot be called without values out of other answers" in capsys.readouterr().err


def test_nothing_made_up_reaches_what_is_left_out(host: LocalHost, capsys: pytest.CaptureFixture[str]) -> None:
    words = ["--host", host.serverless_base_url, "--quiet", "--cases", "1", "--phases", "examples,fuzzing,stateful"]

    assert main([*words, "--only", "tokenize,version,models"]) == 0
    assert paths(host) == {"/tokenize", "/version", "/v1/models"}


def test_a_record_is_evaluated_for_what_it_is_about_or_for_less(
    host: LocalHost, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "seen.jsonl"
    ask(host, "--only", "chat,models,version", "--save", str(file))
    first = capsys.readouterr().out

    assert main(["--evaluate", str(file)]) == 0
    assert capsys.readouterr().out == first
    assert main(["--evaluate", str(file), "--only", "version,models"]) == 0
    assert "2 of 2 operations answered with success, 6 left out" in capsys.readouterr().out


def test_an_accepted_difference_of_what_is_left_out_is_not_missed(
    host: LocalHost, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    entry = {"kind": "undocumented field", "at": "openapi/inference.yaml#*TokenizeResponse*", "why": "New."}
    accept = tmp_path / "accept.yaml"
    accept.write_text(json.dumps([entry]), encoding="utf-8")

    assert ask(host, "--accept", str(accept)) == 0
    assert "Accepted, and not found this time" in capsys.readouterr().out
    assert ask(host, "--accept", str(accept), "--without", "tokenize") == 0
    assert "not found this time" not in capsys.readouterr().out


def test_a_test_names_operations_as_a_list(host: LocalHost, tensormesh_contract: Callable[..., Any]) -> None:
    report = tensormesh_contract(host.serverless_base_url, rate=1000, only=["chat", "models"])

    assert report.status == 0
    assert "6 left out" in report.text
