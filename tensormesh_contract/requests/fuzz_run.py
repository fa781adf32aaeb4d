"""
Schemathesis at work on one surface. The only module that knows it.

It makes requests up from the document: the documented examples, every keyword
of every schema at its edges, random ones, and sequences along the links.
What it sends and gets comes out as exchanges; how those fit the document is
not evaluated here. Of its own checks, those run that take more than one exchange.
"""

from __future__ import annotations

import sys
import unittest
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from typing import Any
from urllib.parse import urlsplit

import schemathesis
from requests import PreparedRequest, RequestException
from schemathesis.core import NotSet
from schemathesis.core.failures import Failure
from schemathesis.core.transport import Response
from schemathesis.engine import events, from_schema
from schemathesis.engine.recorder import Interaction, RecordedScenario
from schemathesis.generation.case import Case
from schemathesis.generation.meta import TestPhase
from schemathesis.hooks import unregister
from schemathesis.openapi.checks import EnsureResourceAvailability

from tensormesh_contract.documents.bundle import bundle
from tensormesh_contract.documents.links import links_of
from tensormesh_contract.documents.operations import Operation, Surface
from tensormesh_contract.exchanges.about import Trouble
from tensormesh_contract.exchanges.behaviour import Behaviour, survivals
from tensormesh_contract.exchanges.exchange import Answer, Exchange, Request
from tensormesh_contract.exchanges.steps import leads
from tensormesh_contract.hosts.target import Target
from tensormesh_contract.requests.fixups import Surroundings, fixed_up, served
from tensormesh_contract.requests.pace import BUSY, Pace
from tensormesh_contract.requests.plan import PHASES, Plan
from tensormesh_contract.requests.wire import Wire

type _Operation = schemathesis.APIOperation[Any, Any, Any, Any]

CHECKS = ("ensure_resource_availability",)
MAX_EVENTS = 10_000
MAX_STEPS = 15
"""In one sequence. With few, hardly any reaches what was made at its beginning."""
TIMEOUT_SECONDS = 60
NOT_THERE = frozenset({404, 405, 501})
MOST_IN_VAIN = 10
"""So often an operation that was never anything but not there is asked before it is given up."""
_KNOWN_SHARE = 0.9
"""How often a made-up value gives way to one that exists; else nearly every answer is 404."""


def run_fuzzing(surface: Surface, target: Target, plan: Plan, pace: Pace) -> Iterator[Exchange | Behaviour | Trouble]:
    """
    Do what was planned, and give what was seen as it comes.

    Args:
        surface: whose document.
        target: the host.
        plan: what to do.
        pace: that of whoever asked the host before.
    """
    wire = Wire(pace)
    if not any(True for one in surface.operations for _ in links_of(one, surface)):
        # Along no link there is no sequence, and for Schemathesis that is an error.
        plan = replace(plan, phases=[name for name in plan.phases if name != "stateful"])
    config = schemathesis.Config.from_dict(_settings(target, plan))
    document: dict[str, Any] = bundle(surface.document)
    schema: schemathesis.BaseSchema = schemathesis.openapi.from_dict(document, config=config)
    if surface.left_out:
        schema = schema.exclude(operation_id=[operation.id for operation in surface.left_out])
    with _hooks(schema, target, plan.around, wire):
        for event in from_schema(schema).execute():
            if isinstance(event, events.ScenarioFinished):
                yield from _Scenario(event.recorder, surface, target, event.phase.value, wire).seen()
            elif isinstance(event, events.NonFatalError):
                phase = event.phase.value if event.phase is not None else "start"
                text = f"{event.label}: {event.info.title}: {event.info.message}"
                yield Trouble(phase, target.credentials.hide(text))
            elif isinstance(event, events.Interrupted):
                # Schemathesis catches what was meant for everybody.
                raise KeyboardInterrupt
            elif isinstance(event, events.FatalError):
                raise event.exception


