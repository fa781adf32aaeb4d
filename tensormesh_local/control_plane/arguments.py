"""
The arguments of one call, whichever of path, query and body they came in.

They have been read against the document, so a name that is there has its type;
one that is absent reads as the zero of its type, as in Protocol Buffers.
"""

import uuid

from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_local.control_plane.failure import invalid
from tensormesh_local.control_plane.moments import FIRST, SECOND, Moment, read_stamp


class Arguments:
    """What a caller sent."""

    def __init__(self, values: JsonObject) -> None:
        self._values = values

    def __contains__(self, name: str) -> bool:
        return name in self._values

    def raw(self, name: str) -> Json:
        """Give a value as it is, or null."""
        return self._values.get(name)

    def text(self, name: str) -> str:
        """Give a text."""
        return str(self._values.get(name) or "")

    def whole(self, name: str) -> int:
        """Give a 32-bit integer."""
        found = self._values.get(name)
        return found if isinstance(found, int) else 0

    def flag(self, name: str) -> bool:
        """Give a boolean."""
        return self._values.get(name) is True

    def object(self, name: str) -> JsonObject:
        """Give an object, a copy that may be changed."""
        found = self._values.get(name)
        return dict(found) if isinstance(found, dict) else {}

    def texts(self, name: str) -> list[str]:
        """Give a list of texts."""
        found = self._values.get(name)
        return [str(item) for item in found] if isinstance(found, list) else []

    def all(self) -> JsonObject:
        """Give everything."""
        return dict(self._values)

    def moment(self, name: str) -> Moment | None:
        """Give a point in time, if there is one."""
        found = self.text(name)
        return read_stamp(found) if found else None

    def count(self, name: str) -> int:
        """
        Give an integer that counts something; 0 stands for "not said".

        Raises:
            Failure: when it is negative.
        """
        found = self.whole(name)
        if found < 0:
            raise invalid(name, "must not be negative")
        return found

    def period(self, now: Moment, otherwise: int) -> tuple[Moment, Moment]:
        """
        Give the time range from `startTime` to `endTime`; it ends now unless said otherwise.

        Args:
            now: the present.
            otherwise: how many seconds before its end a range without a start begins.

        Raises:
            Failure: when it ends before it starts.
        """
        end = self.moment("endTime")
        end = now if end is None else end
        start = self.moment("startTime")
        start = max(end - otherwise * SECOND, FIRST) if start is None else start
        if start > end:
            raise invalid("startTime", "must not be after endTime")
        return start, end

    def user_id(self, name: str) -> str | None:
        """
        Give the id of a user in its usual form, if there is one.

        Raises:
            Failure: when it is no UUID.
        """
        found = self.text(name)
        return read_user_id(found, name) if found else None


def read_user_id(text: str, field: str) -> str:
    """
    Read the id of a user.

    Raises:
        Failure: when it is no UUID.
    """
    try:
        return str(uuid.UUID(text))
    except ValueError:
        raise invalid(field, f"{text!r} is not a UUID") from None
