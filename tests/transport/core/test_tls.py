"""One layer of TLS carries what it is given, and whatever comes is data, an end, or a fault of the connection."""

from __future__ import annotations

import contextlib
import os
import ssl

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tensormesh_transport import tls
from tensormesh_transport.errors import CertificateError, ReadError, TLSError, UsageError
from tensormesh_transport.tls import PIECE_BYTES, TLSLayer
from tests.cases import cases
from tests.overlay.pure.cuts import PLACES, cut
from tests.transport.core.conftest import Trust
from tests.transport.core.other_side import Server


def shaken(trusted: Trust) -> tuple[TLSLayer, Server]:
    layer, server = TLSLayer(trusted.client(), "host.test"), Server(trusted.server("host.test"))
    came = b""
    while not layer.shake_hands(came):
        server.receive(layer.outgoing())
        came = server.encrypted(b"")
    server.receive(layer.outgoing())
    layer.decrypt(server.encrypted(b""))
    return layer, server


@settings(max_examples=30)
@given(pieces=st.lists(st.binary(max_size=40) | st.just(bytes(40_000)), max_size=5), places=PLACES)
def test_what_is_said_is_heard_in_both_directions(trust: Trust, pieces: list[bytes], places: list[int]) -> None:
    layer, server = shaken(trust)
    said = b"".join(server.encrypted(piece) for piece in pieces)

    assert b"".join(map(layer.decrypt, cut(said, places))) == b"".join(pieces)
    assert b"".join(server.receive(bytes(layer.encrypt(piece))) for piece in pieces) == b"".join(pieces)
    assert (layer.ended, layer.error) == (False, None)


@pytest.mark.parametrize("size", [PIECE_BYTES - 1, PIECE_BYTES, 3 * PIECE_BYTES + 1])
def test_more_than_fits_in_a_piece_is_heard_at_once(trust: Trust, size: int) -> None:
    layer, server = shaken(trust)

    assert len(layer.decrypt(server.encrypted(bytes(size)))) == size


def test_a_goodbye_is_an_end_and_a_break_is_none(trust: Trust) -> None:
    layer, server = shaken(trust)
    words = server.encrypted(b"hello") + server.goodbye()

    assert layer.decrypt(words[:-1]) == b"hello"
    assert not layer.ended
    assert layer.decrypt(words[-1:]) == b""
    assert (layer.ended, layer.error) == (True, None)


@settings(max_examples=50)
@given(noise=st.binary(min_size=1, max_size=60), places=PLACES)
def test_whatever_comes_instead_is_a_fault_and_is_never_raised(trust: Trust, noise: bytes, places: list[int]) -> None:
    layer, server = shaken(trust)
    heard = layer.decrypt(server.encrypted(b"hello") + noise)

    for piece in cut(noise * 3, places):
        heard += layer.decrypt(piece)

    assert heard == b"hello"
    if layer.error is not None:
        assert layer.error.sent
        assert isinstance(layer.error.__cause__, ssl.SSLError)
        with contextlib.suppress(ReadError):
            layer.encrypt(b"more")


@settings(max_examples=50)
@given(noise=st.binary(max_size=60) | st.binary(max_size=30).map(lambda rest: b"\x16\x03\x03\x00\x20" + rest))
def test_a_handshake_with_anything_fails_or_goes_on(trust: Trust, noise: bytes) -> None:
    layer = TLSLayer(trust.client(), "host.test")
    with contextlib.suppress(TLSError):
        assert not layer.shake_hands(noise)


def test_a_name_may_end_in_a_dot(trust: Trust) -> None:
    layer, server = TLSLayer(trust.client(), "host.test."), Server(trust.server("host.test"))
    layer.shake_hands(b"")
    server.receive(layer.outgoing())

    assert layer.shake_hands(server.encrypted(b""))


def test_nobody_is_trusted_without_reason(trust: Trust) -> None:
    layer, server = TLSLayer(ssl.create_default_context(), "host.test"), Server(trust.server("host.test"))
    layer.shake_hands(b"")
    server.receive(layer.outgoing())

    with pytest.raises(CertificateError, match="self-signed"):
        layer.shake_hands(server.encrypted(b""))


def subjects(context: ssl.SSLContext) -> set[str]:
    return {name for certificate in context.get_ca_certs() for ((_, name),) in certificate["subject"][-1:]}


def test_a_bundle_is_trusted_alone(trust: Trust, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(trust.files["other.test"]))

    assert subjects(tls.trust(str(trust.files["host.test"]))) == {"host.test"}


def test_the_environment_names_whom_to_trust_alone(trust: Trust, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(trust.files["other.test"]))
    monkeypatch.setenv("SSL_CERT_DIR", "/nowhere")

    assert subjects(tls.trust(None)) == {"other.test"}


def test_the_world_is_trusted_otherwise() -> None:
    assert len(tls.trust(None).get_ca_certs()) > 50


@cases("file", ["/nowhere", "/", os.devnull, "a\0b", "a" * 5000])
def test_what_holds_no_certificates_is_refused(file: str) -> None:
    with pytest.raises(UsageError, match="holds no certificates"):
        tls.trust(file)
