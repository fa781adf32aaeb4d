"""
The words of the documents, and those that a run has made up itself.

A field or a value that was made up and comes back is not one of the host's;
one that the documents use somewhere is never taken for made up.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Set
from urllib.parse import parse_qsl
from weakref import WeakKeyDictionary

from tensormesh_contract.exchanges.exchange import Request
from tensormesh_contract.json_values import nodes
from tensormesh_documents.json_types import Json
from tensormesh_documents.library import Document

_VALUES = ("const", "enum", "x-known-values")
_READ: WeakKeyDictionary[Document, frozenset[str]] = WeakKeyDictionary()
"""The words of the documents that were read, which most runs share."""


class Vocabulary:
    """
    What one host was sent so far, as far as its answers may repeat it.

    Args:
        documented: the words that are never taken for made up.
    """

    def __init__(self, documented: Set[str]) -> None:
        self._documented = documented
        self._made_up: set[str] = set()
        self._sent: set[tuple[str, str]] = set()

    def note(self, request: Request) -> None:
        """Take note of what is sent."""
        query = parse_qsl(request.query)
        sent = {*(value for _, value in query), *_texts(request.json)}
        self._made_up |= sent - self._documented
        self._sent.update(query)
        self._sent.update(_named(request.json))

    def is_made_up(self, word: Json, name: str = "") -> bool:
        """Tell whether a word came from the run itself: one that no document knows, or one sent under that name."""
        return isinstance(word, str) and (word in self._made_up or (name, word) in self._sent)


def documented_words(documents: Iterable[Document]) -> frozenset[str]:
    """Give the names of fields and the known values of some documents."""
    return frozenset().union(*map(_words_of, documents))


def _words_of(document: Document) -> frozenset[str]:
    if document not in _READ:
        _READ[document] = frozenset(_words(document.root.value))
    return _READ[document]


def _words(value: Json) -> Iterator[str]:
    """Give the names of fields and the known values of a document."""
    for node in nodes(value):
        if isinstance(node, dict):
            fields = node.get("properties")
            if isinstance(fields, dict):
                yield from fields
            for keyword in _VALUES:
                yield from _texts(node.get(keyword))


def _texts(value: Json) -> Iterator[str]:
    """Give every string in a value, names of fields included."""
    for node in nodes(value):
        if isinstance(node, str):
            yield node
        elif isinstance(node, dict):
            yield from node


def _named(value: Json) -> Iterator[tuple[str, str]]:
    """Give every string that a field has, with the name of the field."""
    for node in nodes(value):
        if isinstance(node, dict):
            yield from ((name, item) for name, item in node.items() if isinstance(item, str))
