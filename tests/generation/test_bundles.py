"""Bundles: made with the package, put there with it, and refused with it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.generation.conftest import TinyTree, Tree

SHARED = """
openapi: 3.1.0
info: {title: Shared, version: "1"}
paths: {}
components:
  schemas:
    Cat: {type: object, required: [kind], properties: {kind: {const: cat}}}
    Dog: {type: object, required: [kind], properties: {kind: {const: dog}}}
"""


def bundle(tree: Tree, name: str = "control_plane") -> dict[str, Any]:
    """Generate, and give the bundle of a surface."""
    ran = tree.generate()
    assert (ran.status, ran.errors) == (0, "")
    content: dict[str, Any] = json.loads((tree.root / "openapi_bundled" / f"{name}.json").read_text(encoding="utf-8"))
    return content


def test_a_run_says_which_bundles_changed(tiny: TinyTree) -> None:
    assert tiny.generate().status == 0
    tiny.edit("openapi/control_plane.yaml", "title: Control plane", "title: Plane of control")

    assert tiny.generate().output.splitlines()[-1] == "openapi_bundled: control_plane.json changed."


def test_a_run_that_changes_none_says_nothing_of_them(tiny: TinyTree) -> None:
    assert tiny.generate().status == 0
    tiny.edit("openapi/control_plane.yaml", "openapi:", "# A comment.\nopenapi:")

    assert "openapi_bundled" not in tiny.generate().output


def test_components_of_another_file_become_its_own(tiny: TinyTree) -> None:
    """In references and in the mappings of discriminators."""
    (tiny.root / "openapi" / "shared.yaml").write_text(SHARED, encoding="utf-8")
    pets = "{oneOf: [{$ref: 'shared.yaml#/components/schemas/Cat'}, {$ref: 'shared.yaml#/components/schemas/Dog'}],"
    mapping = "mapping: {cat: 'shared.yaml#/components/schemas/Cat', dog: 'shared.yaml#/components/schemas/Dog'}}}"
    tiny.change(schemas=f"Pet: {pets} discriminator: {{propertyName: kind, {mapping}", properties="pet: <Pet>")

    schemas = bundle(tiny)["components"]["schemas"]

    assert schemas["Pet"]["oneOf"] == [{"$ref": f"#/components/schemas/{name}"} for name in ("Cat", "Dog")]
    assert schemas["Pet"]["discriminator"]["mapping"] == {
        "cat": "#/components/schemas/Cat",
        "dog": "#/components/schemas/Dog",
    }
    assert schemas["Cat"]["properties"] == {"kind": {"const": "cat"}}


def test_two_components_of_one_name_are_refused(tiny: TinyTree) -> None:
    """In one file there is a place for one of them only."""
    shared = f"{SHARED}  responses: {{Refused: {{description: Shared.}}}}\n"
    (tiny.root / "openapi" / "shared.yaml").write_text(shared, encoding="utf-8")
    with tiny.document("control_plane") as document:
        answers = document["paths"]["/v1/things"]["post"]["responses"]
        answers["400"] = {"$ref": "shared.yaml#/components/responses/Refused"}
        answers["401"] = {"$ref": "#/components/responses/Refused"}
        document["components"]["responses"] = {"Refused": {"description": "Own."}}

    assert tiny.refusal() == (
        "control_plane.yaml, at paths./v1/things.post.responses.401: the component Refused is written twice, at "
        "shared.yaml and at control_plane.yaml"
    )


def test_an_example_that_looks_like_a_reference_is_one(tiny: TinyTree) -> None:
    """A JSON schema, say, as the parameters of a tool."""
    looks = {"$ref": "#/$defs/Place"}
    with tiny.document("control_plane") as document:
        content = document["paths"]["/v1/things"]["post"]["requestBody"]["content"]["application/json"]
        content["examples"] = {"value": {"value": looks}}
        document["components"]["schemas"]["Thing"]["example"] = looks

    made = bundle(tiny)

    content = made["paths"]["/v1/things"]["post"]["requestBody"]["content"]["application/json"]
    assert content["examples"] == {"value": {"value": looks}}
    assert made["components"]["schemas"]["Thing"]["example"] == looks


def test_names_that_mean_something_elsewhere_are_names(tiny: TinyTree) -> None:
    """A field called `value`, an answer called `default`: what they refer to comes along."""
    tiny.change(schemas="Whole: {type: object, properties: {}}", properties="{value: <Whole>, links: <Whole>}")
    with tiny.document("control_plane") as document:
        document["paths"]["/v1/things"]["post"]["responses"]["default"] = {"$ref": "#/components/responses/Other"}
        document["components"]["responses"] = {"Other": {"description": "Something else."}}

    components = bundle(tiny)["components"]

    assert components["schemas"]["Thing"]["properties"] == {
        name: {"$ref": "#/components/schemas/Whole"} for name in ("value", "links")
    }
    assert "Whole" in components["schemas"]
    assert components["responses"] == {"Other": {"description": "Something else."}}


def test_what_the_documents_do_not_promise_is_ours_alone(tiny: TinyTree) -> None:
    """Nothing that others know leads to it."""
    tiny.change(
        schemas="{Loan: {type: object, properties: {}}, Gift: {type: object, x-may-accept: [<Loan>], properties: {}}}",
        properties="{gift: <Gift>, x-may-accept: <Gift>}",
    )

    schemas = bundle(tiny)["components"]["schemas"]

    assert (schemas["Gift"], "Loan" in schemas) == ({"type": "object", "properties": {}}, False)
    assert "x-may-accept" in schemas["Thing"]["properties"]


def test_a_refusal_leaves_the_bundles(tiny: TinyTree) -> None:
    assert tiny.generate().status == 0
    tiny.edit("openapi/control_plane.yaml", "title: Control plane", "title: Plane of control")
    tiny.edit("openapi/serverless.yaml", "#/components/schemas/TextRequest", "#/components/schemas/Nobody")

    tiny.refusal()


@pytest.mark.parametrize("stopped", ["tensormesh_generated", "openapi_bundled"])
@pytest.mark.parametrize("moment", ["old", "new"])
def test_an_interruption_while_they_are_put_there(
    tiny: TinyTree, monkeypatch: pytest.MonkeyPatch, stopped: str, moment: str
) -> None:
    """All of what was there comes back, or nothing was touched."""
    assert tiny.generate().status == 0
    tiny.edit("openapi/serverless.yaml", "piece:", "part:")
    rename, target_name = Path.rename, stopped if moment == "new" else f"old-{stopped}"

    def stop_once(path: Path, target: Path) -> Path:
        if target.name == target_name:
            monkeypatch.setattr(Path, "rename", rename)
            raise KeyboardInterrupt
        return rename(path, target)

    monkeypatch.setattr(Path, "rename", stop_once)

    assert tiny.refusal() == "it was interrupted"
