"""How each of five frameworks is asked. They are loaded where they are used: no environment has all."""

from __future__ import annotations

import asyncio
from importlib import import_module
from typing import Any

from pydantic import BaseModel

from tensormesh_local import LocalHost
from tests.interplay.conftest import KEY, MODEL

HELLO = "Say hello in one sentence. " * 20
RHINE = "Which river is it, the Rhine?"


class River(BaseModel):
    """A river."""

    name: str


def said(text: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": text}]


class LlamaIndex:
    """`OpenAILike`."""

    def __init__(self, host: LocalHost, **settings: Any) -> None:
        schema = import_module("llama_index.core.llms")
        self._message = schema.ChatMessage
        self.model = import_module("llama_index.llms.openai_like").OpenAILike(
            model=MODEL,
            api_base=f"{host.serverless_base_url}/v1",
            api_key=KEY,
            is_chat_model=True,
            is_function_calling_model=True,
            **settings,
        )

    def ask(self, text: str = HELLO) -> Any:
        return self.model.chat([self._message(role="user", content=text)])

    def stream(self, **options: Any) -> Any:
        return [*self.model.stream_chat([self._message(role="user", content=HELLO)], **options)][-1]


def instructor(host: LocalHost, **settings: Any) -> Any:
    """A client of it; `chat` asks for an object and the completion that it was in."""
    openai, library = import_module("openai"), import_module("instructor")
    client = openai.OpenAI(base_url=f"{host.serverless_base_url}/v1", api_key=KEY, **settings)
    return library.from_openai(client)


def structured(client: Any, text: str = RHINE) -> Any:
    return client.create_with_completion(model=MODEL, response_model=River, messages=said(text))


def partial(client: Any) -> Any:
    """What a streamed object is in the end."""
    return [*client.create_partial(model=MODEL, response_model=River, messages=said(RHINE))][-1]


def run(
    host: LocalHost, text: str = HELLO, *, kind: str = "OpenAIChatCompletionsModel", stream: bool = False, **of: Any
) -> Any:
    """What an agent of openai-agents has done; `settings` are of its client, all else its own."""
    agents, openai = import_module("agents"), import_module("openai")
    agents.set_tracing_disabled(True)
    settings = of.pop("settings", {})

    async def asked() -> Any:
        async with openai.AsyncOpenAI(base_url=f"{host.serverless_base_url}/v1", api_key=KEY, **settings) as client:
            agent = agents.Agent("one", model=getattr(agents, kind)(MODEL, client), **of)
            if not stream:
                return await agents.Runner.run(agent, text)
            result = agents.Runner.run_streamed(agent, text)
            async for _ in result.stream_events():
                pass
            return result

    return asyncio.run(asked())


def usage(result: Any) -> Any:
    return result.context_wrapper.usage


def dspy(route: str = "tensormesh", **settings: Any) -> Any:
    """A model of DSPy, by a route of LiteLLM."""
    return import_module("dspy").LM(f"{route}/{MODEL}", cache=False, **settings)


def counted(model: Any) -> Any:
    """What a model of DSPy keeps of a call."""
    model(HELLO)
    return model.history[-1]


def tell(*, schemas: bool) -> None:
    """Tell LiteLLM's price list whether the model takes schemas."""
    told = {"litellm_provider": "tensormesh", "supports_response_schema": schemas}
    import_module("litellm").register_model({f"tensormesh/{MODEL}": told})


def predicted(model: Any, *, told: bool = False) -> Any:
    """A prediction by an adapter that asks for JSON."""
    library = import_module("dspy")
    tell(schemas=not told)
    with library.context(lm=model, adapter=library.JSONAdapter()):
        return library.Predict("question -> answer")(question=RHINE)


def dspy_stream(model: Any) -> Any:
    """The counts of a streamed prediction."""
    library = import_module("dspy")
    asking = library.streamify(library.Predict("question -> answer"))

    async def read() -> None:
        async for _ in asking(question=RHINE):
            pass

    tell(schemas=False)
    with library.context(lm=model, adapter=library.JSONAdapter()):
        asyncio.run(read())
    return model.history[-1]["usage"]


def smolagents(host: LocalHost, **settings: Any) -> Any:
    library = import_module("smolagents")
    return library.OpenAIModel(MODEL, api_base=f"{host.serverless_base_url}/v1", api_key=KEY, **settings)


def _parts(text: str) -> list[dict[str, Any]]:
    return [{"role": "user", "content": [{"type": "text", "text": text}]}]


def asked(model: Any, text: str = HELLO, **options: Any) -> Any:
    return model.generate(_parts(text), **options)


def last_piece(model: Any) -> Any:
    """The last of what a model of smolagents streams."""
    return [*model.generate_stream(_parts(HELLO))][-1]
