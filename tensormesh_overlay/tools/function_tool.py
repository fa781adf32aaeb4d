"""A Python function as a tool: what a model is told of it, and what becomes of a call. Calls nothing by itself."""

from __future__ import annotations

import functools
import inspect
import json
import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, get_type_hints

from tensormesh_overlay.errors import ConfigurationError, ValidationError
from tensormesh_overlay.json_values import from_json
from tensormesh_overlay.tools.annotations import ArgumentError, Taken, taken
from tensormesh_overlay.tools.docstrings import described
from tensormesh_runtime.decode import encode
from tensormesh_runtime.publication import public

if TYPE_CHECKING:
    from tensormesh_generated.models import ChatCompletionToolParam, ResponseToolParam

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")


@public
class FunctionTool:
    """
    A function that a model may call.

    Its name, its docstring and the types of its parameters are what the model is told; `Annotated[str, "..."]` and the
    docstring's `Args:` describe the parameters.

    Args:
        function: what to call; where it is asynchronous, `run_tools` of an asynchronous client awaits it.
        name: what the model calls it, where that is not the function's own name.
        description: what it is told, where that is not in the docstring.

    Raises:
        ConfigurationError: nothing describes the function, or there is no JSON for one of its parameters.
    """

    def __init__(
        self, function: Callable[..., Any], *, name: str | None = None, description: str | None = None
    ) -> None:
        self.function = function
        self.name = name or str(getattr(function, "__name__", ""))
        if not _NAME.fullmatch(self.name):
            raise ConfigurationError(f"the tool {function!r} has no name that a model could call: give it one (name=)")
        self._inner = function
        while isinstance(self._inner, functools.partial):  # whose docstring is about partial functions
            self._inner = self._inner.func
        about, words = described(getattr(self._inner, "__doc__", None))
        self.description = description or about
        if not self.description:
            raise ConfigurationError(
                f"the tool {self.name} has no description, and the service refuses such tools: give it a docstring"
            )
        self._parameters = dict(self._read_signature(words))
        self._required = [name for name, (_, required) in self._parameters.items() if required]

    def _read_signature(self, words: dict[str, str]) -> Any:
        try:
            hints = get_type_hints(self._inner, include_extras=True)
        except (NameError, TypeError):
            hints = {}
        for name, parameter in inspect.signature(self.function).parameters.items():
            if parameter.kind in (parameter.VAR_POSITIONAL, parameter.VAR_KEYWORD):
                continue
            annotation = hints.get(name, parameter.annotation)
            if isinstance(annotation, str):
                raise ConfigurationError(f"the tool {self.name} takes {name} of a type that is not found: {annotation}")
            if parameter.kind is parameter.POSITIONAL_ONLY:
                raise ConfigurationError(
                    f"the tool {self.name} takes {name} by position only; a model gives it by name"
                )
            what = taken(Any if annotation is parameter.empty else annotation)
            if name in words and "description" not in what.schema:
                what = what._replace(schema={**what.schema, "description": words[name]})
            yield name, (what, parameter.default is parameter.empty)

    @property
    def parameters(self) -> dict[str, Any]:
        """The JSON schema of its arguments."""
        properties = {name: what.schema for name, (what, _) in self._parameters.items()}
        return {"type": "object", "properties": properties, "required": self._required, "additionalProperties": False}

    def to_dict(self) -> ChatCompletionToolParam:
        """As `tools=` of a chat completion takes it."""
        return {
            "type": "function",
            "function": {"name": self.name, "description": self.description, "parameters": self.parameters},
        }

    def to_response_tool(self) -> ResponseToolParam:
        """As `tools=` of `responses.create` takes it: name and parameters stand in the tool itself."""
        return {"type": "function", "name": self.name, "description": self.description, "parameters": self.parameters}

    def arguments(self, text: str | None) -> dict[str, Any]:
        """
        The arguments that a model wrote.

        Raises:
            ArgumentError: they are not JSON, or not what the function takes.
        """
        try:
            given = from_json((text or "").strip().encode() or b"{}")
        except (ValueError, RecursionError) as error:
            raise ArgumentError(f"the arguments are not JSON: {error}") from error
        if not isinstance(given, dict):
            raise ArgumentError("the arguments are no JSON object")
        if unknown := [name for name in given if name not in self._parameters]:
            raise ArgumentError(
                f"there is no argument {unknown[0]!r}; there are {', '.join(self._parameters) or 'none'}"
            )
        if missing := [name for name in self._required if name not in given]:
            raise ArgumentError(f"the argument {missing[0]!r} is missing")
        return {name: self._value(name, value) for name, value in given.items()}

    def _value(self, name: str, value: Any) -> Any:
        what: Taken = self._parameters[name][0]
        try:
            return what.read(value)
        except ArgumentError as error:
            raise ArgumentError(f"the argument {name!r}: {error}") from error

    def result(self, value: Any) -> str:
        """
        What the model is told of what the function gave: text as it is, anything else as JSON.

        Raises:
            ValidationError: there is no JSON for it.
        """
        if isinstance(value, str):
            return value
        try:
            return json.dumps(encode(value), ensure_ascii=False)
        except ValidationError as error:
            raise ValidationError(f"the tool {self.name} gave what has no JSON, and is no text: {error}") from error

    def __repr__(self) -> str:
        return f"FunctionTool({self.name})"


def tool(function: Callable[..., Any], *, name: str | None = None, description: str | None = None) -> FunctionTool:
    """
    A Python function as a tool, for `tools=` of a chat completion and of `run_tools`; `tool(...).to_response_tool()` is
    it for `tools=` of a response.

    Raises:
        ConfigurationError: nothing describes the function, or there is no JSON for one of its parameters.
    """
    return FunctionTool(function, name=name, description=description)
