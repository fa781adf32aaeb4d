"""
The steady way through a surface: operations in the order in which one leads to the next.

Begins with what needs nothing from elsewhere, and follows the links of the
documents, each of them once; deletions come last. A gentle walk sends only what
was documented as harmless.
"""

from __future__ import annotations

import json
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field, replace

from tensormesh_contract.documents.links import Link, links_of
from tensormesh_contract.documents.operations import Operation, Surface, SurfaceName
from tensormesh_contract.exchanges.about import LeftOut
from tensormesh_contract.exchanges.behaviour import Behaviour, survivals
from tensormesh_contract.exchanges.exchange import WALK, Answer, Exchange, Promise, Request
from tensormesh_contract.exchanges.steps import Missing, Step, follow
from tensormesh_contract.requests.choice import needs_values, sources_of, starts, telling
from tensormesh_contract.requests.pace import MOST_RESTS, wanted_rest
from tensormesh_contract.requests.sender import Key, Sender
from tensormesh_contract.requests.trials import Trial, elsewhere, strangers, variations

TRIAL = "trial"
ATTEMPTS = 3
MOST_OTHER_MODELS = 3
"""So often in all, what one model refuses is tried with the next: the first of a list may be one that cannot chat."""
KEPT_BACK = 4
"""Of the requests of a gentle run, for what must be refused, and for what a host says of itself."""
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
        most: how many requests a gentle walk has; 0 for as many as it takes.
        known: values seen on the way, by the parameter or the field that takes them, such as `path.modelId`.
        caller_id: the user whose token it is, once that was seen.
        answered: whether anything came back at all.
    """

    surface: Surface
    sender: Sender
    gentle: bool
    model: str = ""
    has_key: bool = True
    most: int = 0
    known: dict[str, list[str]] = field(default_factory=dict[str, list[str]])
    caller_id: str = ""
    answered: bool = False
    _models: list[str] = field(default_factory=list[str])
    _other_models: int = MOST_OTHER_MODELS
    _settled: bool = False
    _asked_a_model: bool = False
    _successes: dict[str, Step] = field(default_factory=dict[str, Step])
    _tried: dict[str, int] = field(default_factory=dict[str, int])
    _limit: int = 0
    _chosen: frozenset[str] = frozenset()
    _aside: list[_Planned] = field(default_factory=list[_Planned])
    _rank: dict[str, int] = field(default_factory=dict[str, int])
    _asked: set[str] = field(default_factory=set[str])
    _refusals: set[Promise] = field(default_factory=set[Promise])

    def __post_init__(self) -> None:
        # Whoever names a model means that one.
        self._settled = bool(self.model)
        if self.gentle and self.most:
            self._limit = max(self.most - KEPT_BACK, self.most // 2, 1)
            self._rank = {one.id: rank for rank, one in enumerate(telling(self.surface))}
            self._chosen = frozenset(name for name, rank in self._rank.items() if rank < self._limit)

    @property
    def succeeded(self) -> bool:
        """Whether any operation that needs a key has."""
        return any(step.target.needs_key for step in self._successes.values())

    @property
    def models(self) -> tuple[str, ...]:
        """The models of the host, that which was asked first."""
        asked = [self.model] if self.model else []
        return tuple(dict.fromkeys([*asked, *self._models]))

    @property
    def left_out(self) -> list[Operation]:
        """What might have been asked, had there been more requests."""
        if not self._aside:
            return []
        sources, waiting = sources_of(self.surface), {one.step.target.id for one in self._aside}
        asked = self._asked
        while True:
            # What only something left out leads to is left out with it.
            more = {name for name, found in sources.items() if found & waiting and not found & asked} - asked - waiting
            if not more:
                return [one for one in self.surface.operations if one.harmless and one.id in waiting - asked]
            waiting |= more

    def seen(self) -> Iterator[Exchange | Behaviour | LeftOut]:
        """Go, and give what is seen."""
        starts = deque[_Planned]()
        self._plan((_Planned(step) for step in self._starts()), starts)
        began = bool(starts)
        yield from self._go(starts)
        if (
            (self.answered or not began)
            and self.surface.name is not SurfaceName.CONTROL_PLANE
            and not self._asked_a_model
        ):
            # Nothing has told of a model, and what is served may be asked for all the same.
            yield from self._go(deque(self._unlisted()))
        yield from (LeftOut(one.surface, one.id) for one in self.left_out)

    def _go(self, coming: deque[_Planned]) -> Iterator[Exchange | Behaviour]:
        deletions = deque[_Planned]()
        done: set[str] = set()
        silences = 0
        tried = False
        while silences < MOST_SILENCES:
            self._take_up(coming)
            if not coming and not tried:
                tried = True
                yield from self._trials()
            if not (coming or deletions):
                return
            planned = coming.popleft() if coming else deletions.popleft()
            if planned.link is not None and planned.link.key in done:
                continue
            step = self._for_a_model(planned.step)
            if step.target.method == "DELETE" and step.target.id not in self._asked:
                # Before anything is gone: afterwards a stranger is told no more than that.
                yield from self._as_a_stranger(step)
            self._asked.add(step.target.id)
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
            onward = [*self._onward(step.target, exchange)]
            deletions += [one for one in onward if one.step.target.method == "DELETE"]
            self._plan((one for one in onward if one.step.target.method != "DELETE"), coming)

    def _plan(self, planned: Iterable[_Planned], coming: deque[_Planned]) -> None:
        """Take up steps, and put aside what was not chosen."""
        for one in planned:
            comes = not self._limit or one.step.target.id in self._chosen - self._asked
            (coming if comes else self._aside).append(one)

    def _take_up(self, coming: deque[_Planned]) -> None:
        """Leave the rest where no requests are left for it; else take up the best of what was put aside."""
        if not self._limit:
            return
        if self.sender.sent >= self._limit:
            self._aside += coming
            coming.clear()
        elif not coming and self._aside:
            # What was asked already says least, asked again in another way.
            best = min(self._aside, key=lambda one: (one.step.target.id in self._asked, self._rank[one.step.target.id]))
            self._aside.remove(best)
            coming.append(best)

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
        """Try what must be refused, and unless it is to be gentle each operation as a stranger, each parameter."""
        steps = [one for one in self._successes.values() if one.target.method != "DELETE"]
        if self.gentle:
            as_strangers = (one for step in steps for one in strangers(step) if self.has_key)
            yield from self._once(as_strangers)
        for step in steps if not self.gentle else ():
            yield from self._as_a_stranger(step)
        yield from self._once(one for step in steps for one in elsewhere(step))
        for one in self._variations() if not self.gentle else ():
            yield self._try(one)

    def _once(self, trials: Iterator[Trial]) -> Iterator[Exchange]:
        """Send the first of some trials, if none of their sort was sent yet, and there is a request left for it."""
        one = next(trials, None)
        if one is None or one.promise in self._refusals or (self._limit and self.sender.sent + 1 >= self.most):
            return
        self._refusals.add(one.promise)
        yield self._try(one)

    def _as_a_stranger(self, step: Step) -> Iterator[Exchange]:
        """Without a key, and where that is refused with one that there is not."""
        for one in strangers(step) if self.has_key and not self.gentle else ():
            seen = self._try(one)
            yield seen
            if seen.answer is not None and seen.answer.succeeded:
                return

    def _try(self, trial: Trial) -> Exchange:
        keys = {Promise.WANTS_KEY: Key.NONE, Promise.KNOWS_KEYS: Key.UNKNOWN}
        key = keys.get(trial.promise, Key.OWN)
        seen = self.sender.call(trial.operation, trial.parameters, trial.body, TRIAL, key=key)
        seconds = _rest(seen)
        if seconds is not None:
            self.sender.pace.rest(seconds)
        return replace(seen, promise=trial.promise, about=trial.about)

    def _variations(self) -> Iterator[Trial]:
        for step in self._successes.values():
            if step.target.method != "DELETE":
                yield from variations(step, self.surface.shapes)

    def _unlisted(self) -> Iterator[_Planned]:
        """Give the steps that a list of models would lead to, with the model that was named or a documented one."""
        listing = self.surface.documented("GET", "/v1/models")
        if listing is not None and listing in self.surface.left_out and not self.model:
            # Nothing is said of it; but whoever asks a model has to call it by a name.
            self._models = _models(self.sender.call(listing, {}, None, WALK))
        for link in links_of(listing, self.surface) if listing is not None else ():
            example = next((one for one in link.target.examples if isinstance(one, dict)), {})
            named = self.model or next(iter(self._models), str(example.get("model", "")))
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
            if self.gentle and not operation.reads_only:
                continue
            if starts(operation):
                yield Step(operation, {}, None)
            elif not needs_values(operation) and operation.surface is SurfaceName.CONTROL_PLANE:
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
