"""A run that has seen too little does not call it agreement, and says what to ask for instead."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tensormesh_local import LocalHost
from tests.contract.conftest import Sent, drifting, main

CHAT = "/v1/chat/completions"

type Asked = Callable[..., tuple[int, str]]


@pytest.fixture
def asked(host: LocalHost, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Asked:
    """Ask a host that drifts, gently; gives the exit status and what was said."""
    monkeypatch.setenv("KEY", host.inference_api_key)

    def ask(change: Callable[[Sent], None], *options: str, below: str = "/serverless") -> tuple[int, str]:
        with drifting(host.base_url, change) as url:
            status = main(["--host", f"{url}{below}", "--gentle", "--rate", "1000", *options])
        said = capsys.readouterr()
        return status, " ".join((said.out + said.err).split())

    return ask


def missing(*paths: str) -> Callable[[Sent], None]:
    def drift(sent: Sent) -> None:
        if sent.path.endswith(paths):
            sent.refuse(404, "Not Found")

    return drift


def models(host_models: Sequence[str], knows: Sequence[str]) -> Callable[[Sent], None]:
    """A host that lists some models and chats with others."""

    def drift(sent: Sent) -> None:
        if sent.path.endswith("/v1/models") and sent.status == 200:
            listed = sent.json
            listed["data"] = [{**listed["data"][0], "id": name} for name in host_models]
            sent.json = listed
        elif sent.asked.get("model") and sent.asked["model"] not in knows:
            sent.refuse(400, "This model does not chat")

    return drift


def test_without_a_list_of_models_a_documented_one_is_asked(asked: Asked, host: LocalHost) -> None:
    status, _ = asked(missing("/v1/models"))
    paths = {record.path for record in host.requests}

    assert {f"/serverless{path}" for path in (CHAT, "/v1/completions", "/v1/responses", "/tokenize")} <= paths
    assert status == 0


def test_a_named_model_is_the_one_that_is_asked(asked: Asked, host: LocalHost) -> None:
    status, _ = asked(missing("/v1/models"), "--model", "openai/gpt-oss-120b")
    bodies = [record.body for record in host.requests if record.path.endswith(CHAT)]

    assert status == 0
    assert {body["model"] for body in bodies} == {"openai/gpt-oss-120b", "no-such-model-5b1f"}


def test_the_first_of_a_list_is_not_fate(asked: Asked, host: LocalHost) -> None:
    """It may be one for embeddings."""
    chats = "openai/gpt-oss-20b"
    status, said = asked(models(["embeddings", chats], [chats]))
    bodies = [record.body for record in host.requests if record.path.endswith("/v1/responses")]

    assert status == 0, said
    assert {body["model"] for body in bodies} == {chats}
    assert len(host.requests) < 20


def test_a_host_of_which_no_model_answers_is_no_agreement(asked: Asked) -> None:
    status, said = asked(models(["embeddings"], []))

    assert status == 2
    assert "Nothing succeeded" in said or "no model has answered" in said


def test_too_few_operations_are_no_agreement_unless_that_is_enough(asked: Asked) -> None:
    few = missing("/v1/models", "/tokenize", "/detokenize", "/v1/responses", "/health", "/version")

    status, said = asked(few)
    assert status == 2
    assert "Too little was seen to say that host and documents agree: serverless: only 2 of 8 operations" in said

    status, said = asked(few, "--at-least", "20")
    assert status == 0
    assert "as far as can be seen" in said


def test_an_address_that_ends_in_v1_is_asked_without_it(asked: Asked) -> None:
    status, said = asked(lambda _: None, below="/serverless/v1")

    assert status == 0
    assert "is asked without its /v1" in said


def test_another_surface_is_recognised(asked: Asked) -> None:
    status, said = asked(lambda _: None, "--surface", "serverless", below="/control-plane")

    assert status == 2
    assert "a control plane: try --surface control-plane" in said


def test_a_refusal_for_the_models_name_is_said(asked: Asked) -> None:
    status, said = asked(lambda _: None, "--model", "not-here")

    assert status == 2
    assert "does not have the model 'not-here': name one that it serves with --model" in said


def test_a_host_that_wants_a_user_is_said_so(host: LocalHost, asked: Asked) -> None:
    status, said = asked(lambda _: None, "--surface", "serverless", below="/on-demand")

    assert status == 2
    assert "It wants a user id" in said or "it wants a user id" in said


def test_documents_of_ones_own_are_held_against_it(asked: Asked, tmp_path: Path) -> None:
    folder = tmp_path / "mine"
    folder.mkdir()
    schema: Any = {"type": "object", "properties": {"version": {"type": "integer"}}, "required": ["version"]}
    answer = {"description": "It.", "content": {"application/json": {"schema": schema}}}
    operation = {"operationId": "get_version", "responses": {"200": answer}, "x-tensormesh": {"retry": "idempotent"}}
    paths = {"/version": {"get": operation}}
    document = {"openapi": "3.1.0", "info": {"title": "Mine", "version": "7"}, "paths": paths}
    (folder / "serverless.yaml").write_text(json.dumps(document), encoding="utf-8")

    status, said = asked(lambda _: None, "--documents", str(folder))

    assert status == 1
    assert "`200 version` is a string, documented as integer" in said
    assert "mine/serverless.yaml" in said
    assert "documents: serverless 7" in said


def test_a_surface_without_a_document_of_ones_own_is_told(asked: Asked, tmp_path: Path) -> None:
    status, said = asked(lambda _: None, "--documents", str(tmp_path))

    assert status == 2
    assert "has no document of serverless: serverless.yaml." in said
