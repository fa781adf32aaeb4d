"""What the service is known to refuse, said before anything is sent and in words that name the culprit."""

from __future__ import annotations

from typing import Any

from tensormesh_overlay.errors import ValidationError

FORMATS = ("json_object", "text")
"""What `response_format` may ask for (document 000); `extra_body` carries others past this check."""


def check_chat(body: dict[str, Any], *, allow_undescribed_tools: bool) -> None:
    """
    Check the body of a chat completion.

    Raises:
        ValidationError: the service would refuse it.
    """
    response_format = body.get("response_format")
    if response_format is not None:
        _check_format(response_format)
    tools = body.get("tools")
    if isinstance(tools, list) and not allow_undescribed_tools:
        for position, tool in enumerate(tools):
            _check_tool(tool, position)


def _check_format(value: Any) -> None:
    if not isinstance(value, dict):
        raise ValidationError(f"response_format must be an object such as {{'type': 'json_object'}}, not {value!r}")
    extra = sorted(value.keys() - {"type"})
    if extra:
        raise ValidationError(
            f"response_format takes only 'type', and got {', '.join(map(repr, extra))} too: the service has no "
            "json_schema; extra_body={'response_format': ...} sends it anyway"
        )
    if value.get("type") not in FORMATS:
        raise ValidationError(
            f"response_format type must be {' or '.join(map(repr, FORMATS))}, not {value.get('type')!r}"
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
