"""What a model is told of a Python function, and what becomes of the arguments that it writes."""

from __future__ import annotations

import datetime
import decimal
import enum
import functools
import uuid
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import pytest

from tensormesh import FunctionTool, tool
from tensormesh.errors import ConfigurationError, ValidationError
from tensormesh_overlay.tools.annotations import ArgumentError, taken
from tensormesh_overlay.tools.docstrings import described
from tests.cases import cases


class Unit(enum.Enum):
    CELSIUS = "c"
    FAHRENHEIT = "f"


@dataclass
class Place:
    city: str
    country: str = "FR"


def weather(
    city: str,
    unit: Unit = Unit.CELSIUS,
    days: Annotated[int, "How far ahead."] = 1,
    *,
    hours: list[float] | None = None,
) -> str:
    """
    Tell the weather of a city.

    Asks a station nearby.

    Args:
        city: where it is,
            in full.
        unit (Unit): of degrees.
        days: overridden.

    Returns:
        A sentence: always.
    """
    return f"{city} {unit} {days} {hours}"


def test_a_function_says_what_it_is_and_takes() -> None:
    assert tool(weather).to_dict() == {
        "type": "function",
        "function": {
            "name": "weather",
            "description": "Tell the weather of a city.\n\nAsks a station nearby.",
            "parameters": {
                "type": "object",
                "properties": {
                    "city": {"type": "string", "description": "where it is, in full."},
                    "unit": {"enum": ["c", "f"], "description": "of degrees."},
                    "days": {"type": "integer", "description": "How far ahead."},
                    "hours": {"anyOf": [{"type": "array", "items": {"type": "number"}}, {"type": "null"}]},
                },
                "required": ["city"],
                "additionalProperties": False,
            },
        },
    }


def test_what_a_model_writes_becomes_what_the_function_takes() -> None:
    given = tool(weather).arguments('{"city": "Lyon", "unit": "f", "days": 3.0, "hours": [1, 2.5]}')

    assert given == {"city": "Lyon", "unit": Unit.FAHRENHEIT, "days": 3, "hours": [1.0, 2.5]}
    assert type(given["days"]) is int
    assert tool(weather).arguments('{"city": "Lyon"}') == {"city": "Lyon"}


@cases(
    ("text", "reason"),
    [
        ("{", "the arguments are not JSON"),
        ("", "the argument 'city' is missing"),
        (None, "the argument 'city' is missing"),
        ("[1]", "the arguments are no JSON object"),
        ('{"town": "Lyon"}', "there is no argument 'town'; there are city, unit, days, hours"),
        ('{"city": 7}', "the argument 'city': 7 is no string"),
        ('{"city": "L", "unit": "k"}', "the argument 'unit': 'k' is none of 'c', 'f'"),
        ('{"city": "L", "days": true}', "the argument 'days': True is no integer"),
        ('{"city": "L", "days": 1.5}', "the argument 'days': 1.5 is no integer"),
        ('{"city": "L", "days": NaN}', "the argument 'days': nan is no integer"),
        ('{"city": "L", "hours": [null]}', "the argument 'hours': None is no number; "),
        ('{"city": "L"}' + "[" * 100_000, "the arguments are not JSON"),
    ],
)
def test_a_mistake_of_the_model_is_named(text: str | None, reason: str) -> None:
    with pytest.raises(ArgumentError) as caught:
        tool(weather).arguments(text)

    assert str(caught.value).startswith(reason)


MOMENT = "2026-06-01T08:00:00+00:00"


@cases(
    ("annotation", "schema", "json", "value"),
    [
        (str, {"type": "string"}, "a", "a"),
        (bool, {"type": "boolean"}, True, True),
        (float, {"type": "number"}, 1, 1.0),
        (None, {"type": "null"}, None, None),
        (Any, {}, {"a": [1]}, {"a": [1]}),
        (Literal["a", 1], {"enum": ["a", 1]}, 1, 1),
        (dict[str, int], {"type": "object", "additionalProperties": {"type": "integer"}}, {"a": 1}, {"a": 1}),
        (list, {"type": "array", "items": {}}, [1, "a"], [1, "a"]),
        (Sequence[str], {"type": "array", "items": {"type": "string"}}, ["a"], ["a"]),
        (tuple[int, ...], {"type": "array", "items": {"type": "integer"}}, [1], (1,)),
        (set[str], {"type": "array", "items": {"type": "string"}}, ["a", "a"], {"a"}),
        (datetime.date, {"type": "string", "format": "date"}, "2026-06-01", datetime.date(2026, 6, 1)),
        (datetime.datetime, {"type": "string", "format": "date-time"}, MOMENT, datetime.datetime.fromisoformat(MOMENT)),
        (decimal.Decimal, {"type": "string", "format": "decimal"}, "0.10", decimal.Decimal("0.10")),
        (uuid.UUID, {"type": "string", "format": "uuid"}, "0" * 32, uuid.UUID(int=0)),
        (int | str, {"anyOf": [{"type": "integer"}, {"type": "string"}]}, "a", "a"),
    ],
)
def test_types_have_schemas_and_values(annotation: Any, schema: Any, json: Any, value: Any) -> None:
    what = taken(annotation)

    assert what.schema == schema
    assert what.read(json) == value