@contextmanager
def _hooks(schema: schemathesis.BaseSchema, target: Target, around: Surroundings, wire: Wire) -> Iterator[None]:
    """
    Put made-up requests right just before they are sent, unless they are wrong on purpose.

    Args:
        schema: whose.
        target: the host; operations that are not there are left alone after a while, unless it is of one's own.
        around: what is known of the host.
        wire: takes part in all that is sent.
    """
    in_vain, found = Counter[str](), set[str]()

    def before_init_operation(context: schemathesis.HookContext, operation: _Operation) -> None:
        # Here and not in the settings, from which the first phase takes the address for probes of its own: they keep
        # no pace, and what they are to find out is settled.
        del context
        operation.base_url = target.base_url

    def before_call(context: schemathesis.HookContext, case: Case[Any], kwargs: dict[str, Any]) -> None:
        operation, meta = context.operation, case.meta
        if operation is None or operation.schema is not schema:
            return
        kwargs["auth"] = wire
        if meta is None:
            return
        if not target.own and operation.label not in found and in_vain[operation.label] >= MOST_IN_VAIN:
            raise unittest.SkipTest(f"{operation.label} is not there")
        if meta.generation.mode.is_positive and not isinstance(case.body, NotSet | bytes):
            if meta.phase.name is TestPhase.EXAMPLES:
                case.body = served(case.body, around)
            else:
                case.body = fixed_up(str(operation.definition.raw.get("operationId")), case.body, around)

    def after_call(context: schemathesis.HookContext, case: Case[Any], response: Response) -> None:
        del case
        operation = context.operation
        if operation is None or response.status_code in BUSY:
            return
        if response.status_code in NOT_THERE:
            in_vain[operation.label] += 1
        else:
            found.add(operation.label)

    def after_network_error(context: schemathesis.HookContext, case: Case[Any], request: PreparedRequest) -> None:
        del context, case
        # What is called here is called while the error is handled.
        if isinstance(error := sys.exception(), RequestException):
            wire.note(request, error)

    for hook in (before_init_operation, after_call, after_network_error):
        schema.hook(hook)
    # Of this one there is none for a schema alone.
    schemathesis.hook(before_call)
    try:
        yield
    finally:
        unregister(before_call)


def _settings(target: Target, plan: Plan) -> dict[str, Any]:
    return {
        "seed": plan.seed,
        "headers": target.credentials.headers(target.surface),
        "workers": 1,
        "continue-on-failure": True,
        "request-timeout": TIMEOUT_SECONDS,
        "max-redirects": 0,
        "tls-verify": target.certificates or True,
        "max-stream-events": MAX_EVENTS,
        "cache": {"enabled": False},
        "output": {"truncation": {"max-recorded-payload-size": 0}},
        "checks": {"enabled": False, **{name: {"enabled": True} for name in CHECKS}},
        "generation": {
            "mode": "positive" if plan.positive else "all",
            "max-examples": plan.cases,
            "database": "none",
            "no-shrink": True,
            "allow-x00": False,
        },
        "phases": {name: _phase(name, enabled=name in plan.phases) for name in PHASES},
        "dictionaries": {f"known{n}": {"values": [*values]} for n, values in enumerate(plan.known.values())},
        "parameters": {
            name: {"dictionary": f"known{n}", "probability": _KNOWN_SHARE} for n, name in enumerate(plan.known)
        },
    }


def _phase(name: str, *, enabled: bool) -> dict[str, Any]:
    settings: dict[str, Any] = {"enabled": enabled}
    if name == "stateful":
        # Only the links that the documents name: a guessed one may lead from a list to a deletion.
        settings["inference"] = {"algorithms": []}
        settings["max-steps"] = MAX_STEPS
    else:
        # Nor may an id out of an answer turn up where it can do harm; and two runs are to be alike.
        settings["extra-data-sources"] = {"responses": False}
    if name == "coverage":
        settings["unexpected-methods"] = []
    return settings


