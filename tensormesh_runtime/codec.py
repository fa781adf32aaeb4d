"""How models map to JSON. What is worked out once for a class, so that nothing has to be for an object."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import attrs

from tensormesh_runtime.kinds import Decoder, Encoder, Kind

_new = object.__new__


class _AnyType:
    def __contains__(self, kind: type) -> bool:
        return True


ANY_TYPE = _AnyType()
"""The types of a value whose key the documents do not know."""


class Codec:
    """How one class maps to JSON, worked out from its fields when the class is first used."""

    __slots__ = (
        "attributes",
        "decode",
        "decoders",
        "encoders",
        "fits",
        "keys",
        "kinds",
        "known",
        "names",
        "required",
        "secrets",
        "types",
    )

    def __init__(self, cls: type[Any]) -> None:
        fields = attrs.fields(cls)
        self.known: frozenset[str] = frozenset(item.metadata["key"] for item in fields)
        self.names: frozenset[str] = frozenset(item.name for item in fields)
        renamed = {item.metadata["key"]: item.name for item in fields if item.metadata["key"] != item.name}
        self.attributes: dict[str, str] | None = None
        if renamed:
            self.attributes = {item.metadata["key"]: item.name for item in fields}
        self.keys: dict[str, str] = {name: key for key, name in renamed.items()}
        self.kinds: dict[str, Kind] = {
            item.name: kind if isinstance(kind, Kind) else kind()
            for item in fields
            if (kind := item.metadata["kind"]) is not None
        }
        self.decode: dict[str, Decoder] = {name: kind.decode for name, kind in self.kinds.items() if kind.decode}
        self.encoders: dict[str, Encoder] = {name: kind.encode for name, kind in self.kinds.items() if kind.encode}
        self.decoders: tuple[tuple[str, Decoder], ...] = tuple(self.decode.items())
        self.types: dict[str, frozenset[type]] = {}
        self.fits: dict[str, Callable[[Any], bool]] = {}
        for item in fields:
            if kind := self.kinds.get(item.name):
                key = item.metadata["key"]
                # What may be left out reads as None, and so may be null.
                self.types[key] = kind.types if item.metadata["required"] else kind.types | {type(None)}
                self.fits[key] = kind.fits
        self.required: tuple[str, ...] = tuple(item.metadata["key"] for item in fields if item.metadata["required"])
        self.secrets = frozenset(item.name for item in fields if item.metadata["secret"])

    def read(self, data: Mapping[str, Any]) -> dict[str, Any]:
        """The attributes of a model of an object that may not fit: what they do not say is kept beside them."""
        values: dict[str, Any] = {}
        extra: dict[str, Any] = {}
        for key, value in data.items():
            if key not in self.known:
                extra[key] = value
                continue
            name = self.attributes[key] if self.attributes else key
            kind = self.kinds.get(name)
            if kind is None or (value is None and type(None) in self.types[key]):
                values[name] = value
                continue
            read = kind.read(value)
            if read:
                values[name] = read[0]
            if not (read and read[1]):
                extra[key] = value
        return values | {"additional_properties": extra} if extra else values


def loader(cls: type[Any], codec: Codec, of_another_kind: Decoder, set_values: Callable[[Any, Any], None]) -> Decoder:
    """
    The function that makes models of one class: it runs for every object of every chunk, so it looks up nothing.

    Args:
        of_another_kind: takes what is no plain dictionary.
        set_values: makes a dictionary the attributes of an instance.
    """
    known, attributes, decoders = codec.known, codec.attributes, codec.decoders

    def load(data: Any) -> Any:
        if type(data) is not dict:
            return of_another_kind(data)
        if not known.issuperset(data):
            names = attributes or {}
            values = {names.get(key, key): value for key, value in data.items() if key in known}
            values["additional_properties"] = {key: value for key, value in data.items() if key not in known}
        elif attributes is None:
            values = data.copy()
        else:
            values = {attributes[key]: value for key, value in data.items()}
        for name, decode in decoders:
            value = values.get(name)
            if value is not None:
                values[name] = decode(value)
        self = _new(cls)
        set_values(self, values)
        return self

    return load


def checker(codec: Codec) -> Callable[[Any], bool]:
    """The function that tells whether an object fits one class."""
    types, inside = codec.types.get, codec.fits

    def fits(data: Any) -> bool:
        if type(data) is not dict:
            return False
        for key, value in data.items():
            if type(value) not in types(key, ANY_TYPE) and not inside[key](value):
                return False
        return True

    return fits
