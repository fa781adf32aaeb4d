"""Trees to generate in: a copy of the project's own, and tiny ones with a document of a few lines."""

from __future__ import annotations

import contextlib
import inspect
import io
import json
import re
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from types import ModuleType
from typing import Any

import jinja2
import openapi_python_client
import pytest
import yaml

from tests.generation.made_packages import CompiledTemplates, forget, load_package
from tools.commands import commands
from tools.generate import main
from tools.interface import Interface, interface_of
from tools.merge import merge
from tools.operation_rules import check_operations
from tools.operations import operations, say_items
from tools.python_types import Types
from tools.schema_rules import check_schemas

ROOT = Path(__file__).resolve().parents[2]
PREFIX = "make generate changed nothing: "

# Those in C, where PyYAML has them: they are ten times as fast.
LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
DUMPER: Any = getattr(yaml, "CSafeDumper", yaml.SafeDumper)

INFERENCE = """
openapi: 3.1.0
info: {title: Inference, version: "1"}
servers: [{url: https://inference.test}]
tags: [{name: texts, description: Texts.}]
paths:
  /v1/texts:
    post:
      operationId: create_text
      tags: [texts]
      summary: Create a text
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/TextRequest"}}}}
      responses:
        "200":
          description: The text, or a stream of it.
          content:
            application/json: {schema: {$ref: "#/components/schemas/Text"}}
            text/event-stream: {schema: {$ref: "#/components/schemas/ServerSentEvent"}}
      x-tensormesh:
        call: texts.create
        retry: never
        stream: {field: stream, event: TextEvent, end: "[DONE]", whole: text, adds: {text: text}}
        cli: {command: texts create}
components:
  schemas:
    ServerSentEvent: {type: object, properties: {data: {type: string}}}
    TextRequest: {type: object, properties: {stream: {type: boolean}}}
    Text: {type: object, properties: {text: {type: string}}}
    TextEvent: {type: object, properties: {piece: {type: string}, text: {type: string}}}
"""

NOTHING = """
openapi: 3.1.0
info: {title: Nothing, version: "1"}
servers: [{url: https://nothing.test}]
paths: {}
"""

CONTROL_PLANE = """
openapi: 3.1.0
info: {title: Control plane, version: "1"}
servers: [{url: https://control-plane.test}]
tags: [{name: things, description: Things.}]
paths:
  /v1/things:
    post:
      operationId: make_thing
      tags: [things]
      summary: Make a thing
      requestBody: {content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}
      responses:
        "200": {description: It., content: {application/json: {schema: {$ref: "#/components/schemas/Thing"}}}}
      x-tensormesh: {call: things.make, retry: never, cli: {command: things make, by_hand: true}}
components:
  schemas:
    Thing: {type: object, properties: {}}
"""

CATS_AND_DOGS = """
Cat: {type: object, required: [kind], properties: {kind: {const: cat}, name: {type: string}}}
Dog: {type: object, required: [kind], properties: {kind: {const: dog}, name: {type: string}}}
Pet: {oneOf: [<Cat>, <Dog>], discriminator: {propertyName: kind, mapping: {cat: Cat, dog: Dog}}}
"""
"""Two objects that look alike but for their tag, and the union of them."""

PARTS = {
    "paths": ("paths",),
    "operation": ("paths", "/v1/things", "post"),
    "facts": ("paths", "/v1/things", "post", "x-tensormesh"),
    "schemas": ("components", "schemas"),
    "properties": ("components", "schemas", "Thing", "properties"),
}
"""The places in the document of the control plane that tests put something into."""


PLACE = re.compile(r"(?P<file>\S*openapi/(?P<name>\w+\.yaml)):(?P<line>\d+)(?P<keys>, at (?P<dotted>.+?)(?=: |$))?")


def without_lines(sentence: str) -> str:
    """A sentence with the bare names of its documents; each line in it is looked up anew, in plain YAML."""
    assert "openapi/" not in PLACE.sub("", sentence) or "cannot be read" in sentence, sentence
    for place in PLACE.finditer(sentence):
        text = Path(place["file"]).read_text(encoding="utf-8", errors="replace")
        if place["dotted"]:
            assert line_of(text, place["dotted"]) == int(place["line"]), sentence
        assert 1 <= int(place["line"]) <= max(1, len(text.splitlines()))
    return re.sub(
        r"\S*openapi/(\w+\.yaml)", r"\1", PLACE.sub(lambda place: place["name"] + (place["keys"] or ""), sentence)
    )


