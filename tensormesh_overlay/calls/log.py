"""What the log `tensormesh` says of each try, at the level DEBUG."""

from __future__ import annotations

import sys
from collections.abc import Callable

from tensormesh_overlay.configuration.retry_policy import Attempt

Watch = Callable[[Attempt], None] | None


def logging_to(observe: Watch) -> Watch:
    """What is to be told of every try: the log, where somebody reads it, and then `observe`."""
    # Nobody listens where it was never imported, and it takes its time to load.
    logging = sys.modules.get("logging")
    if logging is None or not (log := logging.getLogger("tensormesh")).isEnabledFor(logging.DEBUG):
        return observe

    def told(attempt: Attempt) -> None:
        log.debug("%s", line(attempt))
        if observe is not None:
            observe(attempt)

    return told


def line(attempt: Attempt) -> str:
    """One try in one line."""
    place, error = f"{attempt.method} {attempt.url}", attempt.error
    what = f"HTTP {attempt.status_code}" if error is None else type(error).__name__
    parts = [f"{place} -> {what} in {attempt.duration_seconds:.3f} s"]
    if attempt.request_id:
        parts.append(f"request {attempt.request_id}")
    if attempt.resent:
        parts.append("sent twice")
    if attempt.number > 1:
        parts.append(f"try {attempt.number}")
    if attempt.wait_seconds is not None:
        parts.append(f"again in {attempt.wait_seconds:.3f} s")
    text = ", ".join(parts)
    return text if error is None else f"{text}: {str(error).removeprefix(f'{place}: ')}"
