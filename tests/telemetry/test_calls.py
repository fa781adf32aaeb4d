"""A whole answer: one span, its counts, how long it took, and where the trace goes on."""

from __future__ import annotations

from typing import Any

import pytest
from opentelemetry import context, trace
from opentelemetry.sdk.trace.sampling import Decision, Sampler, SamplingResult
from opentelemetry.trace import SpanKind, StatusCode

from tensormesh import NotFoundError, RateLimitError, RetryPolicy, errors
from tests.overlay.calls import COMPLETION, ask, fails
from tests.overlay.conftest import Runner, surfaces_of
from tests.overlay.scripted_host import CLOSE, ScriptedHost, answer
from tests.telemetry.conftest import Ears

USAGE = {
    "prompt_tokens": 20,
    "completion_tokens": 7,
    "total_tokens": 27,
    "prompt_tokens_details": {"cached_tokens": 16},
    "completion_tokens_details": {"reasoning_tokens": 3},
}
COUNTED = {
    "gen_ai.usage.input_tokens": 20,
    "gen_ai.usage.output_tokens": 7,
    "gen_ai.usage.cache_read.input_tokens": 16,
    "gen_ai.usage.reasoning.output_tokens": 3,
}
RESPONSE = {
    "id": "resp_1",
    "object": "response",
    "created_at": 1,
    "model": "m",
    "status": "completed",
    "output": [{"type": "message", "role": "assistant", "content": [{"type": "output_text", "text": "Hello."}]}],
    "usage": {
        "input_tokens": 20,
        "output_tokens": 7,
        "total_tokens": 27,
        "input_tokens_details": {"cached_tokens": 16},
        "output_tokens_details": {"reasoning_tokens": 3},
    },
}


def test_a_chat_is_a_client_span(runner: Runner, client: Any, host: ScriptedHost, ears: Ears) -> None:
    host.plays(answer(200, {**COMPLETION, "usage": USAGE}, x_request_id="req-1"))

    runner.run(ask(client, max_tokens=9, temperature=1, top_p=0.5, seed=3, stop=["."], n=2, reasoning_effort="low"))

    assert ears.span.name == "chat m"
    assert ears.span.kind is SpanKind.CLIENT
    assert ears.span.status.status_code is StatusCode.UNSET
    assert ears.said == {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "tensormesh",
        "gen_ai.request.model": "m",
        "gen_ai.request.max_tokens": 9,
        "gen_ai.request.temperature": 1.0,
        "gen_ai.request.top_p": 0.5,
        "gen_ai.request.seed": 3,
        "gen_ai.request.stop_sequences": (".",),
        "gen_ai.request.choice.count": 2,
        "gen_ai.request.reasoning.level": "low",
        "gen_ai.response.id": "chatcmpl-1",
        "gen_ai.response.model": "m",
        "gen_ai.response.finish_reasons": ("stop",),
        "http.response.header.x-request-id": ("req-1",),
        "server.address": "127.0.0.1",
        "server.port": host.port,
        **COUNTED,
    }


def test_a_number_that_exporters_have_no_room_for_is_left_out(
    runner: Runner, client: Any, host: ScriptedHost, ears: Ears
) -> None:
    host.plays(answer(200, {**COMPLETION, "usage": {"prompt_tokens": 2**63, "completion_tokens": 2**63 - 1}}))

    runner.run(ask(client, seed=-(2**63) - 1, temperature=10**400, top_p=1))

    told = {name: value for name, value in ears.said.items() if isinstance(value, int | float)}
    assert told == {
        "gen_ai.request.top_p": 1.0,
        "gen_ai.usage.output_tokens": 2**63 - 1,
        "server.port": host.port,
    }


def test_the_other_apis_are_told_of_in_the_same_words(
    runner: Runner, client: Any, host: ScriptedHost, ears: Ears
) -> None:
    choice = {"index": 0, "text": "Hello.", "finish_reason": "length"}
    host.plays(
        answer(200, {"id": "cmpl-1", "object": "text_completion", "model": "m", "choices": [choice], "usage": USAGE}),
        answer(200, RESPONSE),
    )
    inference = client.inference.on_demand

    runner.run(inference.completions.create(model="m", prompt="Say"))
    runner.run(inference.responses.create(model="m", input="Say hello.", max_output_tokens=9))

    completion, response = (dict(span.attributes or {}) for span in ears.spans)
    assert [span.name for span in ears.spans] == ["text_completion m", "chat m"]
    assert completion.items() >= {**COUNTED, "gen_ai.response.finish_reasons": ("length",)}.items()
    assert response.items() >= {**COUNTED, "gen_ai.response.finish_reasons": ("completed",)}.items()
    assert response["gen_ai.request.max_tokens"] == 9


