"""How a class becomes a model, and the model of objects that the documents do not know."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeVar

import attrs

from tensormesh_runtime.errors import MissingFieldError
from tensormesh_runtime.json_model import JsonModel
from tensormesh_runtime.publication import TYPES, living_in


class OpenObject(JsonModel):
    """A JSON object of a kind that the documents do not know; its keys read as attributes."""

    if not TYPE_CHECKING:

        @property
        def request_id(self) -> Any:
            """What came under this key, if anything did."""
            extra = vars(self).get("additional_properties", {})
            return extra["request_id"] if "request_id" in extra else super().request_id

    def __getattr__(self, name: str) -> Any:
        extra = vars(self).get("additional_properties", {})
        if name in extra:
            return extra[name]
        if name.startswith("__"):
            raise AttributeError(name)  # Python asks for it, and not a reader
        raise MissingFieldError(type(self).__name__, name, has=sorted(extra))


_M = TypeVar("_M", bound=JsonModel)
OURS = ("tensormesh_generated", "tensormesh_runtime")


def model(cls: type[_M]) -> type[_M]:
    """Make an attrs class of a model: fields and introspection are attrs', the constructor is written out."""
    made = attrs.define(
        slots=False, init=False, eq=False, repr=False, order=False, auto_attribs=True, match_args=False
    )(cls)
    # attrs puts one of its own there, which goes by the constructor: it loses unknown keys and sets what is absent.
    setattr(made, "__replace__", JsonModel.replace)  # noqa: B010 - to type checkers it has another type
    for item in attrs.fields(made):
        if item.metadata["convert"]:
            setattr(made, item.name, item.metadata["convert"](item.name, item.metadata["required"]))
        elif not item.metadata["required"]:
            setattr(made, item.name, None)
    # A copy of the generated package under another name is nobody's but its own, and keeps its names.
    return living_in(TYPES, made) if cls.__module__.partition(".")[0] in OURS else made


OpenObject = model(OpenObject)  # type: ignore[misc]
