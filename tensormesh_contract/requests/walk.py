"""
The steady way through a surface: operations in the order in which one leads to the next.

Begins with what needs nothing from elsewhere, and follows the links of the
documents, each of them once; deletions come last. A gentle walk sends only what
was documented as harmless.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from tensormesh_contract.documents.links import Link, links_of
from tensormesh_contract.documents.operations import Operation, Surface, SurfaceName
from tensormesh_contract.exchanges.behaviour import Behaviour, survivals
from tensormesh_contract.exchanges.exchange import Exchange
from tensormesh_contract.exchanges.steps import Missing, Step, follow
from tensormesh_contract.requests.sender import Sender
from tensormesh_documents.json_types import Json

SOURCE = "walk"
ATTEMPTS = 3
MOST_SILENCES = 3
"""So often in a row nobody answers before it is taken for granted; each may have taken a minute."""
MOST_RESTS = 3
LONGEST_REST_SECONDS = 60


@dataclass(frozen=True, slots=True)
class _Planned:
    """A step to take, and how it was come by: the link, the exchange it was followed from, and how often it waited."""

    step: Step
    link: Link | None = None
    exchange: Exchange | None = None
    rests: int = 0


@dataclass(slots=True)
class Walk:
    """
    One way through a surface, and what it has come by.

    Args:
        surface: which.
        sender: sends.
        gentle: whether to leave the host as it was.
        known: values seen on the way, by the parameter or the field that takes them, such as `path.modelId`.
        caller_id: the user whose token it is, once that was seen.
        answered: whether anything came back at all.
    """

    surface: Surface
    sender: Sender
    gentle: bool
    known: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    caller_id: str = ""
    answered: bool = False
    _tried: dict[str, int] = field(default_factory=dict[str, int])

    def seen(self) -> Iterator[Exchange | Behaviour]:
        """Go, and give what is seen."""
        coming = deque(_Planned(step) for step in self._starts())
        deletions = deque[_Planned]()
        done: set[str] = set()
        silences = 0
        while (coming or deletions) and silences < MOST_SILENCES:
            planned = coming.popleft() if coming else deletions.popleft()
            if planned.link is not None and planned.link.key in done:
                continue
            step = planned.step
            exchange = self.sender.call(step.target, step.parameters, step.body, SOURCE)
            yield exchange
            self.answered = self.answered or exchange.answer is not None
            silences = 0 if exchange.answer is not None else silences + 1
            seconds = _rest(exchange)
            if seconds is not None and planned.rests < MOST_RESTS:
                # Turned away, not answered: the same again is no second attempt.
                self.sender.rest(seconds)
                coming.appendleft(replace(planned, rests=planned.rests + 1))
                continue
            if planned.link is not None and planned.exchange is not None:
                yield from survivals(planned.exchange, planned.link.source, exchange, step.target, self.surface)
            if exchange.answer is None or not exchange.answer.succeeded:
                continue
            if planned.link is not None:
                done.add(planned.link.key)
            if step.target.id == "get_auth_profile":
                self.caller_id = _caller(exchange)
            for onward in self._onward(step.target, exchange):
                (deletions if onward.step.target.method == "DELETE" else coming).append(onward)

    def _onward(self, operation: Operation, exchange: Exchange) -> Iterator[_Planned]:
        """Give the steps that an answer makes possible; how often a link may fail is limited."""
        for link in links_of(operation, self.surface):
            tried = self._tried[link.key] = self._tried.get(link.key, 0) + 1
            if tried > ATTEMPTS or (self.gentle and not harmless(link.target)):
                continue
            try:
                step = follow(link, exchange)
            except Missing:
                continue
            self._note(step)
            yield _Planned(step, link, exchange)

    def _starts(self) -> Iterator[Step]:
        for operation in self.surface.operations:
            required = [node for node in operation.parameters if node.get("required") is not None]
            if required or (self.gentle and not operation.reads_only):
                continue
            if operation.body is None:
                yield Step(operation, {}, None)
            elif operation.surface is SurfaceName.CONTROL_PLANE:
                yield from (Step(operation, {}, example) for example in operation.examples)

    def _note(self, step: Step) -> None:
        for parameter in step.target.parameters:
            name = parameter.text("name")
            if name in step.parameters:
                self._keep(f"{parameter.text('in')}.{name}", step.parameters[name])
        model: Json = step.body.get("model") if isinstance(step.body, dict) else None
        if isinstance(model, str):
            self._keep("body.model", model)

    def _keep(self, name: str, value: str) -> None:
        values = self.known.setdefault(name, [])
        if value not in values:
            values.append(value)


def harmless(operation: Operation) -> bool:
    """Tell whether a call leaves the host as it was; inference costs a little, and changes nothing."""
    return operation.reads_only or operation.surface is not SurfaceName.CONTROL_PLANE


def _rest(exchange: Exchange) -> int | None:
    """Read for how many seconds a host that has too much to do wants to be left alone; None where that is no matter."""
    said = exchange.answer.header("retry-after") if exchange.answer is not None else None
    busy = exchange.answer is not None and exchange.answer.status in (429, 503)
    return int(said) if busy and said and said.isdecimal() and int(said) <= LONGEST_REST_SECONDS else None


def _caller(exchange: Exchange) -> str:
    profile = exchange.answer.json if exchange.answer is not None else None
    user = profile.get("user") if isinstance(profile, dict) else None
    return str(user.get("id", "")) if isinstance(user, dict) else ""
