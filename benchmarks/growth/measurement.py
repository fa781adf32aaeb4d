"""One piece of work, done on an input and on one twice as large: how many times as long does it take?"""

from __future__ import annotations

import gc
import time
from collections.abc import Callable
from dataclasses import dataclass, field

Work = Callable[[], object]

SQUARE = 3.0
"""Twice the input takes twice the time, or four times: what lies between is told apart here."""

ENOUGH_SECONDS = 0.1
"""Work that takes as long as this is measured; what never does, up to the largest input, is no trouble to anybody."""

SUSPICIOUS = 2.3
"""Above it, what grows with the square may still hide behind what does not: a larger input tells."""

LONGEST_SECONDS = 5.0
"""Once it takes as long, the input grows no further."""

ROUNDS = 3


@dataclass(frozen=True, slots=True)
class Case:
    """
    Work that an input of any size can be made for.

    Attributes:
        name: the decoder, renderer or rule, and what it is given.
        prepare: makes the input of a size, and gives the work on it; only that is measured. Work may be done again.
        largest: the size beyond which nobody would go.
        smallest: the size to begin with.
    """

    name: str
    prepare: Callable[[int], Work] = field(repr=False)
    largest: int = 1 << 19
    smallest: int = 64


@dataclass(frozen=True, slots=True)
class Growth:
    """
    How the work of a case grows.

    Attributes:
        size: the smaller of the two inputs.
        seconds: what it took.
        ratio: how many times as long the other took, which is twice as large.
    """

    name: str
    size: int
    seconds: float
    ratio: float

    @property
    def is_square(self) -> bool:
        return self.ratio > SQUARE and self.seconds * self.ratio > ENOUGH_SECONDS


def growth(case: Case, clock: Callable[[], float] = time.process_time) -> Growth:
    """
    Measure a case on the smallest input that takes long enough, and on one twice as large.

    Args:
        clock: tells seconds of work.
    """
    size, seconds = case.smallest, _seconds(case, case.smallest, clock)
    while seconds < ENOUGH_SECONDS / 2 and size * 4 <= case.largest:
        size *= 2
        seconds = _seconds(case, size, clock)
    while True:
        found = _measured(case, size, clock)
        told = not SUSPICIOUS < found.ratio < SQUARE
        if told or size * 4 > case.largest or found.seconds * 4 > LONGEST_SECONDS:
            return found
        size *= 2


def _measured(case: Case, size: int, clock: Callable[[], float]) -> Growth:
    one: list[float] = []
    two: list[float] = []
    while len(one) < ROUNDS and sum(two) < LONGEST_SECONDS:
        one.append(_seconds(case, size, clock))
        two.append(_seconds(case, 2 * size, clock))
    least = min(one)
    return Growth(case.name, size, least, min(two) / least if least else 1.0)


def _seconds(case: Case, size: int, clock: Callable[[], float]) -> float:
    work = case.prepare(size)
    gc.collect()
    gc.disable()
    try:
        start = clock()
        work()
        return clock() - start
    finally:
        gc.enable()
