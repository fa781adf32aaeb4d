"""
Who may ask for what.

Knows the rules about keys: an inference key for inference, a control-plane
token for the rest, `X-User-Id` on every on-demand route. Which keys there are,
the account store knows. Knows no route.
"""

import re
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from tensormesh_local.accounts import Accounts, Key
from tensormesh_local.errors import bad_request, not_found, unauthorized
from tensormesh_local.options import Options


def bearer(headers: Mapping[str, str]) -> str | None:
    """Give the bearer token of a request, if it has one."""
    found = re.fullmatch(r"bearer +(\S+)\s*", headers.get("authorization", ""), re.IGNORECASE)
    return found.group(1) if found else None


@dataclass(frozen=True, slots=True)
class Credentials:
    """What a host hands out when it starts: a key, a token and the id of their user."""

    inference_api_key: str
    control_plane_token: str
    user_id: str

    @classmethod
    def of(cls, options: Options) -> "Credentials":
        """Take the given ones and make up the rest."""
        return cls(
            options.inference_api_key or f"ak-local-{secrets.token_urlsafe(24)}",
            options.control_plane_token or f"cp-local-{secrets.token_urlsafe(24)}",
            str(uuid.UUID(options.user_id)) if options.user_id else str(uuid.uuid4()),
        )

    def __repr__(self) -> str:
        """Show no secret."""
        return f"Credentials(user_id={self.user_id!r})"


class Access:
    """The rules, over one account store."""

    def __init__(self, accounts: Accounts) -> None:
        self._accounts = accounts

    def check_inference(self, headers: Mapping[str, str], *, on_demand: bool) -> Key:
        """
        Demand a key that works on a surface, and give it.

        Raises:
            Refusal: 401, with a reason when the key is one this host knows.
        """
        given = bearer(headers)
        key = None if given is None else self._accounts.find_key(given)
        if key is None:
            if given is not None and self._accounts.token_problem(given) is None:
                raise unauthorized("Unauthorized: this is a control-plane token; inference needs an inference API key")
            raise unauthorized()
        if key.problem is not None:
            raise unauthorized(f"Unauthorized: {key.problem}")
        if key.deployment is not None and not on_demand:
            raise unauthorized(
                f"Unauthorized: this is the key of the deployment {key.deployment}; serverless needs an API key"
            )
        return key

    def check_user(self, headers: Mapping[str, str], key: Key) -> str:
        """
        Demand the user id that every on-demand route needs, and give it in its usual form.

        Raises:
            Refusal: 400 when it is missing or no UUID, 404 when nobody has it or the key is somebody else's.
        """
        given = headers.get("x-user-id", "").strip()
        if not given:
            raise bad_request(
                "The header X-User-Id is missing: every on-demand route needs the UUID of the "
                "user whose deployment is asked for.",
                "X-User-Id",
            )
        try:
            user = str(uuid.UUID(given))
        except ValueError:
            raise bad_request(
                "The header X-User-Id must be a UUID such as 3f1c2b9e-5d1a-4c57-9d0e-0a6d1f0c7b11.",
                "X-User-Id",
            ) from None
        if not self._accounts.has_user(user):
            raise not_found(f"The user `{user}` of the header X-User-Id does not exist.", "X-User-Id")
        if user != key.user_id:
            raise not_found(f"The user `{user}` of the header X-User-Id is not the owner of this key.", "X-User-Id")
        return user

    def control_plane_problem(self, headers: Mapping[str, str]) -> str | None:
        """Tell what is wrong with the token of a control-plane request, or None."""
        given = bearer(headers)
        if given is None:
            return "The header Authorization must be 'Bearer <control-plane token>'."
        return self._accounts.token_problem(given)
