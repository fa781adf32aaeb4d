"""Errors of a stream that show nothing of what the call sent, whatever the host says in them. No I/O."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from tensormesh_overlay.errors import APIConnectionError, StreamError, StreamEventError
from tensormesh_overlay.sent_secrets import SentSecrets, no_secrets
from tensormesh_overlay.streaming.event_decoder import EventDecoder
from tensormesh_overlay.streaming.event_errors import event_error


class ConcealingDecoder(EventDecoder):
    """A decoder whose errors show nothing of it."""

    secrets: Callable[[], SentSecrets] = staticmethod(no_secrets)

    def flush(self, cause: APIConnectionError | None = None) -> Iterator[dict[str, Any]]:
        try:
            yield from super().flush(cause)
        except StreamError as error:
            # Nor do its frames, whose variables hold the event.
            raise _concealed(error, self.secrets()).with_traceback(None)  # noqa: B904


def _concealed(error: StreamError, secrets: SentSecrets) -> StreamError:
    if isinstance(error, StreamEventError):
        told = secrets.value(error.body)
        if told != error.body:
            # Made anew, since a message is cut off where it is long, perhaps within a secret.
            error.args, error.body = event_error(told).args, told
    cause: BaseException | None = secrets.conceal(error).__cause__
    while cause is not None:
        cause.__traceback__, cause = None, cause.__cause__
    return error
