"""Where something stands in a document, and the error that says so."""

from __future__ import annotations

from dataclasses import dataclass

from tensormesh_documents.pointers import Keys, write


@dataclass(frozen=True, slots=True)
class Place:
    """
    Where something stands.

    Args:
        file: the document as its readers know it, such as `openapi/inference.yaml`.
        keys: what leads there.
        line: the line, from 1; 0 when it is not known.
    """

    file: str
    keys: Keys = ()
    line: int = 0

    def __str__(self) -> str:
        """Write it as terminals and editors make a link of it."""
        return f"{self.file}:{self.line}" if self.line else self.file

    @property
    def pointer(self) -> str:
        """The JSON pointer inside the document."""
        return write(self.keys)

    @property
    def dotted(self) -> str:
        """The keys as a person writes them: `paths./v1/models.get.parameters[0]`."""
        return "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in self.keys).removeprefix(".")

    @property
    def in_words(self) -> str:
        """All of it: the file, the line and the keys."""
        return f"{self}, at {self.dotted}" if self.keys else f"{self}"


class DocumentError(Exception):
    """A document that cannot be used: where, and what is wrong there."""

    def __init__(self, place: Place, problem: str) -> None:
        super().__init__(f"{place.in_words}: {problem}")
        self.place = place
        self.problem = problem
