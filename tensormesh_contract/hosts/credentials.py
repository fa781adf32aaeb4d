"""
The keys of a run, and how they are kept out of everything it writes.

Knows which header carries what, and the names that stand for secrets in what
is shown; does not send anything.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from tensormesh_contract.documents.operations import SurfaceName

KEY = "$KEY"
USER_ID = "$USER_ID"
SHORTEST = 8
_KEPT = ("x-user-id", "content-type")


@dataclass(frozen=True, slots=True)
class Credentials:
    """
    What one surface is asked with.

    Args:
        key: the inference key, or the control-plane token; empty for none.
        user_id: the user id that on-demand wants; empty for none.
    """

    key: str = field(default="", repr=False)
    user_id: str = ""

    def headers(self, surface: SurfaceName) -> dict[str, str]:
        """Give the headers that every request carries."""
        found = {"Authorization": f"Bearer {self.key}"} if self.key else {}
        if self.user_id and surface is SurfaceName.ON_DEMAND:
            found["X-User-Id"] = self.user_id
        return found

    def hide(self, text: str) -> str:
        """Put `$KEY` and `$USER_ID` where their values stand."""
        for value, name in self._names():
            text = text.replace(value, name)
        return text

    def hide_bytes(self, body: bytes) -> bytes:
        """Put them into a body, too."""
        for value, name in self._names():
            body = body.replace(value.encode(), name.encode())
        return body

    def _names(self) -> list[tuple[str, str]]:
        # What is shorter is no secret but a word, such as "none", and words must stay readable.
        return [(value, name) for value, name in ((self.key, KEY), (self.user_id, USER_ID)) if len(value) >= SHORTEST]

    def shown(self, headers: Mapping[str, str]) -> dict[str, str]:
        """Give the headers that matter to a reader: names in lower case, ours under their names, no other token."""
        found: dict[str, str] = {}
        for name, value in headers.items():
            if name.lower() == "authorization":
                found["authorization"] = f"Bearer {KEY}" if value == f"Bearer {self.key}" else "Bearer another"
            elif name.lower() in _KEPT:
                found[name.lower()] = self.hide(value)
        return found
