"""What pydantic-ai's own provider of OpenAI's API does, beside which the page puts ours."""

from __future__ import annotations

import pytest
from pydantic_ai import Agent, NativeOutput
from pydantic_ai.exceptions import ModelHTTPError
from pydantic_ai.models.openai import OpenAIChatModel
from pydantic_ai.providers.openai import OpenAIProvider
from pydantic_ai.settings import ModelSettings

from tensormesh_local import LocalHost
from tests.overlay.scripted_host import ScriptedHost, answer
from tests.pydantic_ai.conftest import MODEL, run
from tests.pydantic_ai.test_provider import HELLO, River


def plain(base_url: str, key: str) -> OpenAIChatModel:
    return OpenAIChatModel(MODEL, provider=OpenAIProvider(base_url=base_url, api_key=key))


def test_a_call_that_is_turned_away_is_sent_three_times() -> None:
    host = ScriptedHost().start()
    try:
        host.plays(*[answer(429, {"error": {"message": "full"}}, retry_after_ms="1")] * 3)

        with pytest.raises(ModelHTTPError, match="full"):
            run(Agent(plain(f"{host.url}/v1", "k")), HELLO)
    finally:
        host.stop()

    assert len(host.asked) == 3


def test_native_output_is_refused_by_a_service_without_schemas(host: LocalHost) -> None:
    key = host.environment()["TENSORMESH_INFERENCE_API_KEY"]

    with pytest.raises(ModelHTTPError, match="json_schema"):
        run(Agent(plain(f"{host.serverless_base_url}/v1", key), output_type=NativeOutput(River)), HELLO)


def test_how_much_a_model_thinks_is_dropped(host: LocalHost) -> None:
    key = host.environment()["TENSORMESH_INFERENCE_API_KEY"]
    settings = ModelSettings(thinking="low")

    run(Agent(plain(f"{host.serverless_base_url}/v1", key), model_settings=settings), HELLO)

    assert "reasoning_effort" not in host.requests[-1].body
