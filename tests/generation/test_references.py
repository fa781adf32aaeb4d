"""What leads somewhere is followed, wherever it stands and whether or not anything is made of it."""

from __future__ import annotations

import pytest
import yaml

from tests.generation.conftest import TinyTree, yaml_value

HERE = "control_plane.yaml, at "
OPERATION = f"{HERE}paths./v1/things.post"


def add(tiny: TinyTree, text: str, name: str = "control_plane") -> None:
    with tiny.document(name) as document:
        for section, parts in yaml_value(text).items():
            document["components"].setdefault(section, {}).update(parts)


REFERENCES = {
    "a schema that nothing uses": ("schemas: {Left: {type: array, items: <None>}}", "schemas.Left.items"),
    "a variant of a schema that nothing uses": ("schemas: {Left: {oneOf: [<Thing>, <None>]}}", "schemas.Left.oneOf[1]"),
    "a schema that is called as a value": (
        "schemas: {Left: {type: object, properties: {default: <None>}}}",
        "schemas.Left.properties.default",
    ),
    "a parameter that nothing uses": (
        "parameters: {Left: {name: a, in: query, schema: <None>}}",
        "parameters.Left.schema",
    ),
    "an answer that nothing uses": (
        "responses: {Left: {description: It., content: {application/json: {schema: <None>}}}}",
        "responses.Left.content.application/json.schema",
    ),
    "an example that nothing uses": (
        "responses: {L: {description: I., content: {application/json: {examples: {a: <None>}}}}}",
        "responses.L.content.application/json.examples.a",
    ),
}


@pytest.mark.parametrize("name", REFERENCES)
def test_a_reference_that_leads_nowhere(tiny: TinyTree, name: str) -> None:
    text, place = REFERENCES[name]
    add(tiny, text)

    assert tiny.refusal() == f"{HERE}components.{place}: $ref '#/components/schemas/None' points at nothing"


def test_a_tag_that_leads_nowhere(tiny: TinyTree) -> None:
    mapping = "{b: '#/components/schemas/None'}"
    add(tiny, f"schemas: {{Left: {{oneOf: [<Thing>], discriminator: {{propertyName: a, mapping: {mapping}}}}}}}")

    assert tiny.refusal().startswith(f"{HERE}components.schemas.Left.discriminator.mapping.b: ")


@pytest.mark.parametrize("word", ["example", "default"])
def test_what_is_a_value_leads_nowhere_and_need_not(tiny: TinyTree, word: str) -> None:
    """`$ref` is a key of somebody's data there."""
    add(tiny, f"schemas: {{Left: {{type: object, {word}: {{$ref: '#/nowhere'}}}}}}")

    assert tiny.generate().status == 0


@pytest.mark.parametrize(
    "file", ["../outside.yaml", "%2e%2e/outside.yaml", "a/../../outside.yaml", "/etc/passwd", "https://a.test/a.yaml"]
)
def test_nothing_leads_out_of_the_folder(tiny: TinyTree, file: str) -> None:
    (tiny.root / "outside.yaml").write_bytes((tiny.root / "openapi" / "control_plane.yaml").read_bytes())
    add(tiny, f"schemas: {{Left: {{$ref: '{file}#/components/schemas/Thing'}}}}")

    assert tiny.refusal() == (
        f"{HERE}components.schemas.Left: $ref '{file}#/components/schemas/Thing' names a file that cannot be read "
        "(it lies outside of openapi)"
    )


def test_a_file_that_only_something_unused_leads_to_is_followed_too(tiny: TinyTree) -> None:
    (tiny.root / "openapi" / "more.yaml").write_text(
        "openapi: 3.1.0\ninfo: {title: More, version: '1'}\npaths: {}\n"
        "components: {schemas: {A: {type: array, items: {$ref: '#/components/schemas/B'}}}}\n",
        encoding="utf-8",
    )
    add(tiny, "schemas: {Left: {$ref: 'more.yaml#/components/schemas/A'}}")

    assert tiny.refusal() == (
        "more.yaml, at components.schemas.A.items: $ref '#/components/schemas/B' points at nothing"
    )


