"""Whom NO_PROXY exempts, in all the ways in which people write it; and this machine, whatever it says."""

from __future__ import annotations

import ipaddress
import os

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensormesh_transport.exemptions import is_exempt, is_local
from tensormesh_transport.proxies import Proxy, proxy
from tests.cases import cases

THROUGH = Proxy("http://p.test:3128")


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.lower().endswith("_proxy")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv("HTTP_PROXY", "http://p.test:3128")
    monkeypatch.setenv("HTTPS_PROXY", "http://p.test:3128")


LISTS = {
    "10.1.2.3": [
        "10.0.0.0/8",
        "10/8",
        "10.1/16",
        "10.0.0.0/8:80",
        "10.1.2.3/32",
        "10.1.2.3",
        "0.0.0.0/0",
        "10.1.0.0/255.255.0.0",
        "::ffff:10.0.0.0/104",
        "::ffff:10.1.2.3",
        "10.*",
        "10.1.2.*",
        "10.1.2.3:80",
        "10.0.0.0/9",
    ],
    "172.31.255.255": ["172.16.0.0/12"],
    "[fd00::5]": [
        "fd00::/8",
        "[fd00::]/8",
        "fd00::5",
        "[fd00::5]",
        "FD00:0:0::5",
        "[fd00::5]:80",
        "::/0",
        "fd00::5/128",
    ],
    "[::ffff:10.1.2.3]": ["10.0.0.0/8", "10.1.2.3"],
    "[fe80::1%eth0]": ["fe80::/10", "fe80::1", "fe80::1%eth0"],
    "api.example.test": [
        "example.test",
        ".example.test",
        "*.example.test",
        "api.example.test",
        "API.Example.TEST",
        "example.test.",
        "api.example.test:80",
        "http://api.example.test",
        "http://api.example.test:80/",
        "http://api.example.test/v1",
        "api.example.test:",
        "*",
        "api.*",
        "*.test",
        '"example.test"',
    ],
    "api.example.test.": ["example.test"],
    "b\u00fccher.test": ["b\u00fccher.test", "xn--bcher-kva.test", "*.b\u00fccher.test"],
    "xn--bcher-kva.test": ["b\u00fccher.test"],
}
CASES = [(host, entry) for host, entries in LISTS.items() for entry in entries]


