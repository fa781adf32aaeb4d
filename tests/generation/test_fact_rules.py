"""Facts that nobody could obey are refused."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.generation.conftest import TinyTree
from tests.generation.refusals import OPERATION, TAG
from tests.generation.test_changes import READ
from tools.names import python_name

FACTS = {
    "a misspelt fact": ("retires: 3", ".retires: no such key is known here"),
    "a call that is no method": ("call: things", ".call: 'things' cannot stand here: String should match pattern"),
    "a call that Python cannot make": ("call: things.import", ".call: Python or the package needs a name in"),
    "a call that is taken": ("call: things.with_raw_response", ".call: Python or the package needs a name in"),
    "a namespace that is taken": (
        "call: things.with_raw_response.make",
        ".call: Python or the package needs a name in",
    ),
    "a namespace called like a client's request": (
        "call: request.make",
        ".call: Python or the package needs a name in",
    ),
    "a namespace called like a client's send": ("call: send.make", ".call: Python or the package needs a name in"),
    "a namespace called like a client's stream": ("call: stream.make", ".call: Python or the package needs a name in"),
    "a call that is written by hand": (
        "call: models.wait_until_up",
        ".call: 'models.wait_until_up' is already written by hand",
    ),
    "a namespace called like a call that is": (
        "call: observability.deployments.logs.follow.make",
        ".call: 'observability.deployments.logs.follow' is already written by hand",
    ),
    "a misspelt retry": (
        "retry: sometimes",
        ".retry: 'sometimes' cannot stand here: Input should be 'idempotent' or 'never'",
    ),
    "a misspelt truth": ("empty_ok: 'no'", ".empty_ok: 'no' cannot stand here: Input should be a valid boolean"),
    "a POST that is sent twice": ("retry: idempotent", ".retry: a POST may have happened although no answer came"),
    "a command that cannot be typed": ("cli: {command: Make_it}", ".cli.command: 'Make_it' cannot stand here"),
    "a misspelt fact about a command": (
        "cli: {command: things make, confrim: true}",
        ".cli.confrim: no such key is known here",
    ),
    "a stream that does not end": (
        "stream: {field: stream, event: Thing, end: '', whole: thing}",
        ".stream.end: '' cannot stand here",
    ),
    "a stream of parts of what": (
        "stream: {field: stream, event: Thing, end: x, whole: A thing}",
        ".stream.whole: 'A thing' cannot stand here",
    ),
    "half a stream": ("stream: {field: stream, event: Thing, whole: thing}", ".stream: there is no 'end'"),
    "a stream of nothing": (
        "stream: {field: stream, event: Other, end: x, whole: thing}",
        ".stream: $ref '#/components/schemas/Other' points at nothing",
    ),
    "a position of no parameter": ("positional: [id]", ".positional: no parameter is called 'id'"),
    "a name for nothing": ("rename: {id: thing_id}", ".rename: no parameter or field of the body is called 'id'"),
    "a name that is none": ("rename: {id: 'thing id'}", ".rename.id: 'thing id' cannot stand here"),
    "a result that is not there": ("returns: thing", ".returns: no key of the answer is called 'thing'"),
    "a caller that nothing is told": (
        "caller: {field: owner, profile: get_thing, id: user.id}",
        ".caller.field: no field of the body is called 'owner'",
    ),
    "a caller without a place": (
        "caller: {field: owner, profile: get_thing, id: 'user..id'}",
        ".caller.id: 'user..id' cannot stand here",
    ),
    "pages of another kind": (
        "paging: {style: cursor, items: a}",
        ".paging.style: 'cursor' cannot stand here: Input should be 'page' or 'token'",
    ),
    "pages of nothing": ("paging: {style: page, items: a}", ".paging.items: no key of the answer is called 'a'"),
}
"""Facts about the operation, and what is said of them."""


@pytest.mark.parametrize("name", FACTS)
def test_a_fact_that_nobody_could_obey(tiny: TinyTree, name: str) -> None:
    """The block `x-tensormesh` holds known keys, and speaks of what there is."""
    text, problem = FACTS[name]
    tiny.change(facts=text)

    assert tiny.refusal().startswith(f"{OPERATION}.x-tensormesh{problem}")


def test_a_stream_that_nothing_asks_for(tiny: TinyTree) -> None:
    tiny.edit("openapi/serverless.yaml", "{field: stream,", "{field: flow,")

    assert tiny.refusal() == (
        "serverless.yaml, at paths./v1/texts.post.x-tensormesh.stream.field: no field of the body is called 'flow'"
    )


def test_a_stream_that_no_answer_is(tiny: TinyTree) -> None:
    tiny.change(facts="stream: {field: stream, event: Thing, end: x, whole: thing}")

    assert tiny.refusal() == (
        f"{OPERATION}.responses.200: an answer that streams is application/json and text/event-stream"
    )


def test_a_fact_about_a_command_of_inference(tiny: TinyTree) -> None:
    """No table is made of those."""
    tiny.edit("openapi/serverless.yaml", "{command: texts create}", "{command: texts create, confirm: true}")

    assert tiny.refusal() == (
        "serverless.yaml, at paths./v1/texts.post.x-tensormesh.cli: "
        "a command of inference is written by hand: only what to type is told here"
    )


def test_a_parameter_in_the_path_that_needs_its_name(tiny: TinyTree) -> None:
    """`things.read(thing_id)`: what names the resource needs no keyword."""
    tiny.change(paths=READ.replace("positional: [thingId]", "positional: []"))

    assert tiny.refusal() == (
        "control_plane.yaml, at paths./v1/things/{thingId}.get.x-tensormesh.positional: "
        "'thingId' is in the path, so it is passed by position"
    )


def test_an_operation_without_facts(tiny: TinyTree) -> None:
    """How to call it would be a guess."""
    tiny.change(operation="x-tensormesh: {}")

    assert tiny.refusal() == f"{OPERATION}: the operation has no x-tensormesh"


def test_pages_of_no_list(tiny: TinyTree) -> None:
    """There is nothing in it to go through."""
    tiny.change(properties="things: {type: string}", facts="paging: {style: page, items: things}")

    assert tiny.refusal() == f"{OPERATION}.x-tensormesh.paging.items: pages are cut from a list: write the key of one"


def test_pages_that_cannot_be_asked_for(tiny: TinyTree) -> None:
    """A list that is cut into pages takes the number of one, and tells how many there are."""
    tiny.change(properties="things: {type: array, items: {}}", facts="paging: {style: page, items: things}")
    assert tiny.refusal() == f"{OPERATION}.x-tensormesh.paging.style: no parameter is called 'page'"

    number = "in: query, schema: {type: integer}"
    tiny.change(
        facts="rename: {page: page_number, size: page_size}",
        operation=f"parameters: [{{name: page, {number}}}, {{name: size, {number}}}]",
        properties="{page: {type: integer}, size: {type: integer}}",
    )
    assert tiny.refusal() == f"{OPERATION}.x-tensormesh.paging.style: no key of the answer is called 'total'"


def test_pages_that_go_by_a_key_with_a_name_of_its_own(tiny: TinyTree) -> None:
    """Whoever goes through them asks for the key."""
    number = "in: query, schema: {type: integer}"
    tiny.change(
        facts="{paging: {style: page, items: things}, rename: {page: page_number, size: page_size}}",
        operation=f"parameters: [{{name: page, {number}}}, {{name: size, {number}}}]",
        properties="""
            things: {type: array, items: {}}
            page: {type: integer, x-name: number}
            size: {type: integer}
            total: {type: integer}
        """,
    )

    assert tiny.refusal() == (
        f"{OPERATION}.x-tensormesh.paging: pages go by 'page', which keeps its name: take its `x-name` out"
    )


def test_a_field_of_the_body_that_is_called_as_an_option(tiny: TinyTree) -> None:
    tiny.change(properties="timeout: {type: integer}")

    assert tiny.refusal() == (
        "control_plane.yaml, at components.schemas.Thing.properties.timeout: "
        "no argument can be called 'timeout', so 'timeout' needs another name in x-tensormesh.rename"
    )


@pytest.mark.parametrize("name", ["ControlPlane", "ControlPlaneThings", "AsyncControlPlaneThingsWithRawResponse"])
def test_a_component_called_as_a_namespace(tiny: TinyTree, name: str) -> None:
    """Its class would be hidden where the friendly calls name it."""
    tiny.change(schemas=f"{name}: {{type: object}}", properties=f"a: <{name}>")

    assert tiny.refusal() == f"{OPERATION}.x-tensormesh.call: {name!r} is the name of a component already"


def test_a_word_at_the_top_that_nobody_obeys(tiny: TinyTree) -> None:
    with tiny.document("control_plane") as document:
        document["webhooks"] = {}

    assert tiny.refusal() == "control_plane.yaml, at webhooks: nothing here obeys 'webhooks': take it out"


def test_a_tag_without_words(tiny: TinyTree) -> None:
    """They are the docstring of its folder."""
    tiny.edit("openapi/control_plane.yaml", "description: Things.", "description: ' '")

    assert tiny.refusal() == f"{OPERATION}.tags: {TAG}"


def test_a_tag_of_both_kinds_of_surface(tiny: TinyTree) -> None:
    """It is a folder, in which two kinds would mix."""
    tiny.change(operation="tags: [texts]")

    assert tiny.refusal() == (
        "serverless.yaml, at paths./v1/texts.post.tags: inference and the control plane have no tag in common"
    )


def test_a_tag_with_other_words_on_another_surface(tiny: TinyTree) -> None:
    """It is one module, and has one docstring."""
    with tiny.document("control_plane") as document:
        document["tags"].append({"name": "texts", "description": "Others."})

    assert tiny.refusal() == "control_plane.yaml, at tags[1]: the tag 'texts' has other words elsewhere"


@pytest.mark.parametrize(
    "path",
    ["v1/things", "/v1/it's", '/v1/"things', "/v1/th\\ings", "/v1/things}", "/v1/{thing", "/v1/things?a=b", "/ü"],
)
def test_a_path_that_would_be_sent_otherwise(tiny: TinyTree, path: str) -> None:
    """It is printed as Python, and sent as it stands."""
    with tiny.document("control_plane") as document:
        document["paths"][path] = document["paths"].pop("/v1/things")

    assert tiny.refusal() == (
        f"control_plane.yaml, at paths.{path}: a path begins with / and consists of plain characters and {{names}}"
    )


def test_an_unknown_method(tiny: TinyTree) -> None:
    """The generator knows eight, and forgets the rest."""
    tiny.change(paths="/v1/others: {query: {}}")

    assert tiny.refusal() == "control_plane.yaml, at paths./v1/others.query: nothing here obeys 'query': take it out"


def test_a_path_without_its_parameter(tiny: TinyTree) -> None:
    """`{thing}` would be sent as it stands."""
    with tiny.document("control_plane") as document:
        document["paths"]["/v1/things/{thing}"] = document["paths"].pop("/v1/things")

    assert tiny.refusal() == (
        "control_plane.yaml, at paths./v1/things/{thing}.post.parameters: "
        "those in the path are not those of /v1/things/{thing}: none; write one for each of its {names}, and no other"
    )


@pytest.mark.parametrize(
    ("call", "problem"),
    [
        ("things.make", "'things.make' is already make_thing"),
        ("things.make.twice", "'things.make' is already make_thing"),
        ("things", "'things' cannot stand here"),
    ],
)
def test_a_call_in_the_place_of_another(tiny: TinyTree, call: str, problem: str) -> None:
    """One of the two would hide the other."""
    with tiny.document("control_plane") as document:
        first = document["paths"]["/v1/things"]["post"]
        second = {**first, "operationId": "make_other", "x-tensormesh": {**first["x-tensormesh"], "call": call}}
        document["paths"]["/v1/others"] = {"post": second}

    assert tiny.refusal().startswith(f"control_plane.yaml, at paths./v1/others.post.x-tensormesh.call: {problem}")


def test_one_call_for_both_kinds_of_surface(tiny: TinyTree) -> None:
    """`client.inference` and `client.control_plane` are two trees."""
    tiny.change(facts="call: texts.create")

    assert tiny.generate().status == 0


@given(st.text())
def test_a_python_name_keeps_its_form(key: str) -> None:
    """To name it again changes nothing, so the rules speak of the names that the models have."""
    assert python_name(python_name(key)) == python_name(key)
