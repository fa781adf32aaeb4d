"""Tables of the guide and the reference that repeat what code says, each by the name of its marked section."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import fields

import click

import tensormesh_pytest
from documentation.docstrings import attribute_docstrings, described
from documentation.markdown import code, table
from documentation.pictures.batches import orders
from documentation.reference import methods
from documentation.reference.entries import summary_of
from tensormesh import (
    DEFAULT_STREAM_IDLE_TIMEOUT_SECONDS,
    DEFAULT_TIMEOUT_SECONDS,
    DEFAULT_TOTAL_TIMEOUT_SECONDS,
    Tensormesh,
    errors,
)
from tensormesh_generated.types import InferenceOptions, Options, Timeout
from tensormesh_local import Options as HostOptions
from tensormesh_local.command_line import local
from tensormesh_local.faults.script import Fault, Match
from tensormesh_overlay.configuration.config import SETTINGS as VARIABLES
from tensormesh_overlay.configuration.config import Config
from tensormesh_overlay.configuration.retry_policy import RETRYABLE, TURNED_AWAY
from tensormesh_overlay.status_errors import status_error

ADVICE = {
    "BadRequestError": "read `error.message` and `error.param`; mend the request",
    "AuthenticationError": "check the key: inference takes an API key, the control plane a token",
    "PermissionDeniedError": "ask the owner of the account; or take another key",
    "NotFoundError": "check the name of the model, and the base URL",
    "ConflictError": "look at what is there already",
    "UnprocessableEntityError": "mend the field that `error.message` names",
    "RateLimitError": "wait `error.retry_after` seconds, or send less at a time",
    "InternalServerError": "try again later; tell support `error.request_id`",
    "APIStatusError": "read `error.message`; a redirect means a wrong base URL",
}
"""What to do about a status, by the class of its error."""

STATUSES = (400, 401, 403, 404, 409, 422, 429, 500, 502, 503, 504, 529, 302)
"""Statuses worth a row; the last stands for redirects, which are not followed."""


def statuses() -> str:
    """Which error a status becomes, whether it is tried again where retries are on, and what to do."""
    rows = []
    for status in STATUSES:
        name = type(status_error(status, {}, b"", "")).__name__
        again = "GET, PUT, DELETE" if status in RETRYABLE else "no"
        if status in TURNED_AWAY:
            again = "GET, PUT, DELETE; POST with `posts=True`"
        rows.append([str(status), code(name), again, ADVICE[name]])
    return table(["status", "error", "sent again, if you allow it", "what to do"], rows)


def other_errors() -> str:
    """The errors that are no status."""
    of_status = errors.APIStatusError
    kinds = dict.fromkeys(getattr(errors, name) for name in errors.__all__)  # one of them has two names
    rows = [
        [
            code(kind.__name__),
            ", ".join(code(base.__name__) for base in kind.__bases__ if base in kinds),
            summary_of(kind),
        ]
        for kind in sorted(kinds, key=lambda kind: (len(kind.__mro__), kind.__name__))
        if not issubclass(kind, of_status)
    ]
    return table(["error", "is also a", "what happened"], rows)


def limits() -> str:
    """Every limit of a call, and what it is where nobody sets one."""
    usual, all_of_it = f"{DEFAULT_TIMEOUT_SECONDS:g} s", f"{DEFAULT_TOTAL_TIMEOUT_SECONDS:g} s"
    defaults = {
        "connect": usual,
        "first_byte": f"{usual}; {all_of_it} for a whole answer that a model writes",
        "idle": f"{DEFAULT_STREAM_IDLE_TIMEOUT_SECONDS:g} s within a stream",
        "total": f"{all_of_it}; none for a stream",
    }
    rows = [[code(name), text, defaults[name]] for name, text in described(Timeout).items()]
    return table(["limit", "how long", "unless you say otherwise"], rows)


def retried() -> str:
    """After what a call is tried again."""
    rows = [
        ["GET, PUT, DELETE", f"{_ranges(RETRYABLE)}, or a broken connection"],
        ["POST, with `posts=True`", f"{_ranges(TURNED_AWAY)}, or a connection that never came about"],
    ]
    return table(["call", "is sent again after"], rows)


def _ranges(numbers: Iterable[int]) -> str:
    """Numbers in order; where three or more follow each other, the first to the last of them."""
    runs: list[list[int]] = []
    for number in sorted(numbers):
        if runs and number == runs[-1][-1] + 1:
            runs[-1].append(number)
        else:
            runs.append([number])
    return ", ".join(f"{run[0]} to {run[-1]}" if len(run) > 2 else ", ".join(map(str, run)) for run in runs)


def call_options() -> str:
    """What every call takes beside its own arguments."""
    words = attribute_docstrings(Options) | attribute_docstrings(InferenceOptions)
    return table(["argument of a call", "what it is"], [[code(f"{name}="), text] for name, text in words.items()])


def settings() -> str:
    """Every argument of a client."""
    words = described(Tensormesh)
    rows = []
    for name, text in words.items():
        variable = VARIABLES[name][0] if name in VARIABLES else ""
        default = getattr(Config, name, None)
        shown = code(str(default)) if isinstance(default, str | int | float) and default is not False else ""
        rows.append([code(f"{name}="), code(variable), shown if name not in ("timeout", "max_retries") else "", text])
    return table(["argument", "variable", "default", "what it is"], rows)


def local_settings() -> str:
    """Every setting of a local host: in Python, and on the command line."""
    words = described(HostOptions)
    options = {item.name: item for item in local.params if isinstance(item, click.Option)}
    rows = []
    for item in fields(HostOptions):
        default = "" if item.default in (None, "", ()) or callable(item.default) else str(item.default)
        option = options.get(item.name)
        rows.append([code(item.name), code(option.opts[-1] if option else ""), code(default), words[item.name]])
    only = [
        [" ", code(option.opts[-1]), "", option.help or ""]
        for name, option in options.items()
        if name not in {item.name for item in fields(HostOptions)}
    ]
    return table(["`Options(...)`", "`tm local`", "default", "what it is"], [*rows, *only])


def faults() -> str:
    """Every key of a fault."""
    rows = [[code(name), text] for name, text in described(Fault).items()]
    rows += [[code(f"match.{name}"), text] for name, text in described(Match).items()]
    return table(["key", "what it does"], rows)


def fixtures() -> str:
    """The fixtures of the pytest plugin."""
    names = [name for name in tensormesh_pytest.__all__ if name.startswith("tensormesh_")]
    rows = [[code(name), summary_of(getattr(tensormesh_pytest, name))] for name in names]
    return table(["fixture", "what it is"], rows)


def orders_of_a_batch() -> str:
    """What came from the cache, by the order of the rows."""
    rows = [[one.input, *(f"{share:.1f} %" for share in one.cached), *[""] * (3 - len(one.cached))] for one in orders()]
    return table(["input", "as it came", "by prefix", "the most possible"], rows)


def control_plane() -> str:
    """Every method of the control plane, and what it calls."""
    rows = [
        [f"[`{entry.name}`](control-plane/{group.replace('_', '-')}.md)", entry.calls, entry.summary]
        for group in methods.GROUPS
        for entry in methods.control_plane(group)
    ]
    return table(["method", "calls", "what it does"], rows)


SECTIONS: dict[str, Callable[[], str]] = {
    "statuses": statuses,
    "other errors": other_errors,
    "limits": limits,
    "retried": retried,
    "options of a call": call_options,
    "settings": settings,
    "settings of a local host": local_settings,
    "faults": faults,
    "fixtures": fixtures,
    "orders of a batch": orders_of_a_batch,
    "methods of the control plane": control_plane,
}
