"""The models of inference as pydantic would have them, made of the document, to compare with ours."""

from __future__ import annotations

import warnings
from functools import cache, reduce
from operator import or_
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, create_model

from tensormesh_documents.library import Library

SCALARS = {"string": str, "integer": int, "number": float, "boolean": bool, "null": None}


class Open(BaseModel):
    """Unknown keys are kept, as ours keep them."""

    model_config = ConfigDict(extra="allow", protected_namespaces=())


@cache
def pydantic_model(name: str) -> type[BaseModel]:
    """The model of a component that does not contain itself."""
    schema = _schemas()[name]
    fields: dict[str, Any] = {
        key: (_annotation(found), ...) if key in schema.get("required", ()) else (_annotation(found) | None, None)
        for key, found in schema["properties"].items()
    }
    with warnings.catch_warnings():
        # A field called `json` takes the place of a method that nobody calls here.
        warnings.filterwarnings("ignore", "Field name .* shadows an attribute in parent")
        return create_model(name, __base__=Open, **fields)


@cache
def _schemas() -> Any:
    return Library().document("inference").root["components"]["schemas"].value


def _annotation(schema: dict[str, Any]) -> Any:
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return pydantic_model(name) if "properties" in _schemas()[name] else _annotation(_schemas()[name])
    if "const" in schema:
        return Literal[schema["const"]]
    if variants := schema.get("oneOf") or schema.get("anyOf"):
        union: Any = reduce(or_, map(_annotation, variants))
        tagged = "discriminator" in schema
        return Annotated[union, Field(discriminator=schema["discriminator"]["propertyName"])] if tagged else union
    kinds = schema.get("type", [])
    return reduce(or_, [_kind(kind, schema) for kind in ([kinds] if isinstance(kinds, str) else kinds)] or [Any])


def _kind(kind: str, schema: dict[str, Any]) -> Any:
    if kind == "array":
        return list[_annotation(schema["items"])]  # type: ignore[misc]
    if kind == "object":
        values = schema.get("additionalProperties", True)
        return dict[str, Any if isinstance(values, bool) else _annotation(values)]  # type: ignore[misc]
    return SCALARS[kind]
