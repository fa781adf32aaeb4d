"""The objects of the API by name, and what may be given for one, each loaded when it is first used."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tensormesh_generated import models

if TYPE_CHECKING:
    from tensormesh_generated.models import *  # noqa: F403
    from tensormesh_generated.models import __all__ as __all__
    from tensormesh_generated.models.params import *  # noqa: F403


if not TYPE_CHECKING:  # a checker that sees it takes any name for granted
    __all__ = (*models.__all__, *models.GIVEN)

    def __getattr__(name: str) -> Any:
        if name not in __all__:
            raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
        return getattr(models, name)


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
