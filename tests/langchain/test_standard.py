"""The standard tests of LangChain, unit and integration, for a model that thinks and for one that does not."""

from __future__ import annotations

import base64
from types import SimpleNamespace
from typing import Any, Literal

import pytest
from langchain_core.messages import AIMessage
from langchain_tests.integration_tests import ChatModelIntegrationTests
from langchain_tests.integration_tests import chat_models as standard
from langchain_tests.unit_tests import ChatModelUnitTests

from tensormesh_langchain import ChatTensormesh
from tensormesh_local import LocalHost

MODEL = "openai/gpt-oss-20b"
OTHER = "Qwen/Qwen3.6-27B-FP8"
PIXEL = base64.b64decode(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg=="
)


class TestUnits(ChatModelUnitTests):
    @property
    def chat_model_class(self) -> type[ChatTensormesh]:
        return ChatTensormesh

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {"model": MODEL}

    @property
    def init_from_env_params(self) -> tuple[dict[str, str], dict[str, Any], dict[str, Any]]:
        return {"TENSORMESH_INFERENCE_API_KEY": "k"}, {"model": MODEL}, {"api_key": "k"}


class TestIntegration(ChatModelIntegrationTests):
    method: Literal["function_calling", "json_schema"] = "function_calling"

    @pytest.fixture(autouse=True)
    def _at_home(self, host: LocalHost, monkeypatch: pytest.MonkeyPatch) -> None:
        """Its pictures come from here, and not from the network."""
        monkeypatch.setattr(standard.httpx, "get", lambda *args, **kwargs: SimpleNamespace(content=PIXEL))

    @property
    def chat_model_class(self) -> type[ChatTensormesh]:
        return ChatTensormesh

    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {"model": MODEL}

    @property
    def model_override_value(self) -> str:
        return OTHER

    @property
    def structured_output_kwargs(self) -> dict[str, Any]:
        return {"method": self.method}

    @property
    def supports_json_mode(self) -> bool:
        return True

    @property
    def supports_image_inputs(self) -> bool:
        return True

    @property
    def supports_image_tool_message(self) -> bool:
        return True

    @property
    def supports_anthropic_inputs(self) -> bool:
        return True

    @property
    def supported_usage_metadata_details(self) -> dict[Any, Any]:
        counted = ["reasoning_output", "cache_read_input"]
        return {"invoke": counted, "stream": counted}

    def invoke_with_reasoning_output(self, *, stream: bool = False) -> AIMessage:
        return self._asked("Why is the sky blue?", stream=stream)

    def invoke_with_cache_read_input(self, *, stream: bool = False) -> AIMessage:
        long = "Tell me of rivers. " * 40
        self._asked(long, stream=stream)
        return self._asked(long, stream=stream)

    def _asked(self, text: str, *, stream: bool) -> AIMessage:
        model = ChatTensormesh(model=MODEL, streaming=stream)
        return model.invoke(text)


class TestIntegrationBySchema(TestIntegration):
    method = "json_schema"


class TestIntegrationWithoutThoughts(TestIntegration):
    @property
    def chat_model_params(self) -> dict[str, Any]:
        return {"model": OTHER, "model_kwargs": {"chat_template_kwargs": {"enable_thinking": False}}}

    @property
    def model_override_value(self) -> str:
        return MODEL
