"""
The tools a request offers, and which of them the model may or must use.

Knows both ways to declare a function (nested in chat, flat in responses) and
the rules about them, but not when a tool is worth calling.
"""

from collections.abc import Sequence
from typing import Any, Literal

from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_local.engine.tools import Tool, ToolUse
from tensormesh_local.errors import bad_request

# Responses declare others as tools, too. Nothing here runs them: they are read and left alone.
ToolType = Literal[
    "function",
    "file_search",
    "web_search",
    "web_search_preview",
    "computer_use_preview",
    "code_interpreter",
    "image_generation",
    "mcp",
    "local_shell",
    "custom",
    "shell",
    "apply_patch",
]


def check_tool_choice(body: JsonObject, *, flat: bool) -> None:
    """
    Check `tools` and `tool_choice` against each other.

    Args:
        body: the request as it was sent.
        flat: whether functions are declared flat, as in responses.

    Raises:
        Refusal: 400 for a rule broken between them.
    """
    tools, choice = body.get("tools"), body.get("tool_choice")
    if tools == [] and not flat:
        raise bad_request(
            "`tools` must not be an empty array. Either provide at least one tool or omit the field entirely.",
            "tools",
        )
    if choice in (None, "none") or (flat and choice == "auto"):
        return
    if not tools:
        raise bad_request("When using `tool_choice`, `tools` must be set.", "tool_choice")
    if choice not in ("auto", "required") and not isinstance(choice, dict):
        raise bad_request(
            f'Invalid value for `tool_choice`: {choice}! Only named tools, "none", "auto" or "required" are supported.',
            "tool_choice",
        )


def read_tools(functions: Sequence[Any]) -> tuple[Tool, ...]:
    """
    Read declared functions.

    Raises:
        Refusal: 400 for one that is not described.
    """
    for one in functions:
        if not (one.description or "").strip():
            raise bad_request(
                f"Tool '{one.name}' needs a non-empty `description`: it is all the model knows of it.", "tools"
            )
    return tuple(Tool(one.name, one.description, one.parameters or {}, one.strict) for one in functions)


def read_tool_use(fields: Any, functions: Sequence[Any]) -> ToolUse:
    """
    Read what may and must be called of the declared functions.

    Raises:
        Refusal: 400 for a function that has to be called and is not there.
    """
    tools, choice, parallel = read_tools(functions), fields.tool_choice, fields.parallel_tool_calls is not False
    if isinstance(choice, str | None):
        return ToolUse(tools, choice or ("auto" if tools else "none"), None, parallel)
    # Named flat in responses, below `function` in chat.
    name: Json = choice.get("name") if isinstance(choice, dict) else choice.function.name
    if not isinstance(name, str) or all(tool.name != name for tool in tools):
        raise bad_request(
            "The tool specified in `tool_choice` does not match any of the specified `tools`", "tool_choice"
        )
    return ToolUse(tools, "named", name, parallel)
