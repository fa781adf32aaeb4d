"""The `x-tensormesh` block of an operation: what a caller needs beyond OpenAPI."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, StringConstraints

Name = Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*$")]


class _Block(BaseModel):
    model_config = ConfigDict(extra="forbid", strict=True)


class Stream(_Block):
    """
    How an answer arrives in pieces.

    Attributes:
        field: the body's field that asks for it.
        event: the component that each piece is.
        end: what ends the stream: the data of its last event, or `type:` and the type of that.
        whole: what the pieces make together: `get_final_...` gives it.
        adds: how: as those of OpenAI's APIs do, or which key of an event holds pieces of which key of the answer.
        final: the key of an event that holds the whole answer.
    """

    field: str
    event: str
    end: Annotated[str, StringConstraints(min_length=1)]
    whole: Name
    adds: Literal["chat", "completion", "response"] | dict[str, str] = {}
    final: Annotated[str, StringConstraints(min_length=1)] | None = None


class Paging(_Block):
    """How a list is cut into pages, and the key of its items."""

    style: Literal["page", "token"]
    items: str


class Caller(_Block):
    """
    A field of the body that a client fills in, where it is left out, with who calls.

    Attributes:
        field: the field.
        profile: the operation that tells who calls.
        id: where in its answer that stands, by dotted keys.
    """

    field: str
    profile: str
    id: Annotated[str, StringConstraints(pattern=r"^\w+(\.\w+)*$")]


class Cli(_Block):
    """
    What the command line makes of it.

    Attributes:
        command: what to type after `tm`.
        confirm: it asks before it acts.
        reveals: it exists to hand out a secret.
        options: names of options, and what they set.
        columns: the fields of a listed item that a table shows first.
        by_hand: its command is written by hand.
    """

    command: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9-]*( [a-z][a-z0-9-]*)*$")]
    confirm: bool = False
    reveals: bool = False
    options: dict[str, str] = {}
    columns: list[str] = []
    by_hand: bool = False


class Facts(_Block):
    """
    The block itself.

    Attributes:
        call: namespaces and method of the friendly call.
        retry: whether sending it twice does what sending it once does.
        positional: API names of the parameters that are passed by position, in order.
        rename: API names, and what to call their arguments instead; a parameter's, where a field has the same.
        returns: the key of the answer that the friendly call unwraps.
        caller: what the friendly call finds out where it is not given: who calls.
        upsert: the method beside this one that replaces what this one creates; both together make `upsert(method=)`.
        empty_ok: whether a success without a body is one.
        generates: whether a model writes the answer, which may take it minutes; what streams does so anyway.
    """

    call: Annotated[str, StringConstraints(pattern=r"^[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)+$")]
    retry: Literal["idempotent", "never"]
    cli: Cli
    stream: Stream | None = None
    paging: Paging | None = None
    positional: list[str] = []
    rename: dict[str, Name] = {}
    returns: str | None = None
    caller: Caller | None = None
    upsert: Name | None = None
    empty_ok: bool = False
    generates: bool = False
