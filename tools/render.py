"""Drives openapi-python-client with our templates, and renders the files that it has no notion of."""

from __future__ import annotations

import contextlib
import io
import json
import re
import textwrap
import traceback
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

import jinja2
from openapi_python_client import Project
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError
from openapi_python_client.strings import PythonIdentifier

from tools.commands import code, commands
from tools.documents import JsonObject
from tools.interface import interface_of, write_interface
from tools.merge import Merged
from tools.names import pascal
from tools.operations import Operation, bodies, namespaces, operations, say_items
from tools.params import params
from tools.python_types import Types
from tools.shapes import Shape


class RenderError(Exception):
    """A template is wrong, or the generator refused something."""


def render(merged: Merged, templates: Path, output: Path) -> None:
    """
    Write the package of a merged document to `output`.

    Raises:
        DocumentError: the generator drops something of a document.
        RenderError: anything else but a complete package came out.
    """
    document = merged.document
    say_items(document)
    sent = bodies(document)
    types = Types(document["components"].get("schemas", {}), sent)
    given = params(types)
    shapes, aliases = types.shapes, types.aliases()
    # Formatting is our own step: the generator's would pick up whatever settings happen to surround it.
    config = Config.from_sources(ConfigFile(post_hooks=[]), MetaType.NONE, output, "utf-8", True, output)
    data = GeneratorData.from_dict(outline(document, shapes), config=config)
    if isinstance(data, GeneratorError):
        raise RenderError(_describe(data))
    found = operations(document, types)
    table = commands(merged, found)
    project = Project(openapi=data, config=config)
    # Ours only: for one that is missing the generator would take its own. Three it always loads, for enums of its own.
    unused = jinja2.DictLoader({f"{kind}_enum.py.jinja": "" for kind in ("int", "literal", "str")})
    project.env.loader = jinja2.ChoiceLoader([jinja2.FileSystemLoader(templates), unused])
    streaming = [operation for operation in found.values() if operation.stream]
    events = {operation.stream.event for operation in streaming if operation.stream}
    # A misspelt name would print nothing.
    project.env.undefined = jinja2.StrictUndefined
    project.env.filters.update(code=code, quoted=_quoted, literal=repr, module=_module, pascal=pascal)
    project.env.globals.update(
        surfaces=merged.hosts,
        shapes=shapes,
        aliases=aliases,
        operations=found,
        streaming=streaming,
        bodies=sent,
        pieces=events | types.reach(events) - types.reach({operation.response for operation in streaming}),
        counts=sorted(_counts(streaming, shapes)),
        wholes=sorted({operation.stream.whole for operation in streaming if operation.stream}),
        names=sorted([*shapes, *aliases]),
        params=given,
        likes=[f"{param.name}Like" for param in given],
        param_names=sorted(name for param in given for name in param.names),
        tags={tag["name"]: tag["description"] for tag in document.get("tags", [])},
        commands=table,
        docstring=_docstring,
    )
    with _template_errors(templates):
        with contextlib.redirect_stdout(io.StringIO()):
            problems = project.build()
        if problems:
            raise RenderError("; ".join(map(_describe, problems)))
        _extras(project, templates, output, aliases)
        _namespaces(project, output, found)
    write_interface(output, interface_of(merged, shapes, found, table))
    generated = {endpoint.name for tag in data.endpoint_collections_by_tag.values() for endpoint in tag.endpoints}
    dropped = (found.keys() - generated) | (shapes.keys() - {model.class_info.name for model in data.models})
    for keys, origin in merged.origins.items():
        if (keys[:2] == ("components", "schemas") and keys[-1] in dropped) or origin.text("operationId") in dropped:
            raise merged.error(keys, "the generator dropped it")


