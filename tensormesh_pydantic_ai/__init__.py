"""
Tensormesh in pydantic-ai: a provider for its model of OpenAI's API.

    from pydantic_ai import Agent
    from pydantic_ai.models.openai import OpenAIChatModel
    from tensormesh_pydantic_ai import TensormeshProvider

    agent = Agent(OpenAIChatModel("openai/gpt-oss-20b", provider=TensormeshProvider()))
    print(agent.run_sync("Say hello in one sentence.").output)

It is loaded when it is first used: only then is it felt that the extra `pydantic-ai` is missing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tensormesh_pydantic_ai.provider import TensormeshProvider
    from tensormesh_pydantic_ai.usage import usage_of

__all__ = ["TensormeshProvider", "usage_of"]

_MODULES = {"TensormeshProvider": "provider", "usage_of": "usage"}

# Not `tensormesh[pydantic-ai]`: under that name, the index has another package, which would take the place of this one.
INSTALL = "pip install 'pydantic-ai-slim[openai]'; or, in a clone of this project, pip install '.[pydantic-ai]'"


def __getattr__(name: str) -> object:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        found: object = getattr(import_module(f"{__name__}.{_MODULES[name]}"), name)
    except ModuleNotFoundError as error:
        raise ModuleNotFoundError(
            f"{error.msg}, which the provider for pydantic-ai needs: {INSTALL}", name=error.name
        ) from error
    globals()[name] = found
    return found
