"""Every documented error, as the client raises it: its kind, its status, its words, its body."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from tensormesh import errors
from tests.live.conftest import Host
from tests.live.engine.process import CONTEXT_TOKENS
from tests.overlay.conftest import Runner

type Chat = Callable[..., Any]

LONG = "word " * 2 * CONTEXT_TOKENS
MESSAGES = [{"role": "user", "content": "Hello"}]


@pytest.mark.parametrize(
    ("fields", "words"),
    [
        ({"temperature": 3.0}, "temperature must be in"),
        ({"top_p": 0.0}, "top_p must be in"),
        ({"max_tokens": 0}, "max_tokens must be at least 1"),
        ({"max_tokens": 100_000}, f"max_tokens=100000 cannot be greater than max_model_len={CONTEXT_TOKENS}"),
        ({"n": 2}, "n must be 1 when using greedy sampling"),
        ({"top_logprobs": 2}, "`logprobs` must be set to true"),
        ({"tool_choice": "auto"}, "`tools` must be set"),
        ({"stop": ""}, "stop cannot contain an empty string"),
        ({"logit_bias": {"x": 1.0}}, "logit_bias"),
        ({"messages": []}, "empty conversation"),
        ({"text": LONG}, f"maximum context length is {CONTEXT_TOKENS} tokens"),
        ({"extra_body": {"temperature": "warm"}}, "unable to parse string as a number"),
    ],
)
@pytest.mark.parametrize("streams", [False, True])
def test_a_bad_request_is_told_why(chat: Chat, fields: dict[str, Any], words: str, *, streams: bool) -> None:
    """Before the first event, too."""
    with pytest.raises(errors.BadRequestError) as caught:
        chat(**fields, stream=streams)

    assert caught.value.status_code == 400
    assert words in str(caught.value)
    assert words in caught.value.body["error"]["message"]


@pytest.mark.parametrize("streams", [False, True])
def test_an_unknown_model_is_not_found(chat: Chat, *, streams: bool) -> None:
    with pytest.raises(errors.NotFoundError, match="The model `nobody/nothing` does not exist") as caught:
        chat(model="nobody/nothing", stream=streams)

    assert caught.value.status_code == 404
    assert caught.value.body["error"]["param"] == "model"


@pytest.mark.parametrize(
    ("call", "fields"),
    [
        ("completions", {"prompt": LONG}),
        ("responses", {"input": LONG}),
        ("completions", {"prompt": ""}),
        ("responses", {"input": "Hello", "max_output_tokens": 0}),
        ("detokenize", {"tokens": [-1]}),
    ],
)
def test_other_bad_requests_are_told_why(
    inference: Any, runner: Runner, host: Host, call: str, fields: dict[str, Any]
) -> None:
    with pytest.raises(errors.BadRequestError) as caught:
        runner.run(getattr(inference, call).create(model=host.model, **fields))

    assert caught.value.body["error"]["message"] in str(caught.value)


@pytest.mark.parametrize("call", ["completions", "responses", "tokenize", "detokenize"])
def test_other_calls_do_not_find_an_unknown_model_either(inference: Any, runner: Runner, call: str) -> None:
    asked: dict[str, dict[str, Any]] = {"responses": {"input": "Hello"}, "detokenize": {"tokens": [1]}}
    fields = asked.get(call, {"prompt": "Hello"})

    with pytest.raises(errors.NotFoundError):
        runner.run(getattr(inference, call).create(model="nobody/nothing", **fields))


@pytest.mark.parametrize("streams", [False, True])
def test_a_wrong_key_is_refused_and_not_shown(client: Any, runner: Runner, host: Host, *, streams: bool) -> None:
    """The engine's `error` is plain text here."""
    unauthorized = client.with_options(inference_api_key="ak-SENTINEL").inference.serverless

    with pytest.raises(errors.AuthenticationError) as caught:
        runner.run(unauthorized.chat.completions.create(model=host.model, messages=MESSAGES, stream=streams))

    assert caught.value.status_code == 401
    assert caught.value.body == {"error": "Unauthorized"}
    assert "SENTINEL" not in f"{caught.value} {caught.value!r}"


def test_an_unknown_route_is_not_found(inference: Any, runner: Runner) -> None:
    with pytest.raises(errors.NotFoundError) as caught:
        runner.run(inference.request("POST", "/v1/nothing", json_body={}))

    assert caught.value.status_code == 404


def test_a_refusal_has_the_name_of_its_call(chat: Chat) -> None:
    """What support asks for first."""
    with pytest.raises(errors.NotFoundError) as caught:
        chat(model="nobody/nothing", extra_headers={"X-Request-Id": "mine"})

    assert caught.value.request_id == "mine"
