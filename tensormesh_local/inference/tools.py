"""
The tools a request offers, and which of them the model may or must use.

Knows both ways to declare a function (nested in chat, flat in responses) and
the rules about them; refuses to know when a tool is worth calling.
"""

from collections.abc import Sequence

from tensormesh_local.engine.tools import Tool, ToolUse
from tensormesh_local.errors import bad_request
from tensormesh_local.validation import Reader
from tensormesh_local.wire import Json, JsonObject

# Responses declare these as tools too. Nothing here runs them: they are read and left alone.
BUILT_IN = (
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
)


def _function(reader: Reader) -> Tool:
    name = reader.required_text("name")
    description = reader.text("description") or ""
    parameters = reader.child("parameters")
    strict = reader.flag("strict")
    if name and not description.strip() and not reader.problems:
        raise bad_request(
            f"Tool '{name}' needs a non-empty `description`: it is all the model knows of it.",
            "tools",
        )
    return Tool(name, description, parameters.body if parameters is not None else {}, strict)


def _nested(reader: Reader) -> Tool | None:
    if "type" in reader.body:
        reader.choice("type", ("function",))
    function = reader.child("function")
    if function is None:
        if reader.body.get("function") is None:
            reader.missing("function")
        return None
    return _function(function)


def _flat(reader: Reader) -> Tool | None:
    kind = reader.body.get("type")
    if kind in BUILT_IN:
        return None
    if "type" not in reader.body:
        reader.missing("type")
    reader.choice("type", ("function",))
    return _function(reader) if kind == "function" else None


def _names(tools: Sequence[Tool]) -> set[str]:
    return {tool.name for tool in tools}


def _chosen_name(choice: JsonObject, *, flat: bool) -> Json:
    if flat:
        return choice.get("name")
    function = choice.get("function")
    return function.get("name") if isinstance(function, dict) else None


def read_tool_use(reader: Reader, *, flat: bool) -> ToolUse:
    """
    Read `tools`, `tool_choice` and `parallel_tool_calls`.

    Args:
        reader: the request.
        flat: whether functions are declared flat, as in responses.

    Raises:
        Refusal: 400 for a rule broken between them.
    """
    items = reader.children("tools")
    if items == [] and not flat and reader.body.get("tools") == []:
        raise bad_request(
            "`tools` must not be an empty array. Either provide at least one tool or omit the field entirely.",
            "tools",
        )
    parallel = reader.flag("parallel_tool_calls")
    found = [(_flat if flat else _nested)(item) for item in items or ()]
    tools = tuple(tool for tool in found if tool is not None)
    choice = reader.body.get("tool_choice")
    if choice is None:
        choice = "auto" if tools else "none"
    if choice != "none" and not items and not (flat and choice == "auto"):
        raise bad_request("When using `tool_choice`, `tools` must be set.", "tool_choice")
    use = ToolUse(tools, "none", None, parallel is not False)
    if isinstance(choice, dict):
        name = _chosen_name(choice, flat=flat)
        if not isinstance(name, str) or name not in _names(tools):
            raise bad_request(
                "The tool specified in `tool_choice` does not match any of the specified `tools`",
                "tool_choice",
            )
        return ToolUse(tools, "named", name, use.parallel)
    if choice not in ("none", "auto", "required"):
        raise bad_request(
            f'Invalid value for `tool_choice`: {choice}! Only named tools, "none", "auto" or "required" are supported.',
            "tool_choice",
        )
    return ToolUse(tools, str(choice), None, use.parallel)
