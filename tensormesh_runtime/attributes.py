"""The attributes of models: how they are declared, and what type checkers see of them."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Generic, Self, TypeVar, overload

import attrs

from tensormesh_runtime.kinds import Kind

if TYPE_CHECKING:
    from typing_extensions import deprecated  # type checkers bring it with them

    R_co = TypeVar("R_co", covariant=True)
    W_contra = TypeVar("W_contra", contravariant=True)

    class Field(Generic[R_co, W_contra]):
        """An attribute that reads as one type and takes a wider one, which is made into it; an attribute it is."""

        @overload
        def __get__(self, instance: None, owner: type[Any]) -> Self: ...
        @overload
        def __get__(self, instance: object, owner: type[Any]) -> R_co: ...
        def __get__(self, instance: Any, owner: type[Any]) -> Any: ...
        def __set__(self, instance: object, value: W_contra) -> None: ...

    class DeprecatedField(Generic[R_co, W_contra]):
        """An attribute like any other, whose use type checkers report: its docstring says what to use instead."""

        @overload
        def __get__(self, instance: None, owner: type[Any]) -> Self: ...
        @overload
        @deprecated("its documentation says why")
        def __get__(self, instance: object, owner: type[Any]) -> R_co: ...
        def __get__(self, instance: Any, owner: type[Any]) -> Any: ...
        @deprecated("its documentation says why")
        def __set__(self, instance: object, value: W_contra) -> None: ...


class RequestId:
    """What `request_id` of an answer reads; no property, so that a field of that name goes before it."""

    __doc__ = "The host's name for the call that this is the answer of; None for what came otherwise."

    def __get__(self, instance: Any, owner: type[Any]) -> Any:
        return self if instance is None else getattr(instance, "_request_id", None)


def field(
    key: str,
    *,
    required: bool = False,
    kind: Kind | Callable[[], Kind] | None = None,
    empty: bool = False,
    convert: Callable[[str, bool], Any] | None = None,
    secret: bool = False,
) -> Any:
    """
    Declare a field.

    Args:
        key: its key in the JSON object.
        required: whether the documents promise it.
        kind: what JSON its value is, or what gives that when the class is first used, so that models load when needed.
        empty: whether it reads as empty where it is missing, for what hosts leave out of the pieces of a stream.
        convert: gives the descriptor that reads text as something better (a time, a number) and keeps the text.
        secret: whether its value must stay out of `repr`.
    """
    metadata = {"key": key, "required": required, "kind": kind, "empty": empty, "convert": convert, "secret": secret}
    return attrs.field(default=attrs.NOTHING if required else None, kw_only=True, metadata=metadata)
