"""
The account behind one host: opened with it, seeded when it is new, closed with it.

Knows how a fresh database and one that comes back from a file get to the same
point: there is an owner, with a key and a token that work.
"""

import secrets
import sqlite3
from dataclasses import replace

from tensormesh_local.access import Credentials
from tensormesh_local.accounts import Accounts
from tensormesh_local.control_plane import seed, tokens
from tensormesh_local.control_plane.account_store import AccountStore
from tensormesh_local.control_plane.application import ControlPlane
from tensormesh_local.control_plane.call import Reply, Settings
from tensormesh_local.control_plane.inference_keys import NewKey, add_key
from tensormesh_local.control_plane.moments import MINUTE, Moment, floor, moment, system_clock
from tensormesh_local.control_plane.store import StateError, Store
from tensormesh_local.control_plane.users import ADMIN, SUPER_ADMIN, USER
from tensormesh_local.options import Options, Role

_ROLES = {"user": USER, "admin": ADMIN, "super-admin": SUPER_ADMIN}
_PEOPLE = {"admin": seed.ADMIN_ID, "super-admin": seed.SUPER_ADMIN_ID}


class Account:
    """
    The account of a host.

    Args:
        options: what the host was told.
        credentials: what to hand out, as far as a state file does not say otherwise.

    Raises:
        StateError: when there is a state file and it cannot be used.
    """

    def __init__(self, options: Options, credentials: Credentials) -> None:
        self._options = options
        self._clock = options.clock or system_clock
        self._store = Store(options.state)
        self._kept_of: Moment | None = None
        self.accounts: Accounts = AccountStore(self._store, self._clock)
        try:
            with self._store.transaction() as db:
                owner = db.execute("SELECT user_id FROM owner").fetchone()
                if owner is None:
                    self.credentials = credentials
                    self._seed(db, self._now())
                else:
                    self.credentials = self._settled(db, owner[0], credentials)
        except sqlite3.Error as exc:
            self._store.close()
            raise StateError(f"The state file {options.state} cannot be used: {exc}.") from exc
        except BaseException:
            self._store.close()
            raise

    def _now(self) -> Moment:
        return moment(self._clock())

    def _role(self) -> str | None:
        return None if self._options.role is None else _ROLES[self._options.role]

    def _seed(self, db: sqlite3.Connection, now: Moment) -> None:
        seed.seed(db, now, self.credentials, self._role())

    def _settled(self, db: sqlite3.Connection, owner: str, credentials: Credentials) -> Credentials:
        """Bring options and an old database together."""
        if self._options.user_id is not None and credentials.user_id != owner:
            raise StateError(
                f"The state file {self._options.state} belongs to the user {owner}, not to {credentials.user_id}; "
                "give that user id, none, or another file."
            )
        settled = replace(credentials, user_id=owner, inference_api_key=self._key(db, owner, credentials))
        tokens.keep(db, "access", settled.control_plane_token, owner, None)
        if self._role() is not None:
            db.execute("UPDATE users SET role = ? WHERE id = ?", (self._role(), owner))
        return settled

    def _key(self, db: sqlite3.Connection, owner: str, credentials: Credentials) -> str:
        """Give the key that was asked for, else the oldest that works, else a new one."""
        asked = self._options.inference_api_key
        row = db.execute(
            "SELECT key FROM api_keys WHERE user_id = ? AND deleted_at IS NULL"
            " AND (expires_at IS NULL OR expires_at > ?) AND (? IS NULL OR key = ?) ORDER BY number LIMIT 1",
            (owner, self._now(), asked, asked),
        ).fetchone()
        if row is not None:
            return str(row["key"])
        try:
            add_key(db, NewKey(credentials.inference_api_key, owner, "default"), self._now())
        except sqlite3.IntegrityError as exc:
            raise StateError(
                f"The inference API key that was given is deleted or expired in the state file {self._options.state}; "
                "give another one, or none."
            ) from exc
        return credentials.inference_api_key

    def app(self, reply: Reply) -> ControlPlane:
        """Give the application."""
        return ControlPlane(self._store, self._clock, Settings(self._options.deploy_seconds, reply))

    def new_token(self, role: Role) -> str:
        """Make a token without an end for the owner ("user") or one of the seeded administrators."""
        token = f"cp-local-{secrets.token_urlsafe(24)}"
        with self._store.transaction() as db:
            tokens.keep(db, "access", token, _PEOPLE.get(role, self.credentials.user_id), None)
        return token

    def reset(self) -> None:
        """Forget everything and begin anew, with the same key, token and user."""
        now = floor(self._now(), MINUTE)
        # Tests reset many times a minute: within one, what a host begins with is the same.
        if self._kept_of == now and self._store.restore():
            return
        with self._store.transaction() as db:
            self._store.empty(db)
            self._seed(db, now)
        self._store.keep()
        self._kept_of = now

    def close(self) -> None:
        """Close the database; one in memory is gone."""
        self._store.close()
