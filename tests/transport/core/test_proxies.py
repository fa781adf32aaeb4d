"""Whatever the environment names is a proxy or refused, and no password shows."""

from __future__ import annotations

import base64
import os
from urllib.parse import quote_from_bytes

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from tensormesh_transport.errors import UsageError
from tensormesh_transport.origin import origin
from tensormesh_transport.proxies import Proxy, proxy
from tests.cases import cases

VALUES = st.binary(max_size=30).filter(lambda value: b"\0" not in value)
"""What a variable may hold; it need not be text."""

QUIET = settings(suppress_health_check=[HealthCheck.function_scoped_fixture])


def set_proxy(value: bytes) -> None:
    os.environ["HTTPS_PROXY"] = os.fsdecode(value)


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HTTPS_PROXY", "")


@QUIET
@given(VALUES | VALUES.map(lambda value: b"http://" + value) | VALUES.map(lambda value: b"http://u:p@h" + value))
@example(b"http://us\xffer:pw@p.test:3128")
@example(b"http://p.test:0")
@example(b"http://[::1]:3128/")
@example(b"https://" + b"a" * 300)
def test_whatever_is_named_is_a_proxy_that_can_be_called_or_refused(value: bytes) -> None:
    set_proxy(value)
    try:
        found = proxy("https://h.test")
        if found is not None:
            origin(found.address)
    except UsageError:
        pass


@QUIET
@given(st.binary(max_size=12).filter(lambda name: b":" not in name), st.binary(max_size=12), st.booleans())
@example(b"\xff", b"\xfe", False)
def test_the_proxy_gets_user_and_password_byte_by_byte_and_nothing_shows_them(
    user: bytes, password: bytes, quoted: bool
) -> None:
    if not quoted and {*user + password} & {*b"%\0 \t\r\n\x0b\x0c"}:
        return
    pair = [quote_from_bytes(part, safe="").encode() if quoted else part for part in (user, password)]
    set_proxy(b"http://" + b":".join(pair) + b"@p.test:3128")

    found = proxy("https://h.test")

    assert found is not None
    assert found.address == "http://p.test:3128"
    assert found.authorization == "Basic " + base64.b64encode(user + b":" + password).decode()
    assert found.authorization not in repr(found)


@cases("ending", ["", "/", "/path", "?query", "#part"])
def test_an_address_shows_no_more_than_where_the_proxy_is(ending: str) -> None:
    set_proxy(b"http://p.test:3128" + ending.encode())

    assert proxy("https://h.test") == Proxy("http://p.test:3128")
