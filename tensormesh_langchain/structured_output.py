"""Output after a schema, in one of three ways."""

from __future__ import annotations

from operator import itemgetter
from typing import Any, Literal

from langchain_core.exceptions import OutputParserException
from langchain_core.output_parsers import BaseOutputParser, JsonOutputParser, PydanticOutputParser
from langchain_core.output_parsers.openai_tools import JsonOutputKeyToolsParser, PydanticToolsParser
from langchain_core.outputs import Generation
from langchain_core.runnables import Runnable, RunnableMap, RunnablePassthrough
from langchain_core.utils.function_calling import convert_to_openai_function
from langchain_core.utils.pydantic import is_basemodel_subclass

Method = Literal["function_calling", "json_mode", "json_schema"]
Schema = dict[str, Any] | type


def response_format(schema: Schema, strict: bool | None) -> dict[str, Any]:
    """`response_format` of a request for output after a schema."""
    function = convert_to_openai_function(schema, strict=strict)
    described = {name: function[name] for name in ("description", "strict") if function.get(name) is not None}
    return {
        "type": "json_schema",
        "json_schema": {"name": function["name"], **described, "schema": function.get("parameters", {})},
    }


def json_parser(schema: Schema | None) -> BaseOutputParser[Any]:
    """What reads JSON: as an instance of a pydantic class, or as it is."""
    if isinstance(schema, type) and is_basemodel_subclass(schema):
        return PydanticOutputParser(pydantic_object=schema)
    return JsonOutputParser()


class _NeedsACall(BaseOutputParser[Any]):
    """Reads calls, and says what an answer without one is."""

    def parse_result(self, result: list[Generation], *, partial: bool = False) -> Any:
        found = super().parse_result(result, partial=partial)
        if found is None and not partial:
            message = getattr(result[0], "message", None) if result else None
            raise OutputParserException(_lacking(message), llm_output=getattr(message, "text", None) or None)
        return found


class _PydanticCallParser(_NeedsACall, PydanticToolsParser):
    pass


class _JsonCallParser(_NeedsACall, JsonOutputKeyToolsParser):
    pass


def _lacking(message: Any) -> str:
    """Why a message has no call that can be read."""
    if (getattr(message, "response_metadata", None) or {}).get("finish_reason") == "length":
        return "the answer was cut off before its call was whole: give it more max_tokens"
    if broken := getattr(message, "invalid_tool_calls", None):
        return f"the arguments of the call are no JSON: {str(broken[0].get('args'))[:200]!r}"
    return "the model answered without the call that was asked for"


def call_parser(schema: Schema) -> BaseOutputParser[Any]:
    """What reads the arguments of the call of a tool that a schema is."""
    if isinstance(schema, type) and is_basemodel_subclass(schema):
        return _PydanticCallParser(tools=[schema], first_tool_only=True)
    return _JsonCallParser(key_name=convert_to_openai_function(schema)["name"], first_tool_only=True)


def parsed(model: Runnable[Any, Any], parser: BaseOutputParser[Any], *, include_raw: bool) -> Runnable[Any, Any]:
    """
    A model whose answers are read.

    Args:
        include_raw: give the message beside what was read of it, and an error of reading in place of raising it.
    """
    if not include_raw:
        return model | parser
    read = RunnablePassthrough.assign(parsed=itemgetter("raw") | parser, parsing_error=lambda _: None)
    unread = RunnablePassthrough.assign(parsed=lambda _: None)
    return RunnableMap(raw=model) | read.with_fallbacks([unread], exception_key="parsing_error")
