"""
The steady way through a surface: operations in the order in which one leads to the next.

Begins with what needs nothing from elsewhere, and follows the links of the
documents, each of them once; deletions come last. A gentle walk sends only what
was documented as harmless.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass, field, replace

from tensormesh_contract.documents.links import Link, links_of
from tensormesh_contract.documents.operations import Operation, Surface, SurfaceName
from tensormesh_contract.exchanges.behaviour import Behaviour, survivals
from tensormesh_contract.exchanges.exchange import WALK, Answer, Exchange, Promise, Request
from tensormesh_contract.exchanges.steps import Missing, Step, follow
from tensormesh_contract.requests.pace import MOST_RESTS, wanted_rest
from tensormesh_contract.requests.sender import Sender
from tensormesh_contract.requests.trials import Trial, strangers, variations

TRIAL = "trial"
ATTEMPTS = 3
MOST_OTHER_MODELS = 3
"""So often in all, what one model refuses is tried with the next: the first of a list may be one that cannot chat."""
MOST_SILENCES = 3
"""So often in a row nobody answers before it is taken for granted; each may have taken a minute."""
_NOT_THIS_MODEL = frozenset({400, 404, 422, 501})


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
        model: the model to ask; empty for the first of the host's that answers.
        has_key: whether requests carry a key.
        known: values seen on the way, by the parameter or the field that takes them, such as `path.modelId`.
        caller_id: the user whose token it is, once that was seen.
        answered: whether anything came back at all.
    """

    surface: Surface
    sender: Sender
    gentle: bool
    model: str = ""
    has_key: bool = True
    known: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    caller_id: str = ""
    answered: bool = False
    _models: list[str] = field(default_factory=list[str])
    _other_models: int = MOST_OTHER_MODELS
    _settled: bool = False
    _asked_a_model: bool = False
    _successes: dict[str, Step] = field(default_factory=dict[str, Step])
    _tried: dict[str, int] = field(default_factory=dict[str, int])

    def __post_init__(self) -> None:
        # Whoever names a model means that one.
        self._settled = bool(self.model)

    @property
    def succeeded(self) -> bool:
        """Whether any operation that needs a key has."""
        return any(step.target.needs_key for step in self._successes.values())

    @property
    def models(self) -> tuple[str, ...]:
        """The models of the host, that which was asked first."""
        asked = [self.model] if self.model else []
        return tuple(dict.fromkeys([*asked, *self._models]))

    def seen(self) -> Iterator[Exchange | Behaviour]:
        """Go, and give what is seen."""
        yield from self._go(deque(_Planned(step) for step in self._starts()))
        if self.answered and self.surface.name is not SurfaceName.CONTROL_PLANE and not self._asked_a_model:
            # Nothing has told of a model, and what is served may be asked for all the same.
            yield from self._go(deque(self._unlisted()))

    def _go(self, coming: deque[_Planned]) -> Iterator[Exchange | Behaviour]:
        deletions = deque[_Planned]()
        done: set[str] = set()
        silences = 0
        tried = False
        while silences < MOST_SILENCES:
            if not coming and not tried:
                tried = True
                yield from self._trials()
            if not (coming or deletions):
                return
            planned = coming.popleft() if coming else deletions.popleft()
            if planned.link is not None and planned.link.key in done:
                continue
            step = self._for_a_model(planned.step)
            exchange = self.sender.call(step.target, step.parameters, step.body, WALK)
            yield exchange
            self.answered = self.answered or exchange.answer is not None
            silences = 0 if exchange.answer is not None else silences + 1
            seconds = _rest(exchange)
            if seconds is not None and planned.rests < MOST_RESTS:
                # Turned away, not answered: the same again is no second attempt.
                self.sender.pace.rest(seconds)
                coming.appendleft(replace(planned, rests=planned.rests + 1))
                continue
            if planned.link is not None and planned.exchange is not None:
                yield from survivals(planned.exchange, planned.link.source, exchange, step.target, self.surface)
            if exchange.answer is None or not exchange.answer.succeeded:
                if exchange.answer is not None and self._turn_to_another_model(step, exchange.answer.status):
                    coming.appendleft(planned)
                continue
            if planned.link is not None:
                done.add(planned.link.key)
            self._note_success(step, exchange)
            for onward in self._onward(step.target, exchange):
                (deletions if onward.step.target.method == "DELETE" else coming).append(onward)

    def _note_success(self, step: Step, exchange: Exchange) -> None:
        if step.target.id == "get_auth_profile":
            self.caller_id = _caller(exchange)
        if step.target.id == "list_models" and step.target.surface is not SurfaceName.CONTROL_PLANE:
            self._models = _models(exchange)
        if _model(step) and step.target.stream is not None:
            self._settled = True
        self._successes.setdefault(step.target.id, step)

    def _for_a_model(self, step: Step) -> Step:
        """Name the model that is asked, where a step names the first of the host's."""
        if not _model(step) or not isinstance(step.body, dict):
            return step
        self._asked_a_model = True
        self.model = self.model or str(step.body["model"])
        return replace(step, body={**step.body, "model": self.model})

    def _turn_to_another_model(self, step: Step, status: int) -> bool:
        """Tell whether to try again with the next model, as long as none has answered."""
        left = self._models[self._models.index(self.model) + 1 :] if self.model in self._models else []
        generates = _model(step) and step.target.stream is not None
        if self._settled or not (generates and left and self._other_models) or status not in _NOT_THIS_MODEL:
            return False
        self._other_models -= 1
        self.model = left[0]
        return True

    def _trials(self) -> Iterator[Exchange]:
        """Try what must be refused, and unless it is to be gentle each parameter in turn."""
        for one in [*self._stranger_trials(), *(() if self.gentle else self._variations())]:
            keyed = one.promise is not Promise.WANTS_KEY
            seen = self.sender.call(one.operation, one.parameters, one.body, TRIAL, key=keyed)
            yield replace(seen, promise=one.promise, about=one.about)
            seconds = _rest(seen)
            if seconds is not None:
                self.sender.pace.rest(seconds)

    def _stranger_trials(self) -> list[Trial]:
        """Give one request of each such sort."""
        found: dict[Promise, Trial] = {}
        for step in self._successes.values():
            for one in strangers(step, has_key=self.has_key):
                found.setdefault(one.promise, one)
        return [*found.values()]

    def _variations(self) -> Iterator[Trial]:
        for step in self._successes.values():
            if step.target.method != "DELETE":
                yield from variations(step, self.surface.shapes)

    def _unlisted(self) -> Iterator[_Planned]:
        """Give the steps that a list of models would lead to, with the model that was named or a documented one."""
        listing = self.surface.find("GET", "/v1/models")
        for link in links_of(listing, self.surface) if listing is not None else ():
            example = next((one for one in link.target.examples if isinstance(one, dict)), {})
            named = self.model or str(example.get("model", ""))
            body = json.dumps({"data": [{"id": named}]}).encode()
            told = Exchange(self.surface.name, Request("GET", "/v1/models"), Answer(200, (), body))
            yield _Planned(follow(link, told))

    def _onward(self, operation: Operation, exchange: Exchange) -> Iterator[_Planned]:
        """Give the steps that an answer makes possible; how often a link may fail is limited."""
        for link in links_of(operation, self.surface):
            tried = self._tried[link.key] = self._tried.get(link.key, 0) + 1
            if tried > ATTEMPTS or (self.gentle and not link.target.harmless):
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

    def _keep(self, name: str, value: str) -> None:
        values = self.known.setdefault(name, [])
        if value not in values:
            values.append(value)


def _rest(exchange: Exchange) -> float | None:
    """Read for how many seconds a host wants to be left alone; None where that is no matter."""
    answer = exchange.answer
    return wanted_rest(answer.status, answer.header("retry-after")) if answer is not None else None


def _model(step: Step) -> bool:
    """Tell whether a step names a model to answer."""
    named = isinstance(step.body, dict) and isinstance(step.body.get("model"), str)
    return named and step.target.surface is not SurfaceName.CONTROL_PLANE


def _models(exchange: Exchange) -> list[str]:
    value = exchange.answer.json if exchange.answer is not None else None
    listed = value.get("data") if isinstance(value, dict) else None
    ids = [one.get("id") for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return [name for name in ids if isinstance(name, str) and name]


def _caller(exchange: Exchange) -> str:
    profile = exchange.answer.json if exchange.answer is not None else None
    user = profile.get("user") if isinstance(profile, dict) else None
    return str(user.get("id", "")) if isinstance(user, dict) else ""
