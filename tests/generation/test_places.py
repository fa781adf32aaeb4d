"""
A refusal names file and line, as a terminal makes a link of them.

`Tree.refusal` looks up the line of every refusal in these tests; here are the ones that are easy to get wrong, with the
line as a person would find it.
"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.generation.conftest import PREFIX, TinyTree, Tree, line_of, without_lines


def line(tree: Tree, name: str, text: str) -> int:
    """The line of a document that has a text, of which there is one."""
    lines = (tree.root / "openapi" / f"{name}.yaml").read_text(encoding="utf-8").splitlines()
    (found,) = (number for number, one in enumerate(lines, start=1) if text in one)
    return found


def refusal(tree: Tree, monkeypatch: pytest.MonkeyPatch) -> str:
    """What somebody reads who works in the folder of the tree."""
    monkeypatch.chdir(tree.root)
    return tree.generate().errors.removeprefix(PREFIX)


def test_the_file_is_named_from_the_working_folder(tiny: TinyTree, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny.change(properties="a: {type: text}")

    there = line(tiny, "control_plane", "type: text")
    assert refusal(tiny, monkeypatch).startswith(
        f"openapi/control_plane.yaml:{there}, at components.schemas.Thing.properties.a.type: 'text' cannot stand here"
    )


def test_a_file_elsewhere_is_named_as_it_was_given(tiny: TinyTree) -> None:
    tiny.change(properties="a: {type: text}")

    file = tiny.root / "openapi" / "control_plane.yaml"
    assert tiny.generate().errors.startswith(f"{PREFIX}{file}:{line(tiny, 'control_plane', 'type: text')}, at ")


def test_what_two_surfaces_share_is_wrong_where_it_is_written(project: Tree, monkeypatch: pytest.MonkeyPatch) -> None:
    """And not where it is used."""
    project.edit(
        "openapi/inference.yaml", "        include_usage:\n", "        inklude_usage: {titel: A}\n        b:\n"
    )

    assert refusal(project, monkeypatch) == (
        f"openapi/inference.yaml:{line(project, 'inference', 'inklude_usage')}, "
        "at components.schemas.StreamOptions.properties.inklude_usage.titel: nothing here obeys 'titel': take it out\n"
    )


def test_a_parameter_of_a_path_is_wrong_where_it_is_written(tiny: TinyTree, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is one of the operation's, and stands beside it."""
    tiny.change(operation="parameters: [{name: b, in: query, schema: {type: string}}]")
    with tiny.document("control_plane") as document:
        document["paths"]["/v1/things"]["parameters"] = [
            {"name": "a", "in": "query", "schema": {"type": "string"}},
            {"name": "c", "in": "query", "schema": {"type": "string", "titel": "A"}},
        ]

    assert refusal(tiny, monkeypatch) == (
        f"openapi/control_plane.yaml:{line(tiny, 'control_plane', 'titel')}, "
        "at paths./v1/things.parameters[1].schema.titel: nothing here obeys 'titel': take it out\n"
    )


def test_a_parameter_of_an_operation_counts_from_its_own_first(tiny: TinyTree, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though those of its path come before it."""
    tiny.change(operation="parameters: [{name: b, in: query, schema: {type: string, titel: A}}]")
    with tiny.document("control_plane") as document:
        document["paths"]["/v1/things"]["parameters"] = [{"name": "a", "in": "query", "schema": {"type": "string"}}]

    assert refusal(tiny, monkeypatch) == (
        f"openapi/control_plane.yaml:{line(tiny, 'control_plane', 'titel')}, "
        "at paths./v1/things.post.parameters[0].schema.titel: nothing here obeys 'titel': take it out\n"
    )


@pytest.mark.parametrize("name", ["First", "Last"])
def test_what_a_reference_leads_to_is_wrong_where_it_is_written(
    tiny: TinyTree, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """Through one reference or two."""
    wrong = {"name": "a", "in": "query", "schema": {"type": "string", "titel": "A"}}
    with tiny.document("control_plane") as document:
        document["components"]["parameters"] = {"First": {"$ref": "#/components/parameters/Last"}, "Last": wrong}
    tiny.change(operation=f"parameters: [{{$ref: '#/components/parameters/{name}'}}]")

    assert refusal(tiny, monkeypatch) == (
        f"openapi/control_plane.yaml:{line(tiny, 'control_plane', 'titel')}, "
        "at components.parameters.Last.schema.titel: nothing here obeys 'titel': take it out\n"
    )


def test_what_is_missing_is_missed_where_it_should_be(tiny: TinyTree, monkeypatch: pytest.MonkeyPatch) -> None:
    """It has no line of its own."""
    tiny.change(operation="responses: {'404': {description: No.}}")

    assert refusal(tiny, monkeypatch) == (
        f"openapi/control_plane.yaml:{line(tiny, 'control_plane', 'responses:')}, "
        "at paths./v1/things.post.responses: there is no success: say what a 200, 201 or 204 holds\n"
    )


def test_both_places_of_what_is_written_twice_are_named(tiny: TinyTree, monkeypatch: pytest.MonkeyPatch) -> None:
    tiny.edit("openapi/control_plane.yaml", "operationId: make_thing", "operationId: create_text")

    here, there = line(tiny, "control_plane", "    post:"), line(tiny, "serverless", "    post:")
    assert refusal(tiny, monkeypatch) == (
        f"openapi/control_plane.yaml:{here}, at paths./v1/things.post: the operationId 'create_text' is taken by "
        f"openapi/serverless.yaml:{there}, at paths./v1/texts.post\n"
    )


def test_a_wrong_line_would_be_seen(tmp_path: Path) -> None:
    """The check of all other refusals can fail."""
    file = tmp_path / "openapi" / "x.yaml"
    file.parent.mkdir()
    file.write_text("a:\n  b.c:\n    - d: 1\n    - d: 2\n", encoding="utf-8")

    assert line_of(file.read_text(encoding="utf-8"), "a.b.c[1].d.e") == 4
    assert without_lines(f"{file}:4, at a.b.c[1].d: no") == "x.yaml, at a.b.c[1].d: no"
    for wrong in (f"{file}:3, at a.b.c[1].d: no", f"{file}:5: no", f"{file}: no", f"{file}, at a: no"):
        with pytest.raises(AssertionError):
            without_lines(wrong)
