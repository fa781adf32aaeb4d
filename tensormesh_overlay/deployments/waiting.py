"""Whether a deployment is up, or never will be. No I/O."""

from __future__ import annotations

import math
import time
from datetime import timedelta
from typing import TYPE_CHECKING

from tensormesh_overlay.deployments.patience import Patience, seconds
from tensormesh_overlay.errors import DeploymentError, DeploymentTimeoutError, TensormeshError
from tensormesh_runtime.types import Timeout

if TYPE_CHECKING:
    from tensormesh_generated.models import Model

UP = "MODEL_STATUS_UP"
OVER = ("DELETED", "FAILED", "ERROR", "CANCELLED", "TERMINATED", "STOPPED")
"""How statuses end that lead to no other. The service documents the first; the others are the field's words."""

TIMEOUT_SECONDS = 1_800.0
"""A large model takes its time to be loaded."""
INTERVAL_SECONDS = 5.0
LAST_LOOK_SECONDS = 1.0
"""What a look may take at least, however little time is left."""


class Waiting:
    """
    What was seen of a deployment so far, and how long is left.

    Args:
        timeout: for how long to look; None for ever.
        interval: between two looks.
    """

    def __init__(self, model_id: str, timeout: float | timedelta | None, interval: float | timedelta) -> None:
        self._model_id = model_id
        self._timeout = None if timeout is None else seconds("timeout", timeout)
        # Whoever waits has said for how long; failures that pass are lived through until then.
        self._patience = Patience(interval, away=math.inf)
        self._end = None if self._timeout is None else time.monotonic() + self._timeout
        self._model: Model | None = None
        self._failure: TensormeshError | None = None

    def saw(self, model: Model) -> bool:
        """
        Whether a deployment is up by now.

        Raises:
            DeploymentError: it never will be.
        """
        self._patience.answered()
        self._model, self._failure = model, None
        status = str(model.status or "")
        if status.endswith(OVER):
            raise DeploymentError(f"the deployment {self._model_id} will not be up: {self._state()}", model=model)
        return status == UP

    def failed(self, error: TensormeshError) -> None:
        """
        Live through a failed look.

        Raises:
            TensormeshError: the failure, where it is none that passes.
        """
        self._patience.failed(error)
        self._failure = error

    @property
    def limit(self) -> Timeout | None:
        """What a look may take, where the client's own limit may be more than is left."""
        if self._end is None:
            return None
        left = max(self._end - time.monotonic(), LAST_LOOK_SECONDS)
        return Timeout(connect=left, first_byte=left, idle=left, total=left) if left < INTERVAL_SECONDS else None

    def pause(self) -> float:
        """
        Seconds until the next look.

        Raises:
            DeploymentTimeoutError: there is no time left for one.
        """
        if self._end is None:
            return self._patience.interval
        left = self._end - time.monotonic()
        if left <= 0:
            raise DeploymentTimeoutError(
                f"the deployment {self._model_id} is not up after {self._timeout:g} s: {self._state()}; it may still "
                "come up: wait_until_up(timeout=) waits longer",
                model=self._model,
            ) from self._failure
        return min(self._patience.interval, left)

    def _state(self) -> str:
        if self._failure is not None:
            return f"the last look failed ({self._failure})"
        if self._model is None:
            return "nothing was seen of it"
        events = [event.log for event in self._model.events or () if event.log]
        return f"its status is {self._model.status or 'not told'}" + (
            f", its last event {events[-1]!r}" if events else ""
        )
