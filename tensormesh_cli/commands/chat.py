"""`tm chat` and `tm infer chat`: one question, or a conversation."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import click
from click.core import ParameterSource

from tensormesh_cli.app import App, current
from tensormesh_cli.command_line import bodies, standard_input
from tensormesh_cli.command_line.groups import Command
from tensormesh_cli.commands.infer import ALLOWING, STREAMING, Body, Generating, generate, messages, text_argument
from tensormesh_cli.conversation import sampling
from tensormesh_cli.conversation.attachments import Attachment, content
from tensormesh_cli.errors import CliError
from tensormesh_cli.inference.answers import CHAT
from tensormesh_cli.inference.conversation import question
from tensormesh_cli.inference.handed_in import joined
from tensormesh_cli.inference.live_answer import PlainText, TextOutput
from tensormesh_cli.inference.surface import MODEL, SURFACE, Surface

if TYPE_CHECKING:
    from tensormesh_cli.terminal.open_talk import OpenTalk

_ASK_FOR_IT = "`pip install rich prompt-toolkit` brings what sets it"


def _put(body: Body, text: str, attached: Sequence[Attachment]) -> None:
    body["messages"] = [*messages(body), {"role": "user", "content": content(text, attached)}]


ASK = Generating(
    "chat.completions", "ChatCompletionRequest", "messages", CHAT, _put, 'tm infer chat "Why is the sky blue?"'
)

ALONG = (
    click.Option(["--system"], metavar="TEXT", help="What the model is told before the question."),
    click.Option(
        ["-f", "--attach", "files"],
        type=click.Path(),
        multiple=True,
        metavar="FILE",
        help="A text file to send along, or - for standard input; may be repeated.",
    ),
    click.Option(
        ["--image", "images"],
        type=click.Path(),
        multiple=True,
        metavar="FILE|URL",
        help="A picture to send along; may be repeated.",
    ),
)
TALKING = (
    click.Option(["-c", "--continue", "go_on"], is_flag=True, help="Go on with the conversation that was held last."),
    click.Option(["--conversation", "name"], metavar="NAME", help="Go on with this conversation."),
    click.Option(["--save/--no-save"], default=True, show_default=True, help="Keep the conversation on this machine."),
    click.Option(
        ["--markdown/--no-markdown"],
        default=None,
        help="Set answers as Markdown. [default: in a conversation on a terminal, where rich is installed]",
    ),
)


@dataclass(frozen=True)
class _Wanted:
    """What the options of a conversation say."""

    go_on: bool
    name: str | None
    save: bool
    markdown: bool | None

    @property
    def earlier(self) -> bool:
        return self.go_on or self.name is not None


def _chat(stays: bool, /, text: str | None, files: tuple[str, ...], images: tuple[str, ...], **options: Any) -> None:
    """
    Ask, or talk.

    Args:
        stays: a question begins a conversation, too.
    """
    app = current()
    wanted = _Wanted(*(options.pop(name) for name in ("go_on", "name", "save", "markdown")))
    has_body = options["json_text"] is not None or options["json_file"] is not None
    if wanted.earlier and (has_body or not app.wants_text):
        raise click.UsageError(
            "A conversation is gone on with as text: leave out --json, --file, --output, --query and --columns."
        )
    terminal = sys.stdin.isatty() and sys.stdout.isatty() and app.wants_text and not has_body
    if text is None and sys.stdin.isatty() and sys.stdout.isatty() and not (app.wants_text or has_body):
        raise click.UsageError(
            "A conversation is text: leave out --output, --query and --columns, or give a question with them."
        )
    attached: tuple[Attachment, ...] = ()
    if files or images:
        from tensormesh_cli.terminal.attached_files import attachments

        attached = attachments(files, images)
    if terminal and "-" not in (text, *files) and (text is None or stays):
        _talk(app, wanted, text, attached, options)
        return
    piped = "-" not in files
    if wanted.earlier:
        _once(app, wanted, text, attached, piped, options)
    else:
        output = _output(app, True) if wanted.markdown else None
        generate(ASK, text, attached=attached, output=output, piped=piped, **options)


def _talk(app: App, wanted: _Wanted, text: str | None, attached: tuple[Attachment, ...], options: Body) -> None:
    from tensormesh_cli.terminal.actions import remind
    from tensormesh_cli.terminal.conversation_files import TypedLines
    from tensormesh_cli.terminal.session import Session

    held = _opened(app, wanted, options)
    held.attached += attached
    if wanted.earlier:
        remind(held)
    typed = TypedLines(app.state_home / "typed_lines" if wanted.save else None)
    Session(held, typed, lambda: _output(app, wanted.markdown)).run(text)


def _once(
    app: App, wanted: _Wanted, text: str | None, attached: tuple[Attachment, ...], piped: bool, options: Body
) -> None:
    """One more question of an earlier conversation, and its answer."""
    from tensormesh_cli.terminal.asking import ask

    asked = question(text) if text == "-" else joined(standard_input.beside(app).strip() if piped else None, text)
    if not (asked and asked.strip()) and not attached:
        raise click.UsageError('There is nothing to ask: `tm chat --continue "And why?"`.')
    held = _opened(app, wanted, options)
    held.talk.ask(asked or "", attached)
    if not ask(held, PlainText(app) if not wanted.markdown else _output(app, True)):
        raise click.Abort


def _opened(app: App, wanted: _Wanted, options: Body) -> OpenTalk:
    """The conversation that the options name, or a new one."""
    from tensormesh_cli.conversation.talk import Talk
    from tensormesh_cli.terminal.conversation_files import ConversationFiles
    from tensormesh_cli.terminal.open_talk import OpenTalk

    files = ConversationFiles(app.state_home / "conversations")
    record = None
    if wanted.earlier:
        record = files.load(wanted.name) if wanted.name is not None else files.latest()
    name = options["surface"]
    said = click.get_current_context().get_parameter_source("surface")
    if record is not None and said == ParameterSource.DEFAULT:
        name = record.surface
    at = Surface.chosen(app, name, **{key: options[key] for key in ("model", "user_id", "api_key", "base_url")})
    node = at.node()
    model = at.model(node, options["model"] or (record.talk.model if record else None))
    talk = record.talk if record else Talk(model)
    talk.model = model
    talk.system = talk.system if options["system"] is None else options["system"]
    talk.sampling |= sampling.taken(options)
    return OpenTalk(
        at,
        node,
        talk,
        files=files,
        kept=wanted.save,
        record=record,
        idle=options["idle"],
        show_reasoning=options["show_reasoning"],
    )


def _output(app: App, markdown: bool | None) -> TextOutput:
    able = app.screen.terminal and app.environ.get("TERM") != "dumb"
    if markdown or (markdown is None and able and app.screen.format is None):
        try:
            from tensormesh_cli.terminal.markdown_text import MarkdownText

            return MarkdownText(app)
        except ImportError as error:
            if markdown:
                raise CliError("not_ready", "Markdown needs rich, which is not installed.", _ASK_FOR_IT) from error
    return PlainText(app)


def _command(name: str, stays: bool, text: str) -> click.Command:
    parameters = [
        text_argument("QUESTION"),
        MODEL,
        *ALONG,
        *sampling.options(),
        *TALKING,
        *STREAMING,
        ALLOWING,
        *SURFACE,
        *bodies.JSON_OPTIONS,
    ]
    return Command(name, params=parameters, callback=lambda **options: _chat(stays, **options), help=text)


talk = _command(
    "chat",
    True,
    """\
    Talk with a model.

    On a terminal this is a conversation: /help lists what it understands, Ctrl-C ends an answer, Ctrl-D the
    conversation. What was said is kept on this machine, and --continue goes on with it. A question on the command line
    is the first. In a pipe, or with a body as JSON, it is `tm infer chat`.
    """,
)
chat = _command(
    "chat",
    False,
    """\
    Ask a question; without one, on a terminal, talk.

    The question is an argument, what is piped in, both, or part of a whole request as JSON. With --output json
    --stream, each event is a line of its own. Without any of them, on a terminal, it is a conversation: see `tm chat`.
    """,
)
