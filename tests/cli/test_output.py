"""The forms of an answer."""

from __future__ import annotations

import json
import re
from decimal import Decimal
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from tensormesh_cli.output.control_characters import Painted, gated, painted, sentence, visible
from tensormesh_cli.output.rendering import FORMATS, Screen, render
from tensormesh_cli.output.secrets import hidden, hidden_text, masked
from tensormesh_cli.output.table import MOST_COLUMNS, Table, table
from tensormesh_cli.output.yaml_text import to_text, to_yaml
from tensormesh_cli.values.invisible import INVISIBLE
from tensormesh_cli.values.json_text import dumps, loads
from tensormesh_cli.values.money import money
from tests.cases import cases

VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text() | st.decimals(allow_nan=False, allow_infinity=False),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=20,
)
PRICE = {"currencyCode": "USD", "units": "4", "nanos": 250_000_000}
TERMINAL = Screen(terminal=True, width=80)
OURS = re.compile(r"\x1b\[(0|1|36)m")
"""Colours of keys and headings."""


@settings(max_examples=50)
@given(VALUES)
def test_json_comes_back_as_it_went(value: Any) -> None:
    # A whole number keeps its value; that it was written with a point is not kept.
    assert loads(dumps(value)) == value
    assert loads(dumps(value, indent=2)) == value


@cases("number", ["0.1", "0.10", "12345678901234567890.123456789", "1E+400", "1e-9"])
def test_numbers_are_printed_digit_by_digit(number: str) -> None:
    assert Decimal(dumps(loads(number))) == Decimal(number)


def test_json_is_indented_and_readable() -> None:
    assert dumps({"a": [1, {}], "b": "ü"}, indent=2) == '{\n  "a": [\n    1,\n    {}\n  ],\n  "b": "ü"\n}'


def test_half_a_character_survives() -> None:
    assert dumps("\ud800") == '"\\ud800"'


@settings(max_examples=50)
@given(VALUES.filter(lambda value: "\\u" not in json.dumps(str(value))))
def test_yaml_decodes_to_the_same_value(value: Any) -> None:
    def plain(item: Any) -> Any:
        if isinstance(item, Decimal):
            return float(item)
        if isinstance(item, dict):
            return {key: plain(inner) for key, inner in item.items()}
        return [plain(inner) for inner in item] if isinstance(item, list) else item

    assert yaml.safe_load(to_yaml(value)) == plain(value)


def test_yaml_keeps_the_order_of_keys() -> None:
    assert to_yaml({"b": 1, "a": [1, 2]}) == "b: 1\na:\n  - 1\n  - 2\n"


def test_text_shows_money_as_an_amount() -> None:
    assert to_text({"price": PRICE, "other": {"units": 1, "more": 2}}) == (
        "price: 4.25 USD\nother:\n  units: 1\n  more: 2\n"
    )


def test_lines_stay_lines() -> None:
    assert to_text({"script": "a\nb\n"}) == "script: |\n  a\n  b\n"


def test_control_characters_do_not_reach_the_terminal() -> None:
    odd = "a\x1b[2Jb\x9bc\x85\u202ed\u2066\u2028\x7f\U000e0041\ud800\r"
    value = {"items": [{odd: odd, "lines": f"{odd}\n\t{odd}"}], odd: {odd: odd}, "scalar": odd}

    for shown in (value, [value], {"a": value["items"]}, value[odd], odd):
        for form in (*FORMATS, None):
            for color in (True, False):
                made = render(shown, Screen(format=form, terminal=True, width=80, color=color))
                text = OURS.sub("", f"{gated(made.text)}{gated(made.remark or '')}")
                assert set(INVISIBLE.findall(text)) <= {"\n"}, (form, text)


def test_what_nobody_sees_is_escaped_and_not_lost() -> None:
    odd = "a\x1bb\x9bc\x85d\u202ee\u2066f\u2028g\x7fh\U000e0041i\rj\ufeff\n\tk\u200bl"
    value = {odd: [odd, f"{odd}\n"], "plain": "ü"}

    assert json.loads(dumps(value)) == value
    assert yaml.safe_load(to_yaml(value)) == value
    assert yaml.safe_load(to_text(value)) == value


@cases("text", ["10\u00a0%", "10\u202f000", "日本\u3000語", "👩\u200d💻", "\u0645\u06cc\u200c\u062e", "ü"])
def test_what_languages_need_is_left_as_it_is(text: str) -> None:
    """Spaces that do not break and marks that join are seen, or rather what they do is."""
    assert visible(text) == text
    assert dumps(text) == f'"{text}"'


