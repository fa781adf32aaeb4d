"""What prompts share and what breaks it: every answer against the plainest way to find it."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import permutations

from hypothesis import given, settings
from hypothesis import strategies as st

from tensormesh_local.engine import tokenizer
from tensormesh_local.engine.prefix_cache import PrefixCache
from tensormesh_local.lens.difference import Span, difference
from tensormesh_local.lens.moving import moved_last
from tensormesh_local.lens.prompt import WIDTH, Prompt, Turn, common, common_end
from tensormesh_local.lens.sharing import Cache, in_best_order
from tensormesh_local.lens.wording import finding, kind
from tests.cases import cases

SMALL = Cache(block=2, least=1)
MEETING = 3
EARLY_MODEL, LATE_MODEL = "a", "b"

tokens = st.lists(st.integers(0, 2), max_size=9)
sizes = st.sampled_from([0, 1, 63, 64, 65, 200])


def letters(ids: Sequence[int]) -> list[str]:
    """Each token is a word of its own, as if a space stood before it."""
    return [f" {token}" for token in ids]


def prompt(ids: Sequence[int], *turns: Turn, scope: str = "") -> Prompt:
    return Prompt.of(ids, letters, turns, scope)


def naive_common(one: Sequence[int], other: Sequence[int]) -> int:
    return max(n for n in range(min(len(one), len(other)) + 1) if list(one[:n]) == list(other[:n]))


@given(tokens, tokens, tokens, sizes)
def test_the_common_beginning_is_the_longest_there_is(
    start: list[int], one: list[int], other: list[int], size: int
) -> None:
    left, right = prompt(start * size + one), prompt(start * size + other)

    assert common(left.key, right.key) == naive_common(left.tokens, right.tokens)


@given(tokens, tokens, tokens, sizes)
def test_the_common_end_is_the_longest_there_is(end: list[int], one: list[int], other: list[int], size: int) -> None:
    left, right = prompt(one + end * size), prompt(other + end * size)

    assert common_end(left.key, right.key) == naive_common(left.tokens[::-1], right.tokens[::-1])


@given(st.lists(tokens, max_size=6), st.integers(1, 4), st.integers(1, 30))
def test_the_cache_to_reckon_with_is_that_of_the_engine(prompts: list[list[int]], block: int, blocks: int) -> None:
    engine = PrefixCache(block, blocks)
    expected = [engine.match(ids, scope="").cached for ids in prompts]

    assert Cache(block, blocks * block).run(map(prompt, prompts)) == expected


@given(st.lists(st.tuples(tokens, st.sampled_from([EARLY_MODEL, LATE_MODEL])), max_size=5), st.integers(5, 100))
@settings(deadline=None)
def test_no_order_shares_more_than_the_best_one(prompts: list[tuple[list[int], str]], blocks: int) -> None:
    """Whatever the cache holds, as long as the longest prompt has room in it."""
    cache = Cache(SMALL.block, blocks * SMALL.block)
    made = [prompt(ids, scope=scope) for ids, scope in prompts]
    every = [sum(cache.run(order)) for order in permutations(made)]

    assert sum(cache.run(in_best_order(made))) == max(every)


def naive_meeting(one: Sequence[int], other: Sequence[int]) -> tuple[int, int]:
    """Try every pair of places; where there is none, both go on alike at their ends only."""
    for n in range(len(one) - MEETING + 1):
        for m in range(len(other) - MEETING + 1):
            if one[n : n + MEETING] == other[m : m + MEETING]:
                return n, m
    same = naive_common(one[::-1], other[::-1])
    return len(one) - same, len(other) - same


def naive_moving(later: Prompt, earlier: Prompt) -> tuple[Span, Span, int]:
    at = naive_common(later.tokens, earlier.tokens)
    one, other = list(later.tokens), list(earlier.tokens)
    n, m = naive_meeting(one[at : later.turn(at).end], other[at : earlier.turn(at).end])
    here, there = Span(at, at + n), Span(at, at + m)
    return here, there, naive_common(one[:at] + one[here.end :], other[:at] + other[there.end :])


def in_turns(parts: list[list[int]]) -> Prompt:
    turns, ids = [], list[int]()
    for number, part in enumerate(parts):
        turns.append(Turn(str(number), len(ids), len(ids) + len(part)))
        ids += part
    return prompt(ids, *turns)


@given(st.lists(tokens, min_size=1, max_size=3), st.lists(tokens, min_size=1, max_size=3))
def test_the_moving_part_ends_where_both_go_on_alike(later: list[list[int]], earlier: list[list[int]]) -> None:
    one, other = in_turns(later), in_turns(earlier)
    found = difference(one, other, meeting=MEETING)

    assert found.at == naive_common(one.tokens, other.tokens)
    if found.turn is None:
        assert found.at in (len(one), len(other))
        assert found.without == found.at
    else:
        assert found.turn.start <= found.at < found.turn.end
        assert (found.here, found.there, found.without) == naive_moving(one, other)


def spoken(*parts: str) -> Prompt:
    """A prompt of texts as the engine reads them."""
    turns, ids = [], list[int]()
    for number, text in enumerate(parts):
        new = tokenizer.encode(text)
        turns.append(Turn("the system prompt" if not number else f"message {number}", len(ids), len(ids) + len(new)))
        ids += new
    return Prompt.of(ids, tokenizer.pieces, tuple(turns))


RULES = " Follow the rules of the house, which are many and strict." * 20


@cases(
    ("one", "other", "part", "what"),
    [
        ("14:05:12", "14:05:13", " 14:05:13", "a time"),
        ("2026-11-29", "2026-11-30", " 2026-11-30", "a date"),
        ("2026-11-30T14:05:12Z", "2026-11-30T14:06:01Z", " 2026-11-30T14:06:01Z", "a date and time"),
        ("November 29, 2026", "November 30, 2026", " 30,", "a number"),
        ("1,299", "1,300", " 1,300", "a number"),
        (
            "0b0e7a55-9f3b-4d57-8a43-7b1e8b1b2c3d",
            "0b0e7a55-9f3b-4d57-8a43-7b1e8b1b2c3e",
            " 0b0e7a55-9f3b-4d57-8a43-7b1e8b1b2c3e",
            "an id",
        ),
        ("req_7fa9c1", "req_7fa9c2", " req_7fa9c2", "an id"),
        ("Ada", "Grace", " Grace", "a word"),
        ("Ada Moreau", "Grace of Lyon", " Grace of Lyon", "a text"),
    ],
)
def test_what_moves_is_told_as_a_whole(one: str, other: str, part: str, what: str) -> None:
    earlier, later = (spoken(f"It is {text} now.{RULES}", "Hello") for text in (one, other))
    differs = difference(later, earlier)

    assert later.text(*differs.here) == part
    assert kind(later.text(*differs.here), earlier.text(*differs.there)) == what
    assert differs.without == len(later) - (differs.here.end - differs.here.start)


def test_the_difference_is_told_in_words() -> None:
    earlier, later = spoken(f"It is 14:05:12 now.{RULES}", "Hello"), spoken(f"It is 14:05:13 now.{RULES}", "Hello")
    words = finding(later, earlier, difference(later, earlier), Cache(), "request 12").words

    assert words.startswith(
        "A time in the system prompt at token 2: here “14:05:13”, in request 12 “14:05:12”. Without it"
    )
    assert words.endswith(" 272 of 290 tokens were free; with it 0 can be. It belongs at the end of the prompt.")


@cases(
    ("earlier", "later", "words"),
    [
        (("Be brief.",), ("Be brief.", "Hello"), "It goes on where request 1 ended"),
        (("Be brief.", "Hello"), ("Be brief.",), "It is how request 1 begins"),
        (("Be brief.", "Hello"), ("Be brief.", "Hello"), "The same prompt as request 1"),
        (("Be brief.", " Hello"), ("Be brief.", " Bye"), "It parts from request 1 in message 1 at token 4"),
    ],
)
def test_what_costs_nothing_is_not_called_a_fault(earlier: tuple[str, ...], later: tuple[str, ...], words: str) -> None:
    one, other = spoken(*later), spoken(*earlier)
    found = finding(one, other, difference(one, other), Cache(), "request 1")

    assert found.words.startswith(words)
    assert found.free == found.cached


def test_a_part_that_moves_in_all_prompts_is_found_once_and_costs_nothing_at_the_end() -> None:
    prompts = [spoken(f"It is {n % 24:02}:{n * 7 % 60:02} now.{RULES}", f"Question {n}") for n in range(100)]
    moved, [part] = moved_last(prompts, Cache())
    cache = Cache()

    assert sum(cache.run(in_best_order(prompts))) < 0.2 * sum(map(len, prompts))
    assert sum(cache.run(in_best_order(moved))) > 0.9 * sum(map(len, prompts))
    assert (part.label, part.positions) == ("the system prompt", tuple(range(100)))
    assert kind(*part.examples) == "a time"


def test_two_parts_that_move_are_both_found() -> None:
    prompts = [spoken(f"It is {n:02}:00 now.{RULES} You serve customer {n * 31 % 17}.{RULES}", "Hi") for n in range(20)]
    _, parts = moved_last(prompts, Cache())

    assert [kind(*part.examples) for part in parts] == ["a time", "a number"]


@given(st.lists(st.lists(tokens, min_size=1, max_size=3), max_size=6))
def test_moving_loses_no_token_and_never_invents_one(prompts: list[list[list[int]]]) -> None:
    made = [in_turns(parts) for parts in prompts]
    moved, parts = moved_last(made, SMALL)

    assert [sorted(one.tokens) for one in moved] == [sorted(one.tokens) for one in made]
    assert (moved == made) is (not parts)
    assert [len(one.key) for one in moved] == [WIDTH * len(one) for one in made]


def test_the_lens_keeps_pace_with_many_prompts() -> None:
    """Ten times the prompts is about ten times the steps, whatever they share: each comparison is counted."""
    counts = []
    for many in (200, 2_000):
        asked = 0

        def counting(ids: Sequence[int]) -> list[str]:
            nonlocal asked
            asked += 1
            return letters(ids)

        made = [Prompt.of([*range(40), n, *range(50, 90), n % 7], counting, (Turn("x", 0, 82),)) for n in range(many)]
        moved_last(made, Cache())
        counts.append(asked)

    assert counts[1] < 15 * counts[0]
