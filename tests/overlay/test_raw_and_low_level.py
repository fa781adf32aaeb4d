"""The other ways to call: whole responses, streams by name, the low-level functions, and routes nobody listed."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tensormesh import RetryPolicy, types
from tensormesh.errors import ConfigurationError, NotFoundError, RateLimitError, ValidationError
from tensormesh_generated import api
from tests.cases import cases
from tests.overlay.calls import COMPLETION, MESSAGES, fails, piece
from tests.overlay.conftest import TOKEN, USER_ID, Runner, surfaces_of
from tests.overlay.scripted_host import STALL, ScriptedHost, answer, events, streamed

STREAM = streamed(events({**piece("Hel"), "type": "response.queued", "response": {"id": "r"}}, piece("lo.", "stop")))
"""A stream of every kind."""
BODY = {"model": "m", "messages": MESSAGES}
THINKING = {
    **COMPLETION,
    "choices": [{"index": 0, "message": {"role": "assistant", "content": "<think>Hm.</think>\n\nHello."}}],
}

CALLS = [
    ("chat.completions", {"model": "m", "messages": MESSAGES}, "ChatCompletionResponse"),
    ("completions", {"model": "m", "prompt": "p"}, "TextCompletionResponse"),
    ("responses", {"model": "m", "input": "i"}, "ResponseCreateResponse"),
]
WHOLE_CALLS = [
    *((path, "create", arguments, kind) for path, arguments, kind in CALLS),
    ("tokenize", "create", {"model": "m", "prompt": "p"}, "TokenizeResponse"),
    ("detokenize", "create", {"model": "m", "tokens": [1]}, "DetokenizeResponse"),
    ("models", "list", {}, "InferenceModelList"),
    ("health", "get", {}, "HealthResponse"),
    ("version", "get", {}, "VersionResponse"),
]


def test_a_raw_call_with_a_body_says_what_it_is_also_after_one_without(
    runner: Runner, client: Any, host: ScriptedHost
) -> None:
    host.always_plays(answer(200, {}))
    surface = client.inference.serverless

    runner.run(surface.request("POST", "/v1/load"))
    runner.run(surface.request("POST", "/v1/load", json_body={"a": 1}))
    runner.run(surface.request("POST", "/v1/load?x=1", json_body={"a": 1}, params={"y": 2}))

    assert [one.headers["content-type"] for one in host.asked[1:]] == ["application/json", "application/json"]
    assert host.asked[2].path == "/v1/load?x=1&y=2"


def node(surface: Any, path: str) -> Any:
    for name in path.split("."):
        surface = getattr(surface, name)
    return surface


@cases("surface", ["serverless", "on_demand"])
@cases(("path", "method", "arguments", "kind"), WHOLE_CALLS)
def test_every_call_gives_its_whole_response_where_it_is_asked_for(
    runner: Runner,
    client: Any,
    host: ScriptedHost,
    surface: str,
    path: str,
    method: str,
    arguments: dict[str, Any],
    kind: str,
) -> None:
    content = b'{"x":1,"choices":[{}],"output":[]}'
    host.plays(answer(200, content, x_request_id="r-1", x_extra="e"))
    call = getattr(node(getattr(client.inference, surface), path).with_raw_response, method)

    response = runner.run(call(**arguments))

    assert (response.status_code, response.request_id, response.headers["X-Extra"]) == (200, "r-1", "e")
    assert (response.content, response.text, response.json()) == (content, content.decode(), json.loads(content))
    assert type(response.parsed) is getattr(types, kind)
    assert host.asked[0].json.get("stream") in (None, False) if host.asked[0].body else True


@cases(("path", "arguments", "kind"), CALLS)
def test_a_raw_response_is_never_streamed(
    runner: Runner, client: Any, host: ScriptedHost, path: str, arguments: dict[str, Any], kind: str
) -> None:
    raw = node(client.inference.serverless, path).with_raw_response

    with pytest.raises(TypeError, match="stream"):
        runner.run(raw.create(**arguments, stream=True))

    assert host.connections == 0


def test_a_raw_response_of_the_control_plane_says_what_the_call_would(
    runner: Runner, client: Any, host: ScriptedHost
) -> None:
    host.plays(answer(200, {"products": [{"productId": "p-1"}]}, x_request_id="r-1"))

    response = runner.run(client.control_plane.products.with_raw_response.list())

    assert [type(one) for one in response.parsed] == [types.Product]
    assert (response.request_id, response.json()) == ("r-1", {"products": [{"productId": "p-1"}]})


def test_a_raw_response_keeps_think_blocks_in_its_bytes_and_not_in_its_model(
    runner: Runner, client: Any, host: ScriptedHost
) -> None:
    host.plays(answer(200, THINKING))

    response = runner.run(client.inference.serverless.chat.completions.with_raw_response.create(**BODY))

    assert response.json() == THINKING
    message = response.parsed.choices[0].message
    assert (message.content, message.reasoning) == ("Hello.", "Hm.")


def test_a_raw_call_that_fails_raises_as_any_other(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(answer(404, {"detail": "no"}), answer(404, {"detail": "no"}))
    completions = client.inference.serverless.chat.completions

    fails(runner, lambda: completions.with_raw_response.create(**BODY), NotFoundError, "no")
    fails(runner, lambda: completions.with_streaming_response.create(**BODY), NotFoundError, "no")


@cases(("path", "arguments", "kind"), CALLS)
def test_a_streaming_response_is_always_streamed(
    runner: Runner, client: Any, host: ScriptedHost, path: str, arguments: dict[str, Any], kind: str
) -> None:
    host.plays(STREAM, STREAM)
    streaming = node(client.inference.serverless, path).with_streaming_response

    lines = runner.read(runner.run(streaming.create(**arguments)).iter_lines())
    again = runner.run(streaming.create(request=arguments))

    assert len([line for line in lines if line.startswith("data: ")]) == 3
    assert len(runner.read(again)) == 2
    assert [one.json["stream"] for one in host.asked] == [True, True]
    with pytest.raises(TypeError, match="stream"):
        runner.run(streaming.create(**arguments, stream=False))


def test_a_streaming_response_closes_with_its_block(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays((*streamed(events(piece("Hel"), end=b""), last=False), STALL))
    streaming = client.inference.serverless.chat.completions.with_streaming_response

    async def first_line() -> Any:
        async with await streaming.create(**BODY) as stream:
            return await anext(stream.iter_lines())

    if runner.is_async:
        line = runner.run(first_line())
    else:
        with streaming.create(**BODY) as stream:
            line = next(stream.iter_lines())

    assert line.startswith("data: {")
    runner.wait_until(lambda: host.open == 0)


@cases("request_object", [BODY, types.ChatCompletionRequest.from_dict(BODY)])
@cases("stream", [None, True])
def test_a_request_may_be_a_model_or_a_mapping(
    runner: Runner, client: Any, host: ScriptedHost, request_object: Any, stream: bool | None
) -> None:
    host.plays(STREAM if stream else answer(200, COMPLETION))

    answered = runner.run(client.inference.serverless.chat.completions.create(request=request_object, stream=stream))

    whole = runner.run(answered.get_final_completion()) if stream else answered
    assert whole.choices[0].message.content == "Hello."
    assert host.asked[0].json == {**BODY, **({"stream": True} if stream else {})}


@cases(("path", "arguments", "kind"), CALLS)
def test_a_request_that_asks_for_a_stream_gets_one(
    runner: Runner, client: Any, host: ScriptedHost, path: str, arguments: dict[str, Any], kind: str
) -> None:
    host.plays(STREAM)

    stream = runner.run(node(client.inference.serverless, path).create(request={**arguments, "stream": True}))

    assert len(runner.read(stream)) == 2


def test_a_request_and_its_fields_exclude_each_other(runner: Runner, client: Any, host: ScriptedHost) -> None:
    create = client.inference.serverless.chat.completions.create

    with pytest.raises(ValidationError, match=r"takes request= or fields, not both .*temperature"):
        runner.run(create(request=BODY, temperature=1))
    with pytest.raises(ValidationError, match=r"needs .*messages"):
        runner.run(create(model="m"))

    assert host.connections == 0


def low_level(runner: Runner, name: str, **arguments: Any) -> Any:
    """`sync` or `asyncio` of the operation, as the runner is; `detailed` and `stream` likewise."""
    function = {
        "whole": ("sync", "asyncio"),
        "detailed": ("sync_detailed", "asyncio_detailed"),
        "stream": ("stream", "astream"),
    }[name][runner.is_async]
    return getattr(api.chat.create_chat_completion, function)(**arguments)


def test_a_surface_is_a_client_of_the_low_level_functions(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(answer(200, THINKING), answer(200, THINKING, x_request_id="r-1"), STREAM)
    surface = client.inference.on_demand

    whole = runner.run(low_level(runner, "whole", client=surface, body=BODY))
    detailed = runner.run(low_level(runner, "detailed", client=surface, body=BODY))
    stream = runner.run(low_level(runner, "stream", client=surface, body=BODY))

    assert (whole.choices[0].message.content, whole.choices[0].message.reasoning) == ("Hello.", "Hm.")
    assert (detailed.parsed, detailed.request_id) == (whole, "r-1")
    assert runner.read(stream.text_deltas()) == ["Hel", "lo."]
    assert {asked.headers["x-user-id"] for asked in host.asked} == {USER_ID}


def test_the_low_level_functions_keep_the_rules_of_the_surface(runner: Runner, client: Any, host: ScriptedHost) -> None:
    tool = {"type": "function", "function": {"name": "find_parcel"}}

    with pytest.raises(ValidationError, match="the tool 'find_parcel' has no description"):
        runner.run(low_level(runner, "whole", client=client.inference.serverless, body={**BODY, "tools": [tool]}))
    with pytest.raises(ConfigurationError, match="create_chat_completion is a call of serverless inference"):
        runner.run(low_level(runner, "whole", client=client.control_plane, body=BODY))

    assert host.connections == 0


def test_the_low_level_functions_retry_and_fail_as_the_friendly_ones_do(runner: Runner, host: ScriptedHost) -> None:
    policy = RetryPolicy(posts=True, first_delay=1e-6)
    client = runner.client(**surfaces_of(host), max_retries=1, retry=policy)
    host.plays(answer(503), answer(429, {"error": "slow down"}))

    fails(
        runner,
        lambda: low_level(runner, "whole", client=client.inference.serverless, body=BODY),
        RateLimitError,
        "slow down",
    )


def test_a_route_that_nobody_listed_can_be_called(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(
        answer(200, {"data": [1]}, x_request_id="r-1"), answer(200, {"ok": True}), answer(204), answer(200, b"{}")
    )

    models = runner.run(client.inference.serverless.request("get", "/v1/models/openrouter", params={"q": "a b"}))
    embedded = runner.run(
        client.inference.on_demand.request("POST", "/v1/embeddings", json_body={"input": "x"}, headers={"X-Trace": "t"})
    )
    empty = runner.run(client.control_plane.request("DELETE", "/v1/things/1"))
    runner.run(client.inference.on_demand.request("GET", "/v1/x", user_id=USER_ID.replace("1", "9"), timeout=3))

    assert (models.parsed, models.request_id) == ({"data": [1]}, "r-1")
    assert (embedded.parsed, empty.parsed) == ({"ok": True}, {})
    assert [(one.method, one.path) for one in host.asked] == [
        ("GET", "/v1/models/openrouter?q=a+b"),
        ("POST", "/v1/embeddings"),
        ("DELETE", "/v1/things/1"),
        ("GET", "/v1/x"),
    ]
    assert host.asked[1].json == {"input": "x"}
    assert (host.asked[1].headers["x-trace"], host.asked[1].headers["x-user-id"]) == ("t", USER_ID)
    assert host.asked[2].headers["authorization"] == f"Bearer {TOKEN}"
    assert host.asked[3].headers["x-user-id"] == USER_ID.replace("1", "9")


def test_a_stream_that_nobody_listed_can_be_read(runner: Runner, client: Any, host: ScriptedHost) -> None:
    host.plays(streamed(events({"a": 1}, {"b": 2})))

    stream = runner.run(client.inference.serverless.stream_request("POST", "/v1/x", json_body={"stream": True}))

    assert runner.read(stream) == [{"a": 1}, {"b": 2}]
    assert host.asked[0].headers["accept"] == "text/event-stream"


@pytest.mark.parametrize("path", ["v1/models", "https://elsewhere.test/v1", ""])
def test_a_route_must_begin_with_a_slash(runner: Runner, client: Any, host: ScriptedHost, path: str) -> None:
    with pytest.raises(ValidationError, match="must begin with a slash"):
        runner.run(client.inference.serverless.request("GET", path))

    assert host.connections == 0


@cases("path", ["/v1/a b", "/v1/line\r\nX-Evil: 1", "/v1/ü", "/v1/\x00", "/v1/a#b"])
def test_a_route_that_would_become_another_request_is_refused(
    runner: Runner, any_client: Any, host: ScriptedHost, path: str
) -> None:
    with pytest.raises(ValidationError, match="cannot stand in a request: percent-encode the path"):
        runner.run(any_client.inference.serverless.request("GET", path))

    assert host.connections == 0


@cases("method", ["", "GE T", "GET\r\nX-Evil: 1", "Gü", "GET\x00"])
def test_a_method_that_is_none_is_refused(runner: Runner, any_client: Any, host: ScriptedHost, method: str) -> None:
    with pytest.raises(ValidationError, match="cannot stand in a request"):
        runner.run(any_client.inference.serverless.request(method, "/v1/models"))

    assert host.connections == 0
