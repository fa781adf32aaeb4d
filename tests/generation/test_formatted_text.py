"""Times and numbers that JSON has as text read as such wherever they stand, and go back as the text that they were."""

from __future__ import annotations

import copy
import datetime
import decimal
import pickle
from collections.abc import Iterator
from typing import Any

import pytest

from tests.generated.typed_reading import broken_promises, samples
from tests.generation.conftest import TinyTree, yaml_value
from tests.generation.made_packages import forget, load_package

T = "{type: string, format: date-time}"
N = "{type: string, format: int64}"
D = "{type: string, format: decimal}"
AT = "2026-11-21T08:00:00.123456789Z"
MOMENT = datetime.datetime(2026, 11, 21, 8, 0, 0, 123456, tzinfo=datetime.UTC)


CASES = [
    (f"{{type: array, items: {N}}}", ["1", "007", "9223372036854775807"], [1, 7, 2**63 - 1]),
    (f"{{type: array, items: {T}}}", [AT, AT], [MOMENT, MOMENT]),
    (f"{{type: [array, 'null'], items: {T}}}", [AT], [MOMENT]),
    ("{type: array, items: {type: [string, 'null'], format: int64}}", ["1", None], [1, None]),
    (f"{{type: array, items: {{type: array, items: {D}}}}}", [["0.10"], []], [[decimal.Decimal("0.1")], []]),
    (f"{{type: object, additionalProperties: {D}}}", {"a": "0.10"}, {"a": decimal.Decimal("0.1")}),
    (f"{{type: object, additionalProperties: {{type: array, items: {N}}}}}", {"a": ["1"]}, {"a": [1]}),
    (f"{{oneOf: [{T}, {{type: 'null'}}]}}", AT, MOMENT),
    (f"{{oneOf: [{T}, {{type: 'null'}}]}}", None, None),
    (f"{{anyOf: [{T}, {{type: integer}}]}}", AT, MOMENT),
    (f"{{anyOf: [{T}, {{type: integer}}]}}", 7, 7),
    (f"{{oneOf: [{T}, {D}]}}", "0.10", decimal.Decimal("0.1")),
    (f"{{oneOf: [{T}, {{type: string}}]}}", "soon", "soon"),
    (f"{{oneOf: [{N}, {{type: boolean}}]}}", True, True),
    (f"{{oneOf: [{N}, {{type: integer}}]}}", "5", 5),
    (f"{{oneOf: [{N}, {{type: integer}}]}}", 5, 5),
    (f"{{oneOf: [{{const: never}}, {T}]}}", "never", "never"),
    (f"{{oneOf: [{N}, {{type: array, items: {N}}}]}}", ["1", "2"], [1, 2]),
    (f"{{oneOf: [{N}, {{type: array, items: {N}}}]}}", "1", 1),
    ("{type: [string, integer], format: int64}", "1", 1),
    ("{type: [string, 'null'], format: date-time}", AT, MOMENT),
    ("<Moment>", AT, MOMENT),
    ("{type: array, items: <Moment>}", [AT], [MOMENT]),
    ("<Moments>", [AT], [MOMENT]),
    ("<Either>", AT, MOMENT),
    ("{oneOf: [<Either>, {type: 'null'}]}", "7", 7),
    ("{type: array, items: <Either>}", [AT, "7"], [MOMENT, 7]),
]
"""A schema, what comes as one, and what that reads as."""

SCHEMAS = f"{{Moment: {T}, Moments: {{type: array, items: <Moment>}}, Either: {{oneOf: [{T}, {N}]}}}}"


