"""What is legal OpenAPI, or nearly, and would say less in the package than it does in the document, is refused."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tests.generation.conftest import ROOT, TinyTree, yaml_value
from tools.schema_rules import CLASSES_TAKEN

OPERATION = "paths./v1/things.post"
WORDS = {
    "info.verson": ("'1'", "write 'version'"),
    "servers.0.varables": ("{}", "write 'variables'"),
    "tags.0.descripton": ("What.", "write 'description'"),
    "components.schema": ("{}", "write 'schemas'"),
    "components.parameters": ("{A: {name: a, in: query, schema: {type: string}, requird: true}}", "write 'required'"),
    f"{OPERATION}.requestBody.require": ("true", "write 'required'"),
    f"{OPERATION}.responses.200.contents": ("{}", "write 'content'"),
    f"{OPERATION}.responses.200.content.application/json.schemas": ("<Thing>", "write 'schema'"),
    f"{OPERATION}.responses.200.headers": ("{X-A: {shema: {type: string}}}", "write 'schema'"),
    f"{OPERATION}.responses.200.links": ("{more: {operationId: make_thing, paramters: {}}}", "write 'parameters'"),
    f"{OPERATION}.responses.200.zzz": ("{}", "take it out"),
}
"""Where something stands that OpenAPI has no word for, and what is advised."""


def put(tiny: TinyTree, place: str, text: str, document: str = "control_plane") -> None:
    """Put YAML (see `yaml_value`) where dotted keys lead."""
    *way, last = place.replace("application/json", "application~json").split(".")
    with tiny.document(document) as node:
        for key in way:
            name = key.replace("~", "/")
            node = node[int(name)] if isinstance(node, list) else node[name]
        node[last] = yaml_value(text)


@pytest.mark.parametrize("place", WORDS)
def test_a_word_that_nothing_obeys(tiny: TinyTree, place: str) -> None:
    """Wherever it stands; the generator would pass over it."""
    text, advice = WORDS[place]
    put(tiny, place, text)

    assert re.fullmatch(rf"control_plane\.yaml, at .*: nothing here obeys '\w+': {advice}", tiny.refusal())


@pytest.mark.parametrize("place", ["info", "tags.0", f"{OPERATION}.requestBody", f"{OPERATION}.responses.200"])
def test_a_word_of_somebody_s_own_passes(tiny: TinyTree, place: str) -> None:
    put(tiny, f"{place}.x-mark", "{a: 1}")

    assert tiny.generate().status == 0


@pytest.mark.parametrize("text", ["{identifier: Apache-2.0, name: Apache}", "{name: Own, url: 'https://a.test'}"])
def test_words_that_came_with_3_1_pass(tiny: TinyTree, text: str) -> None:
    put(tiny, "info.license", text)
    put(tiny, "info.summary", "In short.")

    assert tiny.generate().status == 0


PROPERTIES = {
    "{type: integer, const: a}": ".const: 'a' is not of the type integer",
    "{type: boolean, const: 1}": ".const: 1 is not of the type boolean",
    "{type: string, format: int64, enum: ['1']}": ".format: values that are listed are text and stay it: take it out",
    "{type: string, format: date-time, const: a}": ".format: values that are listed are text and stay it: take it out",
    "{type: [string, 'null'], enum: [null]}": ": values stand in `enum` or in `x-known-values`: one at least",
    "{type: integer, minimum: '5'}": ".minimum: it is a number, not '5'",
    "{type: integer, minimum: 5, exclusiveMinimum: true}": ".exclusiveMinimum: it is a number, not True",
    "{type: integer, minimum: 5, maximum: 1}": ".maximum: no value is at least 5 and at most 1",
    "{type: string, minLength: 5, maxLength: 1}": ".maxLength: no value is at least 5 and at most 1",
    "{type: string, minItems: 1}": ".minItems: it says nothing without the type array",
    "{type: string, minimum: 1}": ".minimum: it says nothing without the type integer or number",
    "{type: integer, pattern: a}": ".pattern: it says nothing without the type string",
    "{type: string, deprecated: 'no'}": ".deprecated: it is a boolean, not 'no'",
    "{type: string, x-name: Literal}": ".x-name: no field can be called 'Literal' in Python: write another",
    "{type: array, prefixItems: [{type: string}], items: {}}": ".prefixItems: nothing here obeys 'prefixItems': ",
    "{type: object, minProperties: 1}": ".minProperties: nothing here obeys 'minProperties': take it out: a map",
}


@pytest.mark.parametrize("schema", PROPERTIES)
def test_a_property_whose_words_do_not_fit_each_other(tiny: TinyTree, schema: str) -> None:
    tiny.change(properties=f"a: {schema}")

    place = "control_plane.yaml, at components.schemas.Thing.properties.a"
    assert tiny.refusal().startswith(f"{place}{PROPERTIES[schema]}")


OBJECTS = {
    "{x-amount: [a, b]}": ".x-amount: an amount consists of two properties",
    "{x-amount: [1, 2]}": ".x-amount: it is a list of texts, not [1, 2]",
    "{x-cost: {input: [], output: a, cached: a, per: 1}}": ".x-cost: it is a mapping of texts, not ",
    "{x-text: {name: t, parts: 1, type: a}}": ".x-text: it is a mapping of texts, and `parts` a list of them, not ",
    "{x-text: {name: to_dict, parts: [a], type: a}}": ".x-text.name: no field can be called 'to_dict' in Python",
    "{x-text: {name: a b, parts: [a], type: a}}": ".x-text.name: no field can be called 'a b' in Python",
}


@pytest.mark.parametrize("words", OBJECTS)
def test_an_object_whose_words_hold_something_else(tiny: TinyTree, words: str) -> None:
    put(tiny, "components.schemas.Thing", words.replace("{", "{type: object, ", 1))

    assert tiny.refusal().startswith(f"control_plane.yaml, at components.schemas.Thing{OBJECTS[words]}")


OPERATIONS = {
    ("responses", "{'2xx': {description: It.}}"): ".responses.2xx: '2xx' is no status: write one such as 200, a group",
    ("responses", "{'20': {description: It.}}"): ".responses.20: '20' is no status",
    ("responses", "{'204': {description: It., content: {application/json: {schema: <Thing>}}}}"): (
        ".responses.204.content: an answer with 204 has no body: write 200, or take this out"
    ),
    ("responses", "{'200': {description: It., content: {text/plain: {schema: <Thing>}}}}"): (
        ".responses.200.content.text/plain.schema: text is read as it comes: write `type: string` and no format"
    ),
    ("responses", "{'200': {description: It., content: {text/csv: {schema: {type: string, format: date-time}}}}}"): (
        ".responses.200.content.text/csv.schema: text is read as it comes"
    ),
    ("parameters", "[{name: a, in: query, required: 'no', schema: {type: string}}]"): (
        ".parameters[0].required: it is true or false, not 'no'"
    ),
    ("x-tensormesh.upsert", "replace"): ".x-tensormesh.upsert: no call beside it is called 'replace': name one",
    ("x-tensormesh.rename", "{a: class}"): ".x-tensormesh.rename.a: no argument can be called 'class'",
    **{
        ("x-tensormesh.call", call): f".x-tensormesh.call: Python or the package needs a name in {call!r} for itself"
        for call in ("things.property", "things.str", "things.datetime", "cached_property.make")
    },
}


@pytest.mark.parametrize(("word", "text"), OPERATIONS)
def test_an_operation_that_says_what_cannot_be(tiny: TinyTree, word: str, text: str) -> None:
    tiny.change(properties="a: {type: string}")
    put(tiny, f"{OPERATION}.{word}", text)

    assert tiny.refusal().startswith(f"control_plane.yaml, at {OPERATION}{OPERATIONS[word, text]}")


@pytest.mark.parametrize("path", ["/v1/../things", "/v1/./things", "/v1/things/.."])
def test_a_path_that_leads_elsewhere(tiny: TinyTree, path: str) -> None:
    with tiny.document("control_plane") as document:
        document["paths"][path] = document["paths"].pop("/v1/things")

    assert tiny.refusal().endswith("a step of its path is . or .., which leads elsewhere: write where that is")


def test_two_paths_that_differ_by_a_name(tiny: TinyTree) -> None:
    """One with a slash at its end is another path."""
    with tiny.document("control_plane") as document:
        item = document["paths"].pop("/v1/things")
        for number, name in enumerate(("thingId", "id"), start=1):
            post: dict[str, Any] = yaml_value(str(item["post"])) | {"operationId": f"make_{number}"}
            post["parameters"] = [{"name": name, "in": "path", "required": True, "schema": {"type": "string"}}]
            post["x-tensormesh"] |= {"call": f"things.make_{number}", "positional": [name]}
            post["x-tensormesh"]["cli"] = {"command": f"things make{number}", "by_hand": True}
            document["paths"][f"/v1/things/{{{name}}}"] = {"post": post}

    assert tiny.refusal() == (
        "control_plane.yaml, at paths./v1/things/{id}.post: "
        "nothing tells its requests from those of /v1/things/{thingId}: give it another path"
    )

    with tiny.document("control_plane") as document:
        document["paths"]["/v1/things/{id}/"] = document["paths"].pop("/v1/things/{id}")
    assert tiny.generate().status == 0


def test_a_component_with_the_name_of_what_a_call_takes(tiny: TinyTree) -> None:
    tiny.change(schemas="MakeThingFields: {type: object, properties: {}}", properties="a: <MakeThingFields>")

    assert tiny.refusal() == (
        f"control_plane.yaml, at {OPERATION}.operationId: "
        "'MakeThingFields' is the name of a component already, and would be that of its arguments"
    )


def test_a_component_with_the_name_of_an_asynchronous_stream(tiny: TinyTree) -> None:
    tiny.change(schemas="AsyncTextStream: {type: object, properties: {}}", properties="a: <AsyncTextStream>")

    assert tiny.refusal().endswith("whole: AsyncTextStream is taken: call the whole something else")


def test_a_component_with_the_name_of_another_s_dictionary(tiny: TinyTree) -> None:
    words = "{type: object, x-expects: [name, id], properties: {name: {type: string}, id: {type: string}}}"
    tiny.change(
        schemas=f"{{Owner: {words}, OwnerId: {{type: object, properties: {{}}}}}}",
        properties="{a: <Owner>, b: <OwnerId>}",
    )

    assert tiny.refusal() == (
        "control_plane.yaml, at components.schemas.Owner.x-expects: "
        "OwnerIdParam says what may be given for OwnerId, and would for Owner with 'id'"
    )


@pytest.mark.parametrize("name", ["Self", "Protocol", "T", "Word", "Moment", "Digits"])
def test_a_component_may_be_called_as_what_other_modules_use(tiny: TinyTree, name: str) -> None:
    """Also beside what takes times and numbers as people write them."""
    tiny.change(
        schemas=f"{name}: {{type: object, properties: {{at: {{type: string, format: date-time}}}}}}",
        properties=f"{{a: <{name}>, n: {{type: string, format: int64}}}}",
        operation=f"responses: {{'200': {{description: It., content: {{application/json: {{schema: <{name}>}}}}}}}}",
    )
    assert tiny.generate().status == 0

    texts = [
        file.read_text(encoding="utf-8") for file in (tiny.package / "client.py", *tiny.package.glob("api/*/*.py"))
    ]
    importing = [text for text in texts if re.search(rf"^ *from [.]+models import .*\b{name}\b", text, re.MULTILINE)]
    assert importing != []
    assert texts[0] not in importing


@pytest.mark.parametrize(
    "template",
    ["alias.py", "endpoint_module.py", "model.py", "namespaces/fields.py", "namespaces/module.py"],
)
def test_what_a_template_uses_beside_models_is_no_name_of_one(template: str) -> None:
    """Those of its modules that name models; a second thing of one name would hide the first."""
    text = (ROOT / "generator_templates" / f"{template}.jinja").read_text(encoding="utf-8")
    lists = re.findall(r"^ *from [\w.]+ import (?!\()(.+)$", text, re.MULTILINE)
    lists += re.findall(r"^ *from [\w.]+ import \(\n(.*?)\)", text, re.MULTILINE | re.DOTALL)
    used = {name for names in lists if "{" not in names for name in re.findall(r"\w+", names)}

    assert {name for name in used if re.fullmatch(r"[A-Z][A-Za-z]*", name)} - CLASSES_TAKEN == set()
    assert len(used) > 3
