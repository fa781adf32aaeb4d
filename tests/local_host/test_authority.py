"""A request that calls the host by another's name, or comes from another's page, gets nothing and changes nothing."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator

import httpx
import pytest

from tensormesh_local import LocalHost, Options
from tests.cases import cases
from tests.plain_http import NO_TLS

ROUTES = (
    ("GET", "/serverless/v1/models"),
    ("POST", "/serverless/v1/chat/completions"),
    ("GET", "/on-demand/health"),
    ("POST", "/control-plane/auth/cli/start"),
    ("GET", "/control-plane/auth/cli/approve?code=X"),
    ("POST", "/control-plane/auth/cli/approve?code=X"),
    ("GET", "/control-plane/v1/users/api-keys"),
    ("POST", "/_local/faults"),
    ("GET", "/_local/requests"),
    ("GET", "/nowhere"),
    ("OPTIONS", "/serverless/v1/models"),
)
"""Of every part of the host."""

FOREIGN = (
    "rebound.example",
    "localhost.example",
    "evil.localhost",
    "127.0.0.1.example",
    "127.0.0.1@rebound.example",
    "203.0.113.7",
    "0.0.0.0",  # noqa: S104 - some browsers take it for this machine
    "[2001:db8::1]",
    "[::1",
    "localhost:port",
    "2130706433",
    "127.1",
    "",
    "*",
    "a b",
    "\xe9",
)

type Send = Callable[..., httpx.Response]


def sender(host: LocalHost) -> Iterator[Send]:
    with httpx.Client(base_url=host.base_url, trust_env=False, verify=NO_TLS) as client:

        def send(method: str = "GET", path: str = "/serverless/v1/models", **headers: str) -> httpx.Response:
            credentials = {"Authorization": f"Bearer {host.control_plane_token}"}
            named = [(name.encode(), value.encode("latin-1")) for name, value in (credentials | headers).items()]
            return client.request(method, path, headers=named)

        yield send


@pytest.fixture
def send(host_as_new: LocalHost) -> Iterator[Send]:
    """Send with credentials that would open everything, so that nothing but the name is in the way."""
    yield from sender(host_as_new)


@cases(("method", "path"), ROUTES)
def test_nobody_is_answered_who_calls_the_host_by_another_name(
    host: LocalHost, send: Send, method: str, path: str
) -> None:
    answer = send(method, path, host=f"rebound.example:{host.port}")

    assert answer.status_code == 421
    assert "--allow-host" in answer.json()["error"]
    assert not [name for name in answer.headers if name.startswith("access-control-")]


@cases("name", FOREIGN)
@cases("port", [True, False])
def test_no_name_but_its_own_is_its_own(host: LocalHost, send: Send, name: str, port: bool) -> None:
    assert send(host=f"{name}:{host.port}" if port else name).status_code == 421


@cases("name", ["127.0.0.1", "localhost", "LOCALHOST", "localhost.", "[::1]", "[::ffff:127.0.0.1]", "127.0.0.2"])
@cases("port", ["", ":1", ":65535"])
def test_every_name_of_this_machine_is(send: Send, name: str, port: str) -> None:
    """The port is another where one is forwarded."""
    assert send(host=name + port).status_code == 200


@cases(("method", "path"), ROUTES)
@cases(
    "origin",
    ["http://rebound.example", "https://127.0.0.1:{port}", "http://127.0.0.1:1", "http://localhost:{port}", "null", ""],
)
def test_no_page_of_anybody_else_is_answered(host: LocalHost, send: Send, method: str, path: str, origin: str) -> None:
    answer = send(method, path, origin=origin.format(port=host.port))

    assert answer.status_code == 403
    assert "Origin" in answer.json()["error"]


@cases(
    ("name", "origin"),
    [
        ("127.0.0.1:{port}", "http://127.0.0.1:{port}"),
        ("localhost:{port}", "http://LOCALHOST:{port}"),
        ("localhost:9000", "http://localhost:9000"),
        ("localhost", "http://localhost"),
        ("localhost", "http://localhost:80"),
    ],
)
def test_a_page_of_its_own_is_answered(host: LocalHost, send: Send, name: str, origin: str) -> None:
    assert send(host=name.format(port=host.port), origin=origin.format(port=host.port)).status_code == 200


@pytest.mark.parametrize(
    ("origin", "status"),
    [("https://box.example", 200), ("https://box.example:443", 200), ("https://box.example:8000", 403)],
)
def test_a_page_that_came_through_tls_is_answered_where_the_host_was_given_that_name(origin: str, status: int) -> None:
    with LocalHost(Options(allowed_hosts=("box.example",))) as host:
        for send in sender(host):
            assert send(host="box.example", origin=origin).status_code == status


@cases("site", ["cross-site", "same-site"])
@cases("mode", ["no-cors", "cors", "websocket"])
def test_nothing_that_a_page_of_anybody_else_loads_is_answered(send: Send, site: str, mode: str) -> None:
    """Such as a picture, which is asked for without an origin."""
    assert send(**{"sec-fetch-site": site, "sec-fetch-mode": mode}).status_code == 403


def test_a_link_to_the_host_may_be_followed_from_anywhere_and_a_form_may_not_be_sent(send: Send) -> None:
    headers = {"sec-fetch-site": "cross-site", "sec-fetch-mode": "navigate"}
    path = "/control-plane/auth/cli/approve?code=X"

    assert send("GET", path, **headers).status_code == 404
    assert send("POST", path, **headers).status_code == 403
    for site in ("none", "same-origin"):
        assert send("GET", path, **headers | {"sec-fetch-site": site}).status_code == 404


def test_whoever_is_refused_leaves_no_trace(host: LocalHost, send: Send) -> None:
    host.faults.add(status=503)
    for headers in ({"host": "rebound.example"}, {"origin": "http://rebound.example"}):
        send("DELETE", "/_local/faults", **headers)
        send("GET", "/serverless/v1/models", **headers)

    assert list(host.requests) == []
    assert send().status_code == 503


def test_a_page_of_a_rebound_name_cannot_approve_a_login(host: LocalHost, send: Send) -> None:
    """It reads the form and sends it, all under a name that leads here."""
    started = send("POST", "/control-plane/auth/cli/start").json()
    path = started["auth_url"].removeprefix(host.base_url)
    code = {"cli_code": started["cli_code"]}

    assert send("GET", path, host="rebound.example").status_code == 421
    assert send("POST", path, host="rebound.example").status_code == 421
    assert (
        httpx.post(
            f"{host.control_plane_base_url}/auth/cli/exchange", json=code, trust_env=False, verify=NO_TLS
        ).status_code
        == 202
    )


@cases(
    "headers",
    [
        {"host": "localhost:1"},
        {"host": "127.0.0.9"},
        {"x-forwarded-host": "rebound.example"},
        {"x-forwarded-proto": "https"},
        {"forwarded": "host=rebound.example;proto=https"},
    ],
)
def test_the_address_of_a_login_is_that_of_the_host_whatever_the_caller_calls_it(
    host: LocalHost, send: Send, headers: dict[str, str]
) -> None:
    started = send("POST", "/control-plane/auth/cli/start", **headers).json()

    assert started["auth_url"].startswith(f"{host.control_plane_base_url}/auth/cli/approve?code=")


def test_a_request_of_http_1_0_may_name_nobody(host: LocalHost) -> None:
    with socket.create_connection(("127.0.0.1", host.port), timeout=10) as connection:
        connection.sendall(b"GET /serverless/v1/models HTTP/1.0\r\n\r\n")

        assert connection.recv(65_536).startswith(b"HTTP/1.1 200 ")


@cases(
    ("names", "given", "status"),
    [
        (("box.example",), "box.example", 200),
        (("Box.Example.",), "BOX.example:8000", 200),
        (("box.example", "10.0.0.7"), "10.0.0.7:8000", 200),
        (("2001:db8::1",), "[2001:db8:0::1]:8000", 200),
        (("box.example",), "localhost", 200),
        (("box.example",), "inner.box.example", 421),
        (("box.example",), "box.example.org", 421),
    ],
)
def test_further_names_are_added(names: tuple[str, ...], given: str, status: int) -> None:
    with LocalHost(Options(allowed_hosts=names)) as host:
        for send in sender(host):
            assert send(host=given, origin=f"http://{given}").status_code == status


def test_a_host_on_every_address_goes_by_addresses_and_the_name_of_the_machine() -> None:
    with LocalHost(Options(host="0.0.0.0")) as host:  # noqa: S104 - what is tested
        for send in sender(host):
            for name in ("127.0.0.1", "localhost", socket.gethostname(), "192.0.2.1"):
                assert send(host=name).status_code == 200, name
            assert send(host="rebound.example").status_code == 421
            started = send("POST", "/control-plane/auth/cli/start", host="192.0.2.1").json()

    assert started["auth_url"].startswith("http://127.0.0.1:")


def test_a_host_with_a_name_goes_by_it() -> None:
    with LocalHost(Options(host="localhost")) as host:
        for send in sender(host):
            assert send().status_code == 200
            started = send("POST", "/control-plane/auth/cli/start").json()

    assert started["auth_url"].startswith("http://localhost:")


@cases("name", ["", "http://box.example", "box.example:8000", "*", "*.example", "a/b", "b\xfcx", "a b"])
def test_what_is_no_name_is_not_added(name: str) -> None:
    with pytest.raises(ValueError, match="a name to go by is like box"):
        Options(allowed_hosts=(name,))


def test_one_name_is_no_tuple_of_names() -> None:
    with pytest.raises(TypeError, match="a tuple of names"):
        Options(allowed_hosts="box.example")  # type: ignore[arg-type]