def test_tokens_are_counted_and_durations_measured(runner: Runner, client: Any, host: ScriptedHost, ears: Ears) -> None:
    host.plays(*[answer(200, {**COMPLETION, "usage": USAGE})] * 2)

    for _ in range(2):
        runner.run(ask(client))

    points = ears.points()
    (duration,) = points.pop("gen_ai.client.inference.duration")
    told = {
        "gen_ai.operation.name": "chat",
        "gen_ai.provider.name": "tensormesh",
        "gen_ai.request.model": "m",
        "gen_ai.response.model": "m",
        "server.address": "127.0.0.1",
        "server.port": host.port,
    }
    assert (duration.count, dict(duration.attributes)) == (2, told)
    assert duration.explicit_bounds[:3] == (0.01, 0.02, 0.04)
    assert {name: [(point.value, dict(point.attributes)) for point in found] for name, found in points.items()} == {
        "gen_ai.client.inference.usage.input_tokens": [(40, told)],
        "gen_ai.client.inference.usage.output_tokens": [(14, told)],
        "gen_ai.client.inference.usage.cache_read.input_tokens": [(32, told)],
        "gen_ai.client.inference.usage.reasoning.output_tokens": [(6, told)],
    }


def test_an_answer_without_counts_is_not_counted(runner: Runner, client: Any, host: ScriptedHost, ears: Ears) -> None:
    """Nor is what is no number, whatever a host sends."""
    odd = {"prompt_tokens": "many", "completion_tokens": True, "prompt_tokens_details": []}
    host.plays(answer(200, COMPLETION), answer(200, {**COMPLETION, "usage": odd}))

    for _ in range(2):
        runner.run(ask(client))

    assert all("usage" not in name for span in ears.spans for name in span.attributes or {})
    assert {name for name in ears.points() if "usage" in name} == set()


def test_what_the_host_refuses_is_an_error(runner: Runner, client: Any, host: ScriptedHost, ears: Ears) -> None:
    """With the name of its class; its text may hold what was asked, and stays out."""
    host.plays(answer(404, {"error": {"message": "no model SENTINEL"}}, x_request_id="req-2"))

    fails(runner, lambda: ask(client), NotFoundError, "SENTINEL")

    assert ears.span.status.status_code is StatusCode.ERROR
    assert ears.said["error.type"] == "NotFoundError"
    assert ears.said["http.response.status_code"] == 404
    assert ears.said["http.response.header.x-request-id"] == ("req-2",)
    assert "SENTINEL" not in ears.span.to_json()
    (duration,) = ears.points()["gen_ai.client.inference.duration"]
    assert duration.attributes["error.type"] == "NotFoundError"


@pytest.mark.parametrize(
    ("script", "kind"),
    [
        pytest.param((CLOSE,), "APIConnectionError", id="a broken connection"),
        pytest.param(answer(200, "nothing"), "ProtocolError", id="no JSON"),
        pytest.param(answer(200, {"error": {"code": 429}}), "RateLimitError", id="an error under status 200"),
    ],
)
def test_every_failure_has_its_name(
    runner: Runner, client: Any, host: ScriptedHost, ears: Ears, script: Any, kind: str
) -> None:
    host.plays(script)

    fails(runner, lambda: ask(client), getattr(errors, kind), ".")

    assert ears.said["error.type"] == kind


def test_all_tries_of_a_call_are_one_span(runner: Runner, host: ScriptedHost, ears: Ears) -> None:
    policy = RetryPolicy(posts=True, first_delay=0.0)
    host.plays(answer(429, {}), answer(200, COMPLETION))

    runner.run(ask(runner.client(**surfaces_of(host), retry=policy, max_retries=1)))

    assert len(host.asked) == 2
    assert "error.type" not in ears.said


def test_the_host_is_told_of_the_trace(runner: Runner, client: Any, host: ScriptedHost, ears: Ears) -> None:
    """The span of the call is a child of the caller's, and the header names the span of the call."""
    host.plays(answer(200, COMPLETION))

    with ears.tracers.get_tracer("test").start_as_current_span("outer") as outer:
        runner.run(ask(client))

        assert trace.get_current_span() is outer
    inner = ears.spans[0]
    assert inner.parent is not None
    assert inner.parent.span_id == outer.get_span_context().span_id
    trace_id, span_id = inner.get_span_context().trace_id, inner.get_span_context().span_id
    assert host.asked[0].headers["traceparent"].startswith(f"00-{trace_id:032x}-{span_id:016x}-")


