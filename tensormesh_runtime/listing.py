"""Answers that are a list of something: they iterate over it, page after page where there are pages."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterator
from itertools import chain
from typing import TYPE_CHECKING, Any, ClassVar, Generic, NamedTuple, TypeVar, overload

from tensormesh_runtime.display import as_table
from tensormesh_runtime.errors import ValidationError
from tensormesh_runtime.json_model import JsonModel
from tensormesh_runtime.paging import AsyncWalk, Pages, items_of, walk
from tensormesh_runtime.types import Request, Response

T = TypeVar("T")


class Following(NamedTuple):
    """Whom a list came from, by which request, and so who can be asked for the page after it, where there is one."""

    client: Any
    request: Request[Any]
    awaited: bool


class AsyncIteration:
    """`__aiter__` of the lists that an asynchronous client gave, and of no others: many tools ask if it is there."""

    def __get__(self, instance: Any, owner: type[Any]) -> Any:
        if instance is None:
            return self
        following = getattr(instance, "_following", None)
        if following is None or not following.awaited:
            raise AttributeError(f"this {owner.__name__} was not awaited: go through it with `for`, not `async for`")
        if following.request.operation.paging is None:
            return lambda: AsyncWalk(None, None, instance._listed())
        return lambda: AsyncWalk(following.client, following.request, instance)


class Listing(JsonModel, Generic[T]):
    """
    An answer that is a list, with what is said of it beside.

    It iterates over its items, and where the list comes in pages, over those of the pages after it: each is asked for
    when it is needed (`async for`, where the client is asynchronous). `len` and indexes are of the items that came with
    this answer. By key it reads like the JSON object, as every model does: `answer["total"]`, `dict(answer)`.
    """

    __slots__ = ("_following",)

    _items: ClassVar[str]

    def _listed(self) -> list[T]:
        items: list[T] = items_of(self, self._items)
        return items

    def __iter__(self) -> Iterator[T]:  # type: ignore[override]
        items, following = self._listed(), getattr(self, "_following", None)
        if following is None or following.request.operation.paging is None:
            return iter(items)
        if following.awaited:
            return chain(items, self._no_more(following))
        return walk(following.client, following.request, self)

    if TYPE_CHECKING:

        def __aiter__(self) -> AsyncIterator[T]: ...
    else:
        __aiter__ = AsyncIteration()

    def _no_more(self, following: Following) -> Iterator[T]:
        """Says that there is more than could be asked for; silence would look like the end of the list."""
        if self._next(following) is not None:
            raise ValidationError(
                f"more pages follow this {type(self).__name__}, and only `async for` can ask for them; "
                f".{self._items} are the items of this one"
            )
        yield from ()

    def _next(self, following: Following) -> Request[Any] | None:
        if following.request.operation.paging is None:
            return None
        pages = Pages(following.request)
        pages.items(self)
        pages.advance(self)
        return pages.request

    def __len__(self) -> int:
        return len(self._listed())

    def __contains__(self, key: object) -> bool:
        """Whether there is such a key, for text; whether it is one of the items, for anything else."""
        return super().__contains__(key) if isinstance(key, str) else key in self._listed()

    @overload
    def __getitem__(self, key: str) -> Any: ...
    @overload
    def __getitem__(self, key: int) -> T: ...
    @overload
    def __getitem__(self, key: slice) -> list[T]: ...
    def __getitem__(self, key: Any) -> Any:
        return self._listed()[key] if isinstance(key, int | slice) else super().__getitem__(key)

    def __reversed__(self) -> Iterator[T]:
        return reversed(self._listed())

    def _repr_html_(self) -> str | None:
        items = vars(self).get(self._items)
        if not isinstance(items, list):
            return None
        return as_table(items, more=self._has_more())

    def _has_more(self) -> bool:
        following = getattr(self, "_following", None)
        if following is None:
            return False
        try:
            return self._next(following) is not None
        except ValidationError:
            return False


_note_following: Callable[[Any, Following], None] = vars(Listing)["_following"].__set__


def paged(response: Response[Any], client: Any, request: Request[Any], awaited: bool) -> Response[Any]:
    """Let an answer that is a list know where it comes from, and so the page after it."""
    if isinstance(response.parsed, Listing):
        _note_following(response.parsed, Following(client, request, awaited))
    return response
