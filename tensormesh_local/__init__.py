"""
A Tensormesh of one's own on 127.0.0.1.

Knows the rules and shapes of the service, without an account and without
weights, and can be told to misbehave. Imports nothing of the SDK but the reader
of the documents, so that it cannot agree with its mistakes.

Names are loaded when they are first used: only then is it felt that the extra
`local` is missing.
"""

from importlib import import_module
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from tensormesh_local.faults.pending import Faults
    from tensormesh_local.faults.script import ScriptError
    from tensormesh_local.options import Options
    from tensormesh_local.request_log import Record
    from tensormesh_local.server import LocalHost, StartError

__all__ = ["Faults", "LocalHost", "Options", "Record", "ScriptError", "StartError"]

# Not `tensormesh[local]`: under that name, the index has another package, which would take the place of this one.
INSTALL = "pip install pydantic pyyaml starlette uvicorn; or, in a clone of this project, pip install '.[local]'"

_PLACES = {
    "Faults": "faults.pending",
    "LocalHost": "server",
    "Options": "options",
    "Record": "request_log",
    "ScriptError": "faults.script",
    "StartError": "server",
}


def __getattr__(name: str) -> object:
    if name not in _PLACES:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    try:
        found = getattr(import_module(f"{__name__}.{_PLACES[name]}"), name)
    except ModuleNotFoundError as exc:
        raise ModuleNotFoundError(f"{exc.msg}, which the local host needs: {INSTALL}", name=exc.name) from exc
    globals()[name] = found
    return found
