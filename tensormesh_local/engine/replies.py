"""
Words to answer with: small talk, sums, a few facts, and an honest rest.

Knows how to choose among sentences; refuses tools, tokens and formats. The same
question and variant always give the same words.
"""

import re
import zlib

from tensormesh_local.engine.arithmetic import worked_out
from tensormesh_local.engine.knowledge import (
    ANSWERS,
    CAPITALS,
    CONTINUATIONS,
    DEFAULT_TOPIC,
    NOTHING_ASKED,
    OTHERWISE,
    STORY,
    VARIANTS,
)

LONGEST_QUOTE = 160
COUNT_LIMIT = 200
COUNTED_ON = 10

_SAY = re.compile(
    r"^\s*(?:please |just |now |can you |could you )*(?:say|repeat|echo|(?:reply|answer|respond) with)\b"
    r"(?: exactly| only| just| after me| the words?)*[: ]+[\"“']?(.+)",
    re.IGNORECASE | re.DOTALL,
)
_COUNT = re.compile(r"\bcount (?:from 1 )?(?:up )?to (\d{1,3})\b", re.IGNORECASE)
_CAPITAL = re.compile(rf"\bcapital of ({'|'.join(CAPITALS)})\b", re.IGNORECASE)
_SUMMARY = re.compile(
    r"^\s*(?:please )?(?:summari[sz]e|tl;?dr)\b[^:\n]*[:\n]\s*(?P<first>[^.?!\n]+[.?!]?)", re.IGNORECASE
)
_NUMBERS = re.compile(r"(\d{1,6}),\s*(\d{1,6}),?\s*$")


def _known(question: str) -> str | None:
    found = _SAY.search(question)
    if found:
        return _unquoted(found.group(1))
    counted = _COUNT.search(question)
    if counted:
        last = min(int(counted.group(1)), COUNT_LIMIT)
        return ", ".join(str(number) for number in range(1, last + 1)) + "."
    capital = _CAPITAL.search(question)
    if capital:
        country = capital.group(1).lower()
        shown = country.title().replace("The ", "the ")
        return f"The capital of {shown} is {CAPITALS[country].removesuffix('.')}."
    summary = _SUMMARY.search(question)
    if summary:
        return f"In short: {summary['first'].strip()}"
    return worked_out(question) or _answered(question)


def _unquoted(words: str) -> str:
    """Words without the blanks and the quotation mark at their end."""
    said = words.rstrip()
    if len(said) > 1 and said[-1] in "\"”'":
        said = said[:-1]
    return said or words[0]


def _answered(question: str) -> str | None:
    for pattern, answer in ANSWERS:
        found = pattern.search(question)
        if found:
            topic = found.groupdict().get("topic")
            return answer.replace("{topic}", quoted(topic) if topic else DEFAULT_TOPIC)
    return None


def quoted(text: str) -> str:
    """Shorten a text to one line that can be repeated."""
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_QUOTE else line[: LONGEST_QUOTE - 1].rstrip() + "…"


def _asked(question: str) -> str:
    """Put a question in quotation marks, as the end of a sentence."""
    line = quoted(question)
    return f"“{line}”" if line[-1:] in ".?!…" else f"“{line}”."


def _among(texts: tuple[str, ...], about: str, variant: int) -> tuple[str, int]:
    """Choose a text, and tell how often the choice has come round."""
    start = zlib.crc32(about.encode("utf-8", "surrogatepass")) % len(texts)
    return texts[(start + variant) % len(texts)], variant // len(texts) + 1


def _numbered(text: str, again: int) -> str:
    return text if again == 1 else f"{text} ({again})"


def reply(question: str, variant: int = 0) -> str:
    """Answer a question; every variant of it reads differently."""
    if not question.strip():
        return _numbered(NOTHING_ASKED, variant + 1)
    known = _known(question)
    if known is not None:
        shape = VARIANTS[variant % len(VARIANTS)]
        return _numbered(shape.replace("{answer}", known), variant // len(VARIANTS) + 1)
    text, again = _among(OTHERWISE, question, variant)
    return _numbered(text.replace("{asked}", _asked(question)), again)


def with_results(question: str, results: tuple[str, ...]) -> str:
    """Answer a question from what the tools said."""
    said = "; ".join(quoted(result) for result in results)
    return f"You asked: {_asked(question)} According to the tool: {said}"


def with_images(text: str, count: int, *, asked: bool) -> str:
    """Tell of the pictures that came with a question, then answer it, if it was one."""
    seen = "I see one image." if count == 1 else f"I see {count} images."
    return f"{seen} {text}" if asked else seen


def continuation(prompt: str, variant: int = 0) -> str:
    """Go on with a text."""
    ending = prompt.rstrip().lower()
    for opening, rest in CONTINUATIONS:
        if ending.endswith(opening):
            return _numbered(rest, variant + 1)
    counted = _NUMBERS.search(ending)
    if counted and int(counted[2]) == int(counted[1]) + 1:
        following = range(int(counted[2]) + 1, int(counted[2]) + 1 + COUNTED_ON)
        comma = "" if ending.endswith(",") else ","
        return _numbered(f"{comma} " + ", ".join(map(str, following)) + ".", variant + 1)
    return _numbered(*_among(STORY, prompt, variant))


def thought(question: str, *, calling: bool, effort: str | None) -> str:
    """Think aloud before an answer."""
    lines = [f"The user says: {_asked(question)}"]
    if effort not in ("minimal", "low"):
        lines.append("A tool fits, so I will call it." if calling else "I will answer briefly.")
    if effort in ("high", "xhigh", "max"):
        lines.append("Let me check this once more before I answer. Yes, it holds.")
    return "\n" + " ".join(lines) + "\n"
