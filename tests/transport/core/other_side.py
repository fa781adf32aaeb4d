"""The other side of a connection, without sockets: a proxy and a host behind it, each perhaps with TLS."""

from __future__ import annotations

import contextlib
import ssl

HEAD_END = b"\r\n\r\n"


class Server:
    """One layer of TLS, seen from its other end."""

    def __init__(self, context: ssl.SSLContext) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_side=True)
        self._shaken = False
        self.error: ssl.SSLError | None = None

    def receive(self, data: bytes) -> bytes:
        """What came, decrypted."""
        self._incoming.write(data)
        plain = b""
        try:
            if not self._shaken:
                self._tls.do_handshake()
                self._shaken = True
            while piece := self._tls.read(65_536):
                plain += piece
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:
            self.error = error
        return plain

    def encrypted(self, data: bytes) -> bytes:
        """What TLS itself has to say, and `data`."""
        if data:
            self._tls.write(data)
        return self._outgoing.read()

    def goodbye(self) -> bytes:
        """What says that nothing more will come."""
        with contextlib.suppress(ssl.SSLWantReadError):
            self._tls.unwrap()
        return self._outgoing.read()


class OtherSide:
    """
    Takes what was sent, and says what comes back.

    Args:
        proxy: the TLS of the proxy.
        consent: what the proxy answers to CONNECT; None where there is no proxy, or it is not asked for a way through.
        host: the TLS of the host.
        answer: what the host answers to a request.
    """

    def __init__(
        self,
        *,
        proxy: ssl.SSLContext | None = None,
        consent: bytes | None = None,
        host: ssl.SSLContext | None = None,
        answer: bytes = b"",
    ) -> None:
        self._proxy = None if proxy is None else Server(proxy)
        self._host = None if host is None else Server(host)
        self._consent, self._answer = consent, answer
        self.asked = b""
        """What the proxy was asked."""
        self.request = b""
        """What the host was asked."""

    @property
    def servers(self) -> list[Server]:
        """The layers of TLS, the outermost first."""
        return [server for server in (self._proxy, self._host) if server is not None]

    def receive(self, data: bytes) -> bytes:
        """What comes back, if anything."""
        plain = data if self._proxy is None else self._proxy.receive(data)
        said = self._said(plain) if plain else b""
        return said if self._proxy is None else self._proxy.encrypted(said)

    def says(self, data: bytes, *, goodbye: bool = False) -> bytes:
        """What the host says by itself, as it travels; perhaps its last words."""
        for number, server in enumerate(reversed(self.servers)):
            data = server.encrypted(data) + (server.goodbye() if goodbye and not number else b"")
        return data

    def _said(self, plain: bytes) -> bytes:
        if self._consent is not None and HEAD_END not in self.asked:
            self.asked += plain
            return self._consent if HEAD_END in self.asked else b""
        if self._host is not None:
            return self._host.encrypted(self._answered(self._host.receive(plain)))
        return self._answered(plain)

    def _answered(self, plain: bytes) -> bytes:
        self.request += plain
        return self._answer if plain and HEAD_END in self.request else b""
