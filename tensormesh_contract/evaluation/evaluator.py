"""
What a whole run says about a host: exchanges in, findings out.

Knows how to count, to choose the plainest example and to tell what was never
seen; checking one answer against its operation is `answers`' work.
"""

from __future__ import annotations

import difflib
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from tensormesh_contract.documents.operations import Operation, Surface, SurfaceName
from tensormesh_contract.documents.shapes import Shape, Shapes
from tensormesh_contract.evaluation.answers import answer_deviations
from tensormesh_contract.evaluation.findings import Finding, Kind, Level
from tensormesh_contract.evaluation.groups import Change, Group
from tensormesh_contract.evaluation.values import Deviation, Sightings, name_at
from tensormesh_contract.evaluation.vocabulary import Vocabulary, documented_words
from tensormesh_contract.exchanges.exchange import Exchange, Request, plainest
from tensormesh_documents.json_types import Json
from tensormesh_documents.library import Document, Node

_ALIKE = 0.6


@dataclass(frozen=True, slots=True)
class Tally:
    """
    What one operation was asked and answered.

    Args:
        operation: which.
        statuses: how many answers of each status.
        events: how many events of streams.
        silences: why there was none, and how often.
        seen: the documented fields and headers that were sent, each with the way to it.
    """

    operation: Operation
    statuses: Counter[int] = field(default_factory=Counter[int])
    events: Counter[str] = field(default_factory=Counter[str])
    silences: Counter[str] = field(default_factory=Counter[str])
    seen: frozenset[str] = frozenset()

    @property
    def succeeded(self) -> bool:
        """Whether any answer was a success."""
        return any(200 <= status < 300 for status in self.statuses)


