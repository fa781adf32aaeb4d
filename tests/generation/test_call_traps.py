"""What the generator is known to drop or get wrong in operations, and what becomes of it here."""

from __future__ import annotations

import datetime
import inspect
from collections.abc import Callable
from importlib import import_module
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from tests.generation.conftest import TinyTree

Package = Callable[..., Any]


def make_thing(package: Package, **parts: str) -> ModuleType:
    """The module of the one operation of the control plane."""
    module: ModuleType = package(**parts).api.things.make_thing
    return module


def query(module: ModuleType, **arguments: Any) -> tuple[tuple[str, str], ...]:
    pairs: tuple[tuple[str, str], ...] = module.build_request(body={}, **arguments).query
    return pairs


def test_a_parameter_s_description_reaches_the_caller(package: Package) -> None:
    """The generator reads that of its schema only."""
    module = make_thing(
        package, operation="parameters: [{name: a, in: query, description: What for., schema: {type: string}}]"
    )

    assert "a: What for." in (module.sync.__doc__ or "")


def test_a_parameter_s_default_is_not_sent(package: Package) -> None:
    """The host knows its own."""
    module = make_thing(
        package, operation="parameters: [{name: limit, in: query, schema: {type: integer, default: 20}}]"
    )

    assert query(module) == ()
    assert query(module, limit=None) == ()
    assert query(module, limit=5) == (("limit", "5"),)


@pytest.mark.parametrize(
    ("schema", "value", "pairs"),
    [
        ("{type: boolean}", False, (("a", "false"),)),
        ("{type: array, items: {type: string}}", ["x", "y"], (("a", "x"), ("a", "y"))),
        ("{type: string, enum: [x]}", "future", (("a", "future"),)),
        ("{type: string, format: uint64}", 2**64 - 1, (("a", "18446744073709551615"),)),
        (
            "{type: string, format: date-time}",
            datetime.datetime(2026, 11, 21, tzinfo=datetime.UTC),
            (("a", "2026-11-21T00:00:00Z"),),
        ),
        ("{type: [string, 'null']}", None, ()),
        ("{oneOf: [{type: string}, {type: array, items: {type: string}}]}", ["x"], (("a", "x"),)),
    ],
)
def test_a_parameter_of_any_kind(package: Package, schema: str, value: Any, pairs: tuple[tuple[str, str], ...]) -> None:
    """Each becomes the text that the host expects."""
    module = make_thing(package, operation=f"parameters: [{{name: a, in: query, schema: {schema}}}]")

    assert query(module, a=value) == pairs


def test_a_parameter_may_have_another_name_in_python(package: Package) -> None:
    """`body` is taken; the JSON key stays as it is."""
    module = make_thing(
        package,
        operation="parameters: [{name: body, in: query, schema: {type: string}}]",
        facts="rename: {body: text}",
    )

    assert query(module, text="a") == (("body", "a"),)


def test_a_parameter_may_be_a_keyword(package: Package) -> None:
    module = make_thing(package, operation="parameters: [{name: from, in: query, schema: {type: string}}]")

    assert query(module, from_="a") == (("from", "a"),)


def test_a_parameter_may_be_called_as_a_field_of_the_body(package: Package) -> None:
    """Its other name leaves the field's alone."""
    made = package(
        operation="parameters: [{name: id, in: query, schema: {type: string}}]",
        properties="id: {type: string}",
        facts="rename: {id: thing_id}",
    )
    sent: list[Any] = []

    class Client:
        def send(self, request: Any) -> Any:
            sent.append(request)
            return SimpleNamespace(parsed=None)

    import_module(f"{made.__name__}.namespaces.control_plane").ControlPlane(Client()).things.make(thing_id="a", id="b")

    assert (sent[0].query, sent[0].json) == ((("id", "a"),), {"id": "b"})


