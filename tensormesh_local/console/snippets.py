"""
A request as something to copy: Python, curl, and `tm`.

Knows how each is written, and that none of them holds a key.
"""

import json
import shlex
from keyword import iskeyword
from urllib.parse import quote

from tensormesh_documents.json_types import Json, JsonObject
from tensormesh_local.inference.body import field_names
from tensormesh_local.json_output import spoken

_METHODS = {
    "/v1/chat/completions": ("chat.completions.create", "ChatCompletionRequest", "messages"),
    "/v1/completions": ("completions.create", "TextCompletionRequest", "prompt"),
    "/v1/responses": ("responses.create", "ResponseCreateRequest", "input"),
}
_BASES = {"serverless": "TENSORMESH_SERVERLESS_BASE_URL", "on-demand": "TENSORMESH_ON_DEMAND_BASE_URL"}
_WIDTH = 100


def snippets(surface: str, operation: str, body: Json, method: str = "POST", query: str = "") -> dict[str, Json]:
    """
    Write a request in three languages, as far as they can send it: clients send no body that is no JSON, and `tm` none
    that is no object.

    Args:
        surface: "serverless" or "on-demand".
        operation: the path below it, as text.
        body: the JSON body, or its text where it is none; None for a request without one.
        query: what follows the question mark.
    """
    # Of all that a path may hold, only what no shell has a meaning for.
    target = quote(operation) + (f"?{query}" if query else "")
    found: dict[str, Json] = {"curl": curl(surface, target, body, method)}
    if spoken(body) != body or (isinstance(body, str) and not _is_json(body)):
        return found
    found = {"Python": python(surface, target, body, method), **found}
    return {**found, "tm": tm(surface, target, body, method)} if body is None or isinstance(body, dict) else found


def python(surface: str, target: str, body: Json, method: str) -> str:
    """Write it with the client."""
    node = f"client.inference.{surface.replace('-', '_')}"
    call, schema, needed = _METHODS.get(target, ("", "", ""))
    if method != "POST" or not isinstance(body, dict) or not body.keys() >= {"model", needed}:
        sent = "" if body is None else f", json_body={_literal(body, 8)}"
        lines = [f"answer = {node}.request({method!r}, {target!r}{sent})", "print(answer.parsed)"]
    else:
        call = f"{node}.{call}({_arguments(body, field_names(schema))})"
        if body.get("stream") is True:
            lines = [f"with {call} as events:", "    for event in events:", "        print(event)"]
        else:
            lines = [f"print({call})"]
    inside = "\n".join(f"    {line}" for line in "\n".join(lines).split("\n"))
    return f"from tensormesh import Tensormesh\n\nwith Tensormesh() as client:\n{inside}\n"


def curl(surface: str, target: str, body: Json, method: str) -> str:
    """Write it for a shell that has the variables of this host."""
    words = ["curl --silent --show-error"]
    if method == "HEAD":
        words[0] += " --head"
    elif method != ("GET" if body is None else "POST"):
        words[0] += f" --request {shlex.quote(method)}"
    if isinstance(body, dict) and body.get("stream") is True:
        words[0] += " --no-buffer"
    words.append(f'"${_BASES.get(surface, "")}"{shlex.quote(target)}')
    words.append('--header "Authorization: Bearer $TENSORMESH_INFERENCE_API_KEY"')
    if surface == "on-demand":
        words.append('--header "X-User-Id: $TENSORMESH_ON_DEMAND_USER_ID"')
    if body is not None:
        text = shlex.quote(body) if isinstance(body, str) and not _is_json(body) else _quoted(body)
        words += ["--header 'Content-Type: application/json'", f"--data-raw {text}"]
    return " \\\n    ".join(words) + "\n"


def tm(surface: str, target: str, body: Json, method: str) -> str:
    """Write it for `tm`."""
    words = ["tm api", shlex.quote(method), shlex.quote(target), f"--surface {surface}"]
    if body is not None:
        words.append(f"--json {_quoted(body)}")
    return " ".join(words) + "\n"


def _quoted(body: Json) -> str:
    return shlex.quote(json.dumps(body, ensure_ascii=True))


def _is_json(text: str) -> bool:
    """Whether a text that was a body can be had from JSON alone: JSON itself is read where it comes."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def _is_refused(name: str, value: Json) -> bool:
    """Whether the client refuses a field unless it stands in `extra_body`, as the service is known to do."""
    if name == "response_format":
        return value not in ({"type": "json_object"}, {"type": "text"}, None)
    if name == "text":
        return isinstance(value, dict) and "format" in value
    functions = [tool.get("function") for tool in value if isinstance(tool, dict)] if isinstance(value, list) else []
    return name == "tools" and any(isinstance(one, dict) and not one.get("description") for one in functions)


def _arguments(body: JsonObject, known: frozenset[str]) -> str:
    named = {
        name: value
        for name, value in body.items()
        if name in known and not iskeyword(name) and not _is_refused(name, value)
    }
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
