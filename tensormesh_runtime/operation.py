"""
What may be known of an operation before it is called.

Annotations are evaluated here: for a named tuple, text would be compiled word by word at each import.
"""

from typing import Literal, NamedTuple


class Streaming(NamedTuple):
    """
    How an operation streams.

    Attributes:
        field: the field of the body that asks for it.
        event: the type of each event.
        end: what ends the stream: the data of its last event, or `type:` and the type of that.
        whole: what its events make together.
        adds: in which way they do: as those of one of OpenAI's APIs (`chat`, `completion`, `response`), or by `fields`.
        pieces: pairs: the keys of the answer, and the keys of events that hold pieces of them.
        said: the keys that mean the same in both.
        final: the key of an event that holds the whole answer; empty where none does.
    """

    field: str
    event: str = ""
    end: str = ""
    whole: str = ""
    adds: str = ""
    pieces: tuple[tuple[str, str], ...] = ()
    said: tuple[str, ...] = ()
    final: str = ""


class Paging(NamedTuple):
    """How an operation pages: by `page` and `size` or by `token`, and which key of the answer holds the items."""

    style: Literal["page", "token"]
    items: str


class Operation(NamedTuple):
    """
    What a caller may want to know of an operation before calling it.

    Attributes:
        answer: the model of its whole answer, or of what is in that; empty where that is plain JSON.
        content: the media type of that; empty where it has no body.
        security: pairs: surfaces, and ways to be let in that are not those of their other operations (see `Surface`).
    """

    id: str
    method: str
    path: str
    surfaces: tuple[str, ...]
    call: str
    retry: Literal["idempotent", "never"]
    stream: Streaming | None = None
    paging: Paging | None = None
    returns: str | None = None
    empty_ok: bool = False
    answer: str = ""
    generates: bool = False
    """Whether a model writes the answer, which may take it minutes."""
    security: tuple[tuple[str, tuple[tuple[str, ...], ...]], ...] = ()
    content: str = "application/json"

    @property
    def idempotent(self) -> bool:
        """Whether sending it twice does what sending it once does, so that a client may retry it."""
        return self.retry == "idempotent"
