"""A change of a document changes the files that it has to and no other, and the report says which."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from tests.generation.conftest import TinyTree, Tree
from tools.report import RECORDS

READ = """
/v1/things/{thingId}:
  get:
    operationId: read_thing
    tags: [things]
    summary: Read a thing
    parameters: [{name: thingId, in: path, required: true, schema: {type: string}}]
    responses: {"200": {description: It., content: {application/json: {schema: <Thing>}}}}
    x-tensormesh:
      call: things.read
      retry: idempotent
      positional: [thingId]
      cli: {command: things read, by_hand: true}
"""


def changes(tree: Tree) -> list[str]:
    """Generate, and compare what the report says with what happened to the files."""
    before = Tree(tree.package).files()
    report = tree.report()
    after = Tree(tree.package).files()

    happened = [f"~ {name}" for name in before.keys() & after.keys() if before[name] != after[name]]
    happened += [f"+ {name}" for name in after.keys() - before.keys() if after[name] is not None]
    happened += [f"- {name}" for name in before.keys() - after.keys() if before[name] is not None]
    assert sorted(happened) == sorted([*report, *(f"~ {name}" for name in RECORDS)])
    return report


def test_a_field_of_an_answer_changes_its_model(project: Tree) -> None:
    """On the real documents: one file of hundreds."""
    document = (project.root / "openapi" / "inference.yaml").read_text(encoding="utf-8")
    head, _, usage = document.partition("\n    UsageInfo:\n")
    usage = usage.replace(
        "      properties:\n", "      properties:\n        more: {type: integer, description: More.}\n", 1
    )
    (project.root / "openapi" / "inference.yaml").write_text(f"{head}\n    UsageInfo:\n{usage}", encoding="utf-8")

    assert changes(project) == ["~ models/usage_info.py"]


def test_a_field_of_a_request_changes_its_model_and_the_friendly_calls(tree: TinyTree) -> None:
    """Each field is an argument there."""
    tree.change(properties="colour: {type: string}")

    report = changes(tree)

    assert {"~ models/thing.py", "~ namespaces/control_plane.py"} <= set(report)
    assert [line for line in report if "inference" in line or "api/" in line] == []


def test_a_field_of_an_event_changes_its_model(tree: TinyTree) -> None:
    tree.edit("openapi/serverless.yaml", "piece:", "part:")

    assert changes(tree) == ["~ models/text_event.py"]


def test_words_about_a_model_change_its_model(tree: TinyTree) -> None:
    tree.change(schemas="Thing: {type: object, properties: {}, description: Anything.}")

    assert changes(tree) == ["~ models/thing.py"]


def test_a_comment_changes_no_module(tree: TinyTree) -> None:
    """The manifest alone knows."""
    tree.edit("openapi/serverless.yaml", "openapi:", "# Words.\nopenapi:")

    ran = tree.generate()

    assert ran.output.endswith(" modules, nothing changed.\n")


def test_a_new_operation_is_a_module_and_a_method(tree: TinyTree) -> None:
    """Nothing else is edited to add it."""
    tree.change(paths=READ)

    report = changes(tree)

    assert {"+ api/things/read_thing.py", "~ api/things/__init__.py", "~ namespaces/control_plane.py"} <= set(report)
    assert [line for line in report if "models/" in line or "inference" in line] == []


def test_a_new_operation_can_be_called_sync_and_async(package: Callable[..., Any]) -> None:
    """By its module and by its friendly name."""
    made = package(paths=READ)
    sent: list[Any] = []

    class Client:
        def send(self, request: Any) -> Any:
            sent.append(request)
            return SimpleNamespace(parsed=request.parse({}))

    class AsyncClient:
        async def send(self, request: Any) -> Any:
            return Client().send(request)

    module, friendly = made.api.things.read_thing, import_module(f"{made.__name__}.namespaces.control_plane")
    answers = [
        module.sync(client=Client(), thing_id="a/b"),
        asyncio.run(module.asyncio(client=AsyncClient(), thing_id="a/b")),
        friendly.ControlPlane(Client()).things.read("a/b"),
        asyncio.run(friendly.AsyncControlPlane(AsyncClient()).things.read("a/b")),
    ]

    assert answers == [made.models.Thing()] * 4
    assert [request.path for request in sent] == ["/v1/things/a%2Fb"] * 4


def test_a_removed_operation_is_gone(tree: TinyTree) -> None:
    """With its module, its method and its folder, if it was the last one there."""
    tree.change(paths=READ)
    tree.report()
    with tree.document("control_plane") as document:
        del document["paths"]["/v1/things/{thingId}"]

    report = changes(tree)

    assert "- api/things/read_thing.py" in report
    assert "~ namespaces/control_plane.py" in report
    assert "read" not in (tree.package / "namespaces" / "control_plane.py").read_text(encoding="utf-8")
    assert [line for line in report if line[0] == "+"] == []


def test_a_removed_tag_is_gone(tree: TinyTree) -> None:
    """No folder stays behind, from which something could still be imported."""
    tree.change(paths=READ)
    with tree.document("control_plane") as document:
        document["tags"].append({"name": "reads", "description": "Reads."})
        document["paths"]["/v1/things/{thingId}"]["get"]["tags"] = ["reads"]
    tree.report()
    assert (tree.package / "api" / "reads").is_dir()

    with tree.document("control_plane") as document:
        del document["paths"]["/v1/things/{thingId}"]

    assert {"- api/reads/__init__.py", "- api/reads/read_thing.py"} <= set(changes(tree))
    assert not (tree.package / "api" / "reads").exists()


def test_a_long_report_is_cut(tiny: TinyTree) -> None:
    """What is new all over is not worth a page."""
    ran = tiny.generate()

    lines = ran.output.splitlines()
    count = sum(1 for _ in tiny.package.rglob("*.py"))
    assert lines[0].startswith(f"tensormesh_generated: {count} modules, ")
    assert len(lines) <= 43
