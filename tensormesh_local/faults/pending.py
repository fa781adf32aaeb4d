"""
The faults that are still to come, and what became of the others.

Knows which one is next for a request, how often it is left, and what it did;
the grammar is `script`'s.
"""

import threading
from collections.abc import Sequence
from dataclasses import dataclass, field

from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_local.faults.script import DAMAGE, Fault, ScriptError, read_fault
from tensormesh_local.json_output import dump


@dataclass(slots=True)
class ActiveFault:
    """
    A fault at work on one request.

    What it does to an answer depends on the answer: a break after fifty events never comes where there are ten.

    Args:
        fault: what is to go wrong.
        found: the keys of it that had something to do, here or on another request.
        over: whether an answer came to its end under it.
    """

    fault: Fault
    found: set[str] = field(default_factory=set)
    over: bool = False


@dataclass(slots=True)
class _Scripted:
    script: JsonObject
    active: ActiveFault
    left: int | None
    strikes: int = 0

    def shown(self) -> str:
        return dump(self.script).decode("utf-8", "replace")

    def complaint(self) -> str | None:
        if not self.strikes:
            return f"the fault {self.shown()} never struck: no request came that it is meant for"
        idle = (
            [key for key in DAMAGE if key in self.script and key not in self.active.found] if self.active.over else []
        )
        if idle:
            return f"the fault {self.shown()} struck, and {', '.join(idle)} found nothing to do in the answer"
        return None


class Faults:
    """The faults that are still to come, in their order. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[_Scripted] = []
        self._all: list[_Scripted] = []

    def add(self, script: JsonObject | None = None, /, **keys: Json) -> None:
        """
        Add one fault, as an object or as keywords; the keys are those of `script.Fault`.

        Raises:
            ScriptError: naming what is wrong with it.
        """
        scripted = _read({**(script or {}), **keys})
        with self._lock:
            self._waiting.append(scripted)
            self._all.append(scripted)

    def replace(self, scripts: Sequence[Json]) -> None:
        """Forget all faults and take these; one wrong one leaves everything as it was."""
        read: list[_Scripted] = []
        for position, script in enumerate(scripts):
            try:
                read.append(_read(script))
            except ScriptError as exc:
                raise ScriptError(f"fault {position}: {exc}") from exc
        with self._lock:
            self._waiting, self._all = read, [*read]

    def clear(self) -> None:
        """Behave from now on."""
        self.replace([])

    def pending(self) -> list[JsonObject]:
        """List what has not happened as often as it was asked for."""
        with self._lock:
            return [{**one.script, "times": one.left} for one in self._waiting]

    def history(self) -> list[JsonObject]:
        """List every fault since the last `clear`: its script, how often it struck, and how often it is still due."""
        with self._lock:
            waiting = {id(one) for one in self._waiting}
            return [
                {"script": one.script, "struck": one.strikes, "left": one.left if id(one) in waiting else 0}
                for one in self._all
            ]

    def complaints(self) -> list[str]:
        """
        Tell of each fault, in a sentence, that never did what it was scripted for.

        Where no answer came to its end under it, because the caller left earlier, there is nothing to say.
        """
        with self._lock:
            return [words for one in self._all if (words := one.complaint()) is not None]

    def take(self, method: str, path: str, model: str | None) -> ActiveFault | None:
        """Give the fault for a request, the first that is meant, and count it."""
        with self._lock:
            for position, one in enumerate(self._waiting):
                if not one.active.fault.match.covers(method, path, model):
                    continue
                one.strikes += 1
                if one.left is not None:
                    one.left -= 1
                    if not one.left:
                        del self._waiting[position]
                return one.active
        return None


def _read(script: Json) -> _Scripted:
    fault = read_fault(script)
    return _Scripted(script if isinstance(script, dict) else {}, ActiveFault(fault), fault.times)
