"""The pages of `tensormesh.types`: each object on the page of the first operation that sends or gives it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path

from documentation.reference.entries import FIELD_OPTIONS, Entry, page, summary_of
from tensormesh_generated import models
from tensormesh_runtime.json_model import JsonModel

GENERATED = Path(models.__file__).parents[1]

WORDS = """
Objects of `tensormesh.types`. A call takes each as an object or as a dictionary of the same keys, and gives objects.
What all of them have, such as `to_dict`, is in [What every object has](objects.md).
"""

GIVEN = """
Names of `tensormesh.types` for annotations. A call takes dictionaries in place of objects; a `...Param` says by their
keys what they hold, a `...Like` is whatever may stand in the place of an object: the object, a dictionary, or the
message of an answer.
"""

PAGES: dict[str, tuple[str, tuple[str, ...]]] = {
    "chat": ("Objects of chat", ("chat",)),
    "completions": (
        "Objects of completions, tokens and models",
        ("completions", "tokenize", "detokenize", "models", "health", "version"),
    ),
    "responses": ("Objects of responses", ("responses",)),
    "accounts": (
        "Objects of users, keys and activities",
        ("users", "api_keys", "activities", "cli_auth", "admin_users"),
    ),
    "billing": ("Objects of billing", ("pricing", "billing", "billing_stripe", "admin_billing", "admin_pricing")),
    "deployments": (
        "Objects of deployments",
        ("deployments", "products", "observability", "admin_models", "admin_products"),
    ),
    "support": ("Objects of support", ("support",)),
}
"""Pages in order, each with its title and the tags of its operations."""

ALL = """
What every object of `tensormesh.types` can do, and the objects that belong to no operation of its own: the bodies of
errors, and JSON objects of which the documents say nothing.
"""


@cache
def _imported(file: Path) -> frozenset[str]:
    """The names of models that a generated file imports."""
    tree = ast.parse(file.read_text(encoding="utf-8"))
    names = {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
    return frozenset(names & set(models.__all__))


@cache
def _files() -> dict[str, Path]:
    """Where each model is defined."""
    tree = ast.parse((GENERATED / "models" / "__init__.py").read_text(encoding="utf-8"))
    return {
        alias.asname or alias.name: GENERATED / "models" / f"{node.module}.py"
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module and node.level == 1
        for alias in node.names
    }


def _reached(tag: str) -> set[str]:
    """The models that operations of a tag send or give, and those within them."""
    files = (GENERATED / "api" / tag).glob("*.py")
    waiting = sorted(name for file in files for name in _imported(file))
    found: set[str] = set()
    while waiting:
        name = waiting.pop()
        if name not in found:
            found.add(name)
            file = _files().get(name)
            waiting += sorted(_imported(file)) if file is not None else []
    return found


@cache
def on_pages() -> dict[str, list[str]]:
    """The names of each page."""
    placed: dict[str, list[str]] = {}
    left = set(models.__all__)
    for slug, (_, tags) in PAGES.items():
        here = set().union(*map(_reached, tags)) & left - {"OpenObject", *_likes()}
        placed[slug] = sorted(here)
        left -= here
    return placed


def on_no_page() -> list[str]:
    """The names that no operation reaches."""
    return sorted(set(models.__all__).difference(_likes(), *on_pages().values()))


def _likes() -> set[str]:
    """The names among the objects of what may be given for one."""
    return {name for name in models.__all__ if name.endswith("Like") and name.removesuffix("Like") in models.__all__}


def _summary(name: str) -> str:
    """The docstring of a class, or of an alias the text below it, as the source has it."""
    file = _files().get(name)
    if file is None or not file.exists():
        return summary_of(getattr(models, name))
    body = ast.parse(file.read_text(encoding="utf-8")).body
    for node, following in zip(body, [*body[1:], ast.Pass()], strict=True):
        if isinstance(node, ast.ClassDef) and node.name == name:
            return (ast.get_docstring(node) or "").partition("\n\n")[0]
        target = getattr(node, "target", None) or next(iter(getattr(node, "targets", [])), None)
        if isinstance(target, ast.Name) and target.id == name and isinstance(following, ast.Expr):
            value = following.value
            return str(value.value).strip().partition("\n\n")[0] if isinstance(value, ast.Constant) else ""
    return ""


def entries(names: Iterable[str]) -> Iterator[Entry]:
    """What a page says of names."""
    options = {"show_attribute_values": "false", "inherited_members": "false", "members_order": "source"}
    for name in names:
        yield Entry(name, f"tensormesh_generated.models.{name}", _summary(name), options=options)


def given() -> Iterator[Entry]:
    """What may be given for an object: a mapping, by its keys and their types, or anything that may stand there."""
    for name in sorted({*_likes(), *models.GIVEN}):
        words = "What may be given for" if name.endswith("Like") else "A dictionary in place of"
        of = name.removesuffix("Like").removesuffix("Param")
        module = "tensormesh_generated.models" if name in models.__all__ else "tensormesh_generated.models.params"
        yield Entry(name, f"{module}.{name}", f"{words} a `{of}`.", options=FIELD_OPTIONS)


def given_page() -> str:
    """The text of the page on what may be given for objects."""
    return page("Dictionaries in place of objects", GIVEN, given())


def text(slug: str) -> str:
    """The text of a page."""
    return page(PAGES[slug][0], WORDS, entries(on_pages()[slug]))


def objects_page() -> str:
    """The text of the page on what all objects have."""
    shared = Entry("JsonModel", "tensormesh_runtime.json_model.JsonModel", summary_of(JsonModel))
    return page("What every object has", ALL, [shared, *entries(on_no_page())])
