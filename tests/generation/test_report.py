"""The report says in the words of a change log what became of the package, and what of it may break a program."""

from __future__ import annotations

import json
import re
import shutil

import pytest

from tests.generation.conftest import ROOT, TinyTree, Tree
from tests.generation.test_changes import READ
from tools.changes import compare_interfaces
from tools.interface import INTERFACE, Item, Member
from tools.manifest import MANIFEST

FILES = "Files (+ new, ~ changed, - gone)"
TEXT = "{type: string}"
FIELDS = {
    "added": ("", TEXT, "Compatible", "new, str | None"),
    "gone": (TEXT, "", "Breaking", "gone"),
    "other": (TEXT, "{type: integer}", "Breaking", "str | None -> int | None"),
    "listed": (TEXT, "{type: array, items: {type: string}}", "Breaking", "str | None -> list[str] | None"),
    "mapped": (
        "{type: object}",
        "{type: object, additionalProperties: <Thing>}",
        "Breaking",
        "dict[str, Any] | None -> dict[str, Thing] | None",
    ),
    "free": (TEXT, "{}", "Breaking", "str | None -> Any"),
    "nullable": (TEXT, "{type: [string, 'null']}", "Compatible", "str -> str | None"),
    "more": ("{type: string, enum: [a]}", "{type: string, enum: [a, b]}", "Compatible", "also 'b'"),
    "less": ("{type: string, enum: [a, b]}", "{type: string, enum: [a]}", "Compatible", "no longer 'b'"),
    "secret": (TEXT, "{type: string, x-secret: true}", "Compatible", "secret: none -> True"),
    "same": (TEXT, TEXT, "", ""),
    "turned": ("{type: [string, integer]}", "{type: [integer, string]}", "", ""),
}
"""A field of a body that is also the answer, before and after; where that stands in the report, and what is said."""

OPERATIONS = {
    "gone": ("", None, "Breaking", "gone"),
    "call": (
        "call: call.read",
        "call: call.get",
        "Breaking",
        "call: client.control_plane.call.read -> client.control_plane.call.get",
    ),
    "answer": ("schema: <Thing>", "schema: <Other>", "Breaking", "answer: Thing -> Other"),
    "argument": ("{type: string}", "{type: integer}", "Breaking", "thing_id: str -> int"),
    "needed": (
        "parameters: [",
        "parameters: [{name: size, in: query, required: true, schema: {type: integer}}, ",
        "Breaking",
        "size: new, int, must be given",
    ),
    "optional": (
        "parameters: [",
        "parameters: [{name: size, in: query, schema: {type: integer}}, ",
        "Compatible",
        "size: new, int",
    ),
    "retry": ("retry: idempotent", "retry: never", "Compatible", "retry: idempotent -> never"),
    "method": ("get:", "head:", "Compatible", "method: GET -> HEAD"),
    "same": ("", "", "", ""),
}
"""What is replaced in an operation, and by what; where that stands in the report, and what is said."""


@pytest.fixture
def tree(tiny: TinyTree) -> TinyTree:
    """A tiny tree with its package."""
    assert tiny.generate().status == 0
    return tiny


def set_properties(tree: TinyTree, text: str, required: str = "[]") -> None:
    tree.change(schemas=f"Thing: {{type: object, required: {required}, properties: {{{text}}}}}")


def section_of(told: dict[str, list[str]], start: str) -> list[tuple[str, str]]:
    """The lines about one thing, each with the section that it stands in."""
    return [(section, line) for section, lines in told.items() for line in lines if re.match(rf"{start}\b", line)]