def test_paint_is_kept_and_what_is_put_beside_it_is_not() -> None:
    assert painted([Painted("\x1b[1mours\x1b[0m"), "\x1b[1mtheirs"], "\n") == "\x1b[1mours\x1b[0m\n\\x1b[1mtheirs"
    assert gated(Painted("\x1b[1m") + "x") == "\\x1b[1mx"


def test_a_second_line_of_a_message_is_no_line_of_ours() -> None:
    assert sentence("Bad.\nHint: run this") == "Bad.\n  Hint: run this"


def test_keys_are_coloured_only_if_wanted() -> None:
    assert "\x1b[36ma\x1b[0m: 1" in to_text({"a": 1}, color=True)
    assert "\x1b" not in to_text({"a": 1})


@cases("units", ["9" * 30, "9" * 5000, Decimal("1e999999999"), 10**16, "x"])
@cases("form", ["table", "text", "yaml", "json", "csv"])
def test_an_amount_that_nobody_has_is_shown_as_it_came(form: Any, units: Any) -> None:
    value = [{"price": {"currencyCode": "USD", "units": units}}]

    for screen in (Screen(form), Screen(form, terminal=True, width=80)):
        assert str(units) in render(value, screen).text.replace("\n", "") or form == "table"


def test_blank_lines_are_gone_over_once() -> None:
    """Going back over all of them at each takes hours at this number."""
    assert to_text({"a": "x" + "\n" * 200_000 + "y", "b": 1}, color=True).count("\x1b[36m") == 2


def test_a_terminal_shows_lists_as_tables() -> None:
    value = {"models": [{"id": "a", "size": 1}, {"id": "b", "size": None}]}

    assert render(value, TERMINAL).text == "id  size\na      1\nb\n"
    assert render(value, Screen()).text == "models:\n  - id: a\n    size: 1\n  - id: b\n    size: null\n"


def test_a_terminal_says_done_where_there_is_nothing_to_say() -> None:
    assert render({"empty": {}}, TERMINAL).text == "Done.\n"
    assert render({"empty": {}}, Screen()).text == "empty: {}\n"


def test_raw_is_the_body_as_it_came() -> None:
    assert render({"a": 1}, Screen(format="raw"), raw='{"a":1}').text == '{"a":1}\n'
    assert render({"a": [1, 2]}, Screen(format="raw")).text == '{"a": [1, 2]}\n'


def test_words_stand_for_text_only() -> None:
    assert render({"a": 1}, Screen(), words="all is well").text == "all is well\n"
    assert render({"a": 1}, Screen(format="json"), words="all is well").text == '{\n  "a": 1\n}\n'


def test_a_table_of_one_thing_is_a_line_a_key() -> None:
    assert table({"user": {"id": "u", "price": PRICE}}).text == "id     u\nprice  4.25 USD\n"


def test_an_empty_list_prints_nothing_and_says_so() -> None:
    rendered = render({"tickets": []}, TERMINAL)

    assert (rendered.text, rendered.remark) == ("", "There are none.")


def test_cells_are_cut_only_where_there_is_no_room() -> None:
    value = [{"text": "x" * 60, "n": 1}]

    assert table(value, width=63).text == f"text{' ' * 58}n\n{'x' * 60}  1\n"
    assert table(value, width=62).text == f"text{' ' * 57}n\n{'x' * 58}…  1\n"
    assert table(value, width=40) == Table(f"text\n{'x' * 39}…\n", ("n",))
    assert table(value).text == f"text{' ' * 58}n\n{'x' * 60}  1\n"


def test_columns_without_room_are_named() -> None:
    rows = [{name: name * 30 for name in "abcdefg"}]

    assert table(rows, width=70) == Table(f"a{' ' * 31}b\n{'a' * 30}  {'b' * 30}\n", tuple("cdefg"))
    assert render(rows, TERMINAL).remark == "No room for c, d, e, f and 1 more: --output text shows all."


def test_a_sentence_takes_what_is_left_and_an_id_does_not() -> None:
    """Half an id is none."""
    words, word = [{"id": "t-1", "a": "one two three four"}], [{"id": "t-1", "a": "one-two-three-four"}]

    assert table(words, width=17) == Table("id   a\nt-1  one two thr…\n")
    assert table(word, width=17) == Table("id\nt-1\n", ("a",))
    assert table(words, width=16) == Table("id\nt-1\n", ("a",))


def test_amounts_of_a_column_stand_below_each_other() -> None:
    """Digit below digit, and none is lost."""
    rows = [{"price": PRICE}, {"price": {"currencyCode": "USD", "units": "12", "nanos": 1_000}}, {"price": None}]

    assert table(rows).text == "        price\n 4.250000 USD\n12.000001 USD\n\n"


