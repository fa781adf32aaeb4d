"""The objects of the API by name, each loaded when it is first used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensormesh_generated import models
from tensormesh_generated.models import __all__ as __all__

if TYPE_CHECKING:
    from tensormesh_generated.models import *  # noqa: F403


if not TYPE_CHECKING:  # a checker that sees it takes any name for granted

    def __getattr__(name: str) -> Any:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(models, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