def test_a_header_of_the_call_wins(runner: Runner, client: Any, host: ScriptedHost, ears: Ears) -> None:
    own = "00-11111111111111111111111111111111-2222222222222222-01"
    host.plays(answer(200, COMPLETION))

    runner.run(ask(client, extra_headers={"Traceparent": own}))

    assert host.asked[0].headers["traceparent"] == own
    assert len(ears.spans) == 1


def test_what_goes_out_is_the_same_but_for_the_trace(
    runner: Runner, client: Any, host: ScriptedHost, ears: Ears, monkeypatch: pytest.MonkeyPatch
) -> None:
    host.plays(*[answer(200, COMPLETION)] * 2)

    heard = runner.run(ask(client))
    with monkeypatch.context() as unheard:
        unheard.setattr(trace, "get_tracer_provider", trace.NoOpTracerProvider)
        alone = runner.run(ask(client))

    told, plain = host.asked
    assert {**plain.headers, "traceparent": told.headers["traceparent"]} == told.headers
    assert (told.body, heard) == (plain.body, alone)


class Dropping(Sampler):
    """Drops every span, and writes into what it is shown."""

    def __init__(self) -> None:
        self.seen: list[dict[str, Any]] = []

    def should_sample(
        self, parent_context: Any, trace_id: int, name: str, kind: Any = None, attributes: Any = None, *rest: Any
    ) -> SamplingResult:
        self.seen.append(dict(attributes))
        attributes["seen"] = True
        return SamplingResult(Decision.DROP, attributes)

    def get_description(self) -> str:
        return "drops"


def test_spans_that_are_not_sampled_leave_the_measurements(
    runner: Runner, client: Any, host: ScriptedHost, ears: Ears, monkeypatch: pytest.MonkeyPatch
) -> None:
    """And the trace, whose flag tells the host. What a sampler does with what it sees is seen by no other call."""
    sampler = Dropping()
    monkeypatch.setattr(ears.tracers, "sampler", sampler)
    host.plays(*[answer(200, {**COMPLETION, "usage": USAGE})] * 2)

    for _ in range(2):
        runner.run(ask(client))

    assert ears.spans == ()
    assert int(host.asked[0].headers["traceparent"][-2:], 16) & 1 == 0
    (tokens,) = ears.points()["gen_ai.client.inference.usage.output_tokens"]
    assert tokens.value == 2 * 7
    assert "seen" not in tokens.attributes
    assert sampler.seen[0] == sampler.seen[1]


def test_nothing_is_told_where_the_caller_suppresses_it(
    runner: Runner, client: Any, host: ScriptedHost, ears: Ears
) -> None:
    host.plays(answer(200, COMPLETION))
    token = context.attach(context.set_value("suppress_instrumentation", True))

    try:
        runner.run(ask(client))
    finally:
        context.detach(token)

    assert ears.spans == ()
    assert "traceparent" not in host.asked[0].headers


def test_the_environment_switches_it_off(
    runner: Runner, client: Any, host: ScriptedHost, ears: Ears, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OTEL_PYTHON_DISABLED_INSTRUMENTATIONS", "openai, tensormesh")
    host.plays(answer(200, COMPLETION))

    runner.run(ask(client))

    assert ears.spans == ()


def test_what_writes_no_answer_is_not_told_of(runner: Runner, client: Any, host: ScriptedHost, ears: Ears) -> None:
    host.plays(answer(200, {"object": "list", "data": []}))

    runner.run(client.inference.serverless.models.list())

    assert ears.spans == ()


def test_a_call_that_cannot_be_sent_has_a_span_too(runner: Runner, ears: Ears) -> None:
    client = runner.client()

    fails(runner, lambda: ask(client), errors.ConfigurationError, "inference_api_key")

    assert ears.said["error.type"] == "ConfigurationError"


def test_no_key_is_told(runner: Runner, client: Any, host: ScriptedHost, ears: Ears) -> None:
    host.plays(answer(429, {"error": {"message": "slower"}}))

    fails(runner, lambda: ask(client), RateLimitError, "slower")

    assert "ak-SENTINEL" not in ears.span.to_json()