def test_long_lists_and_parts_of_a_second_are_for_programs() -> None:
    rows = [{"at": "2026-06-01T12:00:00.123456Z", "points": [{"value": 1.5}] * 9}]

    assert table(rows, width=80).text == "at                    points\n2026-06-01 12:00 UTC  9 items\n"
    assert ".123456Z" in table(rows).text
    assert table(rows).text.count("1.5") == 9


def test_things_are_shown_and_not_the_list_of_their_names() -> None:
    assert table({"ids": ["a"], "things": [{"id": "a", "size": 1}]}).text == "id  size\na      1\n"


def test_chosen_columns_come_first() -> None:
    assert table([{"a": 1, "b": 2, "c": 3}], columns=["c", "x"]).text == "c  a  b\n3  1  2\n"


def test_words_of_the_protocol_are_short_in_a_table() -> None:
    row = {
        "gpuType": "GPU_TYPE_H200",
        "status": "MODEL_STATUS_UP",
        "name": "MY_NAME",
        "type": "TICKET_TYPE_UNSPECIFIED",
    }

    assert table([row]).text == "gpuType  status  name\nh200     up      MY_NAME\n"


def test_wide_characters_take_two_columns() -> None:
    assert table([{"a": "日本", "b": 1}, {"a": "xyzw", "b": 2}]).text == "a     b\n日本  1\nxyzw  2\n"


def test_what_has_parts_comes_last() -> None:
    assert table([{"deep": {"x": 1}, "flat": 2}]).text == 'flat  deep\n   2  {"x": 1}\n'


def test_a_page_says_that_there_are_more() -> None:
    page = {"tickets": [{"id": 1}], "page": 1, "size": 1, "total": "7"}

    assert render(page, TERMINAL).remark == "Page 1 of 7: --all lists all 7."
    assert render({"t": [{"id": 1}], "nextPageToken": "x"}, TERMINAL).remark == "There are more: --all lists them."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("5", {"currencyCode": "USD", "units": "5", "nanos": 0}),
        ("12.50 eur", {"currencyCode": "EUR", "units": "12", "nanos": 500_000_000}),
        ("-0.000000001", {"currencyCode": "USD", "units": "0", "nanos": -1}),
    ],
)
def test_an_amount_becomes_money(text: str, expected: dict[str, Any]) -> None:
    assert money(text) == expected


@cases("text", ["", "five", "1.0000000001", "5 dollars", "NaN", "Infinity", "1e999999"])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"amount|billionth|currency"):
        money(text)


def test_a_secret_shows_its_ends_only() -> None:
    assert masked("sk-0123456789abcdefghij") == "sk-0...ghij"
    assert masked("short-secret") == "***"


def test_secrets_are_hidden_where_they_stand_and_nowhere_else() -> None:
    value = {"keys": [{"id": "k" * 30, "name": "id"}], "id": "left alone"}

    assert hidden(value, [("keys", "*", "id")]) == {
        "keys": [{"id": "kkkk...kkkk", "name": "id"}],
        "id": "left alone",
    }
    assert hidden_text('{"keys":[{"id":"' + "k" * 30 + '"}]}', value, [("keys", "*", "id")]) == (
        '{"keys":[{"id":"kkkk...kkkk"}]}'
    )


def test_more_columns_than_anybody_reads_are_left_out_and_counted() -> None:
    """Also in a pipe: as many items with a key of their own each would make a table of their square."""
    value = [{f"k{number}": number, "id": number} for number in range(MOST_COLUMNS + 50)]

    made = table(value, columns=("id",))

    heading = made.text.partition("\n")[0].split()
    assert heading[:3] == ["id", "k0", "k1"]
    assert len(heading) == MOST_COLUMNS
    assert made.left_out == tuple(f"k{number}" for number in range(MOST_COLUMNS - 1, MOST_COLUMNS + 50))
    assert "k199, k200, k201, k202 and 47 more" in (render(value, Screen(format="table"), columns=("id",)).remark or "")


@pytest.mark.parametrize(
    "spelt",
    [
        '"ak-\\u003c01234567890123456789\\/\\u00e9"',
        '"ak-<01234567890123456789/é"',
        '"\\u0061k-<01234567890123456789/é"',
    ],
)
def test_a_secret_is_hidden_however_the_host_spells_it(spelt: str) -> None:
    text = f'{{"note": "say \\"ak\\"", "id": {spelt}, "x": 1.50}}'

    shown = hidden_text(text, loads(text), [("id",)])

    assert shown == text.replace(spelt, '"ak-<...89/é"')


@pytest.mark.parametrize("number", [float("nan"), float("inf"), float("-inf")])
def test_a_number_that_json_lacks_is_null(number: float) -> None:
    assert dumps({"a": [number]}) == '{"a": [null]}'
