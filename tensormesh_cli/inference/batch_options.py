"""What a batch is told by the settings of `tm`: keys and hosts, the model, prices, the contexts of models."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

import click

from tensormesh_cli.client import client_errors
from tensormesh_cli.conversation.usage import PRICED_TOKENS
from tensormesh_cli.errors import CliError
from tensormesh_cli.failures import failure
from tensormesh_cli.inference.surface import Surface
from tensormesh_cli.values.money import CURRENCY

if TYPE_CHECKING:
    from tensormesh.batch import Price as BatchPrice
    from tensormesh_cli.conversation.usage import Price

_OURS = re.compile(r"(a|it|lines?|more|rows?|the|there|to)\b")

PATIENCE_SECONDS = 5.0
"""Nobody waits longer than this for what the host lists."""


def client_options(at: Surface) -> dict[str, Any]:
    """
    Arguments of the clients that send the rows. How long an answer may take, and how often a row goes again, is a
    matter of the batch.

    Raises:
        CliError: a setting cannot be used, a key is missing, or is one of another host.
    """
    own = ("timeout", "max_retries")
    return {name: value for name, value in at.arguments().items() if name not in own}


def model(at: Surface) -> str | None:
    """
    The model of rows that name none; None where none is configured.

    Raises:
        CliError: none of the deployments is up that stand for it.
    """
    name = at.app.settings["gateway_model_id" if at.name == "on-demand" else "serverless_model"].value
    return None if name is None else at.model(None, name)


def price(given: str | None, listed: Callable[[], dict[str, Price]]) -> BatchPrice | dict[str, BatchPrice]:
    """
    What tokens cost: as it is given, else as the price list says.

    Raises:
        click.UsageError: what is given is no price.
    """
    from tensormesh.batch import Price

    if given is not None:
        try:
            return Price.of(given)
        except ValueError as error:
            raise click.UsageError(f"--price: {error}.") from error
    million = PRICED_TOKENS
    return {
        name: Price(found.prompt * million, found.completion * million, found.cached * million)
        for name, found in listed().items()
        if found.currency == CURRENCY
    }


def contexts(at: Surface) -> dict[str, int]:
    """The longest context of each model, as far as the host lists it."""
    try:
        node = at.node(public=True)
        with at.app.progress("Reading the models"), client_errors():
            models = [item.to_dict() for item in node.models.list(timeout=PATIENCE_SECONDS).data]
    except CliError:
        return {}  # what it would limit is then said to be without limit
    sizes = {str(item.get("id")): item.get("max_model_len") for item in models}
    return {name: size for name, size in sizes.items() if isinstance(size, int) and size > 0}


@contextmanager
def batch_errors(at: Surface | None = None) -> Iterator[None]:
    """Turn what a batch raises inside into an error of a command."""
    from tensormesh import TensormeshError, batch

    try:
        yield
    except batch.Interrupted as error:
        raise CliError("interrupted", _sentence(error)) from error
    except batch.StoppedError as error:
        if at is None or not isinstance(error.__cause__, TensormeshError):
            raise CliError("stopped", _sentence(error)) from error
        cause = failure(error.__cause__, at.hints())
        kind = cause.kind if cause.kind == "unauthorized" else "stopped"
        raise CliError(kind, _sentence(error), cause.hint, cause.status, cause.request_id) from error
    except batch.BudgetError as error:
        raise CliError("stopped", _sentence(error), "give a larger --budget, and run the same again") from error
    except batch.FolderError as error:
        raise CliError("file", _sentence(error)) from error
    except batch.InputError as error:
        raise CliError("input", _sentence(error)) from error
    except batch.BatchError as error:
        raise CliError("stopped", _sentence(error)) from error


def _sentence(error: BaseException) -> str:
    text = str(error)
    return text[:1].upper() + text[1:] if _OURS.match(text) else text  # a path is as it is
