"""
The values that operations are made of. Nothing here opens a connection.

They are named tuples rather than data classes, which take ten times as long to define; every import pays for that. So
it would for annotations that are text, which are compiled: here, they are evaluated.
"""

import enum
import json
import math
import re
from collections.abc import Callable, Iterable, Mapping
from typing import Any, Final, Generic, Literal, NamedTuple, TypedDict, TypeVar
from urllib.parse import quote

from tensormesh_runtime.decode import encode, encode_field
from tensormesh_runtime.errors import ValidationError, unreadable
from tensormesh_runtime.kinds import ANY, Kind
from tensormesh_runtime.operation import Operation as Operation
from tensormesh_runtime.operation import Paging as Paging
from tensormesh_runtime.operation import Streaming as Streaming
from tensormesh_runtime.publication import public
from tensormesh_runtime.sealing import seal, type_name
from tensormesh_transport.secret import Secret

T = TypeVar("T")
E = TypeVar("E")
F = TypeVar("F")


def shown(value: Any, *names: str) -> str:
    """The `repr` of a value that shows some of its fields: the others may hold secrets, or too much."""
    parts = (f"{name}={getattr(value, name)!r}" for name in names)
    return f"{type(value).__name__}({', '.join(parts)})"


class Unset(enum.Enum):
    """The type of `UNSET`."""

    UNSET = "UNSET"

    def __bool__(self) -> Literal[False]:
        return False

    def __repr__(self) -> str:
        return "UNSET"


UNSET: Final = Unset.UNSET
"""Stands for "not given", where `None` would mean null."""


@public
class Timeout(NamedTuple):
    """
    Limits of one call, in seconds. What is `None` is taken from the client.

    Attributes:
        connect: until the connection stands.
        first_byte: from then until the answer begins.
        idle: the longest silence within the answer.
        total: for one try as a whole, until the last byte. How long all tries take together is for the retry policy.
    """

    connect: float | None = None
    first_byte: float | None = None
    idle: float | None = None
    total: float | None = None


class Options(TypedDict, total=False):
    """What every friendly call takes beside its own arguments. `None` is as if it were not given."""

    extra_headers: Mapping[str, str] | None
    """Headers to send beside the client's own; one of the same name takes its place."""
    extra_query: Mapping[str, Any] | None
    """Query parameters to send beside those of the call."""
    extra_body: Mapping[str, Any] | None
    """Keys to put into the body last: fields that the documents do not know, or values that the client refuses."""
    timeout: float | Timeout | None
    """Limits of this call in seconds, in place of the client's."""


class InferenceOptions(Options, total=False):
    """What every friendly inference call takes beside its own arguments. `None` is as if it were not given."""

    user_id: str | None
    """The UUID to send as `X-User-Id` (on demand only), in place of the client's."""
    stream_idle_timeout: float | None
    """The longest silence within a stream, in seconds, in place of the client's."""
    allow_json_schema: bool | None
    allow_undescribed_tools: bool | None
    """Whether this call may send such a format, or such tools; in place of what the client says."""


class CallOptions(NamedTuple):
    """The `Options` of one call as a value; the same names without `extra_`."""

    headers: Mapping[str, str] = {}
    query: tuple[tuple[str, str], ...] = ()
    body: Mapping[str, Any] = {}
    timeout: float | Timeout | None = None
    stream_idle_timeout: float | None = None
    user_id: str | None = None
    allow_json_schema: bool | None = None
    allow_undescribed_tools: bool | None = None

    def __repr__(self) -> str:
        return shown(self, *self._fields[3:])  # a key may be in what stands before


NO_OPTIONS = CallOptions()


