"""Objects that give the dictionary that may be sent for them. Imported by whoever annotates, and by no call."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Protocol


class SupportsToDict[T](Protocol):
    """What has a `to_dict` that gives a typed dictionary: `tool(function)` gives that of a tool."""

    def to_dict(self) -> T: ...

    if not TYPE_CHECKING:  # a checker would want these of every such object

        @classmethod
        def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
            from tensormesh_runtime.pydantic_fields import with_to_dict

            return with_to_dict()

        @classmethod
        def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> Any:
            from pydantic_core import PydanticOmit

            raise PydanticOmit
