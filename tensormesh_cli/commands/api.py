"""`tm api`: any route of a host, with the credentials of `tm`."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from tensormesh_cli.app import App, current
from tensormesh_cli.client import client_errors
from tensormesh_cli.command_line import bodies, standard_input
from tensormesh_cli.command_line.groups import Argument, Command
from tensormesh_cli.command_line.parameter_types import decoded
from tensormesh_cli.errors import CliError
from tensormesh_cli.inference.surface import SURFACE, Surface
from tensormesh_cli.output.secrets import address, found_at, hidden, hidden_text
from tensormesh_cli.settings.homes import below
from tensormesh_cli.values.encoded_text import decoded_text
from tensormesh_cli.values.json_text import dumps, loads

BASES = {"control-plane": "controlplane_base", "serverless": "serverless_base", "on-demand": "gateway_base"}
"""Surface -> the setting with its base URL."""

INFERENCE = ("/v1/chat/completions", "/v1/completions", "/v1/responses", "/tokenize", "/detokenize", "/version")
"""Paths that no control plane has."""

_IN_QUERY = ("GET", "HEAD", "DELETE")
_STEP = re.compile(r"(^|/)(\.|%2e){1,2}(/|$)", re.IGNORECASE)
_ELSEWHERE = {"host", "connection", "proxy-authorization"}
"""Headers that lead a request, and the key in it, to others than the host that was called."""


@click.command(
    "api",
    cls=Command,
    params=[
        Argument(["method"], help="GET, POST, PUT, PATCH, DELETE or HEAD; GET if only a path is given."),
        Argument(["path"], required=False, metavar="PATH", help="The path, such as /v1/models, with its query."),
        click.Option(
            ["--field", "-F", "fields"],
            multiple=True,
            metavar="KEY=VALUE",
            help="A field of the body, or of the query of GET and DELETE; a number, true, false, null, or @FILE. "
            "May be repeated; a.b is a field of a field.",
        ),
        click.Option(
            ["--raw-field", "-f", "raw_fields"],
            multiple=True,
            metavar="KEY=TEXT",
            help="A field that is a text, whatever it looks like. May be repeated.",
        ),
        click.Option(
            ["--header", "-H", "headers"], multiple=True, metavar="'NAME: VALUE'", help="A header. May be repeated."
        ),
        click.Option(["--include", "-i"], is_flag=True, help="Print the status and the headers of the answer first."),
        click.Option(["--show-secrets"], is_flag=True, help="Show keys in full."),
        click.Option(
            ["--surface"],
            type=click.Choice(tuple(BASES), case_sensitive=False),
            help="Which host to ask. [default: the control plane, or serverless for a path of inference]",
        ),
        *SURFACE[1:],
        *bodies.JSON_OPTIONS,
    ],
)
def api(
    method: str,
    path: str | None,
    fields: tuple[str, ...],
    raw_fields: tuple[str, ...],
    headers: tuple[str, ...],
    include: bool,
    show_secrets: bool,
    surface: str | None,
    json_text: str | None,
    json_file: str | None,
    **options: str | None,
) -> None:
    """
    Call any route of a host, also one that no command has.

    The login or the key of tm goes along, to the hosts of its settings and to no other: a whole URL must be one of
    theirs. The body comes from --json, --file or a pipe, and --field sets single fields of it. The answer is JSON
    unless --output says otherwise, also one that is an error; a stream is printed as it comes.
    """
    app = current()
    if path is None:
        if "/" not in method:
            raise click.UsageError("Missing PATH: `tm api GET /v1/models`.")
        method, path = "GET", method
    method = method.upper()
    if not re.fullmatch(r"[A-Z]{3,10}", method):
        raise click.UsageError(f"{method!r} is no method such as GET.")
    given = {name: value for name, value in options.items() if value is not None}
    chosen, route = _route(app, path, surface, given)
    named = bodies.reads_standard_input(json_text, json_file) or any(text.endswith("=@-") for text in fields)
    piped = "" if named or method in ("GET", "HEAD") else standard_input.beside(app)
    found = bodies.given(json_text, json_file, bodies.piped_object(piped))
    values = _fields(fields, raw_fields)
    asked: dict[str, Any] = {"headers": _headers(headers)}
    if values and found is None and method in _IN_QUERY:
        asked["params"] = values
    elif values or found is not None:
        asked["json_body"] = bodies.merged(found, values, (), "")
    if (asked.get("json_body") or {}).get("stream") is True:
        _stream(app, chosen, method, route, asked)
        return
    answer = _answer(app, chosen, method, route, asked, show_secrets)
    if include:
        lines = [f"HTTP {answer.status_code}", *(f"{name}: {value}" for name, value in answer.headers.items()), "", ""]
        app.write("\n".join(lines))
    if method != "HEAD":
        _show(app, answer.text, show_secrets)


def _route(app: App, path: str, surface: str | None, given: Mapping[str, str]) -> tuple[Surface | None, str]:
    """
    Where a path leads: the surface, None for the control plane, and the path below its base URL.

    Raises:
        CliError: it leads to a host that is none of ours.
    """
    if surface is None:
        surface = "serverless" if path.partition("?")[0].removeprefix("/") in [at[1:] for at in INFERENCE] else None
    chosen = None
    if surface in ("serverless", "on-demand"):
        chosen = Surface.chosen(app, surface, **given)
    elif given:
        names = " and ".join(f"--{name.replace('_', '-')}" for name in given)
        raise click.UsageError(f"{names} is for inference: give --surface serverless or on-demand.")
    if "://" in path or path.startswith(("//", "\\")):
        places = {surface: BASES[surface]} if surface else BASES
        for name, setting in places.items():
            if (route := below(str(app.settings[setting].value), path)) is not None:
                chosen = None if name == "control-plane" else chosen or Surface.chosen(app, name, **given)
                path = route
                break
        else:
            bases = ", ".join(address(str(app.settings[setting].value)) for setting in places.values())
            raise CliError(
                "usage",
                f"{address(path)} is not below {bases}: nothing was sent, for the key would have gone there.",
                "give the path alone, or set the address of the host",
            )
    route = f"/{path.removeprefix('/')}"
    if _STEP.search(route.partition("?")[0]) or "\\" in route or route.startswith("//"):
        raise CliError("usage", f"The path {path!r} leads out of the host that it is for: nothing was sent.")
    return chosen, route


def _fields(fields: tuple[str, ...], raw_fields: tuple[str, ...]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for text in fields:
        key, value = _pair(text, "--field")
        found[key] = _typed(key, value)
    for text in raw_fields:
        key, found[key] = _pair(text, "--raw-field")
    return found


def _pair(text: str, option: str) -> tuple[str, str]:
    key, equals, value = text.partition("=")
    if not equals or not key:
        raise click.UsageError(f"{option} takes KEY=VALUE, not {text!r}.")
    return key, value


def _typed(key: str, value: str) -> Any:
    if value.startswith("@"):
        if value == "@-":
            return standard_input.text()
        try:
            return decoded_text(Path(value[1:]).read_bytes())
        except (OSError, UnicodeError) as error:
            reason = getattr(error, "strerror", None) or "it is not UTF-8 text"
            raise CliError("input", f"{value[1:]} for {key} cannot be read: {reason}") from error
    try:
        found = decoded(value)
    except ValueError:
        return value
    return found if found is None or isinstance(found, bool | int | float) else value


def _headers(given: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for text in given:
        name, colon, value = text.partition(":")
        if not colon:
            raise click.UsageError("--header takes 'NAME: VALUE'.")  # not repeated: it may hold a key
        if name.strip().lower() in _ELSEWHERE:
            raise click.UsageError(f"The header {name.strip()!r} would lead the call, and its key, elsewhere.")
        found[name.strip()] = value.strip()
    return found


def _answer(
    app: App, chosen: Surface | None, method: str, route: str, asked: dict[str, Any], show_secrets: bool
) -> Any:
    try:
        if chosen is None:
            return app.call(lambda client: client.control_plane.request(method, route, **asked))
        node = chosen.node()
        with client_errors(chosen.hints()):
            return node.request(method, route, **asked)
    except CliError as error:
        body, status = (getattr(error.__cause__, name, None) for name in ("body", "status_code"))
        if body and isinstance(status, int):
            safe = hidden(body, () if show_secrets else _secret_places())
            app.write(f"{safe if isinstance(safe, str) else dumps(safe, indent=2)}\n")
            if error.kind == "protocol" and isinstance(body, str) and not _is_json(body):  # an answer like any other
                click.get_current_context().exit(0)
        raise


def _is_json(text: str) -> bool:
    try:
        loads(text)
    except ValueError:
        return False
    return True


def _stream(app: App, chosen: Surface | None, method: str, route: str, asked: dict[str, Any]) -> None:
    if chosen is None:
        raise click.UsageError("Only inference streams: give --surface serverless or on-demand.")
    node = chosen.node()
    with client_errors(chosen.hints()), node.stream_request(method, route, **asked) as stream:
        if app.wants_text or app.screen.format == "raw":
            for line in stream.iter_lines():
                app.write(f"{line}\n")
            return
        for event in stream:
            app.emit_line(event)


def _show(app: App, text: str, show_secrets: bool) -> None:
    try:
        value = loads(text)
    except ValueError:
        app.write(text if not text or text.endswith("\n") else f"{text}\n")
        return
    places = () if show_secrets else _secret_places()
    safe = hidden(value, places)
    raw = hidden_text(text, value, places)
    words = dumps(safe, indent=2) if app.screen.format is None else None
    printed = app.emit(safe, raw=raw, words=words)
    if safe != value and any(secret in printed for secret in found_at(safe, places)):
        app.note("Keys are masked; --show-secrets shows them.")


def _secret_places() -> tuple[tuple[str, ...], ...]:
    """Where answers hold keys, but for those that exist to hand one out."""
    from tensormesh_generated.commands import COMMANDS

    return tuple({place for row in COMMANDS if not row.reveals for place in row.secrets})