class Request(NamedTuple, Generic[T]):
    """
    One call, ready to be sent: where it goes, what it carries, and what its answer becomes.

    Attributes:
        parse: makes the answer of the decoded JSON body.
        path: below the base URL, path parameters filled in and percent-encoded.
        query: the query, in order, as text.
        json: the body as plain JSON values; None for no body.
        headers: those that are arguments of the call, by lower-case name.
        options: what the caller asked for beside the arguments of the call.
    """

    operation: Operation
    parse: Callable[[Any], T]
    path: str
    query: tuple[tuple[str, str], ...] = ()
    json: Any = None
    options: CallOptions = NO_OPTIONS
    headers: tuple[tuple[str, str], ...] = ()

    def __repr__(self) -> str:
        return shown(self, "operation", "path", "options")


class StreamRequest(NamedTuple, Generic[E, F]):
    """
    One call whose answer arrives in pieces.

    Attributes:
        parse_event: makes an event of the decoded JSON of a piece.
        parse: makes the whole answer of its decoded JSON.
        event: what JSON an event is: for a client that looks at the first of many alike, and then spares itself the
            rest. `parse_event` looks at each.
    """

    operation: Operation
    parse_event: Callable[[Any], E]
    parse: Callable[[Any], F]
    path: str
    json: Any
    query: tuple[tuple[str, str], ...] = ()
    options: CallOptions = NO_OPTIONS
    event: Kind = ANY
    headers: tuple[tuple[str, str], ...] = ()

    def __repr__(self) -> str:
        return shown(self, "operation", "path", "options")


@public
class Response(NamedTuple, Generic[T]):
    """
    A whole answer.

    Attributes:
        status_code: the HTTP status, an int even where the standard has no name for it.
        headers: by name, in any case; `Headers` are.
        content: the body as it came.
        parsed: the body as the operation's success type.
    """

    status_code: int
    headers: Mapping[str, str]
    content: bytes
    parsed: T

    def __repr__(self) -> str:
        return shown(self, "status_code", "parsed")

    @property
    def request_id(self) -> str | None:
        """The host's name for this call (header `x-request-id`): what support asks for first."""
        return self.headers.get("x-request-id")

    @property
    def text(self) -> str:
        """The body as text."""
        return self.content.decode("utf-8", errors="replace")

    def json(self) -> Any:
        """
        The body as plain JSON values, untouched by models.

        Raises:
            ValidationError: it is not JSON.
        """
        try:
            return json.loads(self.content)
        except (ValueError, RecursionError) as error:
            raise unreadable(f"the body is not JSON; it begins {self.text[:80]!r}") from error


_STEP = re.compile(
    r"(?:^|[/\\;]|%(?:25)*(?:2f|5c|3b))(?:\.|%(?:25)*2e){1,2}(?:$|[/\\;]|%(?:25)*(?:2f|5c|3b))", re.IGNORECASE
)
"""A segment of a path that is one dot or two, be it percent-encoded once or more often: hosts go up the path there."""


def path_value(name: str, value: Any) -> str:
    """
    One path parameter, percent-encoded whole: `a/b` stays one segment.

    Raises:
        ValidationError: it is empty, absent or a step up the path, which would name another resource, or holds what is
            no character.
    """
    if value is None or value is UNSET:
        raise ValidationError(f"the path parameter {name!r} must be given")
    text = query_value(name, value)
    if not text:
        raise ValidationError(f"the path parameter {name!r} must not be empty")
    if _STEP.search(text):
        raise ValidationError(f"the path parameter {name!r} is {text!r:.100}, which would lead to another route")
    try:
        return quote(text, safe="")
    except UnicodeEncodeError as error:
        raise ValidationError(
            f"the path parameter {name!r} is {text!r:.100}, which holds half of a character"
        ) from error


def query(*pairs: tuple[str, Any]) -> tuple[tuple[str, str], ...]:
    """
    The query parameters that were given, as text; lists repeat their name. Any of them may hold a key.

    Raises:
        ValidationError: a value is no text, number, time or list of such.
    """
    result: list[tuple[str, str]] = []
    for name, value in pairs:
        # Mappings and models can be walked through, too.
        listed = isinstance(value, Iterable) and not isinstance(value, str | bytes) and not hasattr(value, "keys")
        items = value if listed else (value,)
        result += [(name, Secret(query_value(name, item))) for item in items if item is not None and item is not UNSET]
    return tuple(result)


