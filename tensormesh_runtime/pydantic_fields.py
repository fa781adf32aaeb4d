"""Models as fields of pydantic models, and so as bodies and answers of FastAPI. Imported when pydantic asks for it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from pydantic_core import PydanticCustomError, core_schema

from tensormesh_runtime.errors import ValidationError


def schema_of(cls: Any) -> core_schema.CoreSchema:
    """What pydantic needs to take a model or its JSON object, and to write it."""
    return _by_to_dict(lambda value: _validated(cls, value))


def with_to_dict() -> core_schema.CoreSchema:
    """What pydantic needs to take anything that gives its dictionary; there is no JSON that would become one."""

    def validated(value: Any) -> Any:
        if isinstance(value, type) or not callable(getattr(value, "to_dict", None)):
            raise PydanticCustomError("to_dict_type", "it has no to_dict()")
        return value

    return _by_to_dict(validated)


def _by_to_dict(validate: Callable[[Any], Any]) -> core_schema.CoreSchema:
    to_dict = core_schema.plain_serializer_function_ser_schema(lambda value: value.to_dict())
    return core_schema.no_info_plain_validator_function(validate, serialization=to_dict)


def _validated(cls: Any, value: Any) -> Any:
    if isinstance(value, cls):
        # Such as an answer, which may lack what a host should have said.
        return value
    try:
        model = cls.from_dict(value)
    except ValidationError as error:
        raise PydanticCustomError("model_type", "{reason}", {"reason": str(error)}) from error
    for item in cls.__attrs_attrs__:
        facts = {"field": item.metadata["key"], "model": cls.__name__}
        if model.is_odd(item.name):
            raise PydanticCustomError("field_type", "{field} is not of the type that it has in {model}", facts)
        if item.metadata["required"] and not model.is_set(item.name):
            raise PydanticCustomError("missing", "{model} needs {field}", facts)
    return model
