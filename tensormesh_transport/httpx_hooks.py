"""What the hooks of somebody's own client of httpx raise: it is told apart from what the network does."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterable, Mapping
from functools import partial
from types import CodeType, TracebackType
from typing import TYPE_CHECKING, Any

from tensormesh_transport.errors import HookError, words

if TYPE_CHECKING:
    import httpx


def hook_error(hooks: Mapping[str, Iterable[Callable[..., Any]]], error: Exception) -> HookError | None:
    """
    The error of ours where a hook raised this one, which becomes its cause, with the frames of the hook; else None.

    Args:
        hooks: those of the client, by the event that they are for.
    """
    for event, several in hooks.items():
        codes = [code for hook in several if (code := _code(hook)) is not None]
        trace: TracebackType | None = error.__traceback__ if codes else None
        while trace is not None:
            if trace.tb_frame.f_code in codes:
                text = f"a hook of the http_client for each {event} raised {type(error).__name__}: {words(error)}"
                ours = HookError(text, sent=event != "request")
                ours.__cause__ = error.with_traceback(trace)
                return ours
            trace = trace.tb_next
    return None


def says_status(library: Any, error: BaseException) -> bool:
    """Whether it does no more than to say that an answer is no success, which its status says as well."""
    if not isinstance(error, library.HTTPStatusError):
        return False
    held: Any = getattr(error, "response", None)
    return isinstance(held, library.Response) and not 200 <= held.status_code < 300


def answer_of(library: Any, error: Any) -> httpx.Response:
    """The answer that such an error is about, as far as it was read: by now it is closed."""
    held = error.response
    try:
        content = held.content
    except library.StreamError:
        said = words(error).partition(" for url")[0]
        content = (
            f"a hook of the http_client raised {type(error).__name__} before the body was read ({said}); "
            "a hook that calls response.read() first keeps it"
        ).encode()
    # It is decompressed, and whole.
    framing = ("content-encoding", "content-length", "transfer-encoding")
    headers = [(name, value) for name, value in held.headers.multi_items() if name.lower() not in framing]
    request = library.Request(error.request.method, error.request.url.copy_with(query=None))
    made: httpx.Response = library.Response(held.status_code, headers=headers, content=content, request=request)
    return made


def _code(hook: Any) -> CodeType | None:
    """What runs first of whatever can be called."""
    while isinstance(hook, partial):
        hook = hook.func
    hook = inspect.unwrap(hook)
    if not (inspect.isfunction(hook) or inspect.ismethod(hook)):
        hook = type(hook).__call__
    code: CodeType | None = getattr(getattr(hook, "__func__", hook), "__code__", None)
    return code
