"""
What a field holds, and what becomes of JSON that is something else. Knows no model by name.

A value that fits is taken as it is, which costs least. Of another, `read` makes what the type of the field promises, as
far as that can be done; the field reads so, and the value itself stays with what the documents do not know.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from tensormesh_runtime.decode import TIMESTAMP, Converted, Kept, keep
from tensormesh_runtime.errors import ValidationError
from tensormesh_runtime.json_schema import json_schema
from tensormesh_runtime.sealing import type_name
from tensormesh_runtime.words import Moment

Decoder = Callable[[Any], Any]
Encoder = Callable[[Any], Any]
Read = tuple[Any, bool]
"""A value of the right kind, and whether it says all that it was made of."""

NUMBER_LENGTH = 40
"""Text that is longer is no number that anybody meant."""


class Kind:
    """
    One kind of JSON.

    Attributes:
        types: the types of values that fit whatever is in them.
        decode: makes of a value that fits what a program reads: models, and times and numbers of text; None where
            that is the value itself.
        encode: the JSON of what a program reads, where that takes more than to look at it: a number may be text there.
    """

    types: frozenset[type] = frozenset()
    decode: Decoder | None = None
    encode: Encoder | None = None

    def fits(self, value: Any) -> bool:
        """Whether a value is of this kind through and through."""
        return type(value) in self.types

    def read(self, value: Any) -> Read | None:
        """What a value is as one of this kind; None where it is nothing of the sort."""
        raise NotImplementedError

    def empty(self) -> Any:
        """What stands for one that is missing; None where nothing can."""
        return None

    def schema(self, within: tuple[Any, ...] = ()) -> dict[str, Any]:
        """Its JSON schema, in that of the models that it stands `within`."""
        return {}

    def load(self, loaded: set[Any]) -> None:
        """Load the models that a value may hold, at any depth, but for those that are `loaded`, and add them there."""


class _Scalar(Kind):
    def __init__(self, name: str, *types: type, convert: Callable[[Any], Any]) -> None:
        self._name = name
        self.types = frozenset(types)
        self._convert = convert

    def schema(self, within: tuple[Any, ...] = ()) -> dict[str, Any]:
        return {"type": self._name}

    def read(self, value: Any) -> Read | None:
        if type(value) in self.types:
            return value, True
        if isinstance(value, Mapping | list | tuple | bool) or value is None:
            return None
        if not isinstance(value, str | int | float) or isinstance(value, tuple(self.types)):
            return value, True  # A program put it there, an enumeration say: it knows what it means.
        try:
            made = self._convert(value)
        except (ValueError, OverflowError):
            return None
        return None if made is None else (made, False)


def _to_integer(value: Any) -> int | None:
    if isinstance(value, str):
        return int(value) if len(value) <= NUMBER_LENGTH else None
    return int(value) if value == int(value) else None


def _to_number(value: Any) -> float | None:
    return float(value) if not isinstance(value, str) or len(value) <= NUMBER_LENGTH else None


STRING = _Scalar("string", str, convert=str)
INT = _Scalar("integer", int, convert=_to_integer)
FLOAT = _Scalar("number", int, float, convert=_to_number)
BOOL = _Scalar("boolean", bool, convert=lambda value: None)
NULL = _Scalar("null", type(None), convert=lambda value: None)


class _Anything(Kind):
    def fits(self, value: Any) -> bool:
        return True

    def read(self, value: Any) -> Read | None:
        return value, True


ANY = _Anything()


class TextOf(Kind):
    """
    Text that reads as something better, and goes back as the text that it was.

    A field that is no more than that has a descriptor (`Converted`): it reads its text when somebody asks.
    """

    def __init__(self, form: type[Converted], *, ahead: bool = False, exact: bool = False) -> None:
        self._form, self._ahead, self._exact = form, ahead, exact
        self.decode = self._decode
        self.encode = self._encode

    def exactly(self) -> TextOf:
        """The same, where one of its values could be taken for a number that is no text: each knows that it was."""
        return TextOf(self._form, ahead=self._ahead, exact=True)

    def _encode(self, value: Any) -> Any:
        return value.text if isinstance(value, Kept) else self._form.write(value)

    def _decode(self, value: Any) -> Any:
        if self._form is TIMESTAMP:
            value = Moment(self._ahead).spelt(value)
        read = self.read(value) if isinstance(value, str) else None
        return read[0] if read else value

    def fits(self, value: Any) -> bool:
        return type(value) is str and self.read(value) is not None

    def read(self, value: Any) -> Read | None:
        if isinstance(value, bool):
            return None
        try:
            read = keep(self._form, value, self._exact)
        except (ValueError, ArithmeticError, TypeError):
            return None
        return read, type(value) is str

    def schema(self, within: tuple[Any, ...] = ()) -> dict[str, Any]:
        return dict(self._form.schema)


class ArrayOf(Kind):
    """A list of one kind."""

    def __init__(self, item: Kind) -> None:
        self._item = item
        self.decode = _array(item.decode) if item.decode else None
        self.encode = _array(item.encode) if item.encode else None

    def fits(self, value: Any) -> bool:
        return type(value) is list and all(map(self._item.fits, value))

    def read(self, value: Any) -> Read | None:
        if not isinstance(value, list | tuple):
            return None if isinstance(value, str | int | float | Mapping) or value is None else (value, True)
        items = [self._item.read(item) for item in value]
        return [item[0] for item in items if item], all(item and item[1] for item in items)

    def empty(self) -> Any:
        return []

    def schema(self, within: tuple[Any, ...] = ()) -> dict[str, Any]:
        return {"type": "array", "items": self._item.schema(within)}

    def load(self, loaded: set[Any]) -> None:
        self._item.load(loaded)


class MapOf(Kind):
    """A free-form object whose values are of one kind."""

    def __init__(self, item: Kind = ANY) -> None:
        self._item = item
        self.decode = _mapping(item.decode) if item.decode else None
        self.encode = _mapping(item.encode) if item.encode else None
        if item is ANY:
            self.types = frozenset({dict})

    def fits(self, value: Any) -> bool:
        return type(value) is dict and all(map(self._item.fits, value.values()))

    def read(self, value: Any) -> Read | None:
        if not isinstance(value, Mapping):
            return None if isinstance(value, str | int | float | list | tuple) or value is None else (value, True)
        items = {key: self._item.read(item) for key, item in value.items()}
        return {key: item[0] for key, item in items.items() if item}, all(item and item[1] for item in items.values())

    def empty(self) -> Any:
        return {}

    def schema(self, within: tuple[Any, ...] = ()) -> dict[str, Any]:
        return {"type": "object", "additionalProperties": self._item.schema(within)}

    def load(self, loaded: set[Any]) -> None:
        self._item.load(loaded)


class InstanceOf(Kind):
    """A model of one class. What is odd inside an object is kept by its model."""

    def __init__(self, cls: Any) -> None:
        self._cls = cls
        self.decode = cls._decode
        self.fits = cls._fits  # type: ignore[method-assign]

    def __eq__(self, other: object) -> bool:
        return isinstance(other, InstanceOf) and self._cls is other._cls

    def __hash__(self) -> int:
        return hash(self._cls)

    def read(self, value: Any) -> Read | None:
        if isinstance(value, Mapping):
            return self._cls._read(value), True
        return (
            None
            if isinstance(value, str | int | float | list | tuple) or value is None
            else (self._cls._decode(value), True)
        )

    def empty(self) -> Any:
        return self._cls.from_dict({})

    def schema(self, within: tuple[Any, ...] = ()) -> dict[str, Any]:
        return json_schema(self._cls, within)

    def load(self, loaded: set[Any]) -> None:
        if self._cls not in loaded:
            loaded.add(self._cls)
            for kind in (self._cls._codec or self._cls._prepare()).kinds.values():
                kind.load(loaded)
            self._cls._prepare()  # Once more, as where it is first used.


class TaggedBy(Kind):
    """
    Objects of several classes, told apart by the value of `key`.

    A kind from the future becomes an `OpenObject`, so that its keys still read as attributes.
    """

    def __init__(self, key: str, models: Any, names: dict[str, str]) -> None:
        self._key, self._models, self._names = key, models, names
        self._kinds: dict[str, InstanceOf] = {}
        self.decode = self._decode

    def _kind(self, value: Any) -> InstanceOf:
        tag = value.get(self._key)
        kind = self._kinds.get(tag) if isinstance(tag, str) else None
        if kind is None:
            known = isinstance(tag, str) and tag in self._names
            kind = InstanceOf(getattr(self._models, self._names[tag] if known else "OpenObject"))
            if known:
                self._kinds[tag] = kind
        return kind

    def _decode(self, value: Any) -> Any:
        decode = self._kind(value).decode if isinstance(value, Mapping) else None
        return decode(value) if decode else value

    def fits(self, value: Any) -> bool:
        return type(value) is dict and self._kind(value).fits(value)

    def schema(self, within: tuple[Any, ...] = ()) -> dict[str, Any]:
        names = sorted({*self._names.values()})
        return {"oneOf": [json_schema(getattr(self._models, name), within) for name in names]}

    def load(self, loaded: set[Any]) -> None:
        for name in (*self._names.values(), "OpenObject"):
            InstanceOf(getattr(self._models, name)).load(loaded)

    def read(self, value: Any) -> Read | None:
        return self._kind(value if isinstance(value, Mapping) else {}).read(value)


class EitherOf(Kind):
    """A value of one of several kinds; where several are objects, or lists, only the first holds models or text."""

    def __init__(self, *kinds: Kind) -> None:
        self.types = frozenset().union(*(kind.types for kind in kinds))
        numbers = not self.types.isdisjoint({int, float})
        self._kinds = [kind.exactly() if numbers and isinstance(kind, TextOf) else kind for kind in kinds]
        self._inside = [kind for kind in self._kinds if not isinstance(kind, _Scalar)]
        texts = [kind for kind in self._inside if isinstance(kind, TextOf)]
        arrays = [kind for kind in self._inside if isinstance(kind, ArrayOf)]
        objects = [kind for kind in self._inside if not isinstance(kind, TextOf | ArrayOf)]
        self.decode = _either(_first(objects, "decode"), _first(arrays, "decode"), _each(texts, "decode"))
        self.encode = _either(_first(objects, "encode"), _first(arrays, "encode"), _each(texts, "encode"), self.types)

    def fits(self, value: Any) -> bool:
        return type(value) in self.types or any(kind.fits(value) for kind in self._inside)

    def schema(self, within: tuple[Any, ...] = ()) -> dict[str, Any]:
        return {"anyOf": [kind.schema(within) for kind in self._kinds]}

    def load(self, loaded: set[Any]) -> None:
        for kind in self._kinds:
            kind.load(loaded)

    def read(self, value: Any) -> Read | None:
        best = None
        for kind in self._kinds:
            read = kind.read(value)
            if read and read[1]:
                return read
            best = best or read
        return best


def answer(kind: Kind, data: Any) -> Any:
    """
    What the JSON of an answer is as one of a kind.

    Raises:
        ValidationError: it is nothing of the sort.
    """
    if kind.fits(data):
        return kind.decode(data) if kind.decode else data
    if (read := kind.read(data)) is None:
        raise ValidationError(f"it is JSON of another type ({type_name(data)})")
    return read[0]


def _array(each: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def array(value: Any) -> Any:
        if type(value) is list:
            return [each(item) for item in value]
        return [each(item) for item in value] if isinstance(value, list | tuple) else value

    return array


def _mapping(each: Callable[[Any], Any]) -> Callable[[Any], Any]:
    def mapping(value: Any) -> Any:
        return {key: each(item) for key, item in value.items()} if isinstance(value, dict) else value

    return mapping


def _each(kinds: Sequence[Kind], what: str) -> list[Callable[[Any], Any]]:
    return [found for kind in kinds if (found := getattr(kind, what))]


def _first(kinds: Sequence[Kind], what: str) -> Callable[[Any], Any] | None:
    return next(iter(_each(kinds, what)), None)


def _either(
    for_object: Callable[[Any], Any] | None,
    for_array: Callable[[Any], Any] | None,
    for_text: list[Callable[[Any], Any]],
    plain: frozenset[type] = frozenset(),
) -> Callable[[Any], Any] | None:
    if not for_array and not for_text:
        return for_object

    def either(value: Any) -> Any:
        if isinstance(value, Mapping):
            return for_object(value) if for_object else value
        if isinstance(value, list | tuple):
            return for_array(value) if for_array else value
        if type(value) not in plain:
            for each in for_text:
                if (made := each(value)) is not value:
                    return made
        return value

    return either
