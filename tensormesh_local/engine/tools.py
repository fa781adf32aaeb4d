"""
The tools on offer, and the liberty taken with them.

Knows values only; how a request declares tools is `inference.tools`'s, when one
is worth calling `tool_calls`'s.
"""

from dataclasses import dataclass

from tensormesh_documents.json_types import JsonObject


@dataclass(frozen=True, slots=True)
class Tool:
    """One function the model may call."""

    name: str
    description: str
    parameters: JsonObject
    strict: bool | None = None

    def declaration(self) -> JsonObject:
        """Give the tool as the prompt shows it."""
        return {"name": self.name, "description": self.description, "parameters": self.parameters}


@dataclass(frozen=True, slots=True)
class ToolUse:
    """
    The tools of one request and the liberty taken with them.

    Args:
        tools: the functions on offer.
        mode: "none", "auto", "required" or "named".
        name: the function that has to be called, for "named".
        parallel: whether one answer may hold several calls.
    """

    tools: tuple[Tool, ...] = ()
    mode: str = "none"
    name: str | None = None
    parallel: bool = True
