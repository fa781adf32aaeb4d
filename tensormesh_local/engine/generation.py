"""
An answer token by token, and where it ends.

Knows the raw token stream of an answer (marks, thought, words, calls), the
limits that cut it, and the text each token shows. A whole answer and a streamed
one are both read off the same steps, so they cannot disagree. Knows no JSON.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

from tensormesh_local.engine import tokenizer
from tensormesh_local.engine.answer import Answer
from tensormesh_local.engine.sampling import Sampling
from tensormesh_local.engine.tokenizer import Special
from tensormesh_local.engine.tool_calls import Call

BLANK = "\n\n"

type Kind = Literal["mark", "reasoning", "content", "call", "arguments"]


@dataclass(frozen=True, slots=True)
class Step:
    """
    One token of an answer.

    Args:
        kind: what the token belongs to; marks show nothing.
        token: its id.
        text: what it adds to the text of its kind.
        call: which tool call it belongs to.
    """

    kind: Kind
    token: int
    text: str = ""
    call: int = -1


@dataclass(frozen=True)
class Generation:
    """The tokens of one choice and why there are no more."""

    steps: tuple[Step, ...]
    finish_reason: str
    stop_reason: str | int | None = None
    calls: tuple[Call, ...] = ()

    @property
    def tokens(self) -> list[int]:
        """All token ids, marks included."""
        return [step.token for step in self.steps]

    @property
    def reasoning_tokens(self) -> int:
        """How many tokens went into thought; the marks around it do not count."""
        return len(self.of("reasoning"))

    def text(self, kind: Kind, call: int = -1) -> str | None:
        """Give all text of one kind; None when there is not one token of it."""
        found = self.of(kind, call)
        return "".join(step.text for step in found) if found else None

    def of(self, kind: Kind, call: int = -1) -> Sequence[Step]:
        """Give the steps of one kind."""
        return self._sorted.get((kind, call), ())

    @cached_property
    def _sorted(self) -> dict[tuple[Kind, int], list[Step]]:
        found: dict[tuple[Kind, int], list[Step]] = {}
        for step in self.steps:
            found.setdefault((step.kind, step.call), []).append(step)
        return found


def _text_steps(text: str, kind: Kind, call: int = -1) -> list[Step]:
    ids = tokenizer.encode(text)
    shown = tokenizer.pieces(ids)
    return [Step(kind, token, piece, call) for token, piece in zip(ids, shown, strict=True)]


def _call_steps(call: Call, position: int) -> list[Step]:
    *head, last = [Special.TOOL_CALL, *tokenizer.encode(call.name)]
    return [
        *(Step("mark", token) for token in head),
        Step("call", last, call.name, position),
        *_text_steps(call.arguments, "arguments", position),
        Step("mark", Special.END_TOOL_CALL),
    ]


def plan(answer: Answer, *, leak_think: bool = False) -> list[Step]:
    """
    Lay out an answer without limits.

    Args:
        answer: what to say.
        leak_think: write the thought into the content, tags and all, as an engine
            does whose reasoning parser is off.
    """
    content = answer.content
    steps: list[Step] = []
    if answer.reasoning is not None and leak_think:
        # Those who think between tags begin their answer on a line of its own.
        content = f"<think>{answer.reasoning}</think>\n\n{content.removeprefix(BLANK)}"
    elif answer.reasoning is not None:
        steps = [
            Step("mark", Special.THINK),
            *_text_steps(answer.reasoning, "reasoning"),
            Step("mark", Special.END_THINK),
        ]
    steps += _text_steps(content, "content")
    for position, call in enumerate(answer.calls):
        steps += _call_steps(call, position)
    return [*steps, Step("mark", Special.END_OF_TURN)]


def _prolonged(steps: list[Step], least: int) -> list[Step]:
    """Say the content again and again until there are enough tokens."""
    body = [step for step in steps if step.kind == "content"] or _text_steps(" .", "content")
    longer = steps[:-1]
    while len(longer) < least:
        longer += body
    return longer[:least]


def _stopped(steps: Sequence[Step], sampling: Sampling) -> tuple[list[Step], str | int] | None:
    """Find the first stop string or stop token, and end there."""
    content = "".join(step.text for step in steps if step.kind == "content")
    found = [(at, stop) for stop in sampling.stop if (at := content.find(stop)) >= 0]
    tokens, said = frozenset(sampling.stop_token_ids), 0
    for position, step in enumerate(steps):
        if step.kind != "content":
            continue
        if step.token in tokens:
            return [*steps[:position], replace(step, text="")], step.token
        said += len(step.text)
        reached = [(at, stop) for at, stop in found if at + len(stop) <= said]
        if reached:
            at, stop = min(reached)
            kept = at + len(stop) if sampling.keep_stop else at
            return _clipped(steps[: position + 1], kept), stop
    return None


def _clipped(steps: Sequence[Step], length: int) -> list[Step]:
    kept: list[Step] = []
    for step in steps:
        if step.kind != "content":
            kept.append(step)
            continue
        kept.append(replace(step, text=step.text[:length]))
        length = max(0, length - len(step.text))
    return kept


def generate(
    answer: Answer, sampling: Sampling, token_budget: int, *, leak_think: bool = False, forced: bool = False
) -> Generation:
    """
    Say an answer within its limits.

    Args:
        answer: what to say.
        sampling: stop strings and lengths.
        token_budget: the most tokens there may be.
        leak_think: see `plan`.
        forced: whether one function was demanded; the engine then finishes with "stop".
    """
    steps = plan(answer, leak_think=leak_think)
    if sampling.ignore_eos and sampling.max_tokens is not None:
        steps = _prolonged(steps, sampling.max_tokens)
    elif len(steps) < (least := min(sampling.min_tokens, token_budget + 1)):
        steps = [*_prolonged(steps, least - 1), steps[-1]]
    reason = "tool_calls" if answer.calls and not forced else "stop"
    if len(steps) > token_budget or (sampling.ignore_eos and len(steps) == token_budget):
        steps, reason = steps[:token_budget], "length"
    stopped = _stopped(steps, sampling)
    if stopped is not None:
        return Generation(tuple(stopped[0]), "stop", stopped[1], answer.calls)
    return Generation(tuple(steps), reason, None, answer.calls)
