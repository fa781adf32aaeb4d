"""What the service is known to refuse, said before anything is sent and in words that name the culprit."""

from __future__ import annotations

from typing import Any

from tensormesh_overlay.errors import ValidationError

FORMATS = ("json_object", "text")
"""What `response_format` may ask for (document 000); `extra_body` carries others past this check."""
SCHEMA = "json_schema"
"""What else it may ask for, where the caller says so."""


def check_chat(body: dict[str, Any], *, allow_undescribed_tools: bool, allow_json_schema: bool = False) -> None:
    """
    Check the body of a chat completion.

    Raises:
        ValidationError: the service would refuse it.
    """
    response_format = body.get("response_format")
    if response_format is not None:
        _check_format(response_format, allow_json_schema=allow_json_schema)
    tools = body.get("tools")
    if isinstance(tools, list) and not allow_undescribed_tools:
        for position, tool in enumerate(tools):
            _check_tool(tool, position)


def check_response(body: dict[str, Any], *, allow_json_schema: bool) -> None:
    """
    Check the body of a response, whose `text.format` says what `response_format` says in a chat.

    Raises:
        ValidationError: it asks for output after a schema, and nobody allowed that.
    """
    if allow_json_schema:
        return
    text = body.get("text")
    form = text.get("format") if isinstance(text, dict) else None
    if isinstance(form, dict) and form.get("type") == SCHEMA:
        raise ValidationError(
            "text.format must not be of type 'json_schema', which is no documented part of the service; "
            "allow_json_schema=True, of the client or of this call, sends it all the same"
        )


def _check_format(value: Any, *, allow_json_schema: bool) -> None:
    if not isinstance(value, dict):
        raise ValidationError(f"response_format must be an object such as {{'type': 'json_object'}}, not {value!r}")
    kind = value.get("type")
    extra = value.keys() - {"type"}
    if allow_json_schema and kind == SCHEMA:
        schema = value.get(SCHEMA)
        if not isinstance(schema, dict):
            raise ValidationError(
                "response_format of type 'json_schema' needs a 'json_schema' such as {'name': ..., 'schema': {...}}, "
                f"not {schema!r:.100}"
            )
        extra -= {SCHEMA}
    elif not extra and kind not in FORMATS:
        hint = "; allow_json_schema=True sends it with its schema" if kind == SCHEMA else ""
        raise ValidationError(f"response_format type must be {' or '.join(map(repr, FORMATS))}, not {kind!r}{hint}")
    if extra:
        allowing = "" if allow_json_schema or kind != SCHEMA else "allow_json_schema=True sends it, and "
        raise ValidationError(
            f"response_format takes only 'type', and got {', '.join(map(repr, sorted(extra)))} too: the service has no "
            f"json_schema; {allowing}extra_body={{'response_format': ...}} sends it anyway"
        )


def _check_tool(tool: Any, position: int) -> None:
    function = tool.get("function") if isinstance(tool, dict) else None
    if not isinstance(function, dict):
        return  # another kind of tool, or no tool at all: the host says
    description = function.get("description")
    if not isinstance(description, str) or not description.strip():
        name = function.get("name")
        which = repr(name) if name else f"at position {position}"
        raise ValidationError(
            f"the tool {which} has no description, and the service refuses such tools; describe it in a sentence "
            "(allow_undescribed_tools=True sends it as it is)"
        )