@pytest.fixture(scope="module")
def fields(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The report on all of `FIELDS` at once."""
    tree = TinyTree(tmp_path_factory.mktemp("fields"))
    for number in (0, 1):
        set_properties(tree, "".join(f"{name}: {case[number]}, " for name, case in FIELDS.items() if case[number]))
        told = tree.told()
    return told


@pytest.mark.parametrize("name", FIELDS)
def test_what_became_of_a_field(fields: dict[str, list[str]], name: str) -> None:
    *_, section, text = FIELDS[name]

    assert section_of(fields, f"Thing.{name}") == ([(section, f"Thing.{name}: {text}")] if section else [])


@pytest.fixture(scope="module")
def operations(tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[str]]:
    """The report on all of `OPERATIONS` at once."""
    tree = TinyTree(tmp_path_factory.mktemp("operations"))
    tree.change(schemas="Other: {type: object, properties: {}}")
    told: dict[str, list[str]] = {}
    for number in (0, 1):
        with tree.document("control_plane") as document:
            document["paths"] = {"/v1/things": document["paths"]["/v1/things"]}
        for name, (old, new, *_) in OPERATIONS.items():
            text = (
                READ.replace("things", name).replace(f"tags: [{name}]", "tags: [things]").replace("_thing", f"_{name}")
            )
            if number == 0 or new is not None:
                tree.change(paths=text.replace(old, new or "") if number else text)
        told = tree.told()
    return told


@pytest.mark.parametrize("name", OPERATIONS)
def test_what_became_of_an_operation(operations: dict[str, list[str]], name: str) -> None:
    *_, section, text = OPERATIONS[name]
    joint = " " if text.split(":")[0] in ("thing_id", "size") else ": "

    assert section_of(operations, f"read_{name}") == ([(section, f"read_{name}{joint}{text}")] if section else [])


def test_an_argument_that_needs_its_name_now_breaks_who_calls(tree: TinyTree) -> None:
    """By position it would be another, or none."""
    sized = READ.replace("parameters: [", "parameters: [{name: size, in: query, schema: {type: integer}}, ")
    tree.change(paths=sized.replace("positional: [thingId]", "positional: [thingId, size]"))
    tree.told()
    tree.change(paths=sized)

    assert tree.told()["Breaking"] == ["read_thing: positional: thing_id, size -> thing_id"]


def test_a_field_of_another_case_is_another_key(tree: TinyTree) -> None:
    """Programs do not see that."""
    set_properties(tree, "aB: {type: integer}")
    tree.told()
    set_properties(tree, "a_b: {type: integer}")

    assert tree.told()["Compatible"] == ["Thing.a_b: JSON key: aB -> a_b"]


@pytest.mark.parametrize(
    ("before", "after", "breaking"),
    [
        ("Cat | OpenObject", "Cat | Dog | OpenObject", False),
        ("Cat | OpenObject", "Cat | OpenObject | None", True),
        ("Cat | OpenObject", "Cat | OpenObject | str", True),
        ("Cat", "Cat | Dog", True),
        ("list[Literal['a'] | str]", "list[Literal['a', 'b'] | str]", False),
        ("Literal['a']", "Literal['a', 'b']", True),
        ("dict[str, float]", "dict[str, int]", False),
        ("dict[str, int]", "dict[str, float]", True),
        ("list[str]", "dict[str, str]", True),
        ("Any", "str", False),
    ],
)
def test_who_reads_has_to_know_of_what_is_new(before: str, after: str, breaking: bool) -> None:
    """But for what was open: an object of a new kind was one of an unknown kind."""
    old, new = ({"Pets": Item(kind="model", members={"pet": Member(read=read)})} for read in (before, after))

    (change,) = compare_interfaces(old, new).changes

    assert (change.name, change.breaking) == ("Pets.pet", breaking)


def test_a_field_that_must_be_sent_breaks_who_sends(tree: TinyTree) -> None:
    set_properties(tree, "a: {type: integer}")
    tree.told()
    set_properties(tree, "a: {type: integer}, b: {type: string}", "[a, b]")

    assert tree.told()["Breaking"] == ["Thing.a: must be given now", "Thing.b: new, str, must be given"]


def test_a_field_that_need_not_be_there_breaks_who_reads(tree: TinyTree) -> None:
    set_properties(tree, "a: {type: integer}", "[a]")
    tree.told()
    set_properties(tree, "a: {type: integer}")

    assert tree.told()["Breaking"] == ["Thing.a: may be missing now"]


def test_a_field_that_is_only_sent_may_take_more(tree: TinyTree) -> None:
    """Whoever sent a number sends it still."""
    tree.edit("openapi/serverless.yaml", "{stream: {type: boolean}", "{stream: {type: boolean}, a: {type: integer}")
    tree.told()
    tree.edit("openapi/serverless.yaml", "a: {type: integer}", "a: {type: [number, string]}")

    told = tree.told()

    assert "Breaking" not in told
    assert told["Compatible"] == ["TextRequest.a: int | None -> float | str | None"]


def test_a_field_that_is_only_read_may_be_less(tree: TinyTree) -> None:
    """Whoever was ready for null is ready for none."""
    tree.edit("openapi/serverless.yaml", "{text: {type: string}}", "{text: {type: [string, integer]}}")
    tree.told()
    tree.edit("openapi/serverless.yaml", "{type: [string, integer]}", "{type: string}")

    told = tree.told()

    assert "Breaking" not in told
    assert told["Compatible"] == ["Text.text: str | int | None -> str | None"]


def test_a_field_that_is_only_read_may_always_be_there(tree: TinyTree) -> None:
    tree.edit("openapi/serverless.yaml", "Text: {type: object,", "Text: {type: object, required: [text],")

    assert tree.told()["Compatible"] == ["Text.text: is always there now"]


def test_a_text_that_is_read_in_one_piece_is_told_of(tree: TinyTree) -> None:
    part = "Part: {type: object, properties: {type: {type: string}, text: {type: string}}}"
    tree.change(schemas=part)
    for word in ("", "x-text: {name: words, parts: [parts], type: word}, "):
        tree.change(schemas=f"Thing: {{type: object, {word}properties: {{parts: {{type: array, items: <Part>}}}}}}")
        told = tree.told()

    assert told["Compatible"] == ["Thing.words: new, str"]


def test_words_are_told_apart_from_what_they_describe(tree: TinyTree) -> None:
    tree.change(schemas="Thing: {type: object, properties: {}, description: Anything.}")

    told = tree.told()

    assert told["Described anew"] == ["Thing"]
    assert told.keys() & {"Breaking", "Compatible"} == set()


def test_an_operation_that_is_new_tells_how_to_call_it(tree: TinyTree) -> None:
    tree.change(paths=READ)

    assert tree.told()["Compatible"] == [
        "read_thing: new operation: GET /v1/things/{thingId} -> Thing, client.control_plane.things.read()"
    ]


def test_a_command_is_told_of_as_it_is_typed(project: Tree) -> None:
    """On the real documents, whose parameters are options."""
    project.edit(
        "openapi/control_plane.yaml", "- name: userEmail\n          in: query\n", "- name: email\n          in: query\n"
    )

    told = project.told()

    assert told["Breaking"] == ["get_user user_email: gone", "tm users get --user-email: gone"]
    assert told["Compatible"] == ["get_user email: new, str", "tm users get --email: new, text"]


def test_a_field_of_an_answer_on_the_real_documents(project: Tree) -> None:
    """Required and of many fields: who reads loses nothing."""
    project.edit("openapi/inference.yaml", "required: [prompt_tokens, total_tokens]", "required: [prompt_tokens]")

    assert project.told()["Breaking"] == ["UsageInfo.total_tokens: may be missing now"]


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
