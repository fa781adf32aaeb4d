"""What a local host has to say to questions of one thing again and again."""

from __future__ import annotations

from benchmarks.growth.cases.requests import chat, names, say
from benchmarks.growth.measurement import Case, Work
from tensormesh_local.engine.arithmetic import worked_out
from tensormesh_local.engine.replies import continuation, reply, thought

UNITS = {
    "letters": "a",
    "letters and dashes": "a-",
    "capitals": "A",
    "capitals and dashes": "A-",
    "capitalised words": "Paris ",
    "brackets": "(",
    "closed brackets": "()",
    "sums": "1+",
    "short sums": "1+1, ",
    "powers": "9^",
    "products": "9999*",
    "digits": "1",
    "numbers": "1 ",
    "numbers with commas": "1, ",
    "points": ".",
    "dots and digits": "1.",
    "blanks": " ",
    "line feeds": "\n",
    "quotation marks": "“",
    "apostrophes": "'",
    "addresses of mail": "a@",
    "domains": "a@a.",
    "URLs": "http://",
    "dates": "2026-01-",
    "say": "say ",
    "write": "write ",
    "write a function": "write function ",
    "poem": "poem ",
    "about": "poem about ",
    "summarize": "summarize: ",
    "keys": "keys ",
    "keys and blank lines": "keys\n\n",
    "in": "in ",
    "bytes": "漢",
    "halves of characters": "\ud83d",
    "think tags": "<think>",
    "special tokens": "<|end|>",
    "whatever": "what is tensormesh ",
}


def _question(name: str, unit: str) -> Case:
    return chat(name, lambda size: say(unit * size), largest=1 << 17)


def _engine(name: str, unit: str) -> Case:
    return Case(f"local host: its engine: {name}", lambda size: _words(unit * size))


def _words(text: str) -> Work:
    def work() -> None:
        for make in (reply, continuation, worked_out, lambda text: thought(text, calling=True, effort="high")):
            make(text)
            make(f"say {text}x")
            make(f"{text}.")

    return work


CASES = [
    *(make(name, unit) for name, unit in UNITS.items() for make in (_question, _engine)),
    chat("names", lambda size: say(names(size))),
]