@cases(("host", "entry"), CASES)
@cases(
    "written",
    ["{}", "h.test,{}", "h.test, {} ,i.test", "h.test;{}", "h.test\n{}\n", "h.test {}", "\t{}\r\nh.test", "h.test|{}"],
)
def test_what_is_named_is_called_directly(host: str, entry: str, written: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", written.format(entry))

    assert proxy(f"http://{host}") is None


@cases(
    ("host", "entry"),
    [
        ("11.1.2.3", "10.0.0.0/8"),
        ("10.128.0.1", "10.0.0.0/9"),
        ("10.1.2.3", "10.0.0.0/33"),
        ("10.1.2.3", "10.0.0.0/8:81"),
        ("10.1.2.3", "1/8"),
        ("10.1.2.3", "10.0.0.0/-1"),
        ("10.1.2.3", "10.0.0.0/"),
        ("10.1.2.3", "/8"),
        ("10.1.2.3", "x/8"),
        ("10.1.2.3", "10.0.0.0/x"),
        ("10.1.2.3", "10.1.2.4"),
        ("10.1.2.3", "10.1.2.3:81"),
        ("10.1.2.3", "0.1.2.3"),
        ("10.1.2.3", "1.2.3"),
        ("10.1.2.3", "::/0"),
        ("[fe00::5]", "fd00::/8"),
        ("[fd00::5]", "fd00::/129"),
        ("[fd00::5]", "10.0.0.0/8"),
        ("[fd00::5]", "0.0.0.0/0"),
        ("[fd00::5]:81", "[fd00::5]:80"),
        ("example.test", "api.example.test"),
        ("badexample.test", "example.test"),
        ("example.test", "."),
        ("example.test", "example.test:81"),
        ("example.test", "10.0.0.0/8"),
        ("example.test.evil", "example.test"),
        ("example.test", "xample.*"),
    ],
)
def test_whatever_is_not_named_goes_through_the_proxy(host: str, entry: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", entry)

    assert proxy(f"http://{host}") == THROUGH


@cases(
    "host",
    [
        "127.0.0.1",
        "127.255.3.4",
        "127.1",
        "2130706433",
        "0x7f000001",
        "0.0.0.0",  # noqa: S104  (it is called, and nothing is bound to it)
        "localhost",
        "LOCALHOST",
        "localhost.",
        "api.localhost",
        "[::1]",
        "[::]",
        "[0:0::1]",
        "[::ffff:127.0.0.1]",
    ],
)
@cases("listed", [None, "", "example.test"])
def test_this_machine_is_never_called_through_a_proxy(
    host: str, listed: str | None, monkeypatch: pytest.MonkeyPatch
) -> None:
    if listed is not None:
        monkeypatch.setenv("NO_PROXY", listed)

    assert proxy(f"http://{host}:8000") is None
    assert proxy(f"https://{host}") is None


@cases("host", ["128.0.0.1", "127.example.test", "localhost.example.test", "[::2]", "notlocalhost"])
def test_what_only_looks_like_this_machine_goes_through_the_proxy(host: str) -> None:
    assert proxy(f"http://{host}") == THROUGH


def test_a_variable_in_lower_case_counts_even_where_it_is_empty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_PROXY", "*")
    monkeypatch.setenv("no_proxy", "")
    assert proxy("http://h.test") == THROUGH

    monkeypatch.setenv("http_proxy", "")
    assert proxy("http://h.test") is None


def test_what_a_stranger_may_have_sent_to_a_cgi_program_is_no_proxy(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("REQUEST_METHOD", "GET")
    assert proxy("http://h.test") is None
    assert proxy("https://h.test") == THROUGH

    monkeypatch.setenv("http_proxy", "http://p.test:3128")
    assert proxy("http://h.test") == THROUGH


ADDRESSES = st.ip_addresses().filter(lambda address: getattr(address, "ipv4_mapped", None) is None)


@given(ADDRESSES, ADDRESSES, st.integers(0, 128))
def test_a_range_is_what_it_is_elsewhere(
    one: ipaddress.IPv4Address | ipaddress.IPv6Address, other: ipaddress.IPv4Address | ipaddress.IPv6Address, bits: int
) -> None:
    bits = min(bits, other.max_prefixlen)
    network = ipaddress.ip_network(f"{other}/{bits}", strict=False)

    assert is_exempt(str(one), 443, f"h.test {other}/{bits}") == (one in network)
    assert is_exempt(str(other), 443, f"{network}")


@given(ADDRESSES)
def test_this_machine_is_what_it_is_elsewhere(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> None:
    assert is_local(str(address)) == (address.is_loopback or address.is_unspecified)


@given(st.text(max_size=20), st.text(max_size=30))
def test_nothing_that_a_variable_may_hold_is_an_error(host: str, listed: str) -> None:
    assert is_exempt(host, 443, listed) in (True, False)
    assert is_local(host) in (True, False)


@cases(
    ("host", "entry", "named"),
    [
        ("a" * 60, "*a" * 20 + "*b", False),
        ("a" * 60 + "b", "*a" * 20 + "*b", True),
        ("ab.cd.test", "a*b.*d.te*t", True),
        ("ab.cd.test", "*b*", True),
        ("ab.test", "a*ab.test", False),
        ("aab.test", "a*ab.test", True),
    ],
)
def test_any_number_of_stars_is_looked_for_once(host: str, entry: str, named: bool) -> None:
    assert is_exempt(host, 80, entry) is named
