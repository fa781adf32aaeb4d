"""The JSON schemas of models, as far as their fields know the documents. Knows no model by name."""

from __future__ import annotations

from typing import Any


def json_schema(cls: Any, within: tuple[Any, ...] = ()) -> dict[str, Any]:
    """The JSON schema of a model; one that stands `within` itself is only called an object."""
    if cls in within:
        return {"type": "object", "title": cls.__name__}
    properties: dict[str, Any] = {}
    for item in cls.__attrs_attrs__:
        kind, convert = item.metadata["kind"], item.metadata["convert"]
        if kind is not None and not hasattr(kind, "schema"):
            kind = kind()
        found: dict[str, Any] = kind.schema((*within, cls)) if kind else {}
        properties[item.metadata["key"]] = dict(convert.schema) if convert else found
    required = [item.metadata["key"] for item in cls.__attrs_attrs__ if item.metadata["required"]]
    closed: dict[str, Any] = {"additionalProperties": False} if cls._closed else {}
    return {"type": "object", "title": cls.__name__, "properties": properties, "required": required, **closed}
