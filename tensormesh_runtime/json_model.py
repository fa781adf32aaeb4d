"""What every model can do: come from JSON, go back to JSON unchanged, and say what is missing."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, ClassVar, Self

import attrs

from tensormesh_runtime.attributes import RequestId
from tensormesh_runtime.codec import Codec, checker, loader
from tensormesh_runtime.decode import Encodable, encode
from tensormesh_runtime.display import SECRET, ModelName, PrettyRepr, fields_shown, one_line
from tensormesh_runtime.errors import MissingFieldError, SerializationError, ValidationError
from tensormesh_runtime.json_schema import json_schema
from tensormesh_runtime.types import UNSET

_set = object.__setattr__


class JsonModel(Encodable):
    """
    A JSON object with typed attributes.

    An attribute that was never set reads as `None`, and is not sent; an attribute set to `None` is sent as null.
    Keys that the documents do not know are kept in `additional_properties` and go back out with the rest.

    By key, it reads like the JSON object: `message["content"]`, `"content" in message`, `dict(message)`. Keys are those
    of the JSON, known or not; a field that is a time or a 64-bit integer is the text that it is there, and an inner
    object a model.
    """

    # Beside the fields: the instance dictionary is the JSON object.
    __slots__ = ("__dict__", "__weakref__", "_request_id")

    _codec: ClassVar[Codec | None] = None
    _closed: ClassVar[bool] = False
    """Whether programs must not give it keys that the documents do not know."""

    __attrs_attrs__: ClassVar[tuple[attrs.Attribute[Any], ...]]

    def __init_subclass__(cls) -> None:
        super().__init_subclass__()
        cls.__name__ = ModelName(cls.__name__)
        # What is prepared for a class is not for those below it.
        cls._codec = None
        for name in ("_load", "_decode", "_fits"):
            setattr(cls, name, vars(JsonModel)[name])

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Self:
        """
        Make a model of a JSON object.

        A field that is missing says so when it is read. What is not of the documented type is read as far as that can
        be done (`"7"` as 7, a list without the null in it), or as if it were missing; `to_dict` gives back what came.

        Raises:
            ValidationError: `data` is not an object.
        """
        if type(data) is dict:
            return cls._load(data) if cls._fits(data) else cls._read(data)
        if isinstance(data, cls):
            return data
        if not isinstance(data, Mapping):
            raise ValidationError(f"{cls.__name__} is made of a JSON object, not of {_json_name(data)}")
        return cls._read(data)

    @classmethod
    def _decode(cls, value: Any) -> Any:
        """What a caller gives for a model; also a dictionary that is known to fit."""
        if type(value) is dict:
            return cls._load(value)
        if isinstance(value, JsonModel):
            # One of another class: the message of an answer, as a message to send.
            return value if isinstance(value, cls) else cls.from_dict(value.to_dict())
        return cls._read(value) if isinstance(value, Mapping) else value

    @classmethod
    def _fits(cls, data: Any) -> bool:
        """Whether a value is an object that holds nothing but what the documents say, as far as they know its keys."""
        if cls._codec is not None:
            return cls._fits(data)  # by now a function of the class's own; who asked has this one from before
        cls._prepare()
        fits = cls._fits(data)
        cls._prepare()  # Once more, as for `_load`.
        return fits

    @classmethod
    def _read(cls, data: Mapping[str, Any]) -> Self:
        """Make a model of an object that may not fit, and keep beside it what its fields do not say."""
        self = object.__new__(cls)
        _set_values(self, (cls._codec or cls._prepare()).read(data))
        return self

    @classmethod
    def _load(cls, data: dict[str, Any]) -> Self:
        """Make a model of a dictionary that fits; replaced by a function of the class's own when it is first used."""
        cls._prepare()
        made = cls._load(data)
        cls._prepare()  # Once more: the classes of what is inside have functions of their own now, which cost less.
        return made

    @classmethod
    def _prepare(cls) -> Codec:
        codec = cls._codec = Codec(cls)
        of_another_kind = vars(JsonModel)["_decode"].__get__(None, cls)
        load = staticmethod(loader(cls, codec, of_another_kind, _set_values))
        cls._load = cls._decode = load  # type: ignore[method-assign,assignment]
        cls._fits = staticmethod(checker(codec))  # type: ignore[method-assign,assignment]
        return codec

    def _assign(self, values: dict[str, Any]) -> None:
        """Take the constructor's arguments, leaving out what the caller left out."""
        for name, value in values.items():
            if value is not UNSET and name != "self":
                setattr(self, name, value)

    def __setattr__(self, name: str, value: Any) -> None:
        codec = type(self)._codec or type(self)._prepare()
        if name not in codec.names:
            raise AttributeError(
                f"{type(self).__name__} has no field {name!r}; what the documents do not know goes to "
                "additional_properties"
            )
        values = vars(self)
        if "additional_properties" in values:
            values["additional_properties"].pop(codec.keys.get(name, name), None)
        if value is UNSET:
            values.pop(name, None)
            return
        decode = codec.decode.get(name)
        _set(self, name, value if decode is None or value is None else decode(value))

    def to_dict(self) -> dict[str, Any]:
        """
        The JSON object: what was set or received, under its JSON keys.

        Raises:
            SerializationError: something that was set has no JSON.
        """
        codec = type(self)._codec or type(self)._prepare()
        keys, encoders = codec.keys, codec.encoders
        result: dict[str, Any] = {}
        name = ""
        try:
            for name, value in vars(self).items():
                if name == "additional_properties":
                    result.update(encode(value))
                elif encoders and name in encoders:
                    result[keys.get(name, name)] = encode(encoders[name](value))
                else:
                    kind = type(value)
                    plain = value is None or kind is str or kind is int or kind is float or kind is bool
                    result[keys.get(name, name)] = value if plain else encode(value)
        except SerializationError as error:
            raise error if name == "additional_properties" else error.within(keys.get(name, name))  # noqa: B904
        return result

    def to_json(self, *, indent: int | None = None) -> str:
        """
        The text of the JSON object.

        Args:
            indent: how many spaces to indent by, for people; without it all is on one line.

        Raises:
            ValidationError: it holds what has no JSON, NaN for one; `to_dict` has that too.
        """
        import json

        try:
            text = json.dumps(self.to_dict(), ensure_ascii=False, allow_nan=False, indent=indent)
            text.encode()
        except UnicodeEncodeError:  # half of a character: as an escape it can be written
            text = json.dumps(self.to_dict(), allow_nan=False, indent=indent)
        except ValueError as error:
            raise ValidationError(
                f"this {type(self).__name__} holds a number that JSON has no word for (NaN or infinity)"
            ) from error
        return text

    if TYPE_CHECKING:
        request_id: str | None
        """The host's name for the call that this is the answer of (not to be set): what support asks for first."""
    else:
        request_id = RequestId()

    @property
    def additional_properties(self) -> dict[str, Any]:
        """
        The keys that the documents do not know; beside them, as they came, values of keys
        that they do know and that were not of the documented type.
        """
        extra: dict[str, Any] = vars(self).setdefault("additional_properties", {})
        return extra

    def is_set(self, name: str) -> bool:
        """Whether the attribute `name` was given or received, be it as null."""
        codec = type(self)._codec or type(self)._prepare()
        if name not in codec.names:
            raise AttributeError(f"{type(self).__name__} has no field {name!r}")
        return name in vars(self)

    def is_odd(self, name: str) -> bool:
        """Whether what came as `name` is nothing that can be read as the documented type; `to_dict` has it."""
        codec = type(self)._codec or type(self)._prepare()
        values = vars(self)
        return name not in values and codec.keys.get(name, name) in values.get("additional_properties", ())

    def replace(self, **changes: Any) -> Self:
        """A copy with some attributes changed; `UNSET` takes one away."""
        copy = type(self).from_dict(self.to_dict())
        codec = type(self)._codec or type(self)._prepare()
        for name, value in changes.items():
            if name not in codec.names:
                raise TypeError(f"{type(self).__name__} has no field {name!r}")
            setattr(copy, name, value)
        return copy

    __replace__ = replace

    def keys(self) -> list[str]:
        """The keys of the JSON object: what was set or received."""
        keys = (type(self)._codec or type(self)._prepare()).keys
        known = [keys.get(name, name) for name in vars(self) if name != "additional_properties"]
        return list(dict.fromkeys((*known, *self.additional_properties)))

    def __iter__(self) -> Iterator[str]:
        return iter(self.keys())

    def __contains__(self, key: object) -> bool:
        values, name = self._place(key)
        return name in values

    def __getitem__(self, key: str) -> Any:
        values, name = self._place(key)
        if name not in values:
            raise KeyError(key)
        return values[name]

    def __setitem__(self, key: str, value: Any) -> None:
        name = self._name(key)
        if name is None:
            if self._closed:
                raise ValidationError(
                    f"{type(self).__name__} takes no other keys than those of its fields, so no {key!r}"
                )
            self.additional_properties[key] = value
        else:
            setattr(self, name, value)

    def __delitem__(self, key: str) -> None:
        values, name = self._place(key)
        if name not in values:
            raise KeyError(key)
        del values[name]
        self.additional_properties.pop(key, None)

    def _name(self, key: Any) -> str | None:
        """The attribute of a key; None where the documents do not know it."""
        codec = type(self)._codec or type(self)._prepare()
        if key not in codec.known:
            return None
        return codec.attributes[key] if codec.attributes else str(key)

    def _place(self, key: Any) -> tuple[dict[str, Any], str]:
        """Where the value of a key is, and what it is called there."""
        name, values = self._name(key), vars(self)
        if name is None or (name not in values and key in self.additional_properties):
            return self.additional_properties, key
        return values, name

    if not TYPE_CHECKING:  # a checker that sees it takes any attribute for granted

        def __getattr__(self, name: str) -> Any:
            """Reached only by what is not set: optional fields have `None` on their class."""
            codec = None if name.startswith("_") else type(self)._codec or type(self)._prepare()
            if codec and name in codec.names:
                item = attrs.fields_dict(type(self))[name]
                if item.metadata["empty"]:
                    return codec.kinds[name].empty()
                raise MissingFieldError(type(self).__name__, name, odd=self.is_odd(name))
            found = getattr(type(self), name, None)
            if isinstance(found, property):
                # What it reads is not there: once more, for the error that says what.
                return found.__get__(self)
            raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}", name=name, obj=self)

    @classmethod
    def json_schema(cls) -> dict[str, Any]:
        """The JSON schema of the model, as far as its fields know the documents: types, and what is required."""
        return json_schema(cls)

    @classmethod
    def __get_pydantic_core_schema__(cls, source: Any, handler: Any) -> Any:
        from tensormesh_runtime.pydantic_fields import schema_of

        return schema_of(cls)

    @classmethod
    def __get_pydantic_json_schema__(cls, schema: Any, handler: Any) -> dict[str, Any]:
        return json_schema(cls)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, JsonModel) or type(self) is not type(other):
            return NotImplemented
        return _filled(self) == _filled(other)

    __hash__: ClassVar[None]  # type: ignore[assignment]

    def _shown(self) -> Iterator[tuple[str, Any, bool]]:
        """Names and values to show, and whether each is a secret; of what the documents do not know, too."""
        codec = type(self)._codec or type(self)._prepare()
        secrets = {*codec.secrets, *(codec.keys.get(name, name) for name in codec.secrets)}
        for name, value in _filled(self).items():
            if name == "additional_properties":
                value = {key: SECRET if key in secrets and item else item for key, item in value.items()}
            yield name, value, name in secrets

    def __repr__(self) -> str:
        return one_line(self)

    _repr_pretty_ = PrettyRepr()

    def __rich_repr__(self) -> Iterator[tuple[str, Any]]:
        return fields_shown(self)

    def __getstate__(self) -> Any:
        return vars(self), self.request_id

    def __setstate__(self, state: Any) -> None:
        values, request_id = state if type(state) is tuple else (state, None)
        _set_values(self, values.copy())
        if request_id is not None:
            note_request_id(self, request_id)


_set_values = vars(JsonModel)["__dict__"].__set__

note_request_id: Callable[[JsonModel, str], None] = vars(JsonModel)["_request_id"].__set__
"""Note on an answer what the host called the call. Beside its fields: it is nothing that came as JSON."""


def within(answer: JsonModel, name: str) -> Any:
    """What an answer holds as `name`; where that stands for the answer, it was called the same."""
    found = getattr(answer, name)
    if isinstance(found, JsonModel) and answer.request_id is not None:
        note_request_id(found, answer.request_id)
    return found


def _filled(instance: JsonModel) -> dict[str, Any]:
    values = vars(instance)
    if "additional_properties" in values and not values["additional_properties"]:
        return {name: value for name, value in values.items() if name != "additional_properties"}
    return values


def _json_name(value: Any) -> str:
    names = {list: "an array", str: "a string", bool: "a boolean", int: "a number", float: "a number"}
    return "null" if value is None else names.get(type(value), f"a {type(value).__name__}")
