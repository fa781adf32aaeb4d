"""A conversation without a terminal: what is typed, what is sent, what is kept, what it cost."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensormesh import types
from tensormesh_cli.conversation import records, sampling, slash_commands
from tensormesh_cli.conversation.attachments import Image, TextFile, content, image
from tensormesh_cli.conversation.entries import Entry
from tensormesh_cli.conversation.records import Record
from tensormesh_cli.conversation.talk import Talk
from tensormesh_cli.conversation.usage import Price, Usage, costs, told
from tensormesh_cli.errors import CliError
from tests.cases import cases

PNG = b"\x89PNG\r\n\x1a\n rest"


def sent(talk: Talk) -> list[tuple[str, Any]]:
    return [(message["role"], message["content"]) for message in talk.request()["messages"]]


@cases(
    ("lines", "texts"),
    [
        (["Why?"], ["Why?"]),
        (['"""a', "  b", 'c"""'], ["a\n  b\nc"]),
        (['"""', "a", '"""'], ["\na\n"]),
        (['"""a"""'], ["a"]),
        (["a \\", "b \\", "c"], ["a \nb \nc"]),
        (['"""Doc."""\nx = 1', "next"], ['"""Doc."""\nx = 1', "next"]),
        (["a \\", "b", "c"], ["a \nb", "c"]),
    ],
)
def test_a_question_is_typed_in_as_many_lines_as_it_takes(lines: list[str], texts: list[str]) -> None:
    entry = Entry()

    assert [text for line in lines if (text := entry.feed(line)) is not None] == texts
    assert not entry.begun


def test_lines_that_are_dropped_are_no_part_of_the_next_question() -> None:
    entry = Entry()
    entry.feed('"""a')

    entry.drop()

    assert entry.feed("b") == "b"


@cases(
    ("line", "typed"),
    [
        ("/help", ("help", "")),
        ("/?", ("help", "")),
        ("  /MODEL  gpt oss ", ("model", "gpt oss")),
        ("/set temperature 0.2", ("set", "temperature 0.2")),
        ("/bye", ("exit", "")),
        ("Why?", None),
        ("/etc/hosts is what?", None),
        ("//comment", None),
        ("/help\nis a command", None),
    ],
)
def test_a_line_with_a_slash_is_a_command_where_it_is_none_of_a_question(
    line: str, typed: tuple[str, str] | None
) -> None:
    assert slash_commands.read(line) == typed


def test_a_command_that_is_not_there_is_told_with_one_that_is() -> None:
    with pytest.raises(CliError, match="There is no /modle") as caught:
        slash_commands.read("/modle x")

    assert caught.value.hint is not None
    assert "did you mean /model?" in caught.value.hint
    assert slash_commands.question("//modle x") == "/modle x"


def test_each_command_is_listed_and_completed() -> None:
    listed = "\n".join(slash_commands.help_lines())

    for name in ("help", "model", "system", "save", "clear", "retry"):
        assert f"/{name}" in listed
    assert slash_commands.completions("/sa") == ["/save"]
    assert slash_commands.completions("/model open", ["openai/a", "b"]) == ["openai/a"]
    assert slash_commands.completions("Why /sa") == []
    assert slash_commands.takes_file("/file x") is True
    assert slash_commands.takes_file("/file") is slash_commands.takes_file("file x") is False


def test_a_talk_sends_all_that_was_said() -> None:
    talk = Talk("m", "Be brief.", {"temperature": 0})
    talk.ask("a")
    talk.answered("A")
    talk.ask("b")

    assert talk.open
    assert sent(talk) == [("system", "Be brief."), ("user", "a"), ("assistant", "A"), ("user", "b")]
    assert talk.request()["temperature"] == 0
    assert talk.request()["stream_options"] == {"include_usage": True}


def test_a_question_without_an_answer_gives_way_to_the_next() -> None:
    talk = Talk("m")
    talk.ask("a")
    talk.answered("", cut=True)
    talk.ask("b")

    assert sent(talk) == [("user", "b")]


def test_what_came_of_an_answer_stays_and_an_answer_may_be_empty() -> None:
    talk = Talk("m")
    talk.ask("a")
    talk.answered("half", cut=True)
    talk.ask("b")
    talk.answered("")

    assert not talk.open
    assert sent(talk) == [("user", "a"), ("assistant", "half"), ("user", "b"), ("assistant", "")]


def test_a_retry_asks_the_same_and_loses_no_answer_where_it_fails() -> None:
    talk = Talk("m")
    with pytest.raises(CliError, match="Nothing was asked"):
        talk.retry()
    talk.ask("a")
    talk.answered("A")

    talk.retry()
    assert sent(talk) == [("user", "a")]
    talk.answered("", cut=True)

    assert talk.turns[-1].answer == "A"
    talk.retry()
    talk.answered("B")
    assert talk.turns[-1].answer == "B"


def test_files_stand_before_the_question_and_pictures_beside_it() -> None:
    notes, picture = TextFile("notes.md", "x"), Image("p.png", "https://h/p.png")

    assert content("Why?", [notes]) == '<file name="notes.md">\nx\n</file>\n\nWhy?'
    assert content("Why?", [picture, notes]) == [
        {"type": "image_url", "image_url": {"url": "https://h/p.png"}},
        {"type": "text", "text": '<file name="notes.md">\nx\n</file>\n\nWhy?'},
    ]
    assert content("", [picture]) == [{"type": "image_url", "image_url": {"url": "https://h/p.png"}}]


