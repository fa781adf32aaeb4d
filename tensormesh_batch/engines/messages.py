"""
What a run and a worker in another process say to each other: JSON objects with a `kind`.

    from the run    begin     what is to be done
                    reply     to what was asked, by its `id`
                    share     the limits have changed
                    stop      send nothing more, and end when what is under way is through
    from a worker   shard, aside, lease      asked for, with an `id`
                    through, miscounted      of a shard
                    told      what it has done since it last told
                    end       it has, well or not
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict
from decimal import Decimal
from typing import Any

from tensormesh_batch import errors
from tensormesh_batch.errors import BatchError
from tensormesh_batch.folder.opened import Opened
from tensormesh_batch.money.price import Price
from tensormesh_batch.running.settings import Settings

type Message = dict[str, Any]

_ERRORS = {kind.__name__: kind for kind in vars(errors).values() if isinstance(kind, type)}


def begin(settings: Settings, environment: Mapping[str, str], opened: Opened) -> Message:
    """
    The first message to a worker.

    Args:
        environment: the variables that a client reads.

    Raises:
        ValueError: a client's arguments are no JSON.
    """
    given: dict[str, Any] = {
        **vars(settings),
        "client": {**settings.client, "env": dict(environment)},
        "prices": {model: [str(price.input), str(price.output)] for model, price in settings.prices.items()},
    }
    message = {
        "kind": "begin",
        "settings": given,
        "folder": str(opened.layout.root.resolve()),
        "manifest": asdict(opened.manifest),
        "source": str(opened.source.resolve()),
    }
    try:
        json.dumps(message)
    except TypeError as error:
        raise ValueError(f"client_options go to other processes as JSON, and cannot: {error}") from error
    return message


def settings_of(message: Message) -> Settings:
    """What a worker is told, in `begin` or in `share`."""
    given = message["settings"]
    prices = {model: Price(*map(Decimal, pair)) for model, pair in given["prices"].items()}
    return Settings(**{**given, "prices": prices})


def error_of(found: list[str]) -> BatchError:
    """The error that a worker ended with."""
    name, text = found
    kind = _ERRORS.get(name, BatchError)
    return kind(text) if issubclass(kind, BatchError) else BatchError(text)


def described(error: Exception) -> list[str]:
    """An error as a worker tells it."""
    if isinstance(error, BatchError):
        return [type(error).__name__, str(error)]
    return ["WorkerError", f"a worker failed: {error}"]
