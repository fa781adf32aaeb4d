"""TLS without sockets: whom to trust, and one layer of it over whatever carries the bytes."""

from __future__ import annotations

import os
import ssl

from tensormesh_transport.errors import CertificateError, ReadError, TLSError, UsageError, words
from tensormesh_transport.resources import shortage

PIECE_BYTES = 256 * 1024
"""How much is made ready for sending, or for reading, in one go."""


def trust(ca_bundle: str | None) -> ssl.SSLContext:
    """
    A TLS context that trusts `ca_bundle` alone, or SSL_CERT_FILE and SSL_CERT_DIR where they are set, or else the
    system and certifi (some systems have no certificates where Python looks for them).

    Raises:
        UsageError: what is named holds no certificates.
        ResourceError: the system lets this process open no more files.
    """
    try:
        context = ssl.create_default_context(cafile=ca_bundle)
    except (OSError, ValueError) as error:
        raise shortage(error) or UsageError(f"ca_bundle {ca_bundle!r} holds no certificates: {error}") from error
    if ca_bundle is None:
        _complete(context, os.environ.get("SSL_CERT_FILE"), os.environ.get("SSL_CERT_DIR"))
    context.set_alpn_protocols(["http/1.1"])
    return context


def _complete(context: ssl.SSLContext, file: str | None, folders: str | None) -> None:
    """
    Load what OpenSSL has not found by itself.

    It says nothing where what the environment names is not there; then nobody is trusted, and no error tells why.
    """
    name = "SSL_CERT_FILE"
    if not (file or folders):
        import certifi

        name, file = "certifi", certifi.where()
    elif context.cert_store_stats()["x509"] or any(map(os.path.isdir, (folders or "").split(os.pathsep))):
        return  # it found some, or will look for them when it needs them
    elif not file:
        raise UsageError(f"SSL_CERT_DIR names {folders!r}, and there is no such folder: correct it, or unset it")
    try:
        context.load_verify_locations(file)
    except (OSError, ValueError) as error:
        raise shortage(error) or UsageError(
            f"{name} names {file!r}, which holds no certificates ({words(error)}): correct it, or unset it"
        ) from error


class TLSLayer:
    """
    One layer of TLS.

    Args:
        name: the host that has to prove who it is.
    """

    def __init__(self, context: ssl.SSLContext, name: str) -> None:
        self._incoming, self._outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        # A name may end in a dot, which stands in no certificate.
        self._tls = context.wrap_bio(self._incoming, self._outgoing, server_hostname=name.removesuffix("."))
        self.ended = False
        """Whether the other side has said that nothing more will come."""
        self.error: ReadError | None = None

    def shake_hands(self, received: bytes) -> bool:
        """
        Take in what came; whether the handshake is done. What it has to say is in `outgoing`.

        Raises:
            TLSError: it failed.
        """
        self._incoming.write(received)
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        except ssl.SSLCertVerificationError as error:
            raise CertificateError(words(error)) from error
        except ssl.SSLError as error:
            raise TLSError(words(error)) from error
        return True

    def outgoing(self) -> bytes:
        """What TLS itself has to say, and what was encrypted."""
        return self._outgoing.read()

    def encrypt(self, data: bytes | memoryview) -> bytes:
        """
        What carries `data`, behind what TLS itself has to say.

        Raises:
            ReadError: the other side has given up.
        """
        try:
            if data:
                self._tls.write(data)
        except ssl.SSLError as error:
            raise ReadError(words(error)) from error
        return self._outgoing.read()

    def decrypt(self, received: bytes | memoryview) -> bytes:
        """What came, decrypted, up to a fault, which then stands in `error`, or to the end, which sets `ended`."""
        self._incoming.write(received)
        pieces = []
        try:
            while piece := self._tls.read(PIECE_BYTES):
                pieces.append(piece)
            self.ended = True
        except ssl.SSLWantReadError:
            pass
        except ssl.SSLError as error:
            self.error = ReadError(words(error))
            self.error.__cause__ = error
        return pieces[0] if len(pieces) == 1 else b"".join(pieces)