@pytest.fixture(scope="module")
def package(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A package whose model has all the cases as its fields, and a few more."""
    tree = TinyTree(tmp_path_factory.mktemp("tree"))
    fields = {f"case{index}": schema for index, (schema, _, _) in enumerate(CASES)}
    fields |= {
        "at": T,
        "counts": f"{{type: array, items: {N}}}",
        "times": f"{{type: object, additionalProperties: {T}}}",
        "expires": f"{{type: array, items: {T}}}",
        "any": "{type: object}",
    }
    tree.change(properties="\n".join(f"{name}: {schema}" for name, schema in fields.items()), schemas=SCHEMAS)
    ran = tree.generate()
    assert ran.status == 0, ran.errors
    made = load_package(tree.package)
    yield made
    forget(made)


@pytest.fixture(scope="module")
def thing(package: Any) -> Any:
    return package.models.Thing


@pytest.mark.parametrize(("field", "came", "reads"), [(f"case{index}", *case[1:]) for index, case in enumerate(CASES)])
def test_text_reads_as_what_it_stands_for_and_stays(thing: Any, field: str, came: Any, reads: Any) -> None:
    read = thing.from_dict({field: came})

    assert getattr(read, field) == reads
    assert isinstance(getattr(read, field), type(reads))
    assert read == thing.from_dict({field: came})
    # Spelt out, as numbers equal numbers of other types.
    sent = str({field: came})
    assert str(read.to_dict()) == sent
    assert str(pickle.loads(pickle.dumps(read)).to_dict()) == sent
    assert str(copy.deepcopy(read).to_dict()) == str(copy.copy(read).to_dict()) == str(read.replace().to_dict()) == sent
    assert getattr(thing(**{field: reads}), field) == reads


def test_every_value_that_the_schema_allows_reads_as_its_type(package: Any, thing: Any) -> None:
    fields = {f"case{index}": yaml_value(schema) for index, (schema, _, _) in enumerate(CASES)}
    for came in samples({"type": "object", "properties": fields}, yaml_value(SCHEMAS)):
        read = thing.from_dict(came)

        assert list(broken_promises(read, allowed=(), package=package.models)) == []
        assert str(read.to_dict()) == str(came)


def test_a_list_that_was_read_can_be_changed(thing: Any) -> None:
    """What is put in goes out as text too, and the rest as it came."""
    read = thing.from_dict({"counts": ["007", "1"], "times": {"a": AT}})
    read.counts.insert(0, 5)
    read.counts.append("9")
    read.times["b"] = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)

    assert read.to_dict() == {"counts": ["5", "007", "1", "9"], "times": {"a": AT, "b": "2026-01-01T00:00:00Z"}}


def test_a_value_keeps_its_text_wherever_it_is_put(thing: Any) -> None:
    """In another field, another model, or a dictionary."""
    (moment,) = thing.from_dict({"expires": [AT]}).expires

    sent = thing(at=moment, expires=[moment], any={"at": moment}).to_dict()

    assert sent == {"at": AT, "expires": [AT], "any": {"at": AT}}


@pytest.mark.parametrize("given", [[1, "2"], (1, 2), ["1", 2]])
def test_what_is_given_is_sent_as_text(thing: Any, given: Any) -> None:
    assert thing(counts=given).to_dict() == {"counts": ["1", "2"]}
    assert thing(counts=given).counts == [1, 2]


def test_a_span_of_time_in_a_list_is_counted_from_now(thing: Any) -> None:
    """Forwards for what expires, backwards for all else, as with a field that is a time."""
    (expires,) = thing(expires=[datetime.timedelta(days=1)]).expires
    begun = thing(times={"a": "1d"}).times["a"]

    assert expires > datetime.datetime.now(datetime.UTC) > begun


def test_what_does_not_read_is_left_out_and_stays(thing: Any) -> None:
    """As with everything else that is not of its type."""
    came = {"counts": ["1", "many", None, 7], "times": {"a": "soon"}}
    read = thing.from_dict(came)

    assert (read.counts, read.times) == ([1, 7], {})
    assert read.to_dict() == came


def test_a_time_without_a_zone_is_refused_in_a_list(thing: Any) -> None:
    with pytest.raises(ValueError, match="has no time zone"):
        thing(times={"a": datetime.datetime(2026, 1, 1)}).to_dict()


def test_the_schema_says_what_the_text_is(thing: Any) -> None:
    found = thing.json_schema()["properties"]["times"]

    assert found == {"type": "object", "additionalProperties": {"type": "string", "format": "date-time"}}


@pytest.mark.parametrize(
    ("kind", "other"), [("array, items: ", "{type: string}"), ("object, additionalProperties: ", "{}")]
)
def test_a_union_whose_text_cannot_be_told_apart_is_refused(tiny: TinyTree, kind: str, other: str) -> None:
    tiny.change(properties=f"a: {{oneOf: [{{type: {kind}{N}}}, {{type: {kind}{other}}}]}}")

    assert tiny.refusal() == (
        f"control_plane.yaml, at components.schemas.Thing.properties.a: nothing tells the {kind.partition(',')[0]}s "
        "apart, one of which holds text to be read: leave out its format"
    )