def _extras(project: Project, templates: Path, output: Path, aliases: dict[str, Any]) -> None:
    for template in sorted((templates / "modules").glob("*.jinja")):
        text = project.env.get_template(f"modules/{template.name}").render()
        (output / template.stem).write_text(text, encoding="utf-8")
    for name, alias in aliases.items():
        text = project.env.get_template("alias.py.jinja").render(alias=alias)
        (output / "models" / f"{_module(name)}.py").write_text(text, encoding="utf-8")
    if project.env.globals["params"]:
        text = project.env.get_template("params.py.jinja").render()
        (output / "models" / "params.py").write_text(text, encoding="utf-8")
    (output / "py.typed").write_text("", encoding="utf-8")


def _namespaces(project: Project, output: Path, found: dict[str, Operation]) -> None:
    folder = output / "namespaces"
    folder.mkdir()
    for template in ("__init__", "fields"):
        text = project.env.get_template(f"namespaces/{template}.py.jinja").render()
        (folder / f"{template}.py").write_text(text, encoding="utf-8")
    for kind, options in (("inference", "InferenceOptions"), ("control_plane", "Options")):
        text = project.env.get_template("namespaces/module.py.jinja").render(
            root=namespaces(found, kind), kind=kind, Options=options
        )
        (folder / f"{kind}.py").write_text(text, encoding="utf-8")


@contextlib.contextmanager
def _template_errors(templates: Path) -> Iterator[None]:
    try:
        yield
    except jinja2.TemplateNotFound as error:
        raise RenderError(f"{templates.name}/{error.name} is missing") from error
    except jinja2.TemplateError as error:
        # Jinja puts the lines of templates into the traceback.
        lines = [frame for frame in traceback.extract_tb(error.__traceback__) if frame.filename.endswith(".jinja")]
        place = Path(lines[-1].filename).relative_to(templates.parent).as_posix()
        raise RenderError(f"{place}:{lines[-1].lineno}: {error.message}") from error


def outline(document: JsonObject, names: Iterable[str]) -> JsonObject:
    """
    The document as far as the generator needs it: which operations and models there are, and what they are called.

    What is in them is for our own rules and templates: it would drop some of that without a word, get some wrong and
    stop at the rest.
    """
    operations = [operation for item in document["paths"].values() for operation in item.values()]
    return {
        "openapi": document["openapi"],
        "info": document["info"],
        "paths": {
            f"/{operation['operationId']}": {
                "get": {"operationId": operation["operationId"], "tags": operation["tags"], "responses": {}}
            }
            for operation in operations
        },
        "components": {"schemas": {name: {"type": "object"} for name in names}},
    }


def _counts(streaming: list[Operation], shapes: dict[str, Shape]) -> set[str]:
    """The components in which streams count tokens."""
    fields = (field for operation in streaming for field in shapes[operation.response].fields)
    return {use for field in fields if field.name == "usage" for use in re.findall(r"\w+", field.annotation)} & {
        *shapes
    }


def _describe(problem: GeneratorError) -> str:
    return " ".join(f"{problem.header or ''} {problem.detail or ''}".split())


def _module(name: str) -> str:
    """The module of a component, by the generator's rule: `Type` is in `type_`."""
    return str(PythonIdentifier(name, ""))


def _quoted(text: object) -> str:
    return json.dumps(str(text), ensure_ascii=False)


def _docstring(text: str, indent: int = 0) -> str:
    """A docstring literal, wrapped to the line length of the package."""
    text = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"').strip()
    if text.endswith('"'):
        text = text[:-1] + '\\"'
    width = 118 - indent
    lines: list[str] = []
    for line in text.splitlines():
        inner = len(line) - len(line.lstrip())
        follow = " " * (inner + 4 if line.lstrip().partition(":")[0].isidentifier() and inner else inner)
        lines += textwrap.wrap(line, width, subsequent_indent=follow, break_long_words=False) or [""]
    if len(lines) == 1 and len(lines[0]) < width - 6:
        return f'"""{lines[0]}"""'
    pad = " " * indent
    body = "\n".join(f"{pad}{line}".rstrip() for line in lines)
    return f'"""\n{body}\n{pad}"""'
