"""What a table on a terminal shows, and how: columns by worth, amounts and times for people."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from tensormesh_cli.app import App
from tensormesh_cli.output.rendering import Screen, render
from tensormesh_cli.output.table import Table, table
from tests.cases import cases
from tests.cli.conftest import Tm

UUID = "c0203f10-263a-52b1-81ad-ab854b9115ad"
CHOSEN = ("name", "status", "short", "thingId")
THINGS = {
    "things": [
        {"owner": "o", "name": "n" * 40, "status": "up", "short": "12", "thingId": UUID, "userId": "u-1"},
        {"owner": "p", "name": "m" * 40, "status": "up", "short": "13", "thingId": UUID[::-1], "userId": "u-1"},
    ]
}


@pytest.fixture
def zone(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A machine in Kolkata."""
    monkeypatch.setenv("TZ", "IST-5:30")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.fixture
def on_eighty_columns(tm: Tm, admin: Tm, monkeypatch: pytest.MonkeyPatch) -> Callable[..., str]:
    """What a command prints on a terminal of 80 columns."""
    monkeypatch.setattr(
        App, "screen", property(lambda app: Screen(format=app.flags.get("output"), terminal=True, width=80))
    )

    def printed(*words: str) -> str:
        outcome = (admin if words[0] == "admin" else tm)(*words)
        assert outcome.code == 0, outcome.stderr
        return outcome.stdout

    return printed


def terminal(width: int) -> Screen:
    return Screen(terminal=True, width=width)


def money(units: int, nanos: int) -> dict[str, Any]:
    return {"currencyCode": "USD", "units": str(units), "nanos": nanos}


@cases("width", range(66, 130, 7))
def test_an_id_is_never_left_out_or_cut_to_make_room(width: int) -> None:
    shown = table(THINGS, width=width, columns=CHOSEN)

    assert UUID in shown.text
    assert UUID[::-1] in shown.text
    assert all(len(line) <= width for line in shown.text.splitlines())
    assert shown.text.splitlines()[0].startswith("name")


def test_a_name_is_cut_before_what_is_worth_showing_is_left_out() -> None:
    shown = table(THINGS, width=72, columns=CHOSEN)

    first = shown.text.splitlines()[1]
    assert first.startswith(f"{'n' * 25}… ")
    assert first.split()[1:] == ["up", UUID]
    assert shown.left_out == ("short", "owner", "userId")


@pytest.mark.parametrize("width", [20, 40])
def test_where_ids_do_not_fit_each_thing_is_some_lines(width: int) -> None:
    blocks = table(THINGS, width=width, columns=CHOSEN).text.split("\n\n")

    assert len(blocks) == 2
    assert blocks[0].splitlines()[1:] == ["status   up", "short    12", f"thingId  {UUID}"]


def test_what_says_the_same_of_everything_comes_last() -> None:
    rows = [{"kind": "k" * 9, "id": "a", "size": 1}, {"kind": "k" * 9, "id": "b", "size": 2}]

    assert table(rows, width=12) == Table("id  size\na      1\nb      2\n", ("kind",))


def test_models_of_a_host_show_their_context_and_not_that_they_are_models(
    on_eighty_columns: Callable[..., str],
) -> None:
    heading, *rows = on_eighty_columns("infer", "models").splitlines()

    assert heading.split()[:2] == ["id", "max_model_len"]
    assert "object" not in heading
    assert any(row.split()[:2] == ["openai/gpt-oss-20b", "131072"] for row in rows)


@pytest.mark.parametrize(
    ("command", "names"),
    [
        ("models list", ["deploymentId", "modelId"]),
        ("admin models list", ["modelId", "userId"]),
        ("admin users list", ["id"]),
        ("tickets list", ["ticketId"]),
        ("activities list", ["activityId", "resourceId"]),
        ("products list", ["id"]),
        ("billing transactions list", ["transactionId"]),
        ("billing spending usage-history", ["modelId"]),
        ("billing stripe payment-methods list", ["stripePaymentMethodId"]),
    ],
)
def test_ids_of_every_list_are_on_a_small_terminal(
    on_eighty_columns: Callable[..., str], command: str, names: list[str]
) -> None:
    whole = json.loads(on_eighty_columns(*command.split(), "-o", "json"))
    rows = next(item for item in whole.values() if isinstance(item, list) and item and isinstance(item[0], dict))

    text = on_eighty_columns(*command.split())

    for row in rows:
        for name in names:
            assert not row.get(name) or row[name] in text, name


@cases(
    ("amount", "shown"),
    [
        (money(108, 695_917_470), "108.70 USD"),
        (money(0, 67_797_750), "0.0678 USD"),
        (money(0, 37_500_000), "0.0375 USD"),
        (money(2, 955_000_000), "2.955 USD"),
        (money(0, 1_234), "0.0000012 USD"),
        (money(0, 0), "0.00 USD"),
        (money(-3, -123_456_000), "-3.12 USD"),
        (money(0, 999_999_999), "1.00 USD"),
    ],
)
def test_money_is_rounded_for_people_and_exact_for_programs(amount: dict[str, Any], shown: str) -> None:
    assert render({"balance": amount}, terminal(80)).text == f"balance: {shown}\n"
    assert table([{"balance": amount}], width=80).text.splitlines()[1].strip() == shown
    assert json.loads(render({"balance": amount}, Screen(format="json")).text) == {"balance": amount}
    assert amount["nanos"] in (0, 37_500_000, 955_000_000) or shown not in render({"balance": amount}, Screen()).text


def test_a_column_of_amounts_rounds_each_to_the_same_place() -> None:
    rows = [{"amount": money(1, 254_244_560)}, {"amount": money(0, 37_500_000)}]

    assert table(rows, width=80).text == "    amount\n1.2542 USD\n0.0375 USD\n"


@pytest.mark.usefixtures("zone")
def test_times_are_by_the_clock_of_whoever_reads_them() -> None:
    value = {"at": "2026-06-01T12:00:30.123456Z", "text": "2026-06-01", "odd": "0000-00-00T00:00:00Z"}

    assert table([value], width=80).text.splitlines()[1].startswith("2026-06-01 17:30 IST  ")
    assert render(value, terminal(80)).text == (
        "at: 2026-06-01 17:30:30 IST\ntext: '2026-06-01'\nodd: '0000-00-00T00:00:00Z'\n"
    )
    assert ".123456Z" in render(value, Screen()).text


@pytest.mark.usefixtures("zone")
def test_days_stay_days_wherever_they_are_read() -> None:
    rows = [{"bucketStart": "2026-06-01T00:00:00Z"}, {"bucketStart": "2026-06-02T00:00:00Z"}]

    assert table(rows, width=80).text == "bucketStart\n2026-06-01\n2026-06-02\n"


@pytest.mark.usefixtures("zone")
def test_seconds_since_1970_are_a_time_too() -> None:
    assert table([{"id": "a", "created": 1_795_200_000}], width=80).text.endswith("a   2026-11-21 00:10 IST\n")
    assert render({"created": 1_795_200_000}, Screen(format="json")).text == '{\n  "created": 1795200000\n}\n'


def test_a_price_for_tokens_says_for_how_many() -> None:
    price = {"model": "openai/gpt-oss-20b", "inputTokenPrice": money(0, 70_000_000)}

    assert render(price, Screen()).text.endswith("inputTokenPrice: 0.07 USD per 1M tokens\n")
    assert table([price]).text.splitlines()[0] == "model               input per 1M tokens"
    assert table([price], width=30).remark == "Prices are per 1M tokens."
    assert table([price], width=30).text.splitlines()[0] == "model               input/1M"