@pytest.mark.parametrize("annotation", [datetime.date, decimal.Decimal, uuid.UUID, dict[str, int], set[int], list[int]])
@pytest.mark.parametrize("value", ["soon", 7.5, None, [[]], {"a": "b"}])
def test_what_is_not_of_a_type_is_refused_with_a_reason(annotation: Any, value: Any) -> None:
    if annotation is decimal.Decimal and value == 7.5:
        pytest.skip("a number is a decimal")

    with pytest.raises(ArgumentError):
        taken(annotation).read(value)


def test_what_pydantic_knows_is_taken_too() -> None:
    what = taken(Place)

    assert what.schema["properties"]["city"]["type"] == "string"
    assert what.read({"city": "Lyon"}) == Place("Lyon")
    with pytest.raises(ArgumentError, match="city"):
        what.read({})


class Station:
    def read(self, city: str) -> str:
        """Read the station of a city."""
        return city

    async def call(self, city: str) -> str:
        """Call the station."""
        return city


def test_methods_are_tools_too() -> None:
    assert tool(Station().read).parameters["required"] == ["city"]
    assert tool(Station().call).name == "call"


def test_a_partial_function_needs_a_name() -> None:
    part: Any = functools.partial(weather, unit=Unit.CELSIUS)

    with pytest.raises(ConfigurationError, match="has no name"):
        tool(part)
    assert tool(part, name="weather_here").description.startswith("Tell the weather of a city.")


def undescribed(city: str) -> str:
    return city  # and nothing says what for


def by_position(city: str, /) -> str:
    """Tell."""
    return city


def of_no_json(city: Callable[[], int]) -> str:
    """Tell."""
    return str(city)


def of_no_type(city: NoSuch) -> str:  # type: ignore[name-defined]  # noqa: F821
    """Tell."""
    return str(city)


def test_a_response_takes_a_tool_that_is_flat() -> None:
    made = tool(weather)

    assert made.to_response_tool() == {"type": "function", **dict(made.to_dict()["function"])}
    assert made.to_response_tool()["name"] == "weather"


@cases(
    ("function", "reason"),
    [
        (undescribed, "the tool undescribed has no description"),
        (by_position, "takes city by position only"),
        (of_no_json, "there is no JSON for it"),
        (of_no_type, "of a type that is not found: NoSuch"),
        (lambda city: city, "has no name that a model could call"),
    ],
)
def test_what_cannot_be_a_tool_is_refused_at_once(function: Any, reason: str) -> None:
    with pytest.raises(ConfigurationError, match=reason):
        FunctionTool(function)


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ("grüß", "grüß"),
        (None, "null"),
        ({"a": [1, datetime.datetime(2026, 6, 1, tzinfo=datetime.UTC)]}, '{"a": [1, "2026-06-01T00:00:00Z"]}'),
    ],
)
def test_what_a_function_gives_is_told_as_text(value: Any, text: str) -> None:
    assert tool(weather).result(value) == text


def test_what_has_no_json_is_our_error() -> None:
    with pytest.raises(ValidationError, match="the tool weather gave what has no JSON"):
        tool(weather).result(object())


GOOGLE = """
Do it.

Args:
    a: the first,
        in full: here.
    b (int): the second.

Returns:
    c: none.
"""
NUMPY = """
Do it.

Parameters
----------
a : str
    the first,
    in full: here.
b
    the second.

Returns
-------
c
"""
SPHINX = """
Do it.

:param a: the first,
    in full: here.
:param int b: the second.
:returns: c
:rtype: str
"""


@pytest.mark.parametrize("text", [GOOGLE, NUMPY, SPHINX], ids=["google", "numpy", "sphinx"])
def test_docstrings_are_read_in_the_usual_styles(text: str) -> None:
    assert described(text) == ("Do it.", {"a": "the first, in full: here.", "b": "the second."})


@cases("text", [None, "", "Args:", "Args:\n\n", ":param", "Returns:\n    x"])
def test_a_docstring_that_says_nothing_says_nothing(text: str | None) -> None:
    about, words = described(text)

    assert about in ("", ":param")
    assert words == {}
