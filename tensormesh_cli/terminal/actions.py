"""What the slash commands of a conversation do."""

from __future__ import annotations

import difflib
import os
from collections.abc import Callable
from decimal import Decimal
from pathlib import Path

from tensormesh_cli.conversation import records, sampling, slash_commands
from tensormesh_cli.conversation.attachments import Attachment, words
from tensormesh_cli.conversation.records import Record
from tensormesh_cli.conversation.usage import costs
from tensormesh_cli.errors import CliError
from tensormesh_cli.settings import private_files
from tensormesh_cli.terminal.attached_files import image_file, text_file
from tensormesh_cli.terminal.conversation_files import MOST_BYTES
from tensormesh_cli.terminal.open_talk import OpenTalk

SHOWN = 10
"""So many earlier conversations are listed."""


def show_help(held: OpenTalk, argument: str) -> None:
    for line in slash_commands.help_lines():
        held.app.say(line)
    try:
        import prompt_toolkit  # noqa: F401
        import rich  # noqa: F401
    except ImportError:
        held.app.note("`pip install rich prompt-toolkit` sets answers as Markdown, and edits several lines at once.")


def model(held: OpenTalk, argument: str) -> None:
    if not argument:
        for name in held.models():
            held.app.say(f"{'*' if name == held.talk.model else ' '} {name}")
        return
    held.talk.model = _named(argument, held.models())
    held.app.note(f"Model: {held.talk.model}.")
    held.keep()


def _named(wanted: str, models: list[str]) -> str:
    """The model that is meant: by its name, or by a part that no other has."""
    if wanted in models:
        return wanted
    found = [name for name in models if wanted.lower() in name.lower()]
    if len(found) == 1:
        return found[0]
    if found:
        raise CliError("usage", f"{wanted!r} may be {' or '.join(found)}.")
    close = difflib.get_close_matches(wanted, models, 1)
    raise CliError(
        "usage", f"The host has no model {wanted!r}.", f"did you mean {close[0]}?" if close else "/model lists"
    )


def system(held: OpenTalk, argument: str) -> None:
    if argument:
        held.talk.system = None if argument.lower() == "none" else argument
        held.keep()
    held.app.note(
        f"System: {held.talk.system}" if held.talk.system else "The model is told nothing before your questions."
    )


def change(held: OpenTalk, argument: str) -> None:
    if argument:
        name, _, text = argument.partition(" ")
        field, value = sampling.parsed(name, text.strip())
        held.talk.sampling.pop(field, None)
        if value is not None:
            held.talk.sampling[field] = value
        held.keep()
    held.app.note(f"Answers are chosen: {sampling.told(held.talk.sampling)}.")


def file(held: OpenTalk, argument: str) -> None:
    _attach(held, argument, text_file)


def image(held: OpenTalk, argument: str) -> None:
    _attach(held, argument, image_file)


def _attach(held: OpenTalk, argument: str, read: Callable[[str], Attachment]) -> None:
    if not argument or argument == "-":
        raise CliError("usage", "Which one?", "/file notes.txt, or /image picture.png")
    held.attached.append(read(_unquoted(argument)))
    held.app.note(f"{held.attached[-1].name} goes along with your next question.")


def reasoning(held: OpenTalk, argument: str) -> None:
    if argument.lower() not in ("", "on", "off"):
        raise CliError("usage", "It is on or off.", "/reasoning on")
    held.show_reasoning = not held.show_reasoning if not argument else argument.lower() == "on"
    held.app.note(f"What the model thinks is {'shown' if held.show_reasoning else 'not shown'}.")


def usage(held: OpenTalk, argument: str) -> None:
    answers = [turn for turn in held.talk.turns if turn.usage]
    spent: dict[str, Decimal] = {}
    for turn in answers:
        price = held.prices.of(turn.model)
        if price and turn.usage:
            spent[price.currency] = spent.get(price.currency, Decimal(0)) + price.cost(turn.usage)
    shown = "".join(f", {costs(value, currency)}" for currency, value in spent.items())
    held.app.note(f"{len(answers)} answer{'' if len(answers) == 1 else 's'}: {held.talk.usage}{shown}")


def clear(held: OpenTalk, argument: str) -> None:
    held.begin_anew()
    held.app.note("A new conversation.")


def save(held: OpenTalk, argument: str) -> None:
    if not held.talk.turns:
        raise CliError("usage", "Nothing was said yet.")
    if argument:
        path = Path(os.path.expanduser(_unquoted(argument)))
        record = Record(held.name or "", held.talk, held.surface.name, held.begun)
        text = records.to_json(record) if path.suffix == ".json" else records.to_markdown(held.talk)
        if path.is_dir():
            raise CliError("usage", f"{argument} is a folder.", "name a file in it")
        if path.exists():
            raise CliError("usage", f"{argument} is there already.", "choose another name, or remove it first")
        private_files.write(path, text)
        held.app.note(f"Written to {path}.")
        return
    held.keep()
    if held.name:
        held.app.note(f"Kept as {held.name}; `tm chat --conversation {held.name}` goes on with it.")
    else:
        raise CliError("usage", "This conversation is not kept.", "/save FILE writes it to a file")


def load(held: OpenTalk, argument: str) -> None:
    if not argument:
        _list(held)
        return
    path = Path(os.path.expanduser(_unquoted(argument)))
    known = path.suffix != ".json" and os.sep not in argument
    if known:
        record = held.files.load(argument)
    else:
        text = private_files.read(path, most=MOST_BYTES)
        if text is None:
            raise CliError("usage", f"There is no {argument}.")
        record = records.parsed(path.stem, text, path)
    held.go_on_with(record, known=known)
    remind(held)


def remind(held: OpenTalk) -> None:
    """Show where a conversation stands that is gone on with."""
    turns = held.talk.turns
    held.app.note(f"Going on with {records.title(held.talk)!r}, {len(turns)} question{'' if len(turns) == 1 else 's'}.")
    if turns:
        held.app.write(f">>> {words(turns[-1].question)}\n{(turns[-1].answer or '').strip()}\n\n")


def _list(held: OpenTalk) -> None:
    titles = {name: held.files.title(name) for name in held.files.names()[:SHOWN]}
    for name, title in titles.items():
        if title is not None:
            held.app.say(f"{'*' if name == held.name else ' '} {name}  {title}")
    if not any(title is not None for title in titles.values()):
        held.app.note("There are no earlier conversations.")


def _unquoted(text: str) -> str:
    """A path as terminals drop it: in quotation marks, or with its blanks escaped."""
    if len(text) > 1 and text[0] == text[-1] and text[0] in "'\"":
        return text[1:-1]
    return text.replace("\\ ", " ")


ACTIONS: dict[str, Callable[[OpenTalk, str], None]] = {
    "help": show_help,
    "model": model,
    "system": system,
    "set": change,
    "file": file,
    "image": image,
    "reasoning": reasoning,
    "usage": usage,
    "clear": clear,
    "save": save,
    "load": load,
}
"""By name; `retry` and `exit` are the session's."""
