"""
What can go wrong with JSON and models; what can go wrong on the way to a host is the client's to say.

    TensormeshError
    └── ValidationError          JSON that a model cannot be made of, or a value or a call that cannot be sent
        ├── MissingFieldError    a field the documents promise, read from an answer that lacks it
        └── SerializationError   a value that has no JSON, and where it stands
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from tensormesh_runtime.publication import public


@public
class TensormeshError(Exception):
    """
    The base of every error this package raises.

    Attributes:
        sent: whether the host may have seen a request. Where it is False, nothing has happened there.
    """

    sent: bool = False


@public
class ValidationError(TensormeshError, ValueError):
    """
    What a call was given cannot be sent, or what was read is not what the documents say: an argument that is missing or
    of no use, JSON that a model cannot be made of, a value that has no JSON.
    """


ModelError = ValidationError
"""The old name of `ValidationError`, which the next release will not have."""


@public
class MissingFieldError(ValidationError, AttributeError):
    """A required field was read, and the answer did not contain it, or something of another type in its place."""

    sent = True

    def __init__(self, model: str, name: str, odd: bool = False, has: Sequence[str] | None = None) -> None:
        what = "what the answer has there is of another type" if odd else "the answer did not contain it"
        hint = "see to_dict() for what it did" if has is None else f"it has {', '.join(has) or 'nothing'}"
        super().__init__(f"this {model} has no {name!r}: {what} ({hint})")
        self.model = model
        self.name: str | None = name
        self.odd = odd
        self._has = has

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.model, self.name, self.odd, self._has)


def unreadable(message: str) -> ValidationError:
    """The error of a value that was read from an answer, for which a request had to be sent."""
    error = ValidationError(message)
    error.sent = True
    return error


_STEPS = 12
"""Steps that a way to a value shows: of a value that contains itself, there are more than anybody reads."""


@public
class SerializationError(ValidationError):
    """
    A value cannot be sent as JSON.

    Attributes:
        reason: why not.
        path: where it stands in what was to be sent, such as `messages[0].content`; empty where it is all of it.
    """

    def __init__(self, reason: str, steps: Iterable[str | int] = ()) -> None:
        super().__init__(reason)
        self.reason = reason
        self._steps = list(steps)
        """From the inside out."""

    def within(self, step: object) -> SerializationError:
        """The same error, of what holds the value as a field, or as an item."""
        self._steps.append(step if isinstance(step, int) else str(step))
        return self

    def called(self, names: Mapping[str, str]) -> SerializationError:
        """The same error, where the outermost field goes by the name that somebody gave it by."""
        if self._steps and isinstance(self._steps[-1], str):
            self._steps[-1] = names.get(self._steps[-1], self._steps[-1])
        return self

    @property
    def path(self) -> str:
        shown = self._steps[: -_STEPS - 1 : -1]
        text = "".join(f"[{step}]" if isinstance(step, int) else _field(step) for step in shown)
        return text.removeprefix(".") + ("..." if len(self._steps) > _STEPS else "")

    def __str__(self) -> str:
        return f"{self.path}: {self.reason}" if self._steps else self.reason

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.reason, self._steps)


def _field(name: str) -> str:
    return f".{name}" if name.replace("-", "_").isidentifier() else f"[{name!r:.80}]"


def not_loaded(name: str, error: OSError) -> TensormeshError:
    """The error where a part of this package is needed, and the system does not let the process read it."""
    return TensormeshError(
        f"{name} cannot be loaded ({error.strerror}): make fewer calls at once, or let the process open more files "
        "(`ulimit -n`)"
    )
