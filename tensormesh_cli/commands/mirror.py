"""Commands that mirror one call of the control plane, made from the rows of the generated table."""

from __future__ import annotations

from contextlib import nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any

import click

from tensormesh_cli.account.named_deployment import IDS, listed_elsewhere
from tensormesh_cli.app import App, current
from tensormesh_cli.client import body_of
from tensormesh_cli.command_line import bodies, standard_input
from tensormesh_cli.command_line.confirmation import YES, confirm
from tensormesh_cli.command_line.groups import Argument, Command
from tensormesh_cli.command_line.known_names import completer
from tensormesh_cli.command_line.parameter_types import Amount, Json, Moment, Word
from tensormesh_cli.commands import targets
from tensormesh_cli.output.secrets import found_at, hidden, hidden_text, masked
from tensormesh_cli.values.money import amount, is_money, plain

if TYPE_CHECKING:
    from tensormesh_cli.commands.extension import Extension
    from tensormesh_generated.commands import Command as Row
    from tensormesh_generated.commands import Parameter

SCOPE = "userId"
"""For whom a call is made: no content of its own."""

MESSAGE = "message"
"""The option that holds a text for somebody to read."""


def command(row: Row, extension: Extension | None = None) -> Command:
    """The click command of a row, and of what it does beside its call."""
    parameters = [_parameter(row, item, _key(index)) for index, item in enumerate(row.parameters)]
    if row.body or _options_as_json(row):
        parameters += bodies.JSON_OPTIONS
    if len(row.calls) > 1:
        methods = [method for method, _ in row.calls]
        parameters.append(
            click.Option(
                ["--method"],
                type=click.Choice(methods, case_sensitive=False),
                default=methods[0],
                show_default=True,
                help="post adds a new one, put replaces one.",
            )
        )
    if row.items:
        parameters.append(click.Option(["--all", "every"], is_flag=True, help="List all pages, from the first on."))
    if row.secrets and not row.reveals:
        parameters.append(click.Option(["--show-secrets"], is_flag=True, help="Show keys in full."))
    if row.confirm:
        parameters.append(YES)
    parameters += extension.options if extension else ()
    return Command(
        row.words.rpartition(" ")[2],
        params=parameters,
        callback=partial(_run, row, extension),
        help=f"{row.summary}.\n\n{row.help}",
        short_help=row.summary,
    )


def _key(index: int) -> str:
    return f"value_{index}"


def _options_as_json(row: Row) -> bool:
    """What changes something can be told by a program, and a key stays off the command line."""
    return row.confirm and not row.body and any(item.place == "option" for item in row.parameters)


def _parameter(row: Row, item: Parameter, key: str) -> click.Parameter:
    if item.place == "argument":
        names = " By its name, or one of its ids." if item.target in IDS else ""
        complete = completer(item.target)
        return Argument([key], metavar=item.name, required=True, help=f"{item.help}{names}", shell_complete=complete)
    name = f"--{item.name}"
    if item.kind == "flag":
        return click.Option([name, key], is_flag=True, help=item.help)
    if item.kind == "boolean":
        return click.Option([f"{name}/--{item.opposite}", key], default=None, help=item.help)
    return click.Option(
        [name, key],
        type=_type(item),
        multiple=item.repeat,
        required=item.required and item.place == "option" and not _options_as_json(row),
        help=_help(item),
        shell_complete=completer(item.target),
    )


def _type(item: Parameter) -> Any:
    if item.choices:
        return Word(item.choices, item.prefix)
    match item.kind:
        case "integer":
            return click.INT
        case "number":
            return click.FLOAT
        case "time":
            return Moment(ahead=item.target.startswith("expires"))
        case "money":
            return Amount()
        case "json":
            return Json()
    return click.STRING


def _help(item: Parameter) -> str:
    marks = [mark for mark, holds in (("may be repeated", item.repeat), ("required", item.required)) if holds]
    return f"{item.help} [{'; '.join(marks)}]" if marks else item.help