def line_of(text: str, dotted: str) -> int:
    """The line of a place as it is printed, or of the nearest thing around it."""
    node, line = yaml.compose(text, LOADER), 1
    while dotted:
        parts = {}
        if isinstance(node, yaml.MappingNode):
            parts = {key.value: (key, item) for key, item in node.value}
        elif isinstance(node, yaml.SequenceNode):
            parts = {f"[{index}]": (item, item) for index, item in enumerate(node.value)}
        # Keys have dots of their own.
        fitting = [name for name in parts if re.match(rf"{re.escape(name)}([.\[]|$)", dotted)]
        if not fitting:
            break
        name = max(fitting, key=len)
        at, node = parts[name]
        line, dotted = at.start_mark.line + 1, dotted.removeprefix(name).removeprefix(".")
    return line


def yaml_value(text: str) -> Any:
    """YAML as a value; `<Name>` in it is a reference to a component."""
    return yaml.load(re.sub(r"<(\w+)>", r'{$ref: "#/components/schemas/\1"}', text), LOADER)  # noqa: S506 - it is a safe one


@dataclass(frozen=True)
class Ran:
    """What a run of `tools.generate` came to."""

    status: int
    output: str
    errors: str


class Tree:
    """A folder with documents and templates, where packages are made."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.package = root / "tensormesh_generated"

    def generate(self, *arguments: str) -> Ran:
        output, errors = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(output), contextlib.redirect_stderr(errors):
            status = main(["--root", str(self.root), *arguments])
        return Ran(status, output.getvalue(), errors.getvalue())

    def check(self) -> Ran:
        return self.generate("--check")

    def report(self) -> list[str]:
        """Generate, and give the lines that tell what changed: a mark and a file each."""
        return self.told().get("Files (+ new, ~ changed, - gone)", [])

    def told(self) -> dict[str, list[str]]:
        """Generate, and give the sections of what is said of the package."""
        ran = self.generate()
        assert (ran.status, ran.errors) == (0, "")
        sections: dict[str, list[str]] = {}
        for line in ran.output.splitlines()[1:]:
            if line.startswith("openapi_bundled:"):
                continue
            if line.startswith("  "):
                sections[list(sections)[-1]].append(without_lines(line.strip()))
            else:
                sections[line.removesuffix(":")] = []
        return sections

    def refusal(self) -> str:
        """
        Generate in vain: the one sentence that says why. Nothing in the tree may have changed.

        Where it names a place in a document, the file has to be there and the line has to be the right one; both are
        left out of what is returned, but for the name of the file.
        """
        before = self.files()
        ran = self.generate()
        assert (ran.status, ran.output) == (1, "")
        assert self.files() == before
        (sentence,) = ran.errors.splitlines()
        assert sentence.startswith(PREFIX)
        return without_lines(sentence.removeprefix(PREFIX))

    def files(self) -> dict[str, bytes | None]:
        """Everything below the root: the bytes of files, None for folders."""
        return {
            path.relative_to(self.root).as_posix(): path.read_bytes() if path.is_file() else None
            for path in self.root.rglob("*")
        }

    def edit(self, file: str, old: str, new: str) -> None:
        """Replace the first `old` in a file; it must be there."""
        path = self.root / file
        before, found, after = path.read_text(encoding="utf-8").partition(old)
        assert found, f"{file} does not contain {old!r}"
        path.write_text(f"{before}{new}{after}", encoding="utf-8")

    @contextlib.contextmanager
    def document(self, name: str) -> Iterator[Any]:
        """A document to change while the block runs."""
        path = self.root / "openapi" / f"{name}.yaml"
        content = yaml.load(path.read_bytes(), LOADER)  # noqa: S506 - it is a safe one
        yield content
        path.write_text(yaml.dump(content, Dumper=DUMPER, sort_keys=False), encoding="utf-8")


class TinyTree(Tree):
    """One streaming operation of inference, one of the control plane, and what a test puts there."""

    def __init__(self, root: Path) -> None:
        super().__init__(root)
        (root / "openapi").mkdir()
        (root / "generator_templates").symlink_to(ROOT / "generator_templates", target_is_directory=True)
        for name, text in (("serverless", INFERENCE), ("on_demand", NOTHING), ("control_plane", CONTROL_PLANE)):
            (root / "openapi" / f"{name}.yaml").write_text(text, encoding="utf-8")

    def copy_templates(self) -> None:
        """Have templates of its own, to change them."""
        (self.root / "generator_templates").unlink()
        shutil.copytree(ROOT / "generator_templates", self.root / "generator_templates")

    def change(self, **parts: str) -> None:
        """
        Put YAML (see `yaml_value`) into the control plane's document.

        Args:
            parts: what goes where (see `PARTS`), and takes the place of what has the same key.
        """
        with self.document("control_plane") as document:
            for part, text in parts.items():
                node = document
                for key in PARTS[part]:
                    node = node[key]
                node.update(yaml_value(text))


def interface(folder: Path) -> Interface:
    """What a package of the documents in a folder would be made of."""
    merged = merge(folder)
    types = Types(merged.document["components"]["schemas"])
    check_schemas(merged, types)
    check_operations(merged, types)
    say_items(merged.document)
    found = operations(merged.document, types)
    return interface_of(merged, types.shapes, found, commands(merged, found))


def survives(model: Any, data: Any) -> bool:
    """Whether a JSON object comes out of a model as it went in."""
    return bool(json.dumps(model.from_dict(data).to_dict()) == json.dumps(data))


def argument(model: Any, name: str) -> str:
    """The type of a constructor's argument, as it is written."""
    return str(inspect.signature(model).parameters[name].annotation)


