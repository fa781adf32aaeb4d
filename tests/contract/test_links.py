"""The links of the documents lead somewhere, and what they need is there."""

from __future__ import annotations

import json
from typing import Any

import pytest

from tensormesh_contract.documents.links import Link, links_of
from tensormesh_contract.documents.operations import Operation, Surface, SurfaceName
from tensormesh_contract.exchanges.exchange import Answer, Exchange, Request
from tensormesh_contract.exchanges.steps import Missing, evaluate, follow, holds
from tests.contract.conftest import Surfaces

CREATED = {  # where things are made, and where their end is looked at
    "create_user_api_key": ("delete_user_api_key", "list_user_api_keys"),
    "attach_stripe_payment_method": ("detach_stripe_payment_method", "list_stripe_payment_methods"),
    "deploy_model": ("delete_model", "get_model"),
    "admin_upsert_product": ("delete_product", "admin_list_products"),
    "admin_create_serverless_pricing": ("admin_delete_serverless_pricing", "admin_list_serverless_pricing"),
}


def every_link(surfaces: Surfaces) -> list[tuple[Surface, Link]]:
    return [
        (surface, link)
        for surface in surfaces.values()
        for operation in surface.operations
        for link in links_of(operation, surface)
    ]


def documented(operation: Operation, surface: Surface) -> Exchange:
    """The exchange that the examples of an operation describe."""
    values = {
        parameter.text("name"): parameter.value["example"]
        for parameter in operation.parameters
        if "example" in parameter
    }  # type: ignore[index,call-overload]
    path = operation.path
    for name, value in values.items():
        path = path.replace("{" + name + "}", str(value))
    query = "&".join(f"{name}={value}" for name, value in values.items() if "{" + name + "}" not in operation.path)
    response, _ = operation.response(200)
    assert response is not None
    media = response["content"]["application/json"]
    example = media.get("example")
    if example is None:
        example = next(iter(media["examples"].items()))[1]["value"]
    body = next(iter(operation.examples), None)
    request = Request(operation.method, path, query, body=b"" if body is None else json.dumps(body).encode())
    return Exchange(surface.name, request, Answer(200, (), json.dumps(example.value).encode()))


def test_there_are_links(surfaces: Surfaces) -> None:
    assert len(every_link(surfaces)) > 50


def test_every_link_can_be_followed_from_the_examples(surfaces: Surfaces) -> None:
    """Its target exists, its expressions find something, and what it gives is what the target takes."""
    for surface, link in every_link(surfaces):
        step = follow(link, documented(link.source, surface))
        taken = {parameter.text("name") for parameter in link.target.parameters}
        required = {node.text("name") for node in link.target.parameters if "required" in node}

        assert set(step.parameters) <= taken, link.key
        assert required <= set(step.parameters) or link.gone, link.key
        assert (step.body is not None) == (link.target.body is not None), link.key
        assert not link.gone or step.gone is not None, link.key


def test_every_link_says_what_it_is_for(surfaces: Surfaces) -> None:
    assert [link.key for _, link in every_link(surfaces) if not link.node.text("description").endswith(".")] == []


def test_what_can_be_made_can_be_deleted_and_is_gone_then(surfaces: Surfaces) -> None:
    surface = surfaces[SurfaceName.CONTROL_PLANE]
    for maker, (deletion, looked_at) in CREATED.items():
        onward = {link.target.id for link in links_of(surface.by_id(maker), surface)}
        afterwards = {link.target.id for link in links_of(surface.by_id(deletion), surface) if link.gone}

        assert deletion in onward, maker
        assert looked_at in afterwards, deletion


def test_no_link_leads_from_a_list_to_a_deletion(surfaces: Surfaces) -> None:
    """What a run did not make itself, it must not take away."""
    assert [
        link.key for _, link in every_link(surfaces) if link.source.method == "GET" and link.target.method == "DELETE"
    ] == []


EXCHANGE = Exchange(
    SurfaceName.CONTROL_PLANE,
    Request("GET", "/v1/models/a%2Fb", "userId=u1&x=", body=b'{"a": {"b/c": 1}}'),
    Answer(200, (), b'{"models": [{"id": "m1"}], "none": null, "empty": ""}'),
)


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("$response.body#/models/0/id", "m1"),
        ("$response.body#/models/0", {"id": "m1"}),
        ("$request.body#/a/b~1c", 1),
        ("$request.path.modelId", "a/b"),
        ("$request.query.userId", "u1"),
        ("plain", "plain"),
        ({"a": ["$request.query.userId", 1]}, {"a": ["u1", 1]}),
        (None, None),
    ],
)
def test_an_expression_finds_its_value(surfaces: Surfaces, expression: Any, expected: Any) -> None:
    operation = surfaces[SurfaceName.CONTROL_PLANE].by_id("get_model")

    assert evaluate(expression, operation, EXCHANGE) == expected


@pytest.mark.parametrize(
    "expression",
    [
        "$response.body#/models/1/id",
        "$response.body#/models/first",
        "$response.body#/none",
        "$response.body#/empty",
        "$request.path.other",
        "$request.query.x",
        "$request.header.x",
        "$nonsense",
    ],
)
def test_an_expression_that_finds_nothing_says_so(surfaces: Surfaces, expression: str) -> None:
    operation = surfaces[SurfaceName.CONTROL_PLANE].by_id("get_model")

    with pytest.raises(Missing):
        evaluate(expression, operation, EXCHANGE)


def test_a_value_is_found_wherever_it_is() -> None:
    assert holds({"a": [{"b": "x"}]}, "x")
    assert not holds({"x": ["xx"]}, "x")
