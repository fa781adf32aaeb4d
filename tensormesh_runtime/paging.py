"""Which page to ask for next, and the walk from page to page."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self

from tensormesh_runtime.errors import ValidationError
from tensormesh_runtime.types import Request

NUMBER, SIZE, TOKEN = "page", "size", "pageToken"
"""The query parameters that choose a page."""


class Pages:
    """
    The pages of a list: `request` is the next one to send, None after the last.

    Its answer goes to `items`, and to `advance` when these are handed out. They end where the host says so, and where a
    host would go in circles.
    """

    def __init__(self, request: Request[Any]) -> None:
        self.request: Request[Any] | None = request
        self._paging = request.operation.paging
        self._last: list[Any] = []
        self._tokens = {self._asked(TOKEN)}

    def items(self, answer: Any) -> list[Any]:
        """
        The items of a page; none where they are those of the page before.

        Raises:
            ValidationError: they are no list.
        """
        assert self._paging is not None  # only lists have pages
        items = items_of(answer, self._paging.items)
        self._last = [] if items == self._last else items
        return self._last

    def advance(self, answer: Any) -> None:
        """
        Work out the next request.

        Raises:
            ValidationError: what the page says of itself, its number for example, makes no sense.
        """
        assert self._paging is not None
        token = self._paging.style == "token"
        following = None
        if self._last:
            following = self._next_token(answer) if token else self._next_number(answer, len(self._last))
        self.request = self._following(TOKEN if token else NUMBER, following) if following else None

    def _following(self, name: str, value: str) -> Request[Any]:
        assert self.request is not None
        kept = tuple(pair for pair in self.request.query if pair[0] != name)
        return self.request._replace(query=(*kept, (name, value)))

    def _asked(self, name: str) -> str | None:
        assert self.request is not None
        return dict(self.request.query).get(name)

    def _next_token(self, answer: Any) -> str | None:
        token: str | None = _read(answer, "next_page_token")
        if token in self._tokens:
            return None
        self._tokens.add(token)
        return token

    def _next_number(self, answer: Any, count: int) -> str | None:
        """Pages are numbered from 1. Without a size from either side there is no telling whether more follow."""
        page = _number("page", self._asked(NUMBER) or _read(answer, "page") or 1)
        size = _number("size", _read(answer, "size") or self._asked(SIZE) or 0)
        if size < 1:
            return None
        total = _read(answer, "total")
        more = count >= size if total is None else page * size < _number("total", total)
        return str(page + 1) if more else None


def walk(client: Any, request: Request[Any], first: Any = None) -> Iterator[Any]:
    """
    Every item, page by page, each page asked for when it is needed.

    Args:
        first: the answer of `request`, where it is there already.
    """
    pages = Pages(request)
    answer = client.send(request).parsed if first is None else first
    while True:
        yield from pages.items(answer)
        pages.advance(answer)
        if pages.request is None:
            return
        answer = client.send(pages.request).parsed


class AsyncWalk:
    """The asynchronous version of `walk`; no generator: nothing is left to finish where a loop is left early."""

    def __init__(self, client: Any, request: Request[Any] | None, first: Any = None) -> None:
        self._client = client
        self._pages = Pages(request) if request else None
        self._answer: Any = None
        self._ready: Iterator[Any] = iter(())
        if self._pages is None:
            self._ready = iter(first)
        elif first is not None:
            self._take(first)

    def _take(self, answer: Any) -> None:
        assert self._pages is not None
        self._ready, self._answer = iter(self._pages.items(answer)), answer

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Any:
        while True:
            for item in self._ready:
                return item
            if self._pages is None or self._pages.request is None:
                raise StopAsyncIteration
            if self._answer is not None:
                self._pages.advance(self._answer)
                self._answer = None
                continue
            self._take((await self._client.send(self._pages.request)).parsed)

    async def aclose(self) -> None:
        """End the walk."""
        self._pages, self._ready = None, iter(())


def items_of(answer: Any, name: str) -> list[Any]:
    """
    The items of a list; none where it is not there or null.

    Raises:
        ValidationError: they are no list.
    """
    return _read(answer, name) or []


def _read(answer: Any, name: str) -> Any:
    """What a page says as `name`; what cannot be read is not the same as nothing."""
    if answer.is_odd(name):
        raise ValidationError(f"{type(answer).__name__}.{name} is not of the documented type (see to_dict())")
    return getattr(answer, name)


def _number(name: str, value: Any) -> int:
    try:
        return int(value)
    except (TypeError, ValueError, OverflowError) as error:
        raise ValidationError(f"the {name} of a list is {value!r:.80}, which is not a number") from error
