"""What may be an address, and its parts."""

from __future__ import annotations

import ssl
from urllib.parse import urlsplit

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tensormesh_transport.core.race import literal
from tensormesh_transport.errors import UsageError
from tensormesh_transport.origin import PORTS, Origin, origin, without_dot
from tensormesh_transport.tls import TLSLayer
from tests.cases import cases

LABELS = st.text("abcxyz019-_", min_size=1, max_size=63)
NAMES = st.lists(LABELS, min_size=1, max_size=4).map(".".join).filter(lambda name: len(name) <= 253)
SCHEMES = st.sampled_from(["http", "https"])
PATHS = st.sampled_from(["", "/", "/v1", "/a/b/"])
CONTEXT = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)


@given(SCHEMES, NAMES, st.sampled_from(["", "."]), st.none() | st.integers(1, 65535), PATHS)
def test_a_name(scheme: str, name: str, dot: str, port: int | None, path: str) -> None:
    found = origin(f"{scheme}://{name}{dot}{'' if port is None else f':{port}'}{path}")

    shown = "" if port in (None, PORTS[scheme]) else f":{port}"
    looked_up = name if name.replace(".", "").isdigit() else name + dot
    assert found == Origin(scheme, name, port or PORTS[scheme], name + shown, path, looked_up)
    assert without_dot(f"{scheme}://{name}{dot}{shown}{path}") == f"{scheme}://{name}{shown}{path}"


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1"])
def test_a_dot_behind_what_no_resolver_knows_with_one(host: str) -> None:
    assert origin(f"http://{host}.:80/").looked_up == host


@given(SCHEMES, st.ip_addresses(v=6).map(str), st.none() | st.integers(1, 65535), PATHS)
def test_an_address_of_ipv6(scheme: str, address: str, port: int | None, path: str) -> None:
    found = origin(f"{scheme}://[{address}]{'' if port is None else f':{port}'}{path}")

    shown = "" if port in (None, PORTS[scheme]) else f":{port}"
    assert found == Origin(scheme, address, port or PORTS[scheme], f"[{address}]{shown}", path, address)
    assert without_dot(f"{scheme}://[{address}]{shown}{path}") == f"{scheme}://[{address}]{shown}{path}"
    assert literal(found.host, found.port) != []


@given(st.text(st.characters(codec=None), max_size=30).map("https://{}".format) | st.text(max_size=20))
@example("https://" + ".".join(["a" * 60] * 5))
@example("https://a\uff02b")
@example("https://\u2100.test")
@example("https://h:0")
@example("https://h:\u0661")
@example("https://[::1")
@example("https://[::1]evil.test")
@example("https://h.test\r\nhost: evil.test")
def test_whatever_is_given_is_an_address_that_can_be_called_or_refused(url: str) -> None:
    try:
        found = origin(url)
    except UsageError:
        return

    assert found.host.isascii()
    assert found.host.isprintable()
    assert not {*found.authority} & {*" '\"<>/?#@"}
    assert 0 < found.port < 65536
    # What a proxy, or a host of many names, reads in the request leads to the same place.
    again = urlsplit(f"{found.scheme}://{found.authority}")
    assert (again.hostname, again.port or PORTS[found.scheme]) == (found.host, found.port)
    assert not TLSLayer(CONTEXT, found.host).shake_hands(b"")


@cases(
    "url",
    [
        "",
        "h.test",
        "//h.test",
        "ftp://h.test",
        "http://",
        "http://:80",
        "http://a..b",
        "http://.a",
        "http://a b",
        "http://'a'",
        "http://<a>",
        "http://" + "a" * 64,
        "http://" + ".".join(["a" * 63] * 4),
        "http://h:65536",
        "http://h:x",
        "http://h:-1",
        "http://h:0",
        "http://[::1]x",
        "http://[::g]",
        "http://\u00fc" + "\u00fc" * 70,
        "http://a\uff02b",
        "http://a\uff3bb",
    ],
)
def test_what_is_no_address_is_refused(url: str) -> None:
    with pytest.raises(UsageError):
        origin(url)
