"""Asks for the answer to the question that waits, and shows it. Ctrl-C ends the answer only."""

from __future__ import annotations

from typing import Any

from tensormesh_cli.client import client_errors
from tensormesh_cli.conversation.usage import Usage, told
from tensormesh_cli.errors import CliError
from tensormesh_cli.inference.answers import CHAT, Said
from tensormesh_cli.inference.live_answer import LiveAnswer, TextOutput
from tensormesh_cli.terminal.open_talk import OpenTalk

AGAIN = "/retry asks again."


def ask(held: OpenTalk, output: TextOutput) -> bool:
    """
    One answer, shown and kept, and what it took; whether it was let come to its end.

    Raises:
        CliError: none came, or not all of it; what came is kept.
    """
    live = LiveAnswer(held.app, output, show_reasoning=held.show_reasoning)
    try:
        with (
            live,
            client_errors(held.surface.hints()),
            held.node.chat.completions.create(
                request=held.talk.request(), stream=True, stream_idle_timeout=held.idle
            ) as stream,
        ):
            for event in stream:
                for piece in CHAT.pieces(event):
                    live.show(piece)
            answer = stream.get_final()
            said = CHAT.whole(answer)
    except KeyboardInterrupt:
        held.talk.answered(live.text, cut=True)
        held.keep()
        held.app.note(f"Interrupted. {'What came is kept. ' if live.text else ''}{AGAIN}")
        return False
    except CliError:
        held.talk.answered(live.text, cut=True)
        held.keep()
        raise
    held.talk.answered(live.text, usage=Usage.of(answer))
    held.keep()
    _remarks(held, said, answer)
    return True


def _remarks(held: OpenTalk, said: list[Said], answer: Any) -> None:
    app = held.app
    for one in said:
        app.write("".join(f"{call}\n" for call in one.calls))
        if one.cut:
            app.note(one.cut)
        if one.unread:
            app.note(f"The answer holds no text; its {one.unread!r} is none.")
    usage = Usage.of(answer)
    if usage and not app.quiet and (line := told(usage, held.prices.of(held.talk.model))):
        app.note(line)