LINKS = {
    "no operation": ("{description: On.}", ": it leads to no operation: name one by operationId"),
    "an operation that is not there": (
        "{operationId: read_thing}",
        ".operationId: it leads to 'read_thing', which is no operation: name one that is",
    ),
    "a place that is not there": (
        "{operationRef: '#/paths/nowhere/get'}",
        ": $ref '#/paths/nowhere/get' points at nothing",
    ),
    "a place that is no operation": (
        "{operationRef: '#/paths/~1v1~1things'}",
        ".operationRef: it leads to '#/paths/~1v1~1things', which is no operation: name one that is",
    ),
    "a parameter that is not there": (
        "{operationId: make_thing, parameters: {id: $response.body#/a}}",
        ".parameters.id: make_thing has no parameter 'id': write none",
    ),
    "a value that is not there": (
        "{operationId: make_thing, requestBody: {a: $response.body#/b}}",
        ".requestBody.a: '$response.body#/b' leads to nothing in make_thing",
    ),
    "a value within one that has none": (
        "{operationId: make_thing, requestBody: {a: $response.body#/a/b}}",
        ".requestBody.a: '$response.body#/a/b' leads to nothing in make_thing",
    ),
    "a parameter that was not asked with": (
        "{operationId: make_thing, requestBody: {a: $request.query.b}}",
        ".requestBody.a: '$request.query.b' leads to nothing in make_thing",
    ),
    "a header that no answer has": (
        "{operationId: make_thing, requestBody: {a: $response.header.X-Id}}",
        ".requestBody.a: '$response.header.X-Id' leads to nothing in make_thing",
    ),
    "a word that is no expression": (
        "{operationId: make_thing, requestBody: {a: $response.bodies}}",
        ".requestBody.a: '$response.bodies' is no expression: write $response.body#/... or $request.path...",
    ),
}


@pytest.mark.parametrize("where", ["here", "elsewhere"])
@pytest.mark.parametrize("name", LINKS)
def test_a_link_that_leads_nowhere(tiny: TinyTree, name: str, where: str) -> None:
    """Where an answer has it, or where it stands for several."""
    link, problem = LINKS[name]
    tiny.change(properties="{a: {type: string}}")
    place = f"{OPERATION}.responses.200.links.next"
    if where == "elsewhere":
        add(tiny, f"links: {{Next: {link}}}")
        link, place = "{$ref: '#/components/links/Next'}", f"{HERE}components.links.Next"
    with tiny.document("control_plane") as document:
        document["paths"]["/v1/things"]["post"]["responses"]["200"]["links"] = {"next": yaml.safe_load(link)}

    assert tiny.refusal() == f"{place}{problem}"


def test_a_link_that_nothing_uses(tiny: TinyTree) -> None:
    add(tiny, "links: {Next: {operationId: read_thing}}")

    assert tiny.refusal() == (
        f"{HERE}components.links.Next.operationId: it leads to 'read_thing', which is no operation: name one that is"
    )


@pytest.mark.parametrize(
    "expression",
    [
        "$response.body#/a",
        "$response.body#/list/0/a",
        "$response.body#/map/x",
        "$response.body#/either/a",
        "$response.body",
        "$response.header.x-id",
    ],
)
def test_a_link_that_leads_somewhere(tiny: TinyTree, expression: str) -> None:
    tiny.change(
        properties="""
        a: {type: string}
        list: {type: array, items: <Thing>}
        map: {type: object, additionalProperties: {type: string}}
        either: {oneOf: [<Thing>, {type: "null"}]}
        """
    )
    with tiny.document("control_plane") as document:
        link = {"operationId": "make_thing", "requestBody": {"a": expression}}
        answer = document["paths"]["/v1/things"]["post"]["responses"]["200"]
        answer["headers"] = {"X-Id": {"schema": {"type": "string"}}}
        answer["links"] = {"next": link}

    assert tiny.generate().status == 0
