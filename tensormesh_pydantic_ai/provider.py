"""The provider: where the service is and how it wants to be asked, for pydantic-ai's own model of OpenAI's API."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pydantic_ai.profiles import ModelProfile, merge_profile
from pydantic_ai.profiles.openai import OpenAIModelProfile
from pydantic_ai.providers.vllm import VLLMProvider

from tensormesh import ConfigurationError, Tensormesh

if TYPE_CHECKING:
    import httpx
    import httpx2
    from openai import AsyncOpenAI


class TensormeshProvider(VLLMProvider):
    """
    Tensormesh for an `OpenAIChatModel` of pydantic-ai; on demand where there is a user id, else serverless.

    What is not given comes from the environment, under the names that `Tensormesh` reads.

    Args:
        api_key: the key of inference.
        base_url: where the service is, with `/v1` or without.
        user_id: the UUID of on-demand inference, sent as `X-User-Id`.
        http_client: a client of your own, which you close.

    Raises:
        ConfigurationError: the key, or on demand the address, is nowhere to be found, or wrong.
    """

    def __init__(
        self,
        *,
        api_key: str | None = None,
        base_url: str | None = None,
        user_id: str | None = None,
        http_client: httpx2.AsyncClient | httpx.AsyncClient | None = None,
    ) -> None:
        if user_id is None:
            config = Tensormesh(inference_api_key=api_key, serverless_base_url=base_url).config
        else:
            config = Tensormesh(
                inference_api_key=api_key, on_demand_base_url=base_url, on_demand_user_id=user_id
            ).config
        url = config.serverless_base_url if user_id is None else config.on_demand_base_url
        if config.inference_api_key is None or url is None:
            lacking = "api_key" if config.inference_api_key is None else "base_url"
            variable = "TENSORMESH_INFERENCE_API_KEY" if lacking == "api_key" else "TENSORMESH_ON_DEMAND_BASE_URL"
            raise ConfigurationError(f"TensormeshProvider needs {lacking}=, or the variable {variable}")
        super().__init__(base_url=f"{url}/v1", api_key=config.inference_api_key, http_client=http_client)
        self._headers = {} if user_id is None else {"X-User-Id": str(config.on_demand_user_id)}

    @property
    def name(self) -> str:
        return "tensormesh"

    @property
    def client(self) -> AsyncOpenAI:
        """What calls. What a model writes is paid for: it is sent again only if somebody says so."""
        return super().client.with_options(max_retries=0, default_headers=self._headers)

    @staticmethod
    def model_profile(model_name: str) -> ModelProfile | None:
        """What models can do. Output after a JSON Schema is no documented part of the service: tools give it."""
        ours = OpenAIModelProfile(supports_json_schema_output=False, supports_forced_tool_choice=True)
        thinking = _THINKING if model_name.lower().rpartition("/")[2].startswith("gpt-oss") else None
        return merge_profile(VLLMProvider.model_profile(model_name), ours, thinking)


_THINKING = OpenAIModelProfile(
    supports_thinking=True, thinking_always_enabled=True, openai_reasoning_efforts=frozenset({"low", "medium", "high"})
)
"""These models always think, and are told how much: without this, the setting `thinking` says nothing to them."""
