"""Errors of a stream that show nothing of what the call sent, whatever the host says in them. No I/O."""

from __future__ import annotations

from tensormesh_overlay.errors import StreamError, StreamEventError
from tensormesh_overlay.sent_secrets import SentSecrets
from tensormesh_overlay.streaming.event_errors import event_error


def concealed(error: StreamError, secrets: SentSecrets) -> StreamError:
    """An error without them, and without frames, whose variables hold what the host said."""
    if isinstance(error, StreamEventError):
        told = secrets.value(error.body)
        if told != error.body:
            # Made anew, since a message is cut off where it is long, perhaps within a secret.
            error.args, error.body = event_error(told).args, told
    cause: BaseException | None = secrets.conceal(error).__cause__
    while cause is not None:
        cause.__traceback__, cause = None, cause.__cause__
    return error.with_traceback(None)
