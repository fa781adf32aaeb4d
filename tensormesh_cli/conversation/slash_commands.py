"""What a line that begins with a slash asks for."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable
from typing import NamedTuple

from tensormesh_cli.errors import CliError

_LINE = re.compile(r"/([A-Za-z?][\w-]*|\?)?(?:[ \t]+(.*))?", re.DOTALL)


class SlashCommand(NamedTuple):
    """
    One command of a conversation.

    Attributes:
        takes: what may follow it.
        also: other names that people know it by.
    """

    name: str
    takes: str
    summary: str
    also: tuple[str, ...] = ()


COMMANDS = (
    SlashCommand("help", "", "List these commands.", ("?", "h")),
    SlashCommand("model", "[NAME]", "List the models, or go on with another; a part of its name will do.", ("m",)),
    SlashCommand("system", "[TEXT|none]", "Show what the model is told before all else, or tell it something else."),
    SlashCommand("set", "[NAME VALUE]", "Show how answers are chosen, or change it: /set temperature 0.2"),
    SlashCommand("file", "PATH", "Send a text file along with the next question.", ("attach",)),
    SlashCommand("image", "PATH|URL", "Send a picture along with the next question."),
    SlashCommand("reasoning", "[on|off]", "Show what the model thinks, or do not.", ("think",)),
    SlashCommand("retry", "", "Ask the last question again.", ("regenerate", "redo")),
    SlashCommand("usage", "", "Tell the tokens, and the cost, of all answers so far.", ("cost", "tokens")),
    SlashCommand("clear", "", "Begin a new conversation; what was said stays on disk.", ("new", "reset")),
    SlashCommand("save", "[FILE]", "Write the conversation to a file: FILE.md to read, FILE.json to go on from."),
    SlashCommand("load", "[NAME|FILE]", "List earlier conversations, or go on with one.", ("list", "resume")),
    SlashCommand("exit", "", "End the conversation; so does Ctrl-D.", ("quit", "bye", "q")),
)
_NAMES = {name: item.name for item in COMMANDS for name in (item.name, *item.also)}

HELP_KEYS = (
    ('"""', "Begin, and end, a question of several lines. A \\ at the end of a line goes on with another, too."),
    ("Ctrl-C", "End the answer that is being written; the conversation goes on."),
    ("//...", "A question that begins with a slash."),
)


class Typed(NamedTuple):
    """A command as it was typed: its own name, and what followed."""

    name: str
    argument: str


def read(line: str) -> Typed | None:
    """
    The command in a line; None where it is a question. A path such as `/etc/hosts` begins a question.

    Raises:
        CliError: there is no such command.
    """
    found = _LINE.fullmatch(line.strip())
    if found is None or "\n" in line.strip():
        return None
    word = (found[1] or "").lower()
    if word in _NAMES:
        return Typed(_NAMES[word], (found[2] or "").strip())
    close = difflib.get_close_matches(word, _NAMES, 1)
    guess = f"did you mean /{close[0]}? " if close else ""
    raise CliError(
        "usage", f"There is no /{word}.", f"{guess}/help lists what there is; // begins a question with a slash"
    )


def question(text: str) -> str:
    """What is asked by a text that is no command."""
    return text.strip().removeprefix("/") if text.strip().startswith("//") else text.strip()


def help_lines() -> list[str]:
    """A line for each command and key."""
    entries = [(f"/{item.name} {item.takes}".rstrip(), item.summary) for item in COMMANDS]
    width = max(len(left) for left, _ in (*entries, *HELP_KEYS))
    return [f"{left:{width}}  {right}" for left, right in (*entries, *HELP_KEYS)]


def completions(line: str, models: Iterable[str] = (), settings: Iterable[str] = ()) -> list[str]:
    """What the last word of a line may become."""
    first, space, rest = line.partition(" ")
    if not first.startswith("/"):
        return []
    if not space:
        return [f"/{item.name}" for item in COMMANDS if f"/{item.name}".startswith(first)]
    known = {"model": models, "set": settings, "reasoning": ("on", "off")}.get(_NAMES.get(first[1:], ""), ())
    return [word for word in known if word.startswith(rest)]


def takes_file(line: str) -> bool:
    """Whether a path follows."""
    first, space, _ = line.partition(" ")
    return bool(space) and _NAMES.get(first[1:]) in ("file", "image", "save", "load") and first.startswith("/")
