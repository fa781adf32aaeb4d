"""Calls of the control plane in one run, with a token that is refreshed when it has ended."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any, Literal

from tensormesh_cli.client import client_errors, connect
from tensormesh_cli.errors import CliError
from tensormesh_cli.login.token_store import TokenStore
from tensormesh_cli.login.tokens import LOG_IN, LOG_IN_AGAIN, Tokens
from tensormesh_cli.settings.definitions import TOKEN_VARIABLE
from tensormesh_cli.settings.homes import is_home
from tensormesh_cli.settings.precedence import check_home
from tensormesh_cli.settings.sources import CONFIG, VARIABLE, Value

if TYPE_CHECKING:
    from tensormesh import Tensormesh

Login = Literal["needed", "optional", "none"]

TOKEN = "control_plane_token"  # noqa: S105 - the name of a setting
LOGIN_SECONDS = 15.0
"""How long a refresh may take; meanwhile Ctrl-C has to wait."""

COME_ONCE: Mapping[str, Any] = {"max_response_bytes": 256 << 20}
"""Tokens come once, so their answer is not cut off by what a setting says of all others."""


class ControlPlaneSession:
    """Calls of the control plane under the token of the environment, or of `tm auth login`."""

    def __init__(self, values: Mapping[str, Value], environ: Mapping[str, str], store: TokenStore) -> None:
        self._values = values
        self._store = store
        self._given = environ.get(TOKEN_VARIABLE, "").strip()
        self._tokens: Tokens | None = None
        self._client: Tensormesh | None = None

    @property
    def base(self) -> str:
        return str(self._base.value).rstrip("/")

    @property
    def _base(self) -> Value:
        return self._values["controlplane_base"]

    def call[T](self, send: Callable[[Tensormesh], T], login: Login = "needed") -> T:
        """
        Make a call. Where the host says that the token has ended, it is refreshed and the call made again.

        Args:
            login: whether the call takes a token.

        Raises:
            CliError: nobody is logged in, or the call failed.
        """
        from tensormesh.errors import AuthenticationError

        if login == "none" or (login == "optional" and not self._is_logged_in()):
            with client_errors(), connect(self._values, ("controlplane_base",)) as client:
                return send(client)
        hints = {"unauthorized": self._unauthorized()}
        with client_errors(hints):
            try:
                return send(self._connected())
            except AuthenticationError:
                # Nothing was done, so even a POST may be sent again.
                if self._tokens is None or self._tokens.refresh_token is None:
                    raise
                self._use(self.refresh(self._tokens))
            return send(self._connected())

    def refresh(self, stale: Tokens | None = None) -> Tokens:
        """
        New tokens in place of `stale` ones; of whatever tokens there are, without.

        Raises:
            CliError: nobody is logged in at this host, or the login cannot be refreshed.
        """
        # What the answer is read as is loaded before it is asked for: what has come must be kept at once.
        from tensormesh.types import CliTokens  # noqa: F401

        with client_errors(), connect(self._values, ("controlplane_base",), **COME_ONCE) as client:
            return self._store.refresh(stale, self._base, lambda token: self._exchange(client, token))

    def tokens(self) -> Tokens:
        """
        The tokens of the login, refreshed if they have ended.

        Raises:
            CliError: nobody is logged in at this host.
        """
        found = self._store.load()
        if found is None:
            raise CliError("not_logged_in", "You are not logged in.", LOG_IN)
        check_home(found.home, self._base)
        return self.refresh(found) if found.state(datetime.now(UTC)) == "expired" else found

    def token(self) -> str:
        """
        The token that calls are made with.

        Raises:
            CliError: nobody is logged in at this host.
        """
        return self._given or self.tokens().access_token

    def _is_logged_in(self) -> bool:
        """Whether there is a token of this host."""
        if self._given:
            return True
        found = self._store.load()
        return found is not None and is_home(found.home, self.base)

    def close(self) -> None:
        if self._client is not None:
            self._client.close()

    def _connected(self) -> Tensormesh:
        if self._client is not None:
            return self._client
        if self._given:
            self._client = self._with_token(Value(self._given, TOKEN_VARIABLE, VARIABLE))
            return self._client
        return self._use(self.tokens())

    def _use(self, found: Tokens) -> Tensormesh:
        self.close()
        self._tokens = found
        self._client = self._with_token(Value(found.access_token, str(self._store.path), CONFIG, found.home))
        return self._client

    def _with_token(self, token: Value) -> Tensormesh:
        from tensormesh import ConfigurationError, Tensormesh

        try:
            Tensormesh(control_plane_token=token.value, env={})
        except ConfigurationError as error:
            reason = str(error).partition("cannot be used: ")[2]
            raise CliError("config", f"the token of {token.source} cannot be used: {reason}") from error
        return connect({**self._values, TOKEN: token}, ("controlplane_base", TOKEN))

    def _exchange(self, client: Tensormesh, refresh_token: str) -> Mapping[str, Any]:
        from tensormesh.errors import APIStatusError

        timeout = min(LOGIN_SECONDS, self._values["timeout_seconds"].value)
        try:
            reply = client.control_plane.cli_auth.with_raw_response.refresh(
                refresh_token=refresh_token, timeout=timeout
            )
        except APIStatusError as error:
            if error.status_code not in (400, 401, 403):
                raise
            raise CliError(
                "unauthorized", "Your login has ended.", LOG_IN_AGAIN, error.status_code, error.request_id
            ) from error
        return token_reply(reply)

    def _unauthorized(self) -> str:
        if self._given:
            return f"the token is the one of {TOKEN_VARIABLE}, which wins over a login: set or unset it"
        return LOG_IN_AGAIN


def token_reply(reply: Any) -> Mapping[str, Any]:
    """
    The tokens of an answer, with all that came with them.

    Raises:
        CliError: there are none.
    """
    document: Any = reply.json()
    token = document.get("access_token") if isinstance(document, dict) else None
    if not isinstance(token, str) or not token.strip():
        raise CliError("protocol", "The control plane answered without a token.", status=reply.status_code)
    found: Mapping[str, Any] = document
    return found
