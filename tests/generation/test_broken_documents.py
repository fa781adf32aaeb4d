"""A document or a template that cannot be used stops generation, and says in one sentence what is wrong where."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tensormesh_runtime.json_model import JsonModel
from tests.generation.conftest import PREFIX, TinyTree, Tree
from tools.names import FIELDS_TAKEN
from tools.render import outline

ROOT = Path(__file__).resolve().parents[2]
CHAT = "components.pathItems.ChatCompletions.post"
MODELS = "paths./v1/models.get"


def test_a_reference_to_nothing(documents: Tree) -> None:
    """The place is that of the reference, in the document that has it."""
    documents.edit(
        "openapi/inference.yaml", '"#/components/schemas/ChatCompletionResponse"', '"#/components/schemas/No"'
    )

    assert documents.refusal() == (
        f"inference.yaml, at {CHAT}.responses.200.content.application/json.schema: "
        "$ref '#/components/schemas/No' points at nothing"
    )


def test_a_reference_to_nothing_in_another_file(documents: Tree) -> None:
    """The same across files, which the generator does not follow by itself."""
    documents.edit(
        "openapi/serverless.yaml", "inference.yaml#/components/schemas/InferenceModelList", "inference.yaml#/no"
    )

    assert documents.refusal() == (
        f"serverless.yaml, at {MODELS}.responses.200.content.application/json.schema: "
        "$ref 'inference.yaml#/no' points at nothing"
    )


def test_a_reference_to_a_missing_file(documents: Tree) -> None:
    """Whoever mistyped the name of a file is told where."""
    documents.edit("openapi/on_demand.yaml", "inference.yaml#/components/pathItems/Responses", "infer.yaml#/a")

    assert documents.refusal() == (
        "on_demand.yaml, at paths./v1/responses: $ref 'infer.yaml#/a' names a file that is not there"
    )


def test_an_operation_id_used_twice(documents: Tree) -> None:
    """The generator would let the last one overwrite the file of the first."""
    documents.edit(
        "openapi/control_plane.yaml", "operationId: get_user\n      x-", "operationId: update_user\n      x-"
    )

    assert documents.refusal() == (
        "control_plane.yaml, at paths./v1/users/{userId}.put: "
        "the operationId 'update_user' is taken by control_plane.yaml, at paths./v1/users/{userId}.get"
    )


def test_an_operation_id_used_on_both_kinds_of_surface(documents: Tree) -> None:
    """Inference and control plane share one package."""
    documents.edit(
        "openapi/control_plane.yaml", "operationId: get_user\n      x-", "operationId: list_models\n      x-"
    )

    assert documents.refusal() == (
        "control_plane.yaml, at paths./v1/users/{userId}.get: "
        f"the operationId 'list_models' is taken by serverless.yaml, at {MODELS}"
    )


def test_surfaces_that_disagree_about_an_operation(documents: Tree) -> None:
    """One client serves both, so a difference in any word of an operation is an error."""
    documents.edit("openapi/on_demand.yaml", "retry: idempotent", "retry: never")

    assert documents.refusal() == (
        f"on_demand.yaml, at {MODELS}.x-tensormesh.retry: "
        "on_demand and serverless disagree about GET /v1/models; they share one client"
    )


def test_surfaces_that_disagree_about_a_schema(documents: Tree) -> None:
    """A name is one class, so it is written once."""
    documents.edit(
        "openapi/on_demand.yaml", "inference.yaml#/components/schemas/InferenceModelList", "#/x/InferenceModelList"
    )
    documents.edit("openapi/on_demand.yaml", "#/x/", "#/components/schemas/")
    documents.edit(
        "openapi/on_demand.yaml",
        "\ncomponents:\n",
        "\ncomponents:\n  schemas:\n    InferenceModelList: {type: object}\n",
    )

    assert documents.refusal() == (
        f"on_demand.yaml, at {MODELS}.responses.200.content.application/json.schema: "
        "the component InferenceModelList is written twice, at inference.yaml and at on_demand.yaml"
    )


def test_what_every_model_offers_is_no_name_of_a_field() -> None:
    """A field would hide it. `request_id` gives way to a field of that name, as the documents have some."""
    offered = {name for name in dir(JsonModel) if not name.startswith("_")} - {"request_id"}

    assert "to_dict" in offered
    assert offered <= FIELDS_TAKEN


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        (b"openapi: [3.1.0\ninfo: {}\n", "2: this is not YAML: did not find expected ',' or ']'"),
        (b"info:\n\ttitle: T\n", "2: this is not YAML: found character that cannot start any token"),
        (b"a: 1\nb:\n  c: 2\n  c: 3\n", "4: the key 'c' stands twice"),
        (b"responses:\n  200: {}\n", "2: the key 200 is not text: quote it"),
        (b"a:\n  no: 1\n", "2: the key no is not text: quote it"),
        (b"a:\nb: \0\n", "2: this is not YAML: control characters are not allowed"),
        (b"a:\nopenapi: 3.1.0\xff\n", "2: this is not UTF-8"),
    ],
)
def test_text_that_is_not_yaml(tiny: TinyTree, content: bytes, problem: str) -> None:
    """The line is named; keys that YAML takes and JSON does not are faults as well."""
    file = tiny.root / "openapi" / "serverless.yaml"
    file.write_bytes(content)

    assert tiny.generate().errors == f"{PREFIX}{file}:{problem}\n"


@pytest.mark.parametrize(
    ("content", "problem"),
    [
        ("", ": a document must be a mapping"),
        ("- a\n", ": a document must be a mapping"),
        ("openapi: 3.1.0\n", ": there is no 'info'"),
        (
            "openapi: 3.1.0\ninfo: a\n",
            ", at info: 'a' cannot stand here: Input should be a valid dictionary or instance of Info",
        ),
    ],
)
def test_yaml_that_is_not_openapi(tiny: TinyTree, content: str, problem: str) -> None:
    """What stands where something else has to."""
    (tiny.root / "openapi" / "serverless.yaml").write_text(content, encoding="utf-8")

    assert tiny.refusal() == f"serverless.yaml{problem}"


@pytest.mark.parametrize(
    ("part", "text", "place"),
    [
        ("operation", "requestBody:", ".requestBody"),
        ("operation", "parameters: [null]", ".parameters[0]"),
        ("facts", "positional:", ".x-tensormesh.positional"),
    ],
)
def test_a_key_with_nothing_behind_it(tiny: TinyTree, part: str, text: str, place: str) -> None:
    """YAML makes null of it, and the generator takes that for absent."""
    tiny.change(**{part: text})

    assert tiny.refusal().startswith(f"control_plane.yaml, at paths./v1/things.post{place}: ")


@pytest.mark.parametrize("text", ["{properties: null}", "{type: object, properties: {default: {enum: null}}}"])
def test_a_schema_with_nothing_in_it(tiny: TinyTree, text: str) -> None:
    """A property may be called as a word that holds values."""
    tiny.change(schemas=f"Thing: {text}")

    assert tiny.refusal().endswith(": nothing stands here")


@pytest.mark.parametrize("word", ["example: null", "default: null", "const: null", "examples: [null]"])
def test_null_is_a_value_where_values_stand(tiny: TinyTree, word: str) -> None:
    tiny.change(properties=f"a: {{{word}}}")

    assert tiny.generate().status == 0


def test_facts_that_are_none(tiny: TinyTree) -> None:
    """One block is wanted, and a word is written."""
    tiny.change(operation="x-tensormesh: internal")

    assert tiny.refusal().startswith(
        "control_plane.yaml, at paths./v1/things.post.x-tensormesh: 'internal' cannot stand here"
    )


@pytest.mark.parametrize("section", ["responses", "parameters", "pathItems"])
def test_references_in_a_circle(tiny: TinyTree, section: str) -> None:
    """Following them would never end."""
    first, second = ({"$ref": f"#/components/{section}/{name}"} for name in ("First", "Second"))
    with tiny.document("control_plane") as document:
        document["components"][section] = {"First": second, "Second": first}
        operation = document["paths"]["/v1/things"]["post"]
        if section == "responses":
            operation["responses"]["200"] = first
        elif section == "parameters":
            operation["parameters"] = [first]
        else:
            document["paths"]["/v1/others"] = first

    assert tiny.refusal().endswith(f"$ref '#/components/{section}/First' leads in a circle")


def test_references_in_a_circle_through_two_files(tiny: TinyTree) -> None:
    tiny.change(schemas="Thing: {$ref: 'serverless.yaml#/components/schemas/Loop'}")
    with tiny.document("serverless") as document:
        document["components"]["schemas"]["Loop"] = {"$ref": "control_plane.yaml#/components/schemas/Thing"}

    assert tiny.refusal().endswith("leads in a circle")


def test_a_missing_document(documents: Tree) -> None:
    """Each surface has its own."""
    (documents.root / "openapi" / "control_plane.yaml").unlink()

    assert documents.refusal() == "control_plane.yaml: it cannot be read: No such file or directory"


@pytest.mark.parametrize("version", ["3.0.3", "3.2.0", "2.0"])
def test_another_version_of_openapi(tiny: TinyTree, version: str) -> None:
    """3.0 has no `type: [string, "null"]`, and the generator refuses 3.2."""
    tiny.edit("openapi/control_plane.yaml", "openapi: 3.1.0", f'openapi: "{version}"')

    assert tiny.refusal() == f"control_plane.yaml, at openapi: the version is {version!r}, and must be 3.1.x"


def test_another_version_in_a_shared_document(documents: Tree) -> None:
    """What others refer to is a document like them."""
    documents.edit("openapi/inference.yaml", "openapi: 3.1.0", "openapi: 3.2.0")

    assert documents.refusal() == "inference.yaml, at openapi: the version is '3.2.0', and must be 3.1.x"


def test_an_unknown_fact_about_an_operation(documents: Tree) -> None:
    """A misspelt key of `x-tensormesh` would be obeyed by nobody."""
    documents.edit("openapi/inference.yaml", "retry: never", "retry: never\n          retires: 3")

    assert documents.refusal() == f"inference.yaml, at {CHAT}.x-tensormesh.retires: no such key is known here"


def test_the_frame_of_an_event_is_no_field(documents: Tree) -> None:
    """No model is made of it."""
    documents.edit(
        "openapi/inference.yaml",
        "        include_usage:\n",
        '        frame: {$ref: "#/components/schemas/ServerSentEvent"}\n        include_usage:\n',
    )

    assert documents.refusal() == (
        "inference.yaml, at components.schemas.StreamOptions.properties.frame.$ref: "
        "it is the frame of an event, of which no model is made: name what is in it"
    )


def test_what_the_generator_drops_without_a_word(tiny: TinyTree, monkeypatch: pytest.MonkeyPatch) -> None:
    """It did so with methods that it did not know, and may do so again."""
    monkeypatch.setattr("tools.render.outline", lambda document, names: {**outline(document, names), "paths": {}})

    assert tiny.refusal() == "serverless.yaml, at paths./v1/texts.post: the generator dropped it"


def test_a_missing_template(own_templates: TinyTree) -> None:
    """The generator would take its own, and the package would be half of another kind."""
    (own_templates.root / "generator_templates" / "model.py.jinja").unlink()

    assert own_templates.refusal() == "generator_templates/model.py.jinja is missing"


@pytest.mark.parametrize(
    ("template", "text", "problem"),
    [
        ("alias.py.jinja", "\n{% if %}", "2: Expected an expression, got 'end of statement block'"),
        ("namespaces/module.py.jinja", "{{ no.name }}", "1: 'no' is undefined"),
        ("model.py.jinja", "a\nb\n{{ 'a' | no }}", "3: No filter named 'no'."),
    ],
)
def test_a_broken_template(own_templates: TinyTree, template: str, text: str, problem: str) -> None:
    """A misspelt name would print nothing."""
    own_templates.change(schemas="Name: {type: string}", properties="name: <Name>")
    (own_templates.root / "generator_templates" / template).write_text(text, encoding="utf-8")

    assert own_templates.refusal() == f"generator_templates/{template}:{problem}"


def test_a_template_of_no_python(own_templates: TinyTree) -> None:
    """The file and the line are those of the package that never came to be."""
    (own_templates.root / "generator_templates" / "errors.py.jinja").write_text("def def\n", encoding="utf-8")

    assert own_templates.refusal().startswith(
        "the templates made Python that cannot be formatted: error: Failed to parse errors.py:2:5:"
    )


def test_a_template_of_python_that_does_not_compile(own_templates: TinyTree) -> None:
    """A formatter takes more than Python does."""
    (own_templates.root / "generator_templates" / "errors.py.jinja").write_text("return 1\n", encoding="utf-8")

    assert own_templates.refusal() == (
        "the templates made Python that does not work: "
        "errors.py:2:1: F706 `return` statement outside of a function/method"
    )


def test_a_template_of_python_with_a_name_of_nothing(own_templates: TinyTree) -> None:
    """It would fail whoever checks types, or calls it."""
    (own_templates.root / "generator_templates" / "errors.py.jinja").write_text(
        "def a() -> None:\n    b()\n", encoding="utf-8"
    )

    assert own_templates.refusal() == (
        "the templates made Python that does not work: errors.py:3:5: F821 Undefined name `b`"
    )


def test_the_command_fails_without_a_traceback(project: Tree) -> None:
    """What a person at a terminal sees, and what a script reads."""
    project.edit("openapi/serverless.yaml", "operationId: list_models\n", "operationId: list\n")
    before = project.files()

    done = subprocess.run(
        [sys.executable, "-m", "tools.generate", "--root", str(project.root)],
        cwd=ROOT,
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        check=False,
        capture_output=True,
        text=True,
    )

    file = project.root / "openapi" / "on_demand.yaml"
    line = 1 + file.read_text(encoding="utf-8").splitlines().index("      operationId: list_models")
    sentence = (
        f"{file}:{line}, at {MODELS}.operationId: "
        "on_demand and serverless disagree about GET /v1/models; they share one client"
    )
    assert (done.returncode, done.stdout, done.stderr) == (1, "", f"{PREFIX}{sentence}\n")
    assert project.files() == before
