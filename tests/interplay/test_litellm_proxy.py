"""A LiteLLM proxy before a Tensormesh: what its page promises, and this package as its client."""

from __future__ import annotations

from typing import Any

import httpx
import pytest

from tensormesh import errors
from tensormesh_local import LocalHost
from tests.interplay.conftest import HELLO, MASTER_KEY, TIMEOUT_SECONDS, WEATHER, WEATHER_QUESTION, Proxy
from tests.interplay.installed import needs
from tests.overlay.conftest import Runner

needs("litellm.proxy")

FULL = {"status": 429, "headers": {"Retry-After": "0"}, "times": None}


@pytest.fixture
def through(proxy: Proxy, runner: Runner) -> Any:
    """The calls of this package, through the proxy."""
    client = runner.client(serverless_base_url=proxy.url, inference_api_key=proxy.key, timeout=TIMEOUT_SECONDS)
    return client.inference.serverless


@pytest.fixture
def ask(through: Any, runner: Runner, proxy: Proxy) -> Any:
    """Ask the model behind the proxy."""

    def ask(**fields: Any) -> Any:
        asked = {"model": proxy.model, "messages": HELLO, **fields}
        return runner.run(through.chat.completions.create(**asked))

    return ask


def send(proxy: Proxy, path: str, body: Any = None, **headers: str) -> httpx.Response:
    """A request with the proxy's key, and nothing of this package."""
    return httpx.request(
        "GET" if body is None else "POST",
        f"{proxy.url}{path}",
        json=body,
        headers={"Authorization": f"Bearer {proxy.key}", **headers},
        timeout=TIMEOUT_SECONDS,
        trust_env=False,
    )


@pytest.mark.parametrize("path", ["/health/liveliness", "/health/readiness"])
def test_a_start_is_checked_without_a_key_and_without_a_call(path: str, proxy: Proxy, host: LocalHost) -> None:
    answer = httpx.get(f"{proxy.url}{path}", trust_env=False)

    assert answer.status_code == 200
    assert list(host.requests) == []


def test_health_needs_a_key_and_asks_the_model(proxy: Proxy, host: LocalHost) -> None:
    """Which costs money, unlike the health of Tensormesh."""
    assert httpx.get(f"{proxy.url}/health", trust_env=False).status_code >= 400
    assert list(host.requests) == []

    answer = send(proxy, "/health")

    assert answer.json()["healthy_count"] == 1
    assert [request.path for request in host.requests] == ["/serverless/v1/chat/completions"]


def test_the_proxy_wants_its_own_key_and_sends_the_other(proxy: Proxy, host: LocalHost) -> None:
    body = {"model": proxy.model, "messages": HELLO}

    refused = send(proxy, "/v1/chat/completions", body, Authorization=f"Bearer {host.inference_api_key}")
    taken = send(proxy, "/v1/chat/completions", body)

    assert (refused.status_code, taken.status_code) == (400, 200)
    assert [request.status for request in host.requests] == [200]


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/v1/chat/completions", {"messages": HELLO}),
        ("/v1/completions", {"prompt": "Roses are", "max_tokens": 8}),
        ("/v1/responses", {"input": "Say hello in one sentence."}),
        ("/v1/messages", {"messages": HELLO, "max_tokens": 128}),
    ],
)
def test_the_cost_is_in_a_header(path: str, body: dict[str, Any], proxy: Proxy) -> None:
    answer = send(proxy, path, {"model": proxy.model, **body})

    assert answer.status_code == 200
    assert 1e-6 < float(answer.headers["x-litellm-response-cost"]) < 1e-4


def test_the_cost_of_a_stream_is_in_no_header(proxy: Proxy) -> None:
    """The headers leave before it is known."""
    answer = send(proxy, "/v1/chat/completions", {"model": proxy.model, "messages": HELLO, "stream": True})

    assert answer.text.rstrip().endswith("data: [DONE]")
    assert "x-litellm-response-cost" not in answer.headers


def test_this_client_reads_the_cost_from_the_raw_answer(through: Any, runner: Runner, proxy: Proxy) -> None:
    raw = runner.run(through.chat.completions.with_raw_response.create(model=proxy.model, messages=HELLO))

    assert float(raw.headers["x-litellm-response-cost"]) > 0
    assert raw.headers["x-litellm-call-id"]
    assert raw.request_id is None


def test_this_client_lists_the_models_of_the_proxy(through: Any, runner: Runner, proxy: Proxy) -> None:
    assert [model.id for model in runner.run(through.models.list()).data] == [proxy.model]


@pytest.mark.parametrize("suffix", ["", "/", "/v1"])
def test_this_client_takes_the_address_of_the_proxy_with_and_without_v1(
    suffix: str, proxy: Proxy, runner: Runner
) -> None:
    client = runner.client(serverless_base_url=proxy.url + suffix, inference_api_key=MASTER_KEY)

    answer = runner.run(client.inference.serverless.models.list())

    assert [model.id for model in answer.data] == [proxy.model]


def test_a_chat_through_the_proxy_has_text_thought_and_usage(ask: Any) -> None:
    answer = ask()

    message = answer.choices[0].message
    assert message.content.strip() == "hello in one sentence."
    assert message.reasoning == message.reasoning_content
    assert message.reasoning.strip().startswith("The user says")
    assert answer.usage.total_tokens == answer.usage.prompt_tokens + answer.usage.completion_tokens


