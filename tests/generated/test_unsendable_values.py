"""What cannot be sent as JSON is refused by an error that tells where it stands."""

from __future__ import annotations

import datetime
import enum
import uuid
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any

import pydantic
import pytest

from tensormesh_generated.api.chat import create_chat_completion
from tensormesh_generated.models import ChatCompletionRequest, ChatMessage
from tensormesh_runtime.decode import encode
from tensormesh_runtime.errors import SerializationError
from tensormesh_runtime.types import call_options, query

MOMENT = datetime.datetime(2026, 4, 2, tzinfo=datetime.UTC)


class Document:
    """An object of a program, which can be made a dictionary."""

    def __init__(self, **fields: Any) -> None:
        self._fields = fields

    def to_dict(self) -> dict[str, Any]:
        return self._fields


def refused(value: Any) -> SerializationError:
    with pytest.raises(SerializationError) as caught:
        encode(value)
    return caught.value


def test_what_an_object_gives_as_its_dictionary_is_made_json_too() -> None:
    inner = Document(at=MOMENT, tags=("a", "b"), author=ChatMessage(role="user"))

    assert encode([Document(inner=inner, count=1)]) == [
        {"inner": {"at": "2026-04-02T00:00:00Z", "tags": ["a", "b"], "author": {"role": "user"}}, "count": 1}
    ]


@pytest.mark.parametrize(
    "value", [{1}, frozenset({1}), b"x", bytearray(b"x"), memoryview(b"x"), object(), datetime.date(2026, 4, 2), int]
)
def test_what_an_object_gives_and_has_no_json_is_refused_with_its_place(value: Any) -> None:
    error = refused({"messages": [{"role": "user"}, Document(content={"parts": [1, value]})]})

    assert error.path == "messages[1].content.parts[1]"
    assert str(error) == f"messages[1].content.parts[1]: a {type(value).__name__} cannot be sent as JSON"


def test_a_time_without_a_zone_is_refused_with_its_place() -> None:
    assert refused({"a": [Document(at=datetime.datetime(2026, 4, 2))]}).path == "a[0].at"


class Colour(enum.Enum):
    RED = object()


class Loose(pydantic.BaseModel):
    model_config = pydantic.ConfigDict(arbitrary_types_allowed=True)
    thing: Any


@pytest.mark.parametrize(
    ("value", "path"),
    [
        ({1}, ""),
        ([{1}], "[0]"),
        ([[0, {1}]], "[0][1]"),
        (({1},), "[0]"),
        ((item for item in (1, {1})), "[1]"),
        ({"a": iter([{"b": b"x"}])}, "a[0].b"),
        ({"a": MappingProxyType({"b": b"x"})}, "a.b"),
        ({"a": ChatMessage.from_dict({"role": "user", "content": [{"text": b"x"}]})}, "a.content[0].text"),
        ({"a": ChatMessage.from_dict({"role": "user", "novelty": {"x": b"x"}})}, "a.novelty.x"),
        ({"a": Loose(thing=object())}, "a"),
        ({"a": Colour.RED}, "a"),
        ({"a": Colour}, "a"),
        ({"a": ChatMessage}, "a"),
        ({7: b"x"}, "[7]"),
        ({None: b"x"}, "None"),
        ({"odd key": {"": b"x"}}, "['odd key']['']"),
        ({"grün": {"x-y": b"x"}}, "grün.x-y"),
    ],
)
def test_the_place_is_told_whatever_holds_the_value(value: Any, path: str) -> None:
    """A class that has a `to_dict` for its instances is one of the values, and not an instance."""
    assert refused(value).path == path


class Word(str, enum.Enum):  # noqa: UP042  (what many programs have)
    ONE = "one"


def test_keys_are_written_as_json_writes_them() -> None:
    keys = {"a": 1, Word.ONE: 1, 7: 1, 1.5: 1, False: 1, None: 1, uuid.UUID(int=1): 1}

    assert list(encode([keys])[0]) == ["a", "one", "7", "1.5", "false", "null", str(uuid.UUID(int=1))]


@pytest.mark.parametrize("key", [b"x", (1, 2), frozenset({1}), MOMENT, object])
def test_a_key_that_json_does_not_have_is_refused_with_its_place(key: Any) -> None:
    error = refused({"metadata": [{key: 1}]})

    assert error.path.startswith("metadata[0]")
    assert f"a {type(key).__name__} cannot be sent as the key of a JSON object" in str(error)


def test_a_long_way_is_told_up_to_where_anybody_reads_it() -> None:
    value: Any = {1}
    for _ in range(50):
        value = {"a": value}

    assert refused(value).path == ".".join(["a"] * 12) + "..."


def test_what_contains_itself_is_refused_with_the_way_to_it() -> None:
    value: dict[str, Any] = {"b": 1}
    value["a"] = [value]

    error = refused({"messages": value})

    assert error.path.startswith("messages.a[0].a[0]")
    assert "contains itself" in str(error)


def test_an_object_that_gives_itself_has_no_end() -> None:
    class Mirror:
        def to_dict(self) -> Any:
            return {"again": self}

    assert "contains itself" in str(refused([Mirror()]))


def test_what_an_object_itself_raises_is_not_hidden() -> None:
    class Broken:
        def to_dict(self) -> Any:
            raise LookupError("the program's own")

    with pytest.raises(LookupError, match="the program's own"):
        encode({"a": Broken()})


def test_a_dictionary_that_is_no_method_is_none() -> None:
    class Odd(Mapping[str, Any]):
        to_dict = "not a method"

        def __getitem__(self, key: str) -> Any:
            return {"a": 1}[key]

        def __iter__(self) -> Any:
            return iter("a")

        def __len__(self) -> int:
            return 1

    assert encode([Odd()]) == [{"a": 1}]


def test_the_place_is_that_in_the_request() -> None:
    for body in (
        {"model": "m", "messages": [{"role": "user", "content": {1}}]},
        {"model": "m", "messages": [ChatMessage(role="user", content={1})]},  # type: ignore[arg-type]
        ChatCompletionRequest.from_dict({"model": "m", "messages": [{"role": "user", "content": {1}}]}),
    ):
        with pytest.raises(SerializationError) as caught:
            create_chat_completion.build_request(body=body)
        assert caught.value.path == "messages[0].content"


def test_the_place_in_a_query_or_in_fields_that_the_documents_do_not_know_is_told() -> None:
    with pytest.raises(SerializationError, match=r"^when: a bytes cannot be sent"):
        query(("when", b"x"))
    with pytest.raises(SerializationError, match=r"^extra_body\.a\[0\]: a set cannot be sent"):
        call_options("create", {"extra_body": {"a": [{1}]}})