class _Scenario:
    """What one scenario of Schemathesis sent, got and found."""

    def __init__(self, recorder: RecordedScenario, surface: Surface, target: Target, phase: str, wire: Wire) -> None:
        self._recorder = recorder
        self._wire = wire
        self._surface = surface
        self._credentials = target.credentials
        self._base = urlsplit(target.base_url).path.rstrip("/")
        self._phase = phase
        self._by_label = {operation.label: operation for operation in surface.operations}
        self._exchanges = {name: self._exchange(name, one) for name, one in recorder.interactions.items()}

    def seen(self) -> Iterator[Exchange | Behaviour]:
        yield from self._exchanges.values()
        for name, checks in self._recorder.checks.items():
            for check in checks:
                if check.failure_info is not None and self._holds(name, check.failure_info.failure):
                    yield self._behaviour(name, check.failure_info.failure)
        for name in self._exchanges:
            yield from self._survivals(name)

    def _exchange(self, name: str, interaction: Interaction) -> Exchange:
        hide = self._credentials.hide
        sent, got = interaction.request, interaction.response
        parts = urlsplit(sent.uri)
        request = Request(
            sent.method,
            hide(parts.path.removeprefix(self._base)),
            hide(parts.query),
            self._credentials.shown({key: value[0] for key, value in sent.headers.items()}),
            self._credentials.hide_bytes(sent.body or b""),
        )
        if got is None:
            problem = hide(self._wire.problem(sent.method, sent.uri, sent.body or b""))
            return Exchange(self._surface.name, request, None, problem, self._phase)
        headers = tuple((key, value) for key, values in got.headers.items() for value in values)
        answer = Answer(got.status_code, headers, got.content)
        return Exchange(self._surface.name, request, answer, "", self._phase, self._is_example(name))

    def _is_example(self, name: str) -> bool:
        node = self._recorder.cases[name]
        meta = node.value.meta
        # A case with a parent is what a check has made of the example.
        return node.parent_id is None and meta is not None and meta.phase.name is TestPhase.EXAMPLES

    def _holds(self, name: str, failure: Failure) -> bool:
        """Tell whether a failure is one: not where a host had no time, nor where what was made was not asked for."""
        last = failure.case_id or name
        if self._was_busy(last):
            return False
        if not isinstance(failure, EnsureResourceAvailability):
            return True
        # A step whose body was made up, or spoilt on purpose, may ask for anything.
        parent = self._recorder.find_parent(case_id=last)
        if parent is None or not {last, parent.id} <= self._exchanges.keys():
            return False
        earlier, later = self._exchanges[parent.id], self._exchanges[last]
        target = self._operation(self._recorder.cases[last].value)
        links = links_of(self._operation(parent), self._surface)
        return any(link.target is target and leads(link, earlier, later) for link in links)

    def _was_busy(self, name: str) -> bool:
        """Whether a host had no time, or broke down: that says nothing of what is there."""
        answer = self._exchanges[name].answer if name in self._exchanges else None
        return answer is not None and (answer.status in BUSY or answer.status >= 500)

    def _behaviour(self, name: str, failure: Failure) -> Behaviour:
        last = failure.case_id or name
        chain = self._recorder.iter_chain_cases(case_id=last, related_case_ids=failure.related_case_ids())
        requests = tuple(self._exchanges[case.id].request for case in chain if case.id in self._exchanges)
        operation = self._operation(self._recorder.cases[last].value)
        return Behaviour(operation, failure.title, self._credentials.hide(failure.message), requests)

    def _operation(self, case: Case[Any]) -> Operation:
        return self._by_label[case.operation.label]

    def _survivals(self, name: str) -> Iterator[Behaviour]:
        parent = self._recorder.find_parent(case_id=name)
        if parent is not None and parent.id in self._exchanges:
            looked_at = self._operation(self._recorder.cases[name].value)
            earlier, later = self._exchanges[parent.id], self._exchanges[name]
            yield from survivals(earlier, self._operation(parent), later, looked_at, self._surface)
