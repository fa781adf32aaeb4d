"""Times on the wire."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any


def parsed(value: Any) -> datetime | None:
    """A time as the service writes it, in UTC where it has no offset; None where it is none."""
    try:
        found = datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
    return found if found.tzinfo else found.replace(tzinfo=UTC)


def written(moment: datetime) -> str:
    """A time as the service takes it, to the second."""
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
