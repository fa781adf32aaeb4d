"""
The faults that are still to come.

Knows which one is next for a request and how often it is left; the grammar is
`fault_script`'s.
"""

import threading
from collections.abc import Sequence

from tensormesh_local.faults.script import Fault, ScriptError, read_fault
from tensormesh_local.json_values import Json, JsonObject


class Faults:
    """The faults that are still to come, in their order. Safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting: list[tuple[JsonObject, Fault, int | None]] = []

    def add(self, script: JsonObject | None = None, /, **keys: Json) -> None:
        """
        Add one fault, as an object or as keywords; the keys are those of `script.Fault`.

        Raises:
            ScriptError: naming what is wrong with it.
        """
        whole: JsonObject = {**(script or {}), **keys}
        fault = read_fault(whole)
        with self._lock:
            self._waiting.append((whole, fault, fault.times))

    def replace(self, scripts: Sequence[Json]) -> None:
        """Forget all faults and take these; one wrong one leaves everything as it was."""
        read: list[tuple[JsonObject, Fault, int | None]] = []
        for position, script in enumerate(scripts):
            try:
                fault = read_fault(script)
            except ScriptError as exc:
                raise ScriptError(f"fault {position}: {exc}") from exc
            read.append((script if isinstance(script, dict) else {}, fault, fault.times))
        with self._lock:
            self._waiting = read

    def clear(self) -> None:
        """Behave from now on."""
        self.replace([])

    def pending(self) -> list[JsonObject]:
        """List what has not happened as often as it was asked for."""
        with self._lock:
            return [{**script, "times": left} for script, _, left in self._waiting]

    def take(self, method: str, path: str, model: str | None) -> Fault | None:
        """Give the fault for a request, the first that is meant, and count it."""
        with self._lock:
            for position, (script, fault, left) in enumerate(self._waiting):
                if not fault.match.covers(method, path, model):
                    continue
                if left is None:
                    return fault
                if left > 1:
                    self._waiting[position] = (script, fault, left - 1)
                else:
                    del self._waiting[position]
                return fault
        return None
