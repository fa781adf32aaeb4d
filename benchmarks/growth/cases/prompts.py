"""Prompts under the lens: many of them, long ones, and such as share their beginnings in awkward ways."""

from __future__ import annotations

from collections.abc import Callable

from benchmarks.growth.measurement import Case, Work
from tensormesh_local.lens.prompt import Prompt, Turn
from tensormesh_local.lens.sharing import Cache
from tensormesh_local.lens.summary import summarize

TOKENS = 200


def _prompts(name: str, make: Callable[[int], list[list[int]]], **limits: int) -> Case:
    def prepare(size: int) -> Work:
        prompts = [
            Prompt.of(ids, lambda some: [f" {one}" for one in some], (Turn("it", 0, len(ids)),)) for ids in make(size)
        ]

        def work() -> None:
            summarize(prompts, Cache())

        return work

    return Case(f"lens: {name}", prepare, **limits)


def _moving(size: int) -> list[list[int]]:
    """One part differs in all, near the beginning."""
    return [[*range(8), 1000 + number, *range(TOKENS)] for number in range(size)]


def _many_moving(size: int) -> list[list[int]]:
    """Many parts differ in each."""
    return [[one if one % 20 else 1000 + number * one for one in range(TOKENS)] for number in range(size)]


def _pairs(size: int) -> list[list[int]]:
    """Each has one other that is like it, and parts a little later than the one before."""
    return [[*[7] * (number // 2 % TOKENS), number % 2, *range(TOKENS)] for number in range(size)]


def _long(size: int) -> list[list[int]]:
    """Few, and very long: they part in the middle, and never meet again."""
    return [[*range(size), number, *(one * (number + 2) for one in range(size))] for number in range(4)]


def _repeating(size: int) -> list[list[int]]:
    """The same few tokens again and again, which meet themselves everywhere."""
    return [[*([1, 2] * size), number, *([1, 2] * size)] for number in range(4)]


CASES = (
    _prompts("prompts with a moving part", _moving, largest=1 << 14),
    _prompts("prompts with many moving parts", _many_moving, largest=1 << 14),
    _prompts("prompts that part ever later", _pairs, largest=1 << 14),
    _prompts("the same prompt", lambda size: [[*range(TOKENS)]] * size, largest=1 << 14),
    _prompts("long prompts", _long),
    _prompts("prompts that repeat themselves", _repeating),
)