def test_a_stream_through_the_proxy_adds_up_to_the_whole_answer(ask: Any, runner: Runner) -> None:
    whole = ask()

    stream = ask(stream=True, stream_options={"include_usage": True})
    chunks = runner.read(stream)
    final = runner.run(stream.get_final_completion())

    assert len(chunks) > 3
    assert final.choices[0].message.content == whole.choices[0].message.content
    assert final.choices[0].message.reasoning == whole.choices[0].message.reasoning
    assert final.choices[0].finish_reason == "stop"
    assert final.usage.total_tokens == whole.usage.total_tokens


def test_text_and_thought_of_a_stream_through_the_proxy_come_apart(ask: Any, runner: Runner) -> None:
    text = "".join(runner.read(ask(stream=True).text_deltas()))
    thought = "".join(runner.read(ask(stream=True).reasoning_deltas()))

    assert text.strip() == "hello in one sentence."
    assert thought.strip().startswith("The user says")


def test_a_think_block_that_the_proxy_leaves_in_a_stream_becomes_reasoning(
    ask: Any, runner: Runner, host: LocalHost
) -> None:
    """LiteLLM takes it out of whole answers only."""
    host.faults.add({"leak_think": True})

    stream = ask(stream=True)
    runner.read(stream)
    message = runner.run(stream.get_final_completion()).choices[0].message

    assert message.content.strip() == "hello in one sentence."
    assert message.reasoning.strip().startswith("The user says")


@pytest.mark.parametrize("stream", [False, True])
def test_a_tool_is_called_through_the_proxy(stream: bool, ask: Any, runner: Runner) -> None:
    answer = ask(messages=WEATHER_QUESTION, tools=[WEATHER], stream=stream)
    if stream:
        answer = runner.run(answer.get_final_completion())

    (call,) = answer.choices[0].message.tool_calls
    assert (call.function.name, call.function.arguments) == ("get_weather", '{"city": "Paris"}')


def test_a_conversation_with_a_tool_goes_on_through_the_proxy(ask: Any) -> None:
    """Our message back to the proxy, with all that LiteLLM has added to it."""
    message = ask(messages=WEATHER_QUESTION, tools=[WEATHER]).choices[0].message
    result = {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": "18 degrees"}

    answer = ask(messages=[*WEATHER_QUESTION, message, result], tools=[WEATHER])

    assert "18 degrees" in answer.choices[0].message.content


@pytest.mark.parametrize("stream", [False, True])
def test_a_text_is_completed_through_the_proxy(stream: bool, through: Any, runner: Runner, proxy: Proxy) -> None:
    asked = {"model": proxy.model, "prompt": "Roses are", "max_tokens": 8, "stream": stream}

    answer = runner.run(through.completions.create(**asked))

    text = "".join(runner.read(answer.text_deltas())) if stream else answer.choices[0].text
    assert text.startswith(" red")


@pytest.mark.parametrize("stream", [False, True])
def test_a_response_comes_through_the_proxy(stream: bool, through: Any, runner: Runner, proxy: Proxy) -> None:
    asked = {"model": proxy.model, "input": "Say hello in one sentence.", "stream": stream}

    answer = runner.run(through.responses.create(**asked))

    if stream:
        text = "".join(runner.read(answer.text_deltas()))
    else:
        text = "".join(part.text for item in answer.output if item.type == "message" for part in item.content)
    assert text.strip() == "hello in one sentence."


def test_what_the_proxy_does_not_have_is_not_found(through: Any, runner: Runner, proxy: Proxy) -> None:
    with pytest.raises(errors.NotFoundError):
        runner.run(through.tokenize.create(model=proxy.model, prompt="Hello"))
    with pytest.raises(errors.NotFoundError):
        runner.run(through.version.get())


def test_an_unknown_model_and_a_wrong_key_are_bad_requests_to_the_proxy(
    ask: Any, proxy: Proxy, runner: Runner, host: LocalHost
) -> None:
    """As LiteLLM says it without a database: not 404, and not 401."""
    unauthorized = runner.client(serverless_base_url=proxy.url, inference_api_key="sk-wrong").inference.serverless

    with pytest.raises(errors.BadRequestError, match="no-such"):
        ask(model="no-such")
    with pytest.raises(errors.BadRequestError) as caught:
        runner.run(unauthorized.chat.completions.create(model=proxy.model, messages=HELLO))

    assert "sk-wrong" not in str(caught.value)
    assert list(host.requests) == []


def test_an_error_of_the_host_keeps_its_class_through_the_proxy(ask: Any, host: LocalHost) -> None:
    with pytest.raises(errors.BadRequestError, match="maximum context length"):
        ask(messages=[{"role": "user", "content": "word " * 200_000}])

    host.faults.add({"status": 503, "times": None})
    with pytest.raises(errors.InternalServerError, match="503"):
        ask()


def test_a_full_host_is_asked_three_times_by_the_proxy_and_once_by_this_client(ask: Any, host: LocalHost) -> None:
    host.faults.add(FULL)

    with pytest.raises(errors.RateLimitError) as caught:
        ask()

    assert caught.value.status_code == 429
    assert len(host.requests) == 3


def test_an_error_inside_a_stream_comes_through_the_proxy(ask: Any, runner: Runner, host: LocalHost) -> None:
    """What came before it is kept."""
    host.faults.add({"error_event_after": 12})

    stream = ask(stream=True)
    got, error = runner.read_until_fault(stream)

    assert isinstance(error, errors.StreamEventError)
    assert "EngineCore" in str(error)
    assert got
    assert stream.snapshot().choices[0].message.reasoning