_HEADER = re.compile(r"[\t -~]*")


def header_values(*pairs: tuple[str, Any]) -> tuple[tuple[str, str], ...]:
    """
    The headers that were given, as text; the items of a list stand behind one another. Any of them may hold a key.

    Raises:
        ValidationError: a value is no text, number, time or list of such, or cannot stand in a header.
    """
    result: dict[str, str] = {}
    for name, text in query(*pairs):
        if not _HEADER.fullmatch(text):
            raise ValidationError(f"the header {name!r} cannot be sent: it must be one line of ASCII text")
        result[name] = Secret(f"{result[name]},{text}" if name in result else text)
    return tuple((name.lower(), text) for name, text in result.items())


def query_value(name: str, value: Any) -> str:
    """The text of one value in a path, a query or a header."""
    if value is True or value is False:
        return "true" if value else "false"
    encoded = encode_field(name, value)
    # By their own classes: an enumeration that is text or a number too has another idea of `str`.
    if isinstance(encoded, str):
        return str.__str__(encoded)
    if isinstance(encoded, int):
        return int.__repr__(encoded)
    if isinstance(encoded, float) and math.isfinite(encoded):
        return float.__repr__(encoded)
    problem = "it goes into the URL or a header, as text or a number"
    raise ValidationError(f"the parameter {name!r} cannot be {value!r:.100}: {problem}")


def json_body(name: str, body: Any) -> dict[str, Any]:
    """
    The JSON object of a body given as a model or a mapping.

    Raises:
        ValidationError: it is neither.
    """
    encoded = encode(body)
    if not isinstance(encoded, dict):
        raise ValidationError(f"body must be a {name} or a mapping, not a {type(body).__name__}")
    return encoded


def wants_stream(name: str, stream: Any, request: Any) -> bool:
    """Whether a stream is asked for: by the argument, else by the field `name` of a whole request."""
    if stream is not UNSET and stream is not None:
        return bool(stream)
    if request is UNSET:
        return False
    given = request.get(name) if isinstance(request, Mapping) else getattr(request, name, None)
    return bool(given)


OPTIONS = frozenset(Options.__annotations__)
INFERENCE_OPTIONS = OPTIONS | frozenset(InferenceOptions.__annotations__)
"""What the calls of inference take beside their fields; elsewhere a field may be called like one of these."""


def split_options(given: Any, options: frozenset[str], *secrets: str) -> CallOptions:
    """Take the options of a call out of its keyword arguments, and put what may be secret out of sight."""
    names = given.keys() & options
    if names or secrets:
        seal(given, *secrets)
    if not names:
        return NO_OPTIONS
    return call_options("", {name: given.pop(name) for name in names})


def call_options(call: str, given: Mapping[str, Any]) -> CallOptions:
    """
    The options of a call as a value; what is `None` or `UNSET` counts as not given.

    Raises:
        TypeError: there is no such option.
        ValidationError: one of them is not a mapping.
    """
    if not given:
        return NO_OPTIONS
    for name in given.keys() - INFERENCE_OPTIONS:
        from tensormesh_runtime.unexpected import unexpected

        raise unexpected(call, name, INFERENCE_OPTIONS, given[name])
    values = {
        name.removeprefix("extra_"): value for name, value in given.items() if value is not None and value is not UNSET
    }
    for name in values.keys() & {"headers", "query", "body"}:
        if not isinstance(values[name], Mapping):
            raise ValidationError(f"extra_{name} must be a mapping, not a {type_name(values[name])}")
    if "query" in values:
        values["query"] = query(*values["query"].items())
    if "body" in values:
        values["body"] = encode_field("extra_body", values["body"])
    return CallOptions(**values)