def test_what_is_deprecated_says_so(package: Package) -> None:
    """In the words of the operation, the parameter and the field, once."""
    made = package(
        operation="""
            deprecated: true
            description: Makes it.
            parameters: [{name: a, in: query, deprecated: true, schema: {type: string}}]
        """,
        properties="""
            b: {type: string, deprecated: true, description: Old.}
            c: {type: string, deprecated: true, description: "Deprecated: use b."}
        """,
    )
    friendly = import_module(f"{made.__name__}.namespaces.control_plane").ControlPlaneThings.make.__doc__
    lines = [line.strip() for line in friendly.splitlines()]

    assert {"Deprecated. Makes it.", "a: Deprecated.", "b: Deprecated. Old.", "c: Deprecated: use b."} <= set(lines)


def test_a_parameter_s_type_is_known_to_type_checkers(tiny: TinyTree) -> None:
    """What a module names, it imports."""
    tiny.change(
        operation="""
            parameters:
              - {name: a, in: query, schema: {type: array, items: {type: string}}}
              - {name: b, in: query, schema: {type: string, format: decimal}}
        """
    )
    assert tiny.generate().status == 0

    for name in ("api/things/make_thing.py", "namespaces/control_plane.py"):
        text = (tiny.package / name).read_text(encoding="utf-8")
        assert "import decimal\n" in text
        assert "Mapping, Sequence\n" in text


def test_parameters_of_a_path_belong_to_its_operations(tiny: TinyTree, package: Package) -> None:
    """They stand beside the methods; and a parameter may be a component."""
    with tiny.document("control_plane") as document:
        document["paths"]["/v1/things"]["parameters"] = [{"$ref": "#/components/parameters/Scope"}]
        document["components"]["parameters"] = {
            "Scope": {"name": "scopeId", "in": "query", "schema": {"type": "string"}}
        }

    assert query(make_thing(package), scope_id="a") == (("scopeId", "a"),)


@pytest.mark.parametrize(
    ("path", "value", "sent"),
    [
        ("/v1/things/{thingId}", "a/b?c", "/v1/things/a%2Fb%3Fc"),
        ("/v1/things/{thingId}:chat", "x:y", "/v1/things/x%3Ay:chat"),
        ("/v1/{thingId}/things", "a.b", "/v1/a.b/things"),
        ("/v1/{thing-id}/things", "a", "/v1/a/things"),
    ],
)
def test_a_path_keeps_its_form(tiny: TinyTree, package: Package, path: str, value: str, sent: str) -> None:
    """A value is one segment, whatever is in it; a verb after it stays a verb."""
    with tiny.document("control_plane") as document:
        item = document["paths"].pop("/v1/things")
        name = path.partition("{")[2].partition("}")[0]
        item["post"]["parameters"] = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}}]
        item["post"]["x-tensormesh"]["positional"] = [name]
        document["paths"][path] = item
    module = make_thing(package)

    assert module.OPERATION.path == path
    assert module.build_request(body={}, thing_id=value).path == sent


def test_a_path_item_may_be_a_reference(tiny: TinyTree, package: Package) -> None:
    """The generator forgets it and what is in it."""
    with tiny.document("control_plane") as document:
        document["components"]["pathItems"] = {"Things": document["paths"]["/v1/things"]}
        document["paths"]["/v1/things"] = {"$ref": "#/components/pathItems/Things"}

    assert make_thing(package).OPERATION.path == "/v1/things"


def test_one_path_may_mean_two_things(package: Package) -> None:
    """The two kinds of surface are different hosts."""
    text = """
    /v1/texts:
      post:
        operationId: count_texts
        tags: [things]
        summary: Count
        responses: {"200": {description: It., content: {application/json: {schema: <Thing>}}}}
        x-tensormesh: {call: texts.count, retry: never, cli: {command: texts count, by_hand: true}}
    """
    made = package(paths=text)

    operations = made.api.texts.create_text.OPERATION, made.api.things.count_texts.OPERATION
    assert [(one.path, one.surfaces) for one in operations] == [
        ("/v1/texts", ("serverless",)),
        ("/v1/texts", ("control_plane",)),
    ]