def _run(
    row: Row,
    extension: Extension | None,
    /,
    json_text: str | None = None,
    json_file: str | None = None,
    method: str | None = None,
    every: bool = False,
    show_secrets: bool = False,
    yes: bool = False,
    **values: Any,
) -> None:
    app = current()
    take = partial(_piped, app, row, (json_text, json_file), asks=row.confirm and not yes)
    arguments: dict[str, Any] = {}
    fields: dict[str, Any] = {}
    for index, item in enumerate(row.parameters):
        value = values[_key(index)]
        if value is None or value == () or (item.kind == "flag" and not value):
            continue
        (fields if item.place == "body" else arguments)[item.target] = list(value) if item.repeat else value
    handed = None
    if row.body:
        handed = bodies.given(json_text, json_file, take(fields))
        arguments["request"] = _checked(row, bodies.merged(handed, fields, row.body, row.wrap))
    elif _options_as_json(row):
        handed = bodies.given(json_text, json_file, take({}))
        _fill(row, arguments, handed or {})
    user_id = arguments.get("user_id") or arguments.get("request", {}).get(SCOPE)
    labels = targets.named(app, row, arguments, user_id)
    values |= {_key(index): labels[item.target] for index, item in enumerate(row.parameters) if item.target in labels}
    if row.confirm and not yes:
        targets.check(app, row, arguments)
        first = f"{said} " if extension and (said := extension.before(app, arguments["request"])) else ""
        confirm(f"{first}{row.summary}{_named(row, values, handed)}.")
    *path, name = (dict(row.calls)[method] if method else row.calls[0][1]).split(".")
    if every:
        kept = {name: value for name, value in arguments.items() if name not in ("page", "page_token")}
        with app.progress("Asking the control plane"):
            items = app.call(
                lambda client: [item.to_dict() for item in targets.node(client, path).auto_paging_iter(**kept)],
                row.login,
            )
        _emit(app, row, {row.items: items}, None, show_secrets)
        return
    with app.progress("Asking the control plane"), listed_elsewhere() if labels else nullcontext():
        answer = app.call(
            lambda client: getattr(targets.node(client, path).with_raw_response, name)(**arguments), row.login
        )
    if row.answer == "none":
        return
    if row.answer == "text":
        app.emit(answer.parsed, words=answer.parsed)
        return
    value = body_of(answer)
    if extension:
        later = {item.name: values[item.name] for item in extension.options if item.name}
        if (found := extension.after(app, value, **later)) is not value:
            _emit(app, row, found, None, show_secrets)
            return
    _emit(app, row, value, answer.text, show_secrets)


def _piped(
    app: App, row: Row, flags: tuple[str | None, str | None], fields: dict[str, Any], *, asks: bool
) -> dict[str, Any] | None:
    """
    The body that was piped in; a text goes into the message of the call, if it has one.

    Args:
        flags: what `--json` and `--file` say.
        fields: what options have set.
        asks: there will be a question, whose answer may be what was piped in.
    """
    if bodies.reads_standard_input(*flags) or (asks and not standard_input.begins_an_object()):
        return None
    text = standard_input.beside(app)
    place = next((item.target for item in row.parameters if item.name == MESSAGE), None)
    if place is None:
        return bodies.piped_object(text)
    found, said = bodies.sorted_out(text, lambda: row.body, alone=not fields and flags == (None, None))
    if said is not None:
        fields[place] = f"{said}\n\n{fields[place]}" if fields.get(place) else said
    return found


def _fill(row: Row, arguments: dict[str, Any], handed: dict[str, Any]) -> None:
    """Add what came as JSON instead of as options, by its JSON key."""
    options = {_json_key(item.name): item for item in row.parameters if item.place == "option"}
    for key, value in handed.items():
        if key not in options:
            raise click.UsageError(f"{key!r} is none of {', '.join(options)}.")
        arguments.setdefault(options[key].target, value)
    if missing := [item.name for item in options.values() if item.required and item.target not in arguments]:
        raise click.UsageError(f"Missing --{' and --'.join(missing)}, or the same as JSON.")


def _json_key(name: str) -> str:
    first, *rest = name.split("-")
    return first + "".join(part.capitalize() for part in rest)


def _checked(row: Row, body: dict[str, Any]) -> dict[str, Any]:
    fields = [item for item in row.parameters if item.place == "body"]
    required = [item for item in fields if item.required]
    if missing := [f"--{item.name}" for item in required if not bodies.holds(body, item.target)]:
        raise click.UsageError(f"Missing {' and '.join(missing)}, or the same in a body as JSON.")
    if row.body_needed and not required and not any(key != SCOPE for key in body):
        options = ", ".join(f"--{item.name}" for item in fields if item.target != SCOPE)
        raise click.UsageError(f"There is nothing to send: give one of {options}, or a body as JSON.")
    return body


def _named(row: Row, values: dict[str, Any], handed: dict[str, Any] | None) -> str:
    """What an act is about, for the question before it."""
    shown = []
    for index, item in enumerate(row.parameters):
        value = values[_key(index)]
        if value is None or value == () or value is False:
            continue
        text = masked(value) if item.secret else _spelt(value)
        shown.append(text if item.place == "argument" else f"--{item.name} {text}".rstrip())
    if handed is not None:
        shown.append("and what the JSON says")
    return f" ({' '.join(shown)})" if shown else ""


def _spelt(value: Any) -> str:
    if value is True:
        return ""
    if is_money(value):
        return plain(amount(value), str(value["currencyCode"]))
    return ", ".join(map(str, value)) if isinstance(value, tuple) else str(value)


def _emit(app: App, row: Row, value: Any, text: str | None, show_secrets: bool) -> None:
    if row.reveals or show_secrets:
        app.emit(value, raw=text, columns=row.columns)
        return
    safe = hidden(value, row.secrets)
    raw = None if text is None else hidden_text(text, value, row.secrets)
    printed = app.emit(safe, raw=raw, columns=row.columns)
    # A program that asks for everything seldom asks for the key that is in it, unless the list is one of keys.
    about_keys = any(place[-1] in row.columns for place in row.secrets)
    asked = about_keys or app.selection is not None or app.screen.format in (None, "text", "table")
    if asked and any(secret in printed for secret in found_at(safe, row.secrets)):
        app.note("Keys are masked; --show-secrets shows them.")