class Evaluator:
    """The findings about one host, as they add up."""

    def __init__(self, surfaces: Mapping[SurfaceName, Surface]) -> None:
        self._surfaces = surfaces
        self._groups: dict[tuple[str, ...], Group] = {}
        self._sightings: dict[str, Sightings] = {}
        self._tallies: dict[str, Tally] = {}
        self._behaviour: dict[tuple[str, str, str], Finding] = {}
        words = documented_words(_documents(surfaces))
        # What one surface was sent, another does not repeat.
        self._vocabularies = {name: Vocabulary(words) for name in surfaces}
        self.passed_over = 0
        self._number = 0

    def add(self, exchange: Exchange) -> None:
        """Take one exchange into account. One that reaches no operation of its document is only counted."""
        operation = self._surfaces[exchange.surface].find(exchange.request.method, exchange.request.path)
        if operation is None:
            self.passed_over += 1
            return
        self._number += 1
        tally = self._tally(operation)
        if exchange.answer is not None:
            tally.statuses[exchange.answer.status] += 1
            tally.events.update(event.name or "data" for event in exchange.answer.events)
        else:
            tally.silences[exchange.problem] += 1
        sightings = self._sightings.setdefault(operation.key, Sightings())
        vocabulary = self._vocabularies[exchange.surface]
        vocabulary.note(exchange.request)
        for deviation in answer_deviations(exchange, operation, sightings):
            if not self._is_echo(deviation, vocabulary):
                self._group(operation, deviation, exchange.request)

    def _is_echo(self, deviation: Deviation, vocabulary: Vocabulary) -> bool:
        if deviation.kind is Kind.UNKNOWN_VALUE:
            name = name_at(deviation.where).removesuffix("[]")
            return vocabulary.is_made_up(deviation.value, name)
        named = deviation.kind in (Kind.UNDOCUMENTED_FIELD, Kind.SPELLING)
        return named and vocabulary.is_made_up(deviation.name)

    def add_behaviour(self, operation: Operation, title: str, detail: str, requests: tuple[Request, ...]) -> None:
        """Take into account what somebody else found out about an operation by calling it in several ways."""
        key = (operation.key, title, detail.partition("\n")[0])
        known = self._behaviour.get(key)
        finding = Finding(
            Kind.BEHAVIOUR,
            operation.surface,
            operation.label,
            "",
            title,
            detail,
            operation.node.place,
            requests=requests,
            exchanges=frozenset({-len(self._behaviour) - 1}),
        )
        if known is None:
            self._behaviour[key] = finding
        else:
            chain = plainest([known.requests, requests])
            self._behaviour[key] = replace(known, count=known.count + 1, requests=chain)

    def tallies(self) -> tuple[Tally, ...]:
        """What each operation that was asked has answered, in the order of the documents."""
        order = [one.key for surface in self._surfaces.values() for one in surface.operations]
        known = ((key, self._tallies[key]) for key in order if key in self._tallies)
        return tuple(replace(tally, seen=frozenset(self._sightings[key].seen())) for key, tally in known)

    def findings(self) -> list[Finding]:
        """All findings, in the order of the documents, what weighs most first."""
        order = {one.key: n for n, one in enumerate(one for s in self._surfaces.values() for one in s.operations)}
        found = [*self._hinted(), *self._behaviour.values(), *self._never_seen(), *self._never_succeeded()]
        levels = [*Level]
        return sorted(
            found,
            key=lambda one: (
                order[f"{one.surface} {one.operation}"],
                levels.index(one.level),
                [*Kind].index(one.kind),
                one.where,
                one.name,
            ),
        )

    def _tally(self, operation: Operation) -> Tally:
        return self._tallies.setdefault(operation.key, Tally(operation))

    def _group(self, operation: Operation, deviation: Deviation, request: Request) -> None:
        place = deviation.node.place
        where = deviation.where.strip()
        key = (operation.key, deviation.kind, place.file, place.pointer, where, deviation.name, deviation.change)
        group = self._groups.setdefault(key, Group(operation, deviation, request))
        group.add(deviation, request, self._number)

    def _hinted(self) -> Iterator[Finding]:
        samples = self._samples()
        for group in self._groups.values():
            finding = group.finding(samples[group.change])
            if finding.kind is Kind.UNDOCUMENTED_FIELD:
                finding = replace(finding, hint=self._old_name(group))
            yield finding

    def _samples(self) -> dict[Change, list[Json]]:
        """Put together what was seen wherever one place of a document applies: a change to it has to fit all of it."""
        found: dict[Change, list[Json]] = {}
        for group in self._groups.values():
            found.setdefault(group.change, []).extend(group.samples.values())
        return found

    def _old_name(self, group: Group) -> str:
        """Guess which documented field has come under a new name: one that fits, is like it or alone, and not sent."""
        deviation, samples = group.deviation, list(group.samples.values())
        node, new = deviation.node, deviation.name
        shape = self._shapes().of(node)
        missing = self._names(Kind.MISSING_FIELD, node)
        unseen = shape.properties.keys() - self._seen_fields(shape)
        likely = difflib.get_close_matches(new, sorted(unseen), n=3, cutoff=_ALIKE)
        if len(missing) == 1 == len(self._names(Kind.UNDOCUMENTED_FIELD, node)):
            likely += missing
        for old in likely:
            known = shape.properties.get(old)
            if known is not None and all(known.allows(value) for value in samples):
                return f"perhaps `{old}` under a new name: it is not sent"
        return ""

    def _names(self, kind: Kind, node: Node) -> list[str]:
        """Give the names of all that was found of one kind at one place."""
        found = (one.deviation for one in self._groups.values())
        return [*dict.fromkeys(one.name for one in found if one.kind is kind and one.node is node)]

    def _seen_fields(self, shape: Shape) -> set[str]:
        """Give the fields of a shape that were sent anywhere, in any answer."""
        found: set[str] = set()
        for sightings in self._sightings.values():
            for (known, _), names in sightings.fields.items():
                if known is shape:
                    found |= names
        return found

    def _shapes(self) -> Shapes:
        return next(iter(self._surfaces.values())).shapes

    def _never_seen(self) -> Iterator[Finding]:
        for tally in self._tallies.values():
            sightings = self._sightings[tally.operation.key]
            for (shape, where), count in sightings.objects.items():
                seen = sightings.fields[(shape, where)]
                for name, field_shape in shape.properties.items():
                    if name not in seen and name not in shape.required:
                        detail = "was not in the one object" if count == 1 else f"was in none of {count} objects"
                        yield _unseen(Kind.NEVER_SEEN, tally.operation, field_shape.node, where.strip(), name, detail)
            for (where, name), header in sightings.headers.items():
                if not header.sent:
                    count = header.answers
                    detail = "was not in the one answer" if count == 1 else f"was in none of {count} answers"
                    yield _unseen(Kind.HEADER_NEVER_SEEN, tally.operation, header.node, where, name, detail)

    def _never_succeeded(self) -> Iterator[Finding]:
        for tally in self._tallies.values():
            if not tally.succeeded and tally.statuses:
                said = ", ".join(f"{status} ({count})" for status, count in sorted(tally.statuses.items()))
                operation = tally.operation
                detail = f"answered {said} and nothing else"
                place = operation.node.place
                yield Finding(Kind.NEVER_SUCCEEDED, operation.surface, operation.label, "", "", detail, place)


def _unseen(kind: Kind, operation: Operation, node: Node, where: str, name: str, detail: str) -> Finding:
    return Finding(kind, operation.surface, operation.label, where, name, detail, node.place)


def _documents(surfaces: Mapping[SurfaceName, Surface]) -> list[Document]:
    """Give the documents of some surfaces, with those that they refer to."""
    found: list[Document] = []
    for surface in surfaces.values():
        found += surface.library.documents()
    return [*dict.fromkeys(found)]