def copy_project(target: Path) -> Tree:
    for folder in ("openapi", "generator_templates"):
        shutil.copytree(ROOT / folder, target / folder)
    return Tree(target)


@pytest.fixture(scope="session", autouse=True)
def _compiled_templates() -> Iterator[None]:
    """All trees of these tests share the templates that are the same."""
    with pytest.MonkeyPatch.context() as patch:
        environment = partial(jinja2.Environment, bytecode_cache=CompiledTemplates())
        patch.setattr(openapi_python_client, "Environment", environment)
        yield


@pytest.fixture(scope="session")
def made(tmp_path_factory: pytest.TempPathFactory) -> Tree:
    """The project's tree with its package, freshly made; not to be changed."""
    tree = copy_project(tmp_path_factory.mktemp("made"))
    ran = tree.generate()
    assert ran.status == 0, ran.errors
    return tree


@pytest.fixture
def project(made: Tree, tmp_path: Path) -> Tree:
    """A copy of the project's tree with its package."""
    return Tree(Path(shutil.copytree(made.root, tmp_path / "project")))


@pytest.fixture
def documents(tmp_path: Path) -> Tree:
    """The project's documents and templates, of which nothing is made yet: the latter are not to be changed."""
    shutil.copytree(ROOT / "openapi", tmp_path / "openapi")
    (tmp_path / "generator_templates").symlink_to(ROOT / "generator_templates", target_is_directory=True)
    return Tree(tmp_path)


@pytest.fixture
def tiny(tmp_path: Path) -> TinyTree:
    """A tree whose documents fit on a page."""
    return TinyTree(tmp_path)


@pytest.fixture(scope="session")
def made_tiny(tmp_path_factory: pytest.TempPathFactory) -> TinyTree:
    """A tiny tree with its package, freshly made; not to be changed."""
    tree = TinyTree(tmp_path_factory.mktemp("tiny"))
    ran = tree.generate()
    assert ran.status == 0, ran.errors
    return tree


@pytest.fixture
def tree(made_tiny: TinyTree, tiny: TinyTree) -> TinyTree:
    """A tiny tree with its package."""
    for folder in ("tensormesh_generated", "openapi_bundled"):
        shutil.copytree(made_tiny.root / folder, tiny.root / folder)
    return tiny


@pytest.fixture
def own_templates(tiny: TinyTree) -> TinyTree:
    """A tiny tree whose templates may be changed."""
    tiny.copy_templates()
    return tiny


@pytest.fixture
def package(tiny: TinyTree) -> Iterator[Callable[..., Any]]:
    """Makes the package of a tiny tree, with what is put into it (see `TinyTree.change`), and imports it."""
    loaded = []

    def build(**parts: str) -> ModuleType:
        tiny.change(**parts)
        ran = tiny.generate()
        assert ran.status == 0, ran.errors
        loaded.append(load_package(tiny.package))
        return loaded[-1]

    yield build
    for module in loaded:
        forget(module)


@pytest.fixture
def thing(package: Callable[..., Any]) -> Callable[..., Any]:
    """Makes a model `Thing` with the given properties."""

    def build(properties: str, schemas: str = "{}") -> Any:
        return package(properties=properties, schemas=schemas).models.Thing

    return build
