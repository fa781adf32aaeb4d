"""
One call of an operation: who calls, with what, for whom, and when.

Knows the scope rules (whose things a caller may touch) and how a change gets
into the activity feed, but no particular operation.
"""

import sqlite3
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol

from tensormesh_documents.json_types import JsonObject
from tensormesh_local.control_plane.arguments import Arguments
from tensormesh_local.control_plane.failure import denied, not_found, unauthenticated
from tensormesh_local.control_plane.feed import Deed, enter
from tensormesh_local.control_plane.moments import Moment
from tensormesh_local.control_plane.users import User, find_user

type Answer = JsonObject | Awaitable[JsonObject] | None
type Handler = Callable[[Call], Answer]

EMPTY: JsonObject = {"empty": {}}


class Reply(Protocol):
    """A way to ask a deployment."""

    async def __call__(self, *, user_id: str, model: str, text: str) -> str:
        """
        Send one text and give the text that comes back.

        Raises:
            Failure: when inference refuses, or cannot answer.
        """
        ...


@dataclass(frozen=True, slots=True)
class Settings:
    """
    What the host lends to the control plane.

    Args:
        deploy_seconds: how long a deployment takes to come up.
        reply: asks a deployment.
    """

    deploy_seconds: float
    reply: Reply


@dataclass(frozen=True, slots=True)
class Call:
    """
    One call.

    Args:
        arguments: what was sent.
        db: the database, inside a transaction.
        now: the time, the same during the whole call.
        base_url: the address of the control plane.
        settings: what the host lends.
        authenticated: the caller; None where no token is taken.
    """

    arguments: Arguments
    db: sqlite3.Connection
    now: Moment
    base_url: str
    settings: Settings
    authenticated: User | None

    @property
    def caller(self) -> User:
        """The user whose token was sent."""
        if self.authenticated is None:
            raise unauthenticated("This call needs a control-plane token.")
        return self.authenticated

    def subject(self) -> User:
        """
        Give the user the call is about: `userId`, or the caller.

        Raises:
            Failure: when it is somebody else and the caller no administrator, or nobody.
        """
        return self.user(self.arguments.user_id("userId") or self.caller.id)

    def user(self, user_id: str) -> User:
        """
        Give a user the caller may act for.

        Raises:
            Failure: when the caller may not, or there is no such user.
        """
        if user_id == self.caller.id:
            return self.caller
        if not self.caller.is_admin:
            raise denied(f"You are {self.caller.id} and may not act for the user {user_id}; administrators may.")
        return self.any_user(user_id)

    def any_user(self, user_id: str) -> User:
        """
        Give a user, whoever asks.

        Raises:
            Failure: when there is no such user.
        """
        found = find_user(self.db, user_id)
        if found is None:
            raise not_found(f"The user {user_id}")
        return found

    def sees(self, user_id: str) -> bool:
        """Tell whether the caller may look at what belongs to a user."""
        return user_id == self.caller.id or self.caller.is_admin

    def record(
        self,
        action: str,
        resource: tuple[str, str],
        description: str,
        *,
        user_id: str | None = None,
        metadata: JsonObject | None = None,
    ) -> None:
        """
        Enter what the caller does into the activity feed. No secret may be in any part of it.

        Args:
            action: what is done, a verb.
            resource: the kind of the resource, and its id.
            description: what follows the caller's name in the sentence for people.
            user_id: the user it belongs to; the caller if left out.
            metadata: more about it.
        """
        who = self.caller.display_name or self.caller.email
        deed = Deed(action, resource, f"{who} {description}", metadata or {})
        enter(self.db, user_id or self.caller.id, self.caller.id, deed, self.now)
