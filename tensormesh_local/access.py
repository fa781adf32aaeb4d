"""
Who may ask for what.

Knows the keys of this host and the rules about them: an inference key for
inference, a control-plane token for the rest, `X-User-Id` on every on-demand
route. Refuses to know any route.
"""

import re
import secrets
import uuid
from collections.abc import Mapping
from dataclasses import dataclass

from tensormesh_local.errors import bad_request, not_found, unauthorized
from tensormesh_local.options import Options


def _same(given: str, held: str) -> bool:
    """Compare without telling, by the time it takes, how much was right."""
    return secrets.compare_digest(given.encode("utf-8", "replace"), held.encode())


def bearer(headers: Mapping[str, str]) -> str | None:
    """Give the bearer token of a request, if it has one."""
    found = re.fullmatch(r"bearer +(\S+)\s*", headers.get("authorization", ""), re.IGNORECASE)
    return found.group(1) if found else None


@dataclass(frozen=True, slots=True)
class Credentials:
    """The secrets of one host and the id of its one user."""

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

    def check_inference(self, headers: Mapping[str, str]) -> None:
        """
        Demand the inference key.

        Raises:
            Refusal: 401, with a reason when the control-plane token was sent.
        """
        given = bearer(headers)
        if given is not None and _same(given, self.inference_api_key):
            return
        if given is not None and _same(given, self.control_plane_token):
            raise unauthorized("Unauthorized: this is a control-plane token; inference needs an inference API key")
        raise unauthorized()

    def check_user(self, headers: Mapping[str, str]) -> None:
        """
        Demand the user id that every on-demand route needs.

        Raises:
            Refusal: 400 when it is missing or no UUID, 404 when nobody has it.
        """
        given = headers.get("x-user-id", "").strip()
        if not given:
            raise bad_request(
                "The header X-User-Id is missing: every on-demand route needs the UUID of the "
                "user whose deployment is asked for.",
                "X-User-Id",
            )
        try:
            user = uuid.UUID(given)
        except ValueError:
            raise bad_request(
                "The header X-User-Id must be a UUID such as 3f1c2b9e-5d1a-4c57-9d0e-0a6d1f0c7b11.",
                "X-User-Id",
            ) from None
        if str(user) != self.user_id:
            raise not_found(f"The user `{user}` of the header X-User-Id does not exist.", "X-User-Id")

    def control_plane_problem(self, headers: Mapping[str, str]) -> str | None:
        """Tell what is wrong with the token of a control-plane request, or None."""
        given = bearer(headers)
        if given is None:
            return "The header Authorization must be 'Bearer <control-plane token>'."
        if _same(given, self.control_plane_token):
            return None
        if _same(given, self.inference_api_key):
            return "This is an inference API key; the control plane needs a control-plane token."
        return "The control-plane token is not known."
