"""Drives openapi-python-client with our templates, and renders the files that it has no notion of."""

from __future__ import annotations

import contextlib
import io
import textwrap
from pathlib import Path
from typing import Any

from openapi_python_client import Project
from openapi_python_client.config import Config, ConfigFile, MetaType
from openapi_python_client.parser import GeneratorData
from openapi_python_client.parser.errors import GeneratorError
from openapi_python_client.strings import snake_case

from tools.documents import JsonObject
from tools.normalise import normalise
from tools.operations import namespaces, operations
from tools.shapes import Types


class RenderError(Exception):
    """The generator warned, dropped or refused something."""


def render(document: JsonObject, templates: Path, output: Path) -> None:
    """
    Write the package of a merged document to `output`.

    Raises:
        RenderError: anything but a complete package came out; a warning counts.
        ShapeError: a schema that no model can be made of.
    """
    config = Config.from_sources(
        ConfigFile.load_from_path(templates / "config.yaml"), MetaType.NONE, output, "utf-8", True, output
    )
    data = GeneratorData.from_dict(normalise(document), config=config)
    if isinstance(data, GeneratorError):
        raise RenderError(_describe(data))
    types = Types(document["components"]["schemas"])
    shapes, aliases = types.shapes(), types.aliases()
    found = operations(document, types)
    project = Project(openapi=data, config=config, custom_template_path=templates)
    project.env.filters.update(quoted=_quoted, snakecase=snake_case)
    project.env.globals.update(
        shapes=shapes,
        aliases=aliases,
        operations=found,
        names=sorted([*shapes, *aliases]),
        tags={tag["name"]: tag["description"] for tag in document.get("tags", [])},
        docstring=_docstring,
    )
    with contextlib.redirect_stdout(io.StringIO()):
        problems = project.build()
    if problems:
        raise RenderError("; ".join(map(_describe, problems)))
    _extras(project, templates, output, aliases)
    for kind in ("inference", "control_plane"):
        root = namespaces(found, kind)
        text = project.env.get_template("namespaces/module.py.jinja").render(root=root, kind=kind)
        (output / "namespaces").mkdir(exist_ok=True)
        (output / "namespaces" / f"{kind}.py").write_text(text, encoding="utf-8")
    (output / "namespaces" / "__init__.py").write_text(
        project.env.get_template("namespaces/__init__.py.jinja").render(), encoding="utf-8"
    )
    generated = {endpoint.name for tag in data.endpoint_collections_by_tag.values() for endpoint in tag.endpoints}
    if generated != found.keys():
        raise RenderError(f"these operations were dropped: {', '.join(sorted(found.keys() ^ generated))}")


def _extras(project: Project, templates: Path, output: Path, aliases: dict[str, Any]) -> None:
    for template in sorted((templates / "runtime").glob("*.jinja")):
        text = project.env.get_template(f"runtime/{template.name}").render()
        (output / template.stem).write_text(text, encoding="utf-8")
    for name, alias in aliases.items():
        text = project.env.get_template("alias.py.jinja").render(alias=alias)
        (output / "models" / f"{snake_case(name)}.py").write_text(text, encoding="utf-8")
    (output / "py.typed").write_text("", encoding="utf-8")


def _describe(problem: GeneratorError) -> str:
    return " ".join(f"{problem.header or ''} {problem.detail or ''}".split())


def _quoted(text: object) -> str:
    value = str(text).replace("\\", "\\\\").replace('"', '\\"')
    return f'"{value}"'


def _docstring(text: str, indent: int = 0) -> str:
    """A docstring literal, wrapped to the line length of the package."""
    text = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"').strip()
    if text.endswith('"'):
        text += " "
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
