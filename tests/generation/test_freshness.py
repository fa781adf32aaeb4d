"""`--check` compares the package with a fresh one by bytes, both ways, and changes nothing."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from tests.generation.conftest import TinyTree, Tree
from tools.interface import INTERFACE
from tools.manifest import MANIFEST

STALE = "tensormesh_generated and openapi_bundled are not what the documents and templates make: run `make generate`."
BUNDLE = "openapi_bundled/serverless.json"


@pytest.fixture(scope="module")
def original(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A tiny tree with its package and templates of its own; not to be changed."""
    tree = TinyTree(tmp_path_factory.mktemp("fresh"))
    tree.copy_templates()
    assert tree.generate().status == 0
    return tree.root


@pytest.fixture
def fresh(original: Path, tmp_path: Path) -> Tree:
    """A copy of it."""
    return Tree(Path(shutil.copytree(original, tmp_path / "fresh")))


def differences(tree: Tree) -> list[str]:
    """What `--check` says is wrong, a line each; it must leave everything as it was."""
    before = tree.files()
    ran = tree.check()
    assert tree.files() == before
    assert (ran.status, ran.output) == (1, "")
    *lines, last = ran.errors.splitlines()
    assert last == STALE
    return lines


def test_the_project_s_own_package_is_fresh_when_made(made: Tree) -> None:
    """The whole chain, on the real documents."""
    before = made.files()
    ran = made.check()

    assert (ran.status, ran.output, ran.errors) == (0, "tensormesh_generated and openapi_bundled are fresh.\n", "")
    assert made.files() == before


@pytest.mark.parametrize("name", ["models/thing.py", "api/things/__init__.py", "py.typed", INTERFACE, MANIFEST])
def test_a_changed_byte(fresh: Tree, name: str) -> None:
    """In any file, though Python may not care."""
    with (fresh.package / name).open("ab") as file:
        file.write(b"\n")

    assert differences(fresh) == [f"changed: tensormesh_generated/{name}"]


@pytest.mark.parametrize("name", ["models/thing.py", "py.typed", INTERFACE, MANIFEST])
def test_a_missing_file(fresh: Tree, name: str) -> None:
    (fresh.package / name).unlink()

    assert differences(fresh) == [f"missing: tensormesh_generated/{name}"]


@pytest.mark.parametrize("name", ["models/stray.py", "stray.txt", ".hidden", "stray/__init__.py", "models/stray/a.py"])
def test_an_extra_file(fresh: Tree, name: str) -> None:
    """A file too many is as wrong as one too few, in a folder too many as well."""
    file = fresh.package / name
    file.parent.mkdir(exist_ok=True)
    file.touch()

    assert differences(fresh) == [f"extra: tensormesh_generated/{name}"]


def test_everything_missing(fresh: Tree) -> None:
    """Without a package there is nothing to be fresh."""
    names = sorted(file.relative_to(fresh.package).as_posix() for file in fresh.package.rglob("*") if file.is_file())
    shutil.rmtree(fresh.package)

    assert differences(fresh) == [f"missing: tensormesh_generated/{name}" for name in names]


def test_a_changed_byte_of_a_bundle(fresh: Tree) -> None:
    with (fresh.root / BUNDLE).open("ab") as file:
        file.write(b"\n")

    assert differences(fresh) == [f"changed: {BUNDLE}"]


def test_a_bundle_too_few_and_one_too_many(fresh: Tree) -> None:
    (fresh.root / BUNDLE).rename(fresh.root / "openapi_bundled" / "stray.json")

    assert differences(fresh) == [f"missing: {BUNDLE}", "extra: openapi_bundled/stray.json"]


def test_no_bundles_at_all(fresh: Tree) -> None:
    shutil.rmtree(fresh.root / "openapi_bundled")

    names = ("control_plane", "on_demand", "serverless")
    assert differences(fresh) == [f"missing: openapi_bundled/{name}.json" for name in names]


def test_several_faults_at_once(fresh: Tree) -> None:
    """All are named, kind by kind."""
    (fresh.package / "models" / "thing.py").write_text("", encoding="utf-8")
    (fresh.package / "types.py").rename(fresh.package / "sorts.py")

    assert differences(fresh) == [
        "changed: tensormesh_generated/models/thing.py",
        "missing: tensormesh_generated/types.py",
        "extra: tensormesh_generated/sorts.py",
    ]


def test_a_changed_document(fresh: Tree) -> None:
    """The package is stale though nobody touched it."""
    fresh.edit("openapi/serverless.yaml", "piece:", "part:")

    assert differences(fresh) == [
        f"changed: tensormesh_generated/{name}" for name in (INTERFACE, MANIFEST, "models/text_event.py")
    ] + [f"changed: {BUNDLE}"]


def test_a_document_changed_without_effect(fresh: Tree) -> None:
    """The manifest knows the hash of every source, so that what was made of what is never a guess."""
    fresh.edit("openapi/serverless.yaml", "openapi:", "# A comment.\nopenapi:")

    assert differences(fresh) == [f"changed: tensormesh_generated/{MANIFEST}"]


def test_a_changed_template(fresh: Tree) -> None:
    """One that makes one file."""
    fresh.edit("generator_templates/client.py.jinja", "class ", "# Words.\nclass ")

    assert differences(fresh) == [f"changed: tensormesh_generated/{name}" for name in (MANIFEST, "client.py")]


def test_words_beside_the_templates(fresh: Tree) -> None:
    """What explains templates makes nothing."""
    (fresh.root / "generator_templates" / "README.md").write_text("Words.\n", encoding="utf-8")

    assert fresh.check().status == 0


def test_what_python_leaves_behind(fresh: Tree) -> None:
    """Caches are not part of the package."""
    cache = fresh.package / "models" / "__pycache__"
    cache.mkdir()
    (cache / "thing.cpython-312.pyc").touch()

    assert fresh.check().status == 0


def test_a_document_that_cannot_be_used(fresh: Tree) -> None:
    """Then nothing can be said about the package but that."""
    (fresh.root / "openapi" / "serverless.yaml").unlink()
    before = fresh.files()
    ran = fresh.check()

    assert (ran.status, ran.output) == (1, "")
    assert "serverless.yaml" in ran.errors
    assert fresh.files() == before


def test_generating_fixes_every_fault(fresh: Tree) -> None:
    """Whatever was done to the package, afterwards it is what it was."""
    before = fresh.files()
    (fresh.package / "models" / "thing.py").write_text("", encoding="utf-8")
    (fresh.package / "types.py").rename(fresh.package / "sorts.py")
    (fresh.package / "stray").mkdir()
    Path(fresh.package / "stray" / "a.py").touch()
    (fresh.root / BUNDLE).unlink()

    assert fresh.report() == ["~ models/thing.py", "+ types.py", "- sorts.py", "- stray/a.py"]
    assert fresh.files() == before
