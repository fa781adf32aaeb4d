"""`tm infer`: ask models."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import click

from tensormesh_cli.app import current
from tensormesh_cli.client import body_of, client_errors
from tensormesh_cli.command_line import bodies
from tensormesh_cli.command_line.groups import Argument, Command
from tensormesh_cli.conversation import sampling
from tensormesh_cli.conversation.attachments import Attachment
from tensormesh_cli.doctor.checks import EXIT_STATUS, Check, checks, lines
from tensormesh_cli.doctor.facts import survey
from tensormesh_cli.doctor.online import ONLINE, asked
from tensormesh_cli.doctor.readiness import control_plane
from tensormesh_cli.errors import CliError
from tensormesh_cli.inference.answers import COMPLETION, RESPONSE, Reader
from tensormesh_cli.inference.conversation import Conversation
from tensormesh_cli.inference.handed_in import handed_in
from tensormesh_cli.inference.live_answer import TextOutput
from tensormesh_cli.inference.surface import LATEST, MODEL, SURFACE, Surface
from tensormesh_cli.output.secrets import address
from tensormesh_cli.settings.keys import NAMES
from tensormesh_cli.values.numbers import SECONDS

Body = dict[str, Any]

STREAMING = (
    click.Option(["--stream/--no-stream"], default=None, help="Print the answer as it comes. [default: as text, yes]"),
    click.Option(
        ["--stream-idle-timeout", "idle"],
        type=SECONDS,
        default=300.0,
        show_default=True,
        metavar="SECONDS",
        help="The longest silence within a stream.",
    ),
    click.Option(["--show-reasoning"], is_flag=True, help="Print on stderr what the model thinks."),
)
ALLOWING = click.Option(
    ["--allow-json-schema"],
    is_flag=True,
    help="Send a body that asks for output after a JSON Schema, which is no documented part of the service.",
)


def text_argument(metavar: str) -> Argument:
    return Argument(["text"], metavar=f"[{metavar}]", required=False, help="A text, or - for standard input.")


@dataclass(frozen=True)
class Generating:
    """
    A call that makes a model generate.

    Attributes:
        calls: where it is below a surface.
        request: the type of its body.
        field: the field of the body that holds what is asked.
        put: sets that field to a text, and to what goes along with it.
        example: what to type.
    """

    calls: str
    request: str
    field: str
    reader: Reader
    put: Callable[[Body, str, Sequence[Attachment]], None]
    example: str

    def command(self, name: str, metavar: str, help: str, *extra: click.Option) -> click.Command:  # noqa: A002
        parameters = [text_argument(metavar), MODEL, *extra, *STREAMING, *SURFACE, *bodies.JSON_OPTIONS]
        return Command(name, params=parameters, callback=partial(generate, self), help=help)


def generate(
    call: Generating,
    /,
    text: str | None,
    stream: bool | None,
    idle: float,
    show_reasoning: bool,
    allow_json_schema: bool = False,
    system: str | None = None,
    attached: Sequence[Attachment] = (),
    output: TextOutput | None = None,
    piped: bool = True,
    **options: Any,
) -> None:
    """
    Make one call, and show its answer.

    Args:
        text: what is asked.
        allow_json_schema: whether the body may ask for output after a schema.
        system: what the model is told before.
        attached: what goes along with the text.
        output: where the text of the answer goes; without it, it is printed as it is.
        piped: take what is piped in along; something else has read it, otherwise.
        options: those of sampling, of the surface and of the body.
    """
    fields = sampling.taken(options)
    if text is not None and not text.strip():
        raise click.UsageError(f"There is nothing to send, only an empty text: `{call.example}`.")
    at, body, said = _begin(call.request, text, options, piped=piped)
    if said is not None or attached:
        call.put(body, said or "", attached)
    if system is not None:
        body["messages"] = [{"role": "system", "content": system}, *messages(body)]
    if not body.get(call.field):
        raise click.UsageError(f"There is nothing to send: `{call.example}`, or give a body as JSON.")
    body |= fields
    node = at.node(allow_json_schema=allow_json_schema)
    body["model"] = at.model(node, options["model"] or body.get("model"))
    for name in call.calls.split("."):
        node = getattr(node, name)
    Conversation(at, node, call.reader, idle=idle, show_reasoning=show_reasoning, output=output).run(body, stream)


def _begin(
    request: str, text: str | None, options: dict[str, Any], *, alone: bool = True, piped: bool = True
) -> tuple[Surface, Body, str | None]:
    """The surface that the options choose, the body that was handed in, and the text for it."""

    def known() -> Collection[str]:
        from tensormesh import types

        fields: Collection[str] = getattr(types, request).json_schema()["properties"]
        return fields

    app = current()
    json_text, json_file = options.pop("json_text"), options.pop("json_file")
    said, body = handed_in(app, text, json_text, json_file, known, alone=alone, piped=piped)
    return Surface.chosen(app, options.pop("surface"), **options), body, said


def messages(body: Body) -> list[Any]:
    """
    The messages of a body that was handed in.

    Raises:
        click.UsageError: they are none.
    """
    found = body.get("messages", [])
    if not isinstance(found, list):
        raise click.UsageError("`messages` must be a list.")
    return found


completions = Generating(
    "completions",
    "TextCompletionRequest",
    "prompt",
    COMPLETION,
    lambda body, text, attached: body.update(prompt=text),
    'tm infer completions "Once upon a time"',
).command(
    "completions",
    "PROMPT",
    "Continue a text: an argument, what is piped in, both, or part of a whole request as JSON.",
    *sampling.options("reasoning_effort"),
)
responses = Generating(
    "responses",
    "ResponseCreateRequest",
    "input",
    RESPONSE,
    lambda body, text, attached: body.update(input=text),
    'tm infer responses "Hello"',
).command(
    "responses",
    "INPUT",
    "Create a response to a text: an argument, what is piped in, both, or part of a whole request as JSON.",
    ALLOWING,
)


@click.command(cls=Command, params=[text_argument("TEXT"), MODEL, *SURFACE, *bodies.JSON_OPTIONS])
def tokenize(text: str | None, **options: Any) -> None:
    """Turn text into token ids: an argument, what is piped in, both, or part of a whole request as JSON."""
    at, body, said = _begin("TokenizeRequest", text, options)
    if said is not None:
        body["prompt"] = said
    if not body.keys() & {"prompt", "messages"}:
        raise click.UsageError('There is nothing to send: `tm infer tokenize "Hello"`, or give a body as JSON.')
    node = at.node()
    body["model"] = at.model(node, options["model"] or body.get("model"))
    _send(at, lambda: node.tokenize.with_raw_response.create(request=body), words=_ids)


@click.command(cls=Command, params=[MODEL, *SURFACE, *bodies.JSON_OPTIONS])
@click.argument("tokens", cls=Argument, metavar="[ID]...", type=int, nargs=-1, help="Token ids.")
def detokenize(tokens: tuple[int, ...], **options: Any) -> None:
    """Turn token ids into text: arguments, what is piped in, both, or part of a whole request as JSON."""
    at, body, said = _begin("DetokenizeRequest", None, options, alone=not tokens)
    if tokens or said is not None:
        body["tokens"] = [*_numbers(said or ""), *tokens]
    if "tokens" not in body:
        raise click.UsageError("There is nothing to send: `tm infer detokenize 15496 995`, or give a body as JSON.")
    node = at.node()
    body["model"] = at.model(node, options["model"] or body.get("model"))
    _send(at, lambda: node.detokenize.with_raw_response.create(request=body), words=_prompt)


def _numbers(text: str) -> list[int]:
    """Token ids as `tm infer tokenize` prints them, or as a list in JSON."""
    try:
        return [int(word) for word in text.strip().removeprefix("[").removesuffix("]").replace(",", " ").split()]
    except ValueError as error:
        raise CliError("input", "standard input holds no token ids, such as 15496 995") from error


def _ids(answer: Any) -> str | None:
    """What `tm infer detokenize` takes."""
    tokens = answer.get("tokens") if isinstance(answer, dict) else None
    return " ".join(map(str, tokens)) if isinstance(tokens, list) else None


def _prompt(answer: Any) -> str | None:
    text = answer.get("prompt") if isinstance(answer, dict) else None
    return text if isinstance(text, str) else None


@click.command(cls=Command, params=[*SURFACE])
def models(surface: str, **options: str | None) -> None:
    """List the models of the host. Their `id` is what --model takes."""
    at = Surface.chosen(current(), surface, **options)
    _send(
        at, at.node(public=True).models.with_raw_response.list, columns=("id", "max_model_len", "owned_by", "created")
    )


@click.command(cls=Command, params=[*SURFACE])
def health(surface: str, **options: str | None) -> None:
    """Ask whether the host is well. If it is not, the exit code is not 0."""
    at = Surface.chosen(current(), surface, **options)
    _send(at, at.node(public=True).health.with_raw_response.get, empty={"status": "ok"})


@click.command(cls=Command, params=[*SURFACE])
def version(surface: str, **options: str | None) -> None:
    """Ask which version the host runs."""
    at = Surface.chosen(current(), surface, **options)
    _send(at, at.node(public=True).version.with_raw_response.get)


def _send(
    at: Surface,
    send: Callable[[], Any],
    *,
    empty: Any = None,
    words: Callable[[Any], str | None] | None = None,
    columns: tuple[str, ...] = (),
) -> None:
    with at.app.progress("Asking the host"), client_errors(at.hints()):
        answer = send()
    value = body_of(answer, empty)
    at.app.emit(value, raw=answer.text, words=words(value) if words else None, columns=columns)


@click.command(cls=Command, params=[MODEL, *SURFACE, ONLINE, EXIT_STATUS])
def doctor(surface: str, online: bool, exit_status: bool, **options: str | None) -> None:
    """Check that a surface is set up. Looks at this machine only; with --online it asks the hosts, too."""
    app = current()
    at = Surface.chosen(app, surface, **options)
    facts = survey(app)
    wanted = {"config", NAMES[at.name], "ca_bundle", *(["gateway_user_id"] if at.name == "on-demand" else [])}
    found = [item for item in checks(facts, at.name) if item.name in wanted]
    model = facts.values["gateway_model_id" if at.name == "on-demand" else "serverless_model"].value
    found.append(_model_check(at.name, model, logged_in=control_plane(facts)["ready"]))
    found += asked([at], facts) if online else []
    ready = not any(item.verdict == "missing" for item in found)
    base = facts.values["gateway_base" if at.name == "on-demand" else "serverless_base"].value
    report = {
        "ok": ready,
        "surface": at.name,
        "base": address(str(base)),
        "missing": [item.name for item in found if item.verdict == "missing"],
        "warnings": [item.message for item in found if item.verdict == "advised"],
        "checks": [vars(item) for item in found],
    }
    app.report(report, lines(app, found), report["checks"])
    if exit_status and not ready:
        click.get_current_context().exit(1)


def _model_check(surface: str, name: str | None, *, logged_in: bool) -> Check:
    if name and name != LATEST:
        return Check("model", "ok", f"the model is {name}")
    if surface == "serverless":
        return Check("model", "advised", "no model is chosen: the first that the host lists is asked", "--model NAME")
    if logged_in:
        return Check("model", "ok", "the model is the deployment that changed last")
    return Check("model", "missing", "no model is chosen, and nobody is logged in to look one up", "--model NAME")
