"""Reads back from a generated package what its users see: models, types, operations, commands."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tools.shapes import pascal


@dataclass(frozen=True)
class Member:
    """
    A field of a model, a parameter of an operation, or an argument of a command.

    Attributes:
        read: the type it is read as.
        given: the type it is given as.
        needed: whether it has to be given.
        facts: what else the package says of it.
        words: its description.
    """

    read: str
    given: str
    needed: bool
    facts: dict[str, str] = field(default_factory=dict)
    words: str = ""


@dataclass(frozen=True)
class Item:
    """One model, type, operation or command."""

    file: str
    kind: str
    members: dict[str, Member] = field(default_factory=dict)
    facts: dict[str, str] = field(default_factory=dict)
    words: str = ""


def read_interface(package: Path) -> tuple[dict[str, Item], set[str]]:
    """
    What a package offers, by name, and the files that cannot be read: of a merge that is not done, say.

    A name is that of the class, the function or, for a command, what is typed.
    """
    items: dict[str, Item] = {}
    positional: dict[tuple[str, str], str] = {}
    unread = set()
    # Operations come last: their friendly calls have to be known.
    for file in sorted(package.rglob("*.py"), key=lambda file: (file.is_relative_to(package / "api"), file)):
        name = file.relative_to(package).as_posix()
        try:
            tree = ast.parse(file.read_bytes())
            if name.startswith("namespaces/"):
                positional |= dict(_positional(tree))
            elif name.startswith("models/"):
                items |= dict(_model(name, tree))
            elif name.startswith("api/"):
                items |= dict(_operation(name, tree, positional))
            elif name == "commands.py":
                items |= dict(_commands(name, tree))
        except (SyntaxError, ValueError, LookupError, AttributeError):
            # Edited by hand, or made by other templates.
            unread.add(name)
    return items, unread


def _model(file: str, tree: ast.Module) -> Iterator[tuple[str, Item]]:
    for node, after in _followed(tree.body):
        if isinstance(node, ast.AnnAssign) and ast.unparse(node.annotation) == "TypeAlias" and node.value:
            read = ast.unparse(node.value)
            yield ast.unparse(node.target), Item(file, "type", {"": Member(read, read, False)}, words=_text(after))
        elif isinstance(node, ast.ClassDef):
            yield node.name, Item(file, "model", dict(_fields(node)), words=ast.get_docstring(node) or "")


def _fields(node: ast.ClassDef) -> Iterator[tuple[str, Member]]:
    given = {
        name: (annotation, needed)
        for item in node.body
        if isinstance(item, ast.FunctionDef) and item.name == "__init__"
        for name, annotation, needed in _arguments(item)
    }
    for item, after in _followed(node.body):
        if isinstance(item, ast.AnnAssign) and isinstance(item.value, ast.Call) and isinstance(item.target, ast.Name):
            annotation, needed = given.get(item.target.id, ("Any", False))
            facts = {"on the wire": ast.unparse(item.value.args[0])}
            facts |= {word.arg: ast.unparse(word.value) for word in item.value.keywords if word.arg == "secret"}
            yield item.target.id, Member(_read(item.annotation), annotation, needed, facts, _text(after))
        elif isinstance(item, ast.FunctionDef) and any(ast.unparse(one) == "property" for one in item.decorator_list):
            yield item.name, Member(_read(item.returns), "", False, words=ast.get_docstring(item) or "")


def _read(annotation: ast.expr | None) -> str:
    """The type that an attribute is read as; `Field[that, what may be assigned]` tells it beside another."""
    if isinstance(annotation, ast.Subscript) and ast.unparse(annotation.value) == "Field":
        assert isinstance(annotation.slice, ast.Tuple)
        annotation = annotation.slice.elts[0]
    return ast.unparse(annotation) if annotation else "Any"


def _operation(file: str, tree: ast.Module, positional: dict[tuple[str, str], str]) -> Iterator[tuple[str, Item]]:
    functions = {node.name: node for node in tree.body if isinstance(node, ast.FunctionDef)}
    values = [node.value for node in tree.body if isinstance(node, ast.Assign) and isinstance(node.value, ast.Call)]
    if "build_request" not in functions or not values:
        return
    build = functions["build_request"]
    facts = {word.arg or "": ast.unparse(word.value) for word in values[0].keywords}
    name = str(ast.literal_eval(facts.pop("id")))
    members = {name: Member("", annotation, needed) for name, annotation, needed in _arguments(build)}
    body = members.pop("body", None)
    wires = {
        ast.unparse(pair.elts[1]): ast.unparse(pair.elts[0])
        for call in ast.walk(build)
        if isinstance(call, ast.Call) and ast.unparse(call.func) == "query"
        for pair in call.args
        if isinstance(pair, ast.Tuple)
    }
    for argument, wire in wires.items():
        members[argument].facts["on the wire"] = wire
    root = "control_plane" if "control_plane" in ast.literal_eval(facts["surfaces"]) else "inference"
    *places, method = ast.literal_eval(facts["call"]).split(".")
    facts["call"] = f"client.{root}.{'.'.join([*places, method])}"
    facts["answer"] = ast.unparse(build.returns).partition("[")[2][:-1] if build.returns else "None"
    facts["body"] = body.given.partition(" ")[0] if body else "None"
    facts["positional"] = positional.get(("".join(map(pascal, [root, *places])), method), "")
    yield name, Item(file, "operation", members, facts, ast.get_docstring(functions["sync"]) or "")


def _positional(tree: ast.Module) -> Iterator[tuple[tuple[str, str], str]]:
    """The arguments of friendly calls that need no name, by class and method."""
    for node in tree.body:
        if isinstance(node, ast.ClassDef):
            for item in node.body:
                if isinstance(item, ast.FunctionDef):
                    yield (node.name, item.name), ", ".join(argument.arg for argument in item.args.args[1:])


def _commands(file: str, tree: ast.Module) -> Iterator[tuple[str, Item]]:
    for call in ast.walk(tree):
        if not isinstance(call, ast.Call) or ast.unparse(call.func) != "Command":
            continue
        row = {word.arg or "": word.value for word in call.keywords}
        members = {}
        for entry in getattr(row.pop("parameters", None), "elts", ()):
            told = {word.arg or "": ast.unparse(word.value) for word in entry.keywords}
            place, name = ast.literal_eval(told["place"]), ast.literal_eval(told["name"])
            kind = ast.literal_eval(told.get("kind", "'text'"))
            shown = {key: told[key] for key in ("repeat", "opposite") if key in told}
            needed = told.get("required") == "True"
            words = told.get("help", "")
            members[name if place == "argument" else f"--{name}"] = Member("", kind, needed, shown, words)
        told = {key: ast.unparse(value) for key, value in row.items()}
        facts = {key: told[key] for key in ("confirm", "columns", "items") if key in told}
        words = f"{told['summary']} {told['help']}"
        yield f"tm {ast.literal_eval(told['words'])}", Item(file, "command", members, facts, words)


def _arguments(function: ast.FunctionDef) -> Iterator[tuple[str, str, bool]]:
    """Name, type, and whether it must be given, of each keyword argument."""
    for argument, default in zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True):
        annotation = ast.unparse(argument.annotation) if argument.annotation else "Any"
        yield argument.arg, annotation.removesuffix(" | Unset"), default is None


def _followed(body: list[ast.stmt]) -> Iterator[tuple[ast.stmt, ast.stmt | None]]:
    """Each statement and the one after it, which describes a field."""
    return zip(body, [*body[1:], None], strict=False)


def _text(node: ast.stmt | None) -> str:
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        return str(node.value.value)
    return ""
