"""Output after a schema, in one of three ways."""

from __future__ import annotations

from operator import itemgetter
from typing import Any, Literal

from langchain_core.output_parsers import BaseOutputParser, JsonOutputParser, PydanticOutputParser
from langchain_core.output_parsers.openai_tools import JsonOutputKeyToolsParser, PydanticToolsParser
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


def call_parser(schema: Schema) -> BaseOutputParser[Any]:
    """What reads the arguments of the call of a tool that a schema is."""
    if isinstance(schema, type) and is_basemodel_subclass(schema):
        return PydanticToolsParser(tools=[schema], first_tool_only=True)
    return JsonOutputKeyToolsParser(key_name=convert_to_openai_function(schema)["name"], first_tool_only=True)


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
