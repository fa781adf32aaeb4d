"""Think blocks: what leads the text is reasoning, the rest is answer, and where the text is cut does not matter."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tensormesh_overlay.think_blocks.fields import unify_message
from tensormesh_overlay.think_blocks.messages import split_message
from tensormesh_overlay.think_blocks.splitter import CLOSE, OPEN, ThinkSplitter
from tests.cases import cases
from tests.overlay.pure.cuts import PLACES, all_cuts, cut


def streamed(pieces: Iterable[str], *, inside: bool = False, existing: str = "") -> tuple[str, str]:
    """Reasoning and answer of a text that came in pieces, after reasoning that came by itself."""
    splitter = ThinkSplitter(inside=inside)
    splitter.follow(existing)
    parts = [*map(splitter.feed, pieces), splitter.flush()]
    return existing + "".join(part[0] for part in parts), "".join(part[1] for part in parts)


def whole(text: str, *, inside: bool = False, existing: str | None = None) -> tuple[str | None, str | None]:
    """Reasoning and answer of a message that came at once."""
    message: dict[str, Any] = {"role": "assistant", "content": text}
    if existing is not None:
        message["reasoning"] = existing
    split_message(message, inside=inside)
    return message.get("reasoning"), message["content"]


def by_the_rules(text: str, *, inside: bool = False, existing: str = "") -> tuple[str, str]:
    """Reasoning and answer, worked out the plain way."""
    if inside and not existing.strip():
        text = OPEN + text
    paragraphs = []
    answer = text
    while answer.lstrip().startswith(OPEN):
        block, _, answer = answer.lstrip().removeprefix(OPEN).partition(CLOSE)
        answer = answer.lstrip()
        if block.strip():
            paragraphs.append(block.strip())
    if paragraphs and existing.strip():
        paragraphs[0] = "\n\n" + paragraphs[0]
    return existing + "\n\n".join(paragraphs), answer


@cases(
    ("text", "answer", "reasoning"),
    [
        ("<think>a</think>Hi", "Hi", "a"),
        (" \n<think>a</think>\n\nHi", "Hi", "a"),
        ("<think>\na\n</think>Hi\n", "Hi\n", "a"),
        ("<think>a</think>\n<think>b</think> Hi", "Hi", "a\n\nb"),
        ("<think>a</think><think> </think><think>b</think>Hi", "Hi", "a\n\nb"),
        ("<think>a\n \nb</think>Hi", "Hi", "a\n \nb"),
        ("<think>a</think>", "", "a"),
        ("<think>a</think> \n", "", "a"),
        ("<think></think>Hi", "Hi", ""),
        ("<think> \n</think> Hi", "Hi", ""),
        ("<think></think>", "", ""),
        ("<think>a", "", "a"),
        ("<think>a ", "", "a"),
        ("<think>", "", ""),
        ("<think>a</think><think>b", "", "a\n\nb"),
        ("<think>a</thin", "", "a</thin"),
        ("<think>a</think>Hi <think>b</think>", "Hi <think>b</think>", "a"),
        ("<think>a<think>b</think>c</think>d", "c</think>d", "a<think>b"),
        ("<think>a</think> <thi", "<thi", "a"),
        ("<think>a</think> <b>Hi</b>", "<b>Hi</b>", "a"),
        ("a</think>Hi", "a</think>Hi", ""),
        ("Hi <think>a</think>", "Hi <think>a</think>", ""),
        ("<THINK>a</THINK>Hi", "<THINK>a</THINK>Hi", ""),
        ("<think >a</think>Hi", "<think >a</think>Hi", ""),
        ("<thinking>a</thinking>Hi", "<thinking>a</thinking>Hi", ""),
        ("< think>a", "< think>a", ""),
        ("<thi", "<thi", ""),
        ("  <thi", "  <thi", ""),
        ("<b>Hi</b>", "<b>Hi</b>", ""),
        ("\n\nHi ", "\n\nHi ", ""),
        (" \n", " \n", ""),
        ("", "", ""),
    ],
)
def test_only_blocks_that_lead_the_text_are_reasoning(text: str, answer: str, reasoning: str) -> None:
    assert by_the_rules(text) == (reasoning, answer)
    for pieces in all_cuts(text):
        assert streamed(pieces) == (reasoning, answer)
    split = answer != text
    assert whole(text) == (reasoning or None, (answer or None) if split else text)


@cases(
    ("text", "answer", "reasoning"),
    [
        ("a</think>Hi", "Hi", "a"),
        ("\na\n</think>\n\nHi", "Hi", "a"),
        ("a", "", "a"),
        ("a</think><think>b</think>Hi", "Hi", "a\n\nb"),
        ("<think>a</think>Hi", "Hi", "<think>a"),
        ("</think>Hi", "Hi", ""),
        (" ", "", ""),
        ("", "", ""),
    ],
)
def test_a_text_may_begin_inside_a_block_that_the_prompt_opened(text: str, answer: str, reasoning: str) -> None:
    for pieces in all_cuts(text):
        assert streamed(pieces, inside=True) == (reasoning, answer)
    assert whole(text, inside=True) == (reasoning or None, answer or (None if text else ""))


@cases(
    ("text", "existing", "answer", "reasoning"),
    [
        ("<think>a</think>Hi", "kept", "Hi", "kept\n\na"),
        ("<think>a</think><think>b</think>", "kept", "", "kept\n\na\n\nb"),
        ("<think> </think>Hi", "kept ", "Hi", "kept "),
        ("<think>a</think>Hi", "", "Hi", "a"),
        ("<think>a</think>Hi", "\n", "Hi", "\na"),
        ("<think>a", "kept", "", "kept\n\na"),
        ("Hi", "kept", "Hi", "kept"),
    ],
)
def test_reasoning_that_the_host_gave_comes_first_and_leaked_text_after_it(
    text: str, existing: str, answer: str, reasoning: str
) -> None:
    for pieces in all_cuts(text):
        assert streamed(pieces, existing=existing) == (reasoning, answer)
    assert whole(text, existing=existing) == (reasoning, answer or None)


@pytest.mark.parametrize("text", ["Hi", "Hi</think>", " Hi"])
def test_where_the_host_gave_reasoning_the_block_that_the_prompt_opened_is_over(text: str) -> None:
    for pieces in all_cuts(text):
        assert streamed(pieces, inside=True, existing="kept") == ("kept", text)
    assert whole(text, inside=True, existing="kept") == ("kept", text)


def test_reasoning_that_comes_by_itself_opens_no_block_and_closes_none_that_has_begun() -> None:
    closed, begun = ThinkSplitter(inside=False), ThinkSplitter(inside=True)
    closed.feed("<think>a</think>")
    begun.feed("a")
    for splitter in (closed, begun):
        splitter.follow("b")

    assert closed.feed("Hi") == ("", "Hi")
    assert begun.feed("c</think>Hi") == ("c", "Hi")


WORDS = (
    "<think>",
    "</think>",
    "<",
    "<th",
    "<think",
    "ink>",
    "</",
    "</thi",
    "nk>",
    ">",
    " ",
    "\n",
    "\u2028",
    "a",
    "b",
    "é",
)
TEXTS = st.lists(st.sampled_from(WORDS), max_size=24).map("".join)
EXISTING = st.sampled_from(("", " ", "kept", "\nkept\n"))


@given(TEXTS, PLACES, st.booleans(), EXISTING)
@example("<think>a</think>", [9, 9], False, "")
def test_any_text_is_split_by_the_rules_however_it_is_cut(
    text: str, places: list[int], inside: bool, existing: str
) -> None:
    expected = by_the_rules(text, inside=inside, existing=existing)

    assert streamed(cut(text, places), inside=inside, existing=existing) == expected


@given(TEXTS, st.booleans(), EXISTING)
def test_a_whole_message_and_a_streamed_one_agree(text: str, inside: bool, existing: str) -> None:
    reasoning, answer = whole(text, inside=inside, existing=existing)

    assert (reasoning, answer or "") == streamed([text], inside=inside, existing=existing)


@given(TEXTS, PLACES, st.booleans())
def test_no_letter_is_lost_or_moved(text: str, places: list[int], inside: bool) -> None:
    reasoning, answer = streamed(cut(text, places), inside=inside)

    def letters(of: str) -> str:
        return "".join(letter for letter in of if letter in "abé")

    assert letters(reasoning + answer) == letters(text)


@given(TEXTS.filter(lambda text: not text.lstrip().startswith(OPEN)), PLACES)
def test_a_text_without_a_leading_block_comes_out_as_it_went_in(text: str, places: list[int]) -> None:
    assert streamed(cut(text, places)) == ("", text)
    assert whole(text) == (None, text)


@given(TEXTS, TEXTS)
def test_once_the_answer_has_begun_nothing_is_held_back(before: str, after: str) -> None:
    splitter = ThinkSplitter(inside=False)
    splitter.feed(before)
    splitter.feed("!")
    if splitter.visible:
        assert splitter.feed(after) == ("", after)


@given(st.text(alphabet="ab", min_size=1))
def test_reasoning_is_handed_out_as_it_comes(text: str) -> None:
    splitter = ThinkSplitter(inside=True)

    assert [splitter.feed(letter) for letter in text] == [(letter, "") for letter in text]


def test_the_text_in_the_parts_of_content_is_split() -> None:
    message = {"role": "assistant", "content": [{"type": "text", "text": "<think>a</think>Hi"}, {"a": 1}]}

    split_message(message)

    assert message == {"role": "assistant", "content": "Hi", "reasoning": "a", "content_parts": [{"a": 1}]}


@cases("content", [None, ""])
@cases("inside", [False, True])
def test_content_that_is_no_text_is_left_alone(content: Any, inside: bool) -> None:
    message = {"role": "assistant", "content": content, "reasoning": None, "novelty": 1}
    before = copy.deepcopy(message)

    split_message(message, inside=inside)

    assert message == before


def test_a_message_without_content_is_left_alone() -> None:
    message: dict[str, Any] = {"role": "assistant"}

    split_message(message)

    assert message == {"role": "assistant"}


def test_reasoning_of_an_unknown_kind_is_not_written_over() -> None:
    message = {"content": "<think>a</think>Hi", "reasoning": {"novel": "kind"}}
    before = copy.deepcopy(message)

    split_message(message)

    assert message == before


def test_the_rest_of_a_message_stays_as_it_is() -> None:
    message = {"role": "assistant", "content": "<think>a</think>Hi", "tool_calls": [1], "novelty": {"deep": None}}

    split_message(message)

    assert message == {
        "role": "assistant",
        "content": "Hi",
        "reasoning": "a",
        "tool_calls": [1],
        "novelty": {"deep": None},
    }


@cases(
    ("given", "read"),
    [
        ({"reasoning_content": "a"}, "a"),
        ({"reasoning": None, "reasoning_content": "a"}, "a"),
        ({"reasoning": "", "reasoning_content": "a"}, "a"),
        ({"reasoning": "a", "reasoning_content": "b"}, "a"),
        ({"reasoning": "a", "reasoning_content": None}, "a"),
        ({"reasoning": "a"}, "a"),
        ({"reasoning": "", "reasoning_content": ""}, ""),
    ],
)
def test_either_name_of_reasoning_is_read_into_one_and_none_is_lost(given: dict[str, Any], read: str) -> None:
    message = dict(given)

    unify_message(message)

    assert message == {**given, "reasoning": read}


@cases("given", [{}, {"reasoning": None}, {"reasoning_content": None}, {"content": "Hi"}])
def test_where_there_is_no_reasoning_none_is_made_up(given: dict[str, Any]) -> None:
    message = dict(given)

    unify_message(message)

    assert message == given


def test_a_leaked_block_goes_after_reasoning_under_its_other_name() -> None:
    message = {"content": "<think>a</think>Hi", "reasoning_content": "kept"}

    split_message(message)

    assert message == {"content": "Hi", "reasoning": "kept\n\na", "reasoning_content": "kept"}
