"""An answer may be JSON of any schema, and is what its annotation says."""

from __future__ import annotations

import datetime
import inspect
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest

MOMENT = datetime.datetime(2026, 1, 31, tzinfo=datetime.UTC)
ANSWERS: dict[str, tuple[str, Any, Any]] = {
    "{type: string, format: date-time}": ("datetime.datetime", "2026-01-31T00:00:00Z", MOMENT),
    "{type: array, items: {type: string, format: int64}}": ("list[int]", ["1", "2"], [1, 2]),
    "{type: object, additionalProperties: {type: string, format: decimal}}": (
        "dict[str, decimal.Decimal]",
        {"a": "1.50"},
        {"a": Decimal("1.50")},
    ),
    "{oneOf: [<Thing>, {type: 'null'}]}": ("Thing | None", None, None),
    "{type: boolean}": ("bool", True, True),
    "{}": ("Any", [1, {"a": None}], [1, {"a": None}]),
}


@pytest.mark.parametrize("schema", ANSWERS)
def test_an_answer_is_what_its_schema_says(package: Callable[..., Any], schema: str) -> None:
    annotation, data, value = ANSWERS[schema]
    content = f"{{application/json: {{schema: {schema}}}}}"
    module = package(operation=f"responses: {{'200': {{description: It., content: {content}}}}}").api.things.make_thing

    assert inspect.signature(module.sync).return_annotation == annotation
    assert module.parse(data) == value


def test_an_answer_of_another_type_is_none(package: Callable[..., Any]) -> None:
    content = "{application/json: {schema: {type: array, items: <Thing>}}}"
    made = package(operation=f"responses: {{'200': {{description: It., content: {content}}}}}")

    one, other = made.api.things.make_thing.parse([{}, {"a": 1}])
    assert (type(one), other.to_dict()) == (made.models.Thing, {"a": 1})
    with pytest.raises(ValueError, match=r"it is JSON of another type \(dict\)"):
        made.api.things.make_thing.parse({})
