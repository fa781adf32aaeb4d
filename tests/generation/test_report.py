"""The report says in the words of a change log what became of the package, and what of it may break a program."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest

from tests.generation.conftest import ROOT, TinyTree, Tree
from tests.generation.test_changes import READ
from tools.interface import INTERFACE
from tools.manifest import MANIFEST

FILES = "Files (+ new, ~ changed, - gone)"


def test_words_are_told_apart_from_what_they_describe(tree: TinyTree) -> None:
    tree.change(schemas="Thing: {type: object, properties: {}, description: Anything.}")

    told = tree.told()

    assert told["Described anew"] == ["Thing"]
    assert told.keys() & {"Breaking", "Compatible"} == set()


def test_an_operation_that_is_new_tells_how_to_call_it(tree: TinyTree) -> None:
    tree.change(paths=READ)

    assert tree.told()["Compatible"] == [
        "control_plane.things.read(): new operation: GET /v1/things/{thingId} -> Thing, api.things.read_thing",
        "tm things read: new command by hand",
    ]


@pytest.fixture(scope="module")
def told(made: Tree, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """What is said of three changes of the real documents, which have nothing to do with each other."""
    project = Tree(Path(shutil.copytree(made.root, tmp_path_factory.mktemp("told") / "project")))
    for document, old, new in (
        ("control_plane", "- name: userEmail\n          in: query\n", "- name: email\n          in: query\n"),
        ("inference", "required: [prompt_tokens, total_tokens]", "required: [prompt_tokens]"),
        ("control_plane", "    UserIdScope:\n      name: userId\n", "    UserIdScope:\n      name: of\n"),
    ):
        project.edit(f"openapi/{document}.yaml", old, new)
    return project.told()


def test_a_command_is_told_of_as_it_is_typed(told: dict[str, list[str]]) -> None:
    """Parameters are options; and a field that may be missing is all that is said of it."""
    assert [line for line in told["Breaking"] if "others: gone" not in line] == [
        "control_plane.users.get(user_email=): gone",
        "tm users get --user-email: gone",
        "UsageInfo.total_tokens: may be missing now",
    ]
    assert [line for line in told["Compatible"] if "others: new" not in line] == [
        "control_plane.users.get(email=): new, str",
        "tm users get --email: new, text",
    ]


def test_what_becomes_of_many_calls_alike_is_told_once(told: dict[str, list[str]]) -> None:
    """A parameter that they share: of each call, in one line, and in another of each command."""
    (calls, commands) = (line for line in told["Breaking"] if "others: gone" in line)

    assert calls.startswith("control_plane.activities.list(user_id=) and ")
    assert "control_plane.billing.balance.get(user_id=)" in calls
    assert "tm users accept-tos --user-id" in commands


def test_changes_are_told_however_many_they_are(tree: TinyTree) -> None:
    """What is left out of them stands nowhere else."""
    names = [f"a{number}" for number in range(100)]
    tree.change(properties="\n".join(f"{name}: {{type: string}}" for name in names))
    tree.told()
    with tree.document("control_plane") as document:
        document["components"]["schemas"]["Thing"]["properties"] = {}

    assert {*tree.told()["Breaking"]} == {f"Thing.{name}: gone" for name in names}


def test_a_first_package_has_no_change_log(tiny: TinyTree) -> None:
    assert tiny.told().keys() == {FILES}


def test_edits_by_hand_are_named_when_they_are_lost(tree: TinyTree) -> None:
    """Nobody else knows of them."""
    tree.edit("openapi/serverless.yaml", "piece:", "part:")
    for name in ("models/thing.py", "stray.py"):
        with (tree.package / name).open("a", encoding="utf-8") as file:
            file.write("# Mine.\n")

    assert tree.told()["Edited by hand before, and lost"] == ["models/thing.py", "stray.py"]
    assert tree.told() == {}


@pytest.mark.parametrize("text", ["<<<<<<< ours\n", "{}", '{"Thing": {"members": []}}', ""])
def test_a_package_that_cannot_be_read_is_made_anew(tree: TinyTree, text: str) -> None:
    """After a merge, generating is the way out; what lies beside the package is in the same state."""
    for name in ("models/thing.py", "commands.py", "namespaces/control_plane.py", INTERFACE, MANIFEST):
        (tree.package / name).write_text(text, encoding="utf-8")

    assert tree.generate().status == 0
    assert tree.check().status == 0


def test_a_package_with_nothing_to_compare(tree: TinyTree) -> None:
    """As older versions of these tools made it: that is said, and the files are told."""
    (tree.package / INTERFACE).unlink()
    tree.edit("openapi/serverless.yaml", "piece:", "part:")

    assert tree.told() == {
        "What that means to programs cannot be told: the package that was here has no INTERFACE.json to read.": [],
        FILES: ["~ models/text_event.py"],
    }


def test_templates_that_changed_are_named(tree: TinyTree) -> None:
    """What they do is not in the documents, so nothing else is told of it."""
    templates = tree.root / "generator_templates"
    templates.unlink()
    shutil.copytree(ROOT / templates.name, templates)
    tree.edit("generator_templates/client.py.jinja", "class ", "# Words.\nclass ")

    assert tree.told() == {
        "Templates changed; what that means to programs, only the files show": ["generator_templates/client.py.jinja"],
        FILES: ["~ client.py"],
    }


def test_a_component_that_nothing_uses_is_named(tree: TinyTree) -> None:
    """It makes no model, and the report says so."""
    tree.change(schemas="Spare: {type: object, properties: {}}")

    assert tree.told() == {
        "Used by no operation, so nothing is made of it": ["control_plane.yaml, at components.schemas.Spare"]
    }


def test_the_project_s_documents_use_all_their_components(made: Tree) -> None:
    assert made.told() == {}


def test_a_manifest_of_another_form_names_nothing(tree: TinyTree) -> None:
    (tree.package / MANIFEST).write_text(json.dumps({}), encoding="utf-8")

    assert tree.told() == {}
