"""Reads an input once, from end to end: what is wrong with it, what it may cost, and in which order it goes."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import batched
from pathlib import Path
from typing import Any, Literal

from tensormesh_batch.errors import InputError, cannot, unreadable
from tensormesh_batch.plan.prefix import Leaders, length, marks, shared
from tensormesh_batch.plan.record import pack
from tensormesh_batch.plan.scratch import Scratch
from tensormesh_batch.plan.sorting import Sorter
from tensormesh_batch.rows.line import Line, hashed, read_line
from tensormesh_batch.rows.source import Place, places

type Order = Literal["auto", "prefix", "input"]

WORTH_SORTING = 0.02
"""Of all characters, what must be shared for another order to help."""

BAD_LINES_KEPT = 20
_AT_ONCE = 1_000


@dataclass
class Survey:
    """
    What an input holds.

    Attributes:
        rows: how many requests.
        characters: of all prompts.
        sharable: of these, what a row has in common with the one before it, when sorted.
        in_a_row: the same in the order of the input.
        bad: how many lines are no requests.
        bad_lines: the first of them, with what is wrong.
        order: the order that was chosen.
    """

    rows: int = 0
    characters: int = 0
    sharable: int = 0
    in_a_row: int = 0
    bad: int = 0
    bad_lines: list[tuple[int, str]] = field(default_factory=list)
    order: Literal["prefix", "input"] = "input"

    @property
    def saved(self) -> float:
        """The share of all input that sorting could save, beyond what the order of the input does."""
        return max(self.sharable - self.in_a_row, 0) / self.characters if self.characters else 0.0


def build(
    source: Path,
    target: Path,
    *,
    defaults: Mapping[str, Any],
    order: Order,
    skip_bad: bool = False,
    seen: Callable[[Line, int], None] = lambda line, size: None,
    refused: Callable[[Place, str], None] = lambda place, why: None,
) -> Survey:
    """
    Write the plan of an input.

    Args:
        target: the file of the plan.
        seen: is told of each row, and of how many bytes its line has.
        refused: is told of each line that is none, where they are skipped.

    Raises:
        InputError: lines are no requests, or two have the same custom_id; or the input cannot be read.
        FolderError: the plan cannot be written.
    """
    try:
        return _build(source, target, defaults, order, skip_bad, seen, refused)
    except (OSError, sqlite3.Error) as error:
        if isinstance(error, OSError) and error.filename == str(source):
            raise unreadable(source, error) from error
        raise cannot("written", target, error) from error


def _build(
    source: Path,
    target: Path,
    defaults: Mapping[str, Any],
    order: Order,
    skip_bad: bool,
    seen: Callable[[Line, int], None],
    refused: Callable[[Place, str], None],
) -> Survey:
    survey = Survey()
    with Scratch(target.with_suffix(".sorting")) as rows:
        sorter = Sorter(rows)
        with source.open("rb") as file:
            for some in batched(_read(places(file), defaults, survey, seen, refused if skip_bad else None), _AT_ONCE):
                sorter.add(some)
        if survey.bad and not skip_bad:
            raise _bad(survey)
        if (same := sorter.same_name()) is not None:
            raise InputError(f"lines {same[0]} and {same[1]} have the same custom_id; give each row its own")
        _write(sorter, target, survey, order)
    return survey


def _read(
    lines: Iterator[Place],
    defaults: Mapping[str, Any],
    survey: Survey,
    seen: Callable[[Line, int], None],
    refused: Callable[[Place, str], None] | None,
) -> Iterator[tuple[int, int, int, int, int, bytes]]:
    last = b""
    for place in lines:
        try:
            line = read_line(place.text, defaults)
        except ValueError as error:
            survey.bad += 1
            if len(survey.bad_lines) < BAD_LINES_KEPT:
                survey.bad_lines.append((place.number, str(error)))
            if refused is not None:
                refused(place, str(error))
            continue
        found = marks(line.url, line.body)
        survey.rows += 1
        survey.characters += length(found)
        survey.in_a_row += shared(last, found)
        last = found
        seen(line, len(place.text))
        yield place.number, line.key, hashed(line.custom_id), place.offset, len(place.text), found


def _bad(survey: Survey) -> InputError:
    shown = "\n".join(f"  line {number}: {why}" for number, why in survey.bad_lines)
    more = survey.bad - len(survey.bad_lines)
    rest = f"\n  and {more:,} more" if more else ""
    lines = "1 line is no request" if survey.bad == 1 else f"{survey.bad:,} lines are no requests"
    hint = "Nothing was sent. skip_bad (--skip-bad) sets them aside."
    return InputError(f"{lines}:\n{shown}{rest}\n{hint}", tuple(survey.bad_lines), survey.bad)


def _write(sorter: Sorter, target: Path, survey: Survey, order: Order) -> None:
    """The plan in the order of prefixes, if that is wanted and helps; else in that of the input."""
    unfinished = target.with_suffix(".unfinished")
    with unfinished.open("wb") as file:
        if order != "input":
            leaders = Leaders()
            for record, found in sorter.in_order(by_marks=True):
                leader = leaders.of(found)
                survey.sharable += leader.shared
                file.write(pack(record._replace(leader=leader.distance, shared=leader.shared)))
            survey.order = "prefix"
        if order == "input" or (order == "auto" and survey.saved < WORTH_SORTING):
            file.seek(0)
            file.truncate()
            for record, _ in sorter.in_order(by_marks=False):
                file.write(pack(record))
            survey.order = "input"
    unfinished.replace(target)
