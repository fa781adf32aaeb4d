"""
A request as something to copy: Python, curl, and `tm`.

Knows how each is written, and that none of them holds a key.
"""

import json
import shlex
from keyword import iskeyword

from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_local.inference.body import field_names

_METHODS = {
    "/v1/chat/completions": ("chat.completions.create", "ChatCompletionRequest"),
    "/v1/completions": ("completions.create", "TextCompletionRequest"),
    "/v1/responses": ("responses.create", "ResponseCreateRequest"),
}
_BASES = {"serverless": "TENSORMESH_SERVERLESS_BASE_URL", "on-demand": "TENSORMESH_ON_DEMAND_BASE_URL"}
_WIDTH = 100


def snippets(surface: str, operation: str, body: Json) -> dict[str, Json]:
    """
    Write a request in three languages.

    Args:
        surface: "serverless" or "on-demand".
        operation: the path below it.
        body: the JSON body; None for a request without one.
    """
    return {
        "Python": python(surface, operation, body),
        "curl": curl(surface, operation, body),
        "tm": tm(surface, operation, body),
    }


def python(surface: str, operation: str, body: Json) -> str:
    """Write it with the client."""
    node = f"client.inference.{surface.replace('-', '_')}"
    if operation not in _METHODS or not isinstance(body, dict):
        verb = "GET" if body is None else "POST"
        sent = "" if body is None else f", json_body={_literal(body, 8)}"
        lines = [f"answer = {node}.request({verb!r}, {operation!r}{sent})", "print(answer.parsed)"]
    else:
        method, schema = _METHODS[operation]
        call = f"{node}.{method}({_arguments(body, field_names(schema))})"
        if body.get("stream") is True:
            lines = [f"with {call} as events:", "    for event in events:", "        print(event)"]
        else:
            lines = [f"print({call})"]
    inside = "\n".join(f"    {line}" for line in "\n".join(lines).split("\n"))
    return f"from tensormesh import Tensormesh\n\nwith Tensormesh() as client:\n{inside}\n"


def curl(surface: str, operation: str, body: Json) -> str:
    """Write it for a shell that has the variables of this host."""
    words = ["curl --silent --show-error"]
    if isinstance(body, dict) and body.get("stream") is True:
        words[0] += " --no-buffer"
    words.append(f'"${_BASES.get(surface, "")}{operation}"')
    words.append('--header "Authorization: Bearer $TENSORMESH_INFERENCE_API_KEY"')
    if surface == "on-demand":
        words.append('--header "X-User-Id: $TENSORMESH_ON_DEMAND_USER_ID"')
    if body is not None:
        words += ["--header 'Content-Type: application/json'", f"--data-raw {_quoted(body)}"]
    return " \\\n    ".join(words) + "\n"


def tm(surface: str, operation: str, body: Json) -> str:
    """Write it for `tm`."""
    words = ["tm api", "GET" if body is None else "POST", shlex.quote(operation), f"--surface {surface}"]
    if body is not None:
        words.append(f"--json {_quoted(body)}")
    return " ".join(words) + "\n"


def _quoted(body: Json) -> str:
    return shlex.quote(json.dumps(body, ensure_ascii=True))


def _arguments(body: JsonObject, known: frozenset[str]) -> str:
    named = {name: value for name, value in body.items() if name in known and not iskeyword(name)}
    lines = [f"    {name}={_literal(value, 4)}," for name, value in named.items()]
    if rest := {name: value for name, value in body.items() if name not in named}:
        lines.append(f"    extra_body={_literal(rest, 4)},")
    return "\n" + "\n".join(lines) + "\n" if lines else ""


def _literal(value: Json, indent: int) -> str:
    """Write a value as Python, over several lines where it does not fit on one."""
    short = repr(value)
    if len(short) + indent <= _WIDTH or not isinstance(value, list | dict):
        return short
    space, end = " " * (indent + 4), " " * indent
    if isinstance(value, list):
        inner = [_literal(item, indent + 4) for item in value]
    else:
        inner = [f"{name!r}: {_literal(item, indent + 4)}" for name, item in value.items()]
    begin, close = ("[", "]") if isinstance(value, list) else ("{", "}")
    return begin + "".join(f"\n{space}{item}," for item in inner) + f"\n{end}{close}"
