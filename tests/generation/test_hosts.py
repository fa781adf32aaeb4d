"""What a document says of its host: where it is, and who is let in. What no client can do is refused."""

from __future__ import annotations

from collections.abc import Callable
from importlib import import_module
from typing import Any

import pytest
import yaml

from tests.generation.conftest import TinyTree

TOKEN = "components: {securitySchemes: {token: {type: http, scheme: bearer}}}"

SERVERS = {
    "none": ("[]", "servers: nothing says where the host is: write `servers: [{url: https://...}]`"),
    "a variable of no kind": (
        "[{url: 'https://{place}.test'}]",
        "servers[0]: its address has a variable 'place', and `variables` has none: add it",
    ),
    "a path": ("[{url: /v1}]", "servers[0].url: '/v1' is no address to call"),
    "a slash at the end": ("[{url: 'https://a.test/'}]", "servers[0].url: 'https://a.test/' is no address to call"),
    "a version that paths have": (
        "[{url: 'https://a.test/v1'}]",
        "servers[0].url: 'https://a.test/v1' is no address to call: write https:// and a host in small",
    ),
    "a query": ("[{url: 'https://a.test?b=c'}]", "servers[0].url: 'https://a.test?b=c' is no address to call"),
    "a key": ("[{url: 'https://key@a.test'}]", "servers[0].url: 'https://key@a.test' is no address to call"),
    "another protocol": ("[{url: 'ftp://a.test'}]", "servers[0].url: 'ftp://a.test' is no address to call"),
    "capital letters": ("[{url: 'https://A.test'}]", "servers[0].url: 'https://A.test' is no address to call"),
    "a port that is none": ("[{url: 'https://a.test:b'}]", "servers[0].url: 'https://a.test:b' is no address to call"),
}


def change(tiny: TinyTree, text: str) -> None:
    with tiny.document("control_plane") as document:
        for key, value in yaml.safe_load(text).items():
            if isinstance(value, dict):
                document[key] |= value
            else:
                document[key] = value


@pytest.mark.parametrize("name", SERVERS)
def test_an_address_that_cannot_be_called(tiny: TinyTree, name: str) -> None:
    servers, problem = SERVERS[name]
    change(tiny, f"servers: {servers}")

    assert tiny.refusal().startswith(f"control_plane.yaml, at {problem}")


def test_no_address_at_all(tiny: TinyTree) -> None:
    tiny.edit("openapi/control_plane.yaml", "servers: [{url: https://control-plane.test}]\n", "")

    assert tiny.refusal() == (
        "control_plane.yaml, at servers: nothing says where the host is: write `servers: [{url: https://...}]`"
    )


SECURITY = {
    "a scheme that is not there": (
        "security: [{token: []}]",
        "security[0].token: no scheme 'token' is under components.securitySchemes: add it",
    ),
    "scopes": (f"{{security: [{{token: [read]}}], {TOKEN}}}", "security[0].token: no client knows scopes: write []"),
    "a password": (
        "{security: [{a: []}], components: {securitySchemes: {a: {type: http, scheme: basic}}}}",
        "components.securitySchemes.a: a client of control_plane cannot send that; it has a bearer token (type: http",
    ),
    "a user who is not named there": (
        "{security: [{a: []}], components: {securitySchemes: {a: {type: apiKey, in: header, name: X-User-Id}}}}",
        "components.securitySchemes.a: a client of control_plane cannot send that",
    ),
}


@pytest.mark.parametrize("name", SECURITY)
def test_a_credential_that_no_client_sends(tiny: TinyTree, name: str) -> None:
    text, problem = SECURITY[name]
    change(tiny, text)

    assert tiny.refusal().startswith(f"control_plane.yaml, at {problem}")


def test_the_security_of_an_operation_is_looked_at_as_that_of_all(tiny: TinyTree) -> None:
    tiny.change(operation="security: [{token: []}]")

    assert tiny.refusal() == (
        "control_plane.yaml, at paths./v1/things.post.security[0].token: "
        "no scheme 'token' is under components.securitySchemes: add it"
    )


def test_the_facts_of_hosts_are_in_the_package(tiny: TinyTree, package: Callable[..., Any]) -> None:
    """Versions, addresses, ways in; of an operation only where it has others."""
    change(
        tiny,
        f"""
        info: {{version: "2.7"}}
        servers: [{{url: "https://{{area}}.test:8443/x", variables: {{area: {{default: north}}}}}}]
        security: [{{token: []}}]
        {TOKEN}
        """,
    )
    made = package(operation="security: [{}, {token: []}]")
    control_plane = import_module(f"{made.__name__}.surfaces").SURFACES["control_plane"]

    assert control_plane.version == "2.7"
    assert "control_plane 2.7" in made.__doc__
    assert (control_plane.base_url, control_plane.template) == (
        "https://north.test:8443/x",
        "https://{area}.test:8443/x",
    )
    assert control_plane.security == (("authorization",),)
    assert made.api.things.make_thing.OPERATION.security == (("control_plane", ((), ("authorization",))),)
    assert made.api.texts.create_text.OPERATION.security == ()
