"""Between JSON values and Python values, piece by piece; knows no model by name."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import TYPE_CHECKING, Any, ClassVar

from tensormesh_runtime.errors import MissingFieldError, SerializationError, ValidationError, unreadable
from tensormesh_runtime.words import Moment

if TYPE_CHECKING:
    import datetime
    import decimal

PLAIN = frozenset({str, int, float, bool, type(None)})


class Encodable:
    """What has a `to_dict` that gives JSON values and nothing else."""

    __slots__ = ()

    def to_dict(self) -> dict[str, Any]:
        raise NotImplementedError


def encode(value: Any) -> Any:
    """
    The JSON value of anything a caller may hand in: models, mappings, sequences, times, numbers as text.

    NaN and infinities stay what they are: a host may send them, though JSON has no word for them. Who writes the text
    of what is to be sent refuses them.

    Raises:
        SerializationError: there is no JSON for it, or for something in it.
    """
    kind = type(value)
    if kind in PLAIN:
        return value
    step: Any = ...
    try:
        if kind is dict:
            fields: dict[str, Any] = {}
            for step, item in value.items():
                fields[step if type(step) is str else _key(step)] = item if type(item) in PLAIN else encode(item)
            return fields
        if kind is list or kind is tuple:
            items: list[Any] = []
            for item in value:
                step = len(items)
                items.append(item if type(item) in PLAIN else encode(item))
            return items
        if isinstance(value, Encodable):
            return value.to_dict()
        return _encode_other(value)
    except SerializationError as error:
        if step is ...:
            raise
        raise error.within(step)  # noqa: B904 - the same error
    except RecursionError as error:
        raise SerializationError(
            "a value that is nested too deep, or contains itself, cannot be sent as JSON"
        ) from error


def encode_field(name: str, value: Any) -> Any:
    """
    The JSON value of what goes by a name.

    Raises:
        SerializationError: there is none; its place begins with the name.
    """
    try:
        return encode(value)
    except SerializationError as error:
        raise error.within(name)  # noqa: B904 - the same error


def _key(key: Any) -> str:
    """A key as JSON writes it."""
    if isinstance(key, str):
        return str.__str__(key)
    if isinstance(key, bool) or key is None:
        return {True: "true", False: "false", None: "null"}[key]
    if isinstance(key, int | float):
        return str(key)
    import uuid

    if isinstance(key, uuid.UUID):
        return str(key)
    raise SerializationError(f"a {type(key).__name__} cannot be sent as the key of a JSON object")


def _encode_other(value: Any) -> Any:
    if not isinstance(value, type) and callable(to_dict := getattr(value, "to_dict", None)):
        return encode(to_dict())
    if isinstance(value, Kept):
        return value.text
    if isinstance(value, str | int | float):
        return value
    if isinstance(value, Mapping):
        return encode(dict(value.items()))
    # Here and not above, so that a client does not load them until somebody sends one.
    import datetime
    import decimal
    import uuid

    if isinstance(value, datetime.datetime):
        return TIMESTAMP.write(value)
    if isinstance(value, uuid.UUID | decimal.Decimal):
        return str(value)
    if not isinstance(value, type) and hasattr(value, "model_dump"):  # pydantic's, which walks through as pairs
        try:
            dumped = value.model_dump(mode="json")
        except (TypeError, ValueError) as error:
            raise SerializationError(f"a {type(value).__name__} cannot be sent as JSON: {error}") from error
        return encode(dumped)
    # An enumeration class, a set and bytes can be walked through, and mean something else than a list.
    if isinstance(value, set | frozenset | bytes | bytearray | memoryview | type) or not hasattr(value, "__iter__"):
        kind = "bytes" if isinstance(value, bytes) else type(value).__name__
        raise SerializationError(f"a {kind} cannot be sent as JSON")
    return encode(list(value))


def amount(units: int | None, nanos: int | None) -> decimal.Decimal:
    """
    Whole units and billionths as one exact number; what is absent counts as 0.

    Raises:
        ValidationError: one of them is not an integer.
    """
    import decimal

    try:
        return decimal.Decimal(units or 0) + decimal.Decimal(nanos or 0).scaleb(-9)
    except (TypeError, ValueError, ArithmeticError) as error:
        raise unreadable(f"{units!r} units and {nanos!r} billionths are no amount") from error


def amount_parts(amount: decimal.Decimal | int | str) -> tuple[int, int]:
    """
    A number as whole units and billionths of the same sign.

    Raises:
        ValidationError: it is not a number, or finer than a billionth.
    """
    import decimal

    try:
        billionths = decimal.Decimal(amount).scaleb(9)
        whole = int(billionths)
    except (TypeError, ValueError, ArithmeticError) as error:
        raise ValidationError(f"{amount!r} is no amount") from error
    if isinstance(amount, float) or whole != billionths:
        raise ValidationError(f"{amount!r} is no exact amount: give a Decimal or text with at most nine places")
    sign = -1 if whole < 0 else 1
    units, nanos = divmod(abs(whole), 1_000_000_000)
    return sign * units, sign * nanos


class Converted:
    """An attribute whose JSON text is kept as it came and read as a better type."""

    description = "text"
    schema: ClassVar[dict[str, str]] = {"type": "string"}

    def __init__(self, name: str, required: bool) -> None:
        self.name = name
        self.required = required

    def __get__(self, instance: Any, owner: type[Any]) -> Any:
        if instance is None:
            return self
        text = vars(instance).get(self.name, self)
        if text is self:
            if self.required:
                raise MissingFieldError(owner.__name__, self.name)
            return None
        if text is None:
            return None
        try:
            return self.read(text)
        except (ValueError, ArithmeticError, TypeError) as error:
            raise unreadable(f"{owner.__name__}.{self.name} is {text!r}, which is not {self.description}") from error
        except (OSError, ImportError) as error:
            raise unreadable(f"{owner.__name__}.{self.name} is {text!r}, and cannot be read yet: {error}") from error

    def __set__(self, instance: Any, value: Any) -> None:
        text = value.text if isinstance(value, Kept) else value
        vars(instance)[self.name] = None if text is None else self.write(text)

    @staticmethod
    def read(text: Any) -> Any:
        return text

    @staticmethod
    def write(value: Any) -> Any:
        return value


class TIMESTAMP(Converted):
    """RFC 3339 text, read as an aware datetime (to the microsecond)."""

    description = "an RFC 3339 time"

    def __set__(self, instance: Any, value: Any) -> None:
        super().__set__(instance, Moment(ahead=self.name.startswith("expires")).spelt(value))

    schema: ClassVar[dict[str, str]] = {"type": "string", "format": "date-time"}

    @staticmethod
    def read(text: Any) -> datetime.datetime:
        import datetime

        from dateutil.parser import isoparse

        if not isinstance(text, str):
            raise TypeError(text)
        moment: datetime.datetime = isoparse(text)
        return moment if moment.tzinfo else moment.replace(tzinfo=datetime.UTC)

    @staticmethod
    def write(value: Any) -> Any:
        import datetime

        if not isinstance(value, datetime.datetime):
            return value
        if value.tzinfo is None:
            raise SerializationError(f"the time {value!r} has no time zone; add one, for example datetime.UTC")
        return value.isoformat().replace("+00:00", "Z")


class INTEGER(Converted):
    """A 64-bit integer, which JSON carries as text."""

    description = "an integer"

    @staticmethod
    def read(text: Any) -> int:
        if isinstance(text, float) and not text.is_integer():
            raise ValueError(text)
        return int(text)

    @staticmethod
    def write(value: Any) -> Any:
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value


class DECIMAL(Converted):
    """A decimal number, which JSON carries as text so that no digit is lost."""

    description = "a decimal number"
    schema: ClassVar[dict[str, str]] = {"type": "string", "format": "decimal"}

    @staticmethod
    def read(text: Any) -> decimal.Decimal:
        import decimal

        return decimal.Decimal(str(text))

    @staticmethod
    def write(value: Any) -> Any:
        import decimal

        return str(value) if isinstance(value, decimal.Decimal | int | float) else value


class Kept:
    """A value that knows the text that it was read from, which another text of the same value would not be."""

    form: type[Converted]
    text: Any

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return keep, (self.form, self.text, True)


@cache
def _keeping(kind: type) -> Any:
    return type(kind.__name__, (Kept, kind), {"__module__": kind.__module__, "__doc__": kind.__doc__})


def keep(form: type[Converted], text: Any, exact: bool = False) -> Any:
    """
    What text reads as. It knows its text where that is not the one that would be written of it.

    Args:
        exact: let it always know, so that it is not taken for a value that was no text.

    Raises:
        ValueError: it does not read as that; ArithmeticError and TypeError mean the same.
    """
    value = form.read(text)
    if form.write(value) == text and not exact:
        return value
    plain: Any = type(value)
    kind = _keeping(plain)
    made = kind.combine(value, value.timetz()) if form is TIMESTAMP else kind(value)
    made.form, made.text = form, text
    return made


def texts(items: Any, path: list[str], kind: str) -> Iterator[str]:
    """The `text` of the parts of a `kind` that lists named by `path` lead to; what is no such part has none."""
    for item in items if isinstance(items, list) else ():
        if path:
            yield from texts(getattr(item, path[0], None), path[1:], kind)
        elif getattr(item, "type", None) == kind and isinstance(text := getattr(item, "text", None), str):
            yield text
