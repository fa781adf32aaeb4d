"""Under which names the errors of a batch are known."""

from __future__ import annotations

import pickle

from tensormesh import batch
from tests.cases import cases


def is_error(name: str) -> bool:
    named = getattr(batch, name)
    return isinstance(named, type) and issubclass(named, BaseException)


@cases("name", sorted(filter(is_error, batch.__all__)))
def test_an_error_of_a_batch_is_named_as_it_is_imported(name: str) -> None:
    """In a traceback, and in what one process sends to another."""
    named = getattr(batch, name)

    assert (named.__module__, named.__qualname__) == ("tensormesh.batch", name)
    assert pickle.loads(pickle.dumps(named)) is named