def test_an_operation_of_two_surfaces_is_one_module(tiny: TinyTree, package: Package) -> None:
    """With one set of classes; the client decides where it goes."""
    with tiny.document("on_demand") as document:
        document["paths"]["/v1/texts"] = {"$ref": "serverless.yaml#/paths/~1v1~1texts"}

    assert package().api.texts.create_text.OPERATION.surfaces == ("serverless", "on_demand")


def test_an_answer_that_streams_has_both_forms(package: Package) -> None:
    """The generator reads `text/event-stream` as one text, or not at all."""
    made = package()
    module = made.api.texts.create_text

    whole, stream = module.build_request(body={}), module.build_stream_request(body={})

    assert (whole.json, stream.json) == ({}, {"stream": True})
    assert whole.parse({"text": "a"}) == made.models.Text(text="a")
    assert stream.parse_event({"piece": "a"}) == made.models.TextEvent(piece="a")


def test_an_event_may_be_a_tagged_union(tiny: TinyTree, package: Package) -> None:
    """Each event becomes the class that its tag names, and one from the future is kept."""
    with tiny.document("serverless") as document:
        document["components"]["schemas"] |= {
            "Begun": {
                "type": "object",
                "properties": {"type": {"const": "begun"}, "text": {"type": "string"}},
            },
            "Ended": {"type": "object", "properties": {"type": {"const": "ended"}}},
            "TextEvent": {
                "oneOf": [{"$ref": "#/components/schemas/Begun"}, {"$ref": "#/components/schemas/Ended"}],
                "discriminator": {"propertyName": "type", "mapping": {"begun": "Begun", "ended": "Ended"}},
            },
        }
    made = package()
    parse = made.api.texts.create_text.parse_event

    assert type(parse({"type": "ended"})) is made.models.Ended
    assert type(parse({"type": "new"})) is made.models.OpenObject


def test_declared_errors_are_no_answers(package: Package) -> None:
    """The generator would return them, and stumble over a status without a name."""
    made = package(
        operation="""
        responses:
          "200": {description: It., content: {application/json: {schema: <Thing>}}}
          "404": {description: No., content: {application/json: {schema: <Fault>}}}
          "529": {description: Busy., content: {text/html: {schema: {type: string}}}}
          "4XX": {description: Other., content: {application/json: {schema: <Fault>}}}
          default: {description: Else.}
        """,
        schemas="Fault: {type: object, properties: {message: {type: string}}}",
    )

    module = made.api.things.make_thing
    assert str(inspect.signature(module.sync).return_annotation) == "Thing"
    assert "404, 529, 4XX" in (module.sync.__doc__ or "")
    assert made.models.Fault(message="a").to_dict() == {"message": "a"}


def test_an_empty_success_beside_the_answer(package: Package) -> None:
    """`202`: not yet. It has no type, and takes none away."""
    module = make_thing(
        package,
        operation="""
        responses:
          "200": {description: It., content: {application/json: {schema: <Thing>}}}
          "202": {description: Not yet.}
        """,
        facts="empty_ok: true",
    )

    assert module.OPERATION.empty_ok
    assert module.build_request(body={}).parse({"a": 1}).to_dict() == {"a": 1}


@pytest.mark.parametrize("name", ["requestBodies", "responses"])
def test_bodies_and_answers_may_be_components(tiny: TinyTree, package: Package, name: str) -> None:
    with tiny.document("control_plane") as document:
        operation = document["paths"]["/v1/things"]["post"]
        owner, key = (operation, "requestBody") if name == "requestBodies" else (operation["responses"], "200")
        document["components"][name] = {"Shared": owner[key]}
        owner[key] = {"$ref": f"#/components/{name}/Shared"}
    module = make_thing(package)

    assert module.build_request(body={"a": 1}).json == {"a": 1}
    assert module.build_request(body={}).parse({"a": 1}).to_dict() == {"a": 1}
