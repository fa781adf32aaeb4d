"""Where nobody listens, nothing is loaded; where somebody set up the SDK, nothing has to be said."""

from __future__ import annotations

import subprocess
import sys
from typing import Any

import pytest
from opentelemetry import metrics, trace

from tests.overlay.calls import COMPLETION, ask
from tests.overlay.conftest import Runner
from tests.overlay.scripted_host import ScriptedHost, answer
from tests.telemetry.conftest import Ears

CALL = """
import asyncio, sys
from tensormesh import AsyncTensormesh, Tensormesh
settings = dict(inference_api_key="k", serverless_base_url=sys.argv[1], env={})
body = dict(model="m", messages=[{"role": "user", "content": "Hi"}])
with Tensormesh(**settings) as client:
    client.inference.serverless.chat.completions.create(**body)
async def main():
    async with AsyncTensormesh(**settings) as client:
        await client.inference.serverless.chat.completions.create(**body)
asyncio.run(main())
"""
API = "import opentelemetry.trace, opentelemetry.metrics\n"
LISTEN = """
from opentelemetry import trace
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter
exporter, provider = InMemorySpanExporter(), TracerProvider()
provider.add_span_processor(SimpleSpanProcessor(exporter))
trace.set_tracer_provider(provider)
"""
LOADED = "print(*sorted(name for name in sys.modules if name.startswith(sys.argv[2])))"
TOLD = "print(*(span.name for span in exporter.get_finished_spans()))"


def printed(code: str, *arguments: str) -> str:
    done = subprocess.run([sys.executable, "-W", "error", "-c", code, *arguments], check=True, capture_output=True)
    return done.stdout.decode().strip()


@pytest.mark.parametrize(
    ("first", "foreign"),
    [
        pytest.param("", "opentelemetry", id="not loaded"),
        pytest.param(
            "import opentelemetry.trace, opentelemetry.metrics\n", "tensormesh_overlay.telemetry.rec", id="idle"
        ),
    ],
)
def test_nothing_is_loaded(host: ScriptedHost, first: str, foreign: str) -> None:
    """Not because it is installed; and where only the API was loaded, nothing of ours."""
    host.plays(*[answer(200, COMPLETION)] * 2)

    assert printed(first + CALL + LOADED, host.url, foreign) == ""
    assert "traceparent" not in host.asked[0].headers


READY = """
import asyncio, sys
from tensormesh import AsyncTensormesh, Tensormesh
if sys.argv[2] == "sync":
    Tensormesh(inference_api_key="k", serverless_base_url=sys.argv[1], env={}).ready()
else:
    asyncio.run(AsyncTensormesh(inference_api_key="k", serverless_base_url=sys.argv[1], env={}).ready())
before = set(sys.modules)
with Tensormesh(inference_api_key="k", serverless_base_url=sys.argv[1], env={}) as client:
    client.inference.serverless.chat.completions.create(model="m", messages=[{"role": "user", "content": "Hi"}])
print(*sorted(name for name in {*sys.modules} - before if "telemetry" in name))
print(any("telemetry.recording" in name for name in before))
"""


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize(("first", "loaded"), [("", "False"), (LISTEN, "True")], ids=["nobody", "somebody"])
def test_a_client_that_is_ready_has_loaded_what_tells_of_its_calls(
    host: ScriptedHost, kind: str, first: str, loaded: str
) -> None:
    """And nothing of it where nobody listens."""
    host.plays(answer(200, COMPLETION))

    assert printed(first + READY, host.url, kind).split() == [loaded]


@pytest.mark.parametrize(
    "order", [LISTEN + CALL, CALL.replace("settings =", LISTEN + "settings =")], ids=["before", "after"]
)
def test_a_program_sets_up_the_sdk_and_no_more(host: ScriptedHost, order: str) -> None:
    """Before it imports this package, or after."""
    host.plays(*[answer(200, COMPLETION)] * 2)

    assert printed(order + TOLD, host.url) == "chat m chat m"


def test_a_provider_may_come_late(
    runner: Runner, client: Any, host: ScriptedHost, monkeypatch: pytest.MonkeyPatch, ears: Ears
) -> None:
    """A client that was used before tells whoever listens from now on."""
    with monkeypatch.context() as before:
        before.setattr(trace, "get_tracer_provider", trace.ProxyTracerProvider)
        before.setattr(metrics, "get_meter_provider", metrics.NoOpMeterProvider)
        host.plays(*[answer(200, COMPLETION)] * 2)
        runner.run(ask(client))

    runner.run(ask(client))

    assert len(ears.spans) == 1


def test_spans_without_metrics(
    runner: Runner, client: Any, host: ScriptedHost, monkeypatch: pytest.MonkeyPatch, ears: Ears
) -> None:
    monkeypatch.setattr(metrics, "get_meter_provider", metrics.NoOpMeterProvider)
    host.plays(answer(200, COMPLETION))

    runner.run(ask(client))

    assert (len(ears.spans), ears.points()) == (1, {})


def test_metrics_without_spans(
    runner: Runner, client: Any, host: ScriptedHost, monkeypatch: pytest.MonkeyPatch, ears: Ears
) -> None:
    monkeypatch.setattr(trace, "get_tracer_provider", trace.NoOpTracerProvider)
    host.plays(answer(200, COMPLETION))

    runner.run(ask(client))

    assert ears.spans == ()
    assert ears.points().keys() == {"gen_ai.client.inference.duration"}
