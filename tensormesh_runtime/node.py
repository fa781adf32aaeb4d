"""A place in the tree of friendly calls: builds nothing, sends what its methods built, and picks what they return."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from inspect import Parameter, Signature, signature
from typing import TYPE_CHECKING, Any, ParamSpec, TypeVar, cast

from tensormesh_runtime.errors import SerializationError, ValidationError
from tensormesh_runtime.json_model import within
from tensormesh_runtime.listing import Listing, paged
from tensormesh_runtime.paging import AsyncWalk, walk
from tensormesh_runtime.sealing import seal
from tensormesh_runtime.types import (
    INFERENCE_OPTIONS,
    NO_OPTIONS,
    OPTIONS,
    UNSET,
    CallOptions,
    Request,
    Response,
    StreamRequest,
    call_options,
)

if TYPE_CHECKING:
    from types import MappingProxyType, ModuleType

    from tensormesh_runtime.client import AsyncClient, Client
    from tensormesh_runtime.json_model import JsonModel

P = ParamSpec("P")
T = TypeVar("T")


class Node:
    """What every namespace can do for its methods."""

    def __init__(self, client: Client, *, raw: bool = False) -> None:
        self._client = client
        self._raw = raw

    def _send(self, request: Request[Any], options: Mapping[str, Any] | CallOptions) -> Any:
        request = _with(self, request, options)
        response = self._client.send(request)
        if (returns := request.operation.returns) is not None:
            response = response._replace(parsed=within(response.parsed, returns))
        elif isinstance(response.parsed, Listing):
            paged(response, self._client, request, awaited=False)
        return response if self._raw else response.parsed

    def _as_caller(
        self,
        profile: Request[Any],
        place: Sequence[str],
        key: str,
        name: str,
        request: Any,
        fields: Any,
        options: CallOptions,
    ) -> tuple[Any, Any]:
        """A whole request and the fields, with who calls as the field `key`, called `name`, where nobody said it."""
        if _is_said(key, name, request, fields, options):
            return request, fields
        return _said(self._client.send(_asked(profile, options)).parsed, place, key, name, request, fields)

    def _stream(self, request: StreamRequest[Any, Any], options: CallOptions) -> Any:
        return self._client.stream(_with(self, request, options))

    def _pages(self, request: Request[Any], options: Mapping[str, Any]) -> Iterator[Any]:
        return walk(self._client, _with(self, request, options))


class AsyncNode:
    """The asynchronous version of `Node`."""

    def __init__(self, client: AsyncClient, *, raw: bool = False) -> None:
        self._client = client
        self._raw = raw

    async def _send(self, request: Request[Any], options: Mapping[str, Any] | CallOptions) -> Any:
        request = _with(self, request, options)
        response = await self._client.send(request)
        if (returns := request.operation.returns) is not None:
            response = response._replace(parsed=within(response.parsed, returns))
        elif isinstance(response.parsed, Listing):
            paged(response, self._client, request, awaited=True)
        return response if self._raw else response.parsed

    async def _as_caller(
        self,
        profile: Request[Any],
        place: Sequence[str],
        key: str,
        name: str,
        request: Any,
        fields: Any,
        options: CallOptions,
    ) -> tuple[Any, Any]:
        """The asynchronous version of `Node._as_caller`."""
        if _is_said(key, name, request, fields, options):
            return request, fields
        return _said((await self._client.send(_asked(profile, options))).parsed, place, key, name, request, fields)

    async def _stream(self, request: StreamRequest[Any, Any], options: CallOptions) -> Any:
        return await self._client.stream(_with(self, request, options))

    def _pages(self, request: Request[Any], options: Mapping[str, Any]) -> AsyncIterator[Any]:
        return AsyncWalk(self._client, _with(self, request, options))


def _is_said(key: str, name: str, request: Any, fields: Any, options: CallOptions) -> bool:
    """Whether a call says who calls; what is no request is for others to refuse."""
    if request is not UNSET and not (hasattr(request, "keys") and key not in request):
        return True
    return fields.get(name, UNSET) is not UNSET or key in options.body


def _asked(profile: Request[Any], options: CallOptions) -> Request[Any]:
    return profile._replace(options=CallOptions(headers=options.headers, timeout=options.timeout))


def _said(found: Any, place: Sequence[str], key: str, name: str, request: Any, fields: Any) -> tuple[Any, Any]:
    for step in place:
        found = getattr(found, step)
    return (request, {**fields, name: found}) if request is UNSET else ({**request, key: found}, fields)


def _with(node: Any, request: Any, options: Mapping[str, Any] | CallOptions) -> Any:
    operation = request.operation
    if not isinstance(options, CallOptions):
        for name in options.keys() - INFERENCE_OPTIONS:
            raise misnamed(node, operation.call, name, options[name])
        options = call_options(operation.call, options)
    if options is NO_OPTIONS:
        return request
    if operation.stream and operation.stream.field in options.body:
        field = operation.stream.field
        raise ValidationError(f"{operation.call}() streams where it is given {field}=True: extra_body= cannot say so")
    return request._replace(options=options)


def built(
    node: Any,
    call: str,
    build: Callable[..., Any],
    model: type[JsonModel],
    request: Any,
    fields: Mapping[str, Any],
    named: Mapping[str, Any] = {},
    *,
    renamed: Mapping[str, str] = {},
    found: str = "",
) -> Any:
    """
    The request of a friendly call: its body is the whole `request`, or the fields that were given, by their JSON keys.

    Args:
        build: makes the request of a body and of the arguments that are `named`.
        renamed: arguments, and the fields of the model that they set, which are called otherwise.
        found: the argument that need not be given, for the call finds it out.

    Raises:
        TypeError: there is no such argument.
        ValidationError: both or neither, a field is missing that the call needs, or one cannot be sent.
    """
    codec = model._codec or model._prepare()
    keys: dict[str, str] = codec.keys
    if renamed:
        keys = {name: keys.get(name, name) for name in codec.names - {*renamed.values()}}
        keys |= {name: codec.keys.get(attribute, attribute) for name, attribute in renamed.items()}
    for name in fields.keys() - (keys.keys() if renamed else codec.names):
        raise misnamed(node, call, name, fields[name])
    given = {keys.get(name, name): value for name, value in fields.items() if value is not UNSET}
    names = {key: name for name, key in keys.items()}
    if request is not UNSET:
        if given:
            said = ", ".join(names.get(key, key) for key in given)
            raise ValidationError(f"{call}() takes request= or fields, not both (got {said} beside request)")
        return build(body=request, **named)
    missing = [name for key in codec.required if key not in given and (name := names.get(key, key)) != found]
    if missing:
        raise ValidationError(f"{call}() needs {', '.join(missing)}")
    try:
        return build(body=given, **named)
    except SerializationError as error:
        raise error.called(names) from error.__cause__


def misnamed(node: Any, call: str, name: str, value: Any) -> TypeError:
    """The error for an argument that a call of a node does not take."""
    from tensormesh_runtime.unexpected import unexpected

    taken = signature(getattr(node, call.rpartition(".")[2])).parameters
    options = INFERENCE_OPTIONS if "Inference" in taken["options"].annotation else OPTIONS
    return unexpected(call, name, {*taken, *options} - {"options"}, value)


def settled(call: str, fields: dict[str, Any]) -> Mapping[str, Any]:
    """
    The arguments of a call whose name says already whether it streams. What may be secret is put out of sight.

    Raises:
        TypeError: they say it, too.
    """
    seal(fields)
    if "stream" in fields:
        hint = "with_raw_response gives whole answers, with_streaming_response streams"
        raise TypeError(f"{call}() takes no argument 'stream': {hint}")
    return fields


class RequestSignature(Signature):
    """
    What `inspect.signature` says of a call that takes the fields of a request: all of them, one by one.

    They are looked up when somebody asks, so that neither a call nor loading it pays for them.
    """

    def __init__(
        self,
        parameters: Any = None,
        *,
        return_annotation: Any = Signature.empty,
        method: Any = None,
        models: ModuleType | None = None,
        model: str = "",
        options: str = "",
    ) -> None:
        super().__init__(parameters, return_annotation=return_annotation)
        self._method = method
        self._models = models
        self._model = model
        self._options = options

    @property
    def parameters(self) -> MappingProxyType[str, Parameter]:
        if self._model:
            super().__init__(list(self._named()))
            self._model = ""
        return super().parameters

    def _named(self) -> Iterator[Parameter]:
        code, defaults = self._method.__code__, self._method.__kwdefaults__ or {}
        hints = self._method.__annotations__ | {"request": f"{self._model} | Mapping[str, Any] | Unset"}
        for index, name in enumerate(code.co_varnames[: code.co_argcount + code.co_kwonlyargcount]):
            kind = Parameter.KEYWORD_ONLY if index >= code.co_argcount else Parameter.POSITIONAL_OR_KEYWORD
            if name != "stream":  # it is a field, too
                default = defaults.get(name, Parameter.empty)
                yield Parameter(name, kind, default=default, annotation=hints.get(name, Parameter.empty))
        for field in signature(getattr(self._models, self._model)).parameters.values():
            yield field.replace(default=UNSET)
        yield Parameter("options", Parameter.VAR_KEYWORD, annotation=f"Unpack[{self._options}]")


def takes(models: ModuleType, model: str, options: str) -> Callable[[Callable[P, T]], Callable[P, T]]:
    """Say that a method takes the fields of a model, and options."""

    def said(method: Callable[P, T]) -> Callable[P, T]:
        method.__signature__ = RequestSignature(  # type: ignore[attr-defined]
            method=method, models=models, model=model, options=options
        )
        return method

    return said


def whole(method: Callable[P, T]) -> Callable[P, Response[T]]:
    """A method of a raw `Node`, by its true type: it gives a `Response` around what it gave."""
    return cast("Callable[P, Response[T]]", method)


def awhole(method: Callable[P, Awaitable[T]]) -> Callable[P, Awaitable[Response[T]]]:
    """The asynchronous version of `whole`."""
    return cast("Callable[P, Awaitable[Response[T]]]", method)