@cases(
    ("start", "kind"),
    [
        (PNG, "image/png"),
        (b"\xff\xd8\xff\xe0", "image/jpeg"),
        (b"GIF89a", "image/gif"),
        (b"RIFF\x00\x00\x00\x00WEBPVP8 ", "image/webp"),
    ],
)
def test_a_picture_is_known_by_its_bytes(start: bytes, kind: str) -> None:
    assert image("p", start).url.startswith(f"data:{kind};base64,")


@cases("wrong", [b"", b"RIFF\x00\x00\x00\x00WAVE", b"%PDF-1.7", b"text"])
def test_what_is_no_picture_is_refused(wrong: bytes) -> None:
    with pytest.raises(CliError, match="no picture that models read"):
        image("p", wrong)


@given(
    turns=st.lists(st.tuples(st.text(min_size=1), st.text(), st.booleans()), max_size=4),
    system=st.none() | st.text(min_size=1),
)
def test_a_conversation_goes_through_its_file_unchanged(turns: list[tuple[str, str, bool]], system: str | None) -> None:
    talk = Talk("m", system, {"temperature": 0.5, "stop": ["x"]})
    for question, answer, cut in turns:
        talk.ask(question)
        talk.answered(answer, usage=Usage(3, 2, 1), cut=cut)
    begun = datetime(2026, 6, 1, tzinfo=UTC)

    read = records.parsed("n", records.to_json(Record("n", talk, "on-demand", begun)), "file")

    assert (read.talk.turns, read.talk.system, read.talk.sampling) == (talk.turns, system, talk.sampling)
    assert (read.name, read.surface, read.begun) == ("n", "on-demand", begun)
    records.to_markdown(talk).encode()


@cases("text", ["", "{", "[]", "{}", '{"turns": [1]}', '{"turns": [{"question": 1}]}', '{"version": 9, "turns": []}'])
def test_a_file_that_is_no_conversation_is_told(text: str) -> None:
    with pytest.raises(CliError, match="the file"):
        records.parsed("n", text, "the file")


def test_what_a_file_says_of_sampling_is_looked_at() -> None:
    document = {"version": 1, "turns": [], "sampling": {"temperature": -1, "top_k": "4", "stop": [], "nonsense": 1}}

    assert records.parsed("n", json.dumps(document), "file").talk.sampling == {"top_k": 4, "stop": []}


@cases(
    ("name", "text", "expected"),
    [
        ("temperature", "0.2", ("temperature", 0.2)),
        ("--max-tokens", "9", ("max_tokens", 9)),
        ("stop", "x y", ("stop", ["x y"])),
        ("seed", "default", ("seed", None)),
    ],
)
def test_sampling_is_set_by_its_words(name: str, text: str, expected: tuple[str, Any]) -> None:
    assert sampling.parsed(name, text) == expected


@pytest.mark.parametrize(("name", "text"), [("temperature", "hot"), ("temperature", "nan"), ("warmth", "1")])
def test_sampling_that_cannot_be_is_told(name: str, text: str) -> None:
    with pytest.raises(CliError, match=name):
        sampling.parsed(name, text)


def money(units: str) -> dict[str, Any]:
    return {"currencyCode": "USD", "units": units, "nanos": 0}


PRICES: list[dict[str, Any]] = [
    {"model": "m", "inputTokenPrice": money("9"), "outputTokenPrice": money("9")},
    {
        "model": "m",
        "isActive": True,
        "inputTokenPrice": money("1"),
        "cachedTokenPrice": {"currencyCode": "USD", "units": "0", "nanos": 100_000_000},
        "outputTokenPrice": money("4"),
    },
    {"model": "free", "inputTokenPrice": money("1"), "outputTokenPrice": money("4")},
    {"model": "odd", "inputTokenPrice": {"units": "x"}, "outputTokenPrice": money("4")},
    {"model": "none"},
]


def test_an_answer_costs_what_its_tokens_cost() -> None:
    price, free = Price.of("m", PRICES), Price.of("free", PRICES)
    usage = Usage(1_000_000, 400_000, 250_000)

    assert price is not None
    assert free is not None
    assert price.cost(usage) == Decimal("1.64")
    assert free.cost(usage) == Decimal("1.6")
    assert told(usage, price) == "1,000,000 tokens in (400,000 of them cached), 250,000 out, 1.640000 USD"
    assert told(Usage(1, 0, 2), None) == "1 tokens in, 2 out"
    assert told(None, price) == ""
    assert costs(Decimal("0.0000001"), "USD") == "less than 0.000001 USD"


@pytest.mark.parametrize("model", ["odd", "none", "unknown"])
def test_what_has_no_price_has_none(model: str) -> None:
    assert Price.of(model, PRICES) is None


def test_tokens_are_read_from_an_answer_however_little_it_says() -> None:
    def usage(found: Any) -> Usage | None:
        return Usage.of(types.ChatCompletionResponse.from_dict({"choices": [], "usage": found}))

    assert usage({"prompt_tokens": 5, "completion_tokens": 2, "prompt_tokens_details": {"cached_tokens": 4}}) == Usage(
        5, 4, 2
    )
    assert usage({"prompt_tokens": 5, "prompt_tokens_details": None}) == Usage(5, 0, 0)
    assert Usage.of(types.ChatCompletionResponse.from_dict({"choices": []})) is None
