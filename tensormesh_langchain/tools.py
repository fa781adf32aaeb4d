"""Tools of LangChain as the service takes them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from langchain_core.tools import BaseTool
from langchain_core.utils.function_calling import convert_to_openai_tool

Tool = dict[str, Any] | type | Callable[..., Any] | BaseTool


def request_tools(tools: Sequence[Tool], strict: bool | None = None) -> list[dict[str, Any]]:
    """
    The tools of a request. One without a description gets one of its name, for the service refuses such tools.

    Args:
        strict: whether arguments must follow the schema to the letter, where the engine knows that.
    """
    return [_described(convert_to_openai_tool(tool, strict=strict)) for tool in tools]


def _described(tool: dict[str, Any]) -> dict[str, Any]:
    function = tool.get("function")
    if not isinstance(function, dict) or str(function.get("description") or "").strip():
        return tool
    return {**tool, "function": {**function, "description": f"Call {function.get('name')}."}}


def request_tool_choice(choice: Any) -> Any:
    """
    What `tool_choice` of a request says; None where nothing is said.

    Args:
        choice: `auto`, `none`, `any` or `required`, True (any), the name of a tool, or an object that names one.
    """
    if choice is None or choice is False:
        return None
    if choice is True or choice == "any":
        return "required"
    if not isinstance(choice, str) or choice in ("auto", "none", "required"):
        return choice
    return {"type": "function", "function": {"name": choice}}
