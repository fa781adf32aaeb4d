"""
Users as the control plane knows them, and what their roles allow.

Knows rows and their JSON form, but no route.
"""

import sqlite3
from dataclasses import dataclass
from typing import Self

from tensormesh_documents.json_types import JsonObject
from tensormesh_local.control_plane.moments import Moment, stamp

USER = "USER_ROLE_USER"
ADMIN = "USER_ROLE_ADMIN"
SUPER_ADMIN = "USER_ROLE_SUPER_ADMIN"


@dataclass(frozen=True, slots=True)
class User:
    """One account."""

    id: str
    first_name: str
    last_name: str
    display_name: str
    email: str
    role: str
    company: str
    stripe_customer: str | None
    tos_accepted_at: Moment | None
    survey_completed_at: Moment | None

    @classmethod
    def of(cls, row: sqlite3.Row) -> Self:
        """Read a row of the table."""
        return cls(
            row["id"],
            row["first_name"],
            row["last_name"],
            row["display_name"],
            row["email"],
            row["role"],
            row["company"],
            row["stripe_customer"],
            row["tos_accepted_at"],
            row["survey_completed_at"],
        )

    @property
    def is_admin(self) -> bool:
        """Whether the administrative calls are open to this user."""
        return self.role in (ADMIN, SUPER_ADMIN)

    def entry(self) -> JsonObject:
        """
        Write the user as the document does.

        The field `apiKey` is left out: a profile that is printed shall not give a key away.
        """
        found: JsonObject = {
            "id": self.id,
            "firstName": self.first_name,
            "lastName": self.last_name,
            "displayName": self.display_name,
            "userEmail": self.email,
            "authProvider": "AUTH_PROVIDER_UNSPECIFIED",
            "authProviderId": f"local|{self.id}",
            "avatarUrl": "",
            "stripeCusId": self.stripe_customer or "",
            "userRole": self.role,
            "company": self.company,
        }
        if self.tos_accepted_at is not None:
            found["tosAcceptedAt"] = stamp(self.tos_accepted_at)
        if self.survey_completed_at is not None:
            found["surveyCompletedAt"] = stamp(self.survey_completed_at)
        return found


def find_user(db: sqlite3.Connection, user_id: str) -> User | None:
    """Look a user up by id."""
    row = db.execute("SELECT * FROM users WHERE id = ?", (user_id,)).fetchone()
    return None if row is None else User.of(row)


def find_user_by_email(db: sqlite3.Connection, email: str) -> User | None:
    """Look a user up by e-mail address; capitals make no difference."""
    row = db.execute("SELECT * FROM users WHERE email = ?", (email,)).fetchone()
    return None if row is None else User.of(row)
