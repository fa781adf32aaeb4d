"""
The Python client of Tensormesh.

    from tensormesh import Tensormesh

    with Tensormesh() as client:
        answer = client.inference.serverless.chat.completions.create(
            model="openai/gpt-oss-20b",
            messages=[{"role": "user", "content": "Say hello in one sentence."}],
        )
        print(answer.choices[0].message.content)

Names are loaded when they are first used.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from tensormesh import errors as errors
    from tensormesh import types as types
    from tensormesh_generated.types import UNSET as UNSET
    from tensormesh_overlay.client import AsyncTensormesh as AsyncTensormesh
    from tensormesh_overlay.client import Tensormesh as Tensormesh
    from tensormesh_overlay.errors import APIConnectionError as APIConnectionError
    from tensormesh_overlay.errors import APIError as APIError
    from tensormesh_overlay.errors import APIStatusError as APIStatusError
    from tensormesh_overlay.errors import APITimeoutError as APITimeoutError
    from tensormesh_overlay.errors import ConfigurationError as ConfigurationError
    from tensormesh_overlay.errors import TensormeshError as TensormeshError

_HOMES = {
    "APIConnectionError": "tensormesh_overlay.errors",
    "APIError": "tensormesh_overlay.errors",
    "APIStatusError": "tensormesh_overlay.errors",
    "APITimeoutError": "tensormesh_overlay.errors",
    "AsyncTensormesh": "tensormesh_overlay.client",
    "ConfigurationError": "tensormesh_overlay.errors",
    "Tensormesh": "tensormesh_overlay.client",
    "TensormeshError": "tensormesh_overlay.errors",
    "UNSET": "tensormesh_generated.types",
}

__all__ = (
    "UNSET",
    "APIConnectionError",
    "APIError",
    "APIStatusError",
    "APITimeoutError",
    "AsyncTensormesh",
    "ConfigurationError",
    "Tensormesh",
    "TensormeshError",
    "errors",
    "types",
)

__version__ = "0.1.0"


if not TYPE_CHECKING:  # a checker that sees it takes any name for granted

    def __getattr__(name: str) -> Any:
        if name in ("errors", "types"):
            return import_module(f"{__name__}.{name}")
        if name not in _HOMES:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        value = globals()[name] = getattr(import_module(_HOMES[name]), name)
        return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
