"""What inference uses: counted off its answers, priced by the list, taken off the balance at once."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from decimal import Decimal
from typing import Any

import httpx
import pytest

from tensormesh_local import LocalHost, Options
from tensormesh_local.catalogue import ON_DEMAND_NAME, SERVERLESS
from tensormesh_local.control_plane.seed import DEPLOYMENT_ID
from tests.local_control_plane.conftest import START, Clock, Connect
from tests.plain_http import NO_TLS

type Got = Callable[..., dict[str, Any]]

MODEL = "openai/gpt-oss-120b"
RECORD = next(model.price_id for model in SERVERLESS if model.name == MODEL)
INPUT, OUTPUT = Decimal("0.15"), Decimal("0.60")
QUESTION = "How does a prefix cache save work? " * 20
TODAY = "2026-06-03T00:00:00Z"


def amount(money: dict[str, Any]) -> Decimal:
    return Decimal(money["units"]) + Decimal(money["nanos"]).scaleb(-9)


def cost(usage: dict[str, Any]) -> Decimal:
    """The price of a chat answer by the published list, in which cached tokens are free."""
    fresh = usage["prompt_tokens"] - usage["prompt_tokens_details"]["cached_tokens"]
    return (INPUT * fresh + OUTPUT * usage["completion_tokens"]) / 1_000_000


@pytest.fixture
def balance(got: Got) -> Callable[[], Decimal]:
    return lambda: amount(got("/v1/billing/balance")["balance"])


@pytest.fixture
def ask(serverless: httpx.Client) -> Callable[..., dict[str, Any]]:
    """Ask a question and give the usage of the answer."""

    def chat(question: str = QUESTION, **fields: Any) -> dict[str, Any]:
        body = {"model": MODEL, "messages": [{"role": "user", "content": question}], **fields}
        answer = serverless.post("/v1/chat/completions", json=body)

        assert answer.status_code == 200, answer.text
        usage: dict[str, Any] = answer.json()["usage"]
        return usage

    return chat


@pytest.fixture
def used(got: Got) -> Callable[[], dict[str, int]]:
    """Today's row of the model in the usage history, as numbers."""

    def row() -> dict[str, int]:
        rows = got("/v1/billing/serverless-usage/history", startTime=START.isoformat())["rows"]
        return next(
            ({k: int(v) for k, v in row.items() if k.endswith(("s", "t")) and k != "bucketStart"} for row in rows),
            {},
        )

    return row


def test_an_answer_is_paid_to_the_last_digit(balance: Callable[[], Decimal], ask: Callable[..., Any]) -> None:
    before = balance()
    usage = ask()

    assert before - balance() == cost(usage) > 0


def test_a_cached_prompt_is_free_and_counts_as_saved(
    balance: Callable[[], Decimal], ask: Callable[..., Any], got: Got
) -> None:
    ask()
    before, saved = balance(), got("/v1/billing/spending/history")["buckets"][-1]["costSaving"]
    usage = ask()
    cached = usage["prompt_tokens_details"]["cached_tokens"]
    today = got("/v1/billing/spending/history")["buckets"][-1]

    assert cached > 100
    assert before - balance() == cost(usage)
    assert amount(today["costSaving"]) - amount(saved) == INPUT * cached / 1_000_000
    assert today["bucketStart"] == TODAY


def test_the_first_use_of_an_hour_opens_a_charge_and_the_rest_adds_to_it(ask: Callable[..., Any], got: Got) -> None:
    total = len(everything(got))
    first = ask("One")
    second = ask("Two")
    charge = got("/v1/billing/transactions", pageSize=1)["transactions"][0]

    assert len(everything(got)) == total + 1
    assert charge["type"] == "TRANSACTION_TYPE_CHARGE"
    assert charge["createdAt"] == "2026-06-03T12:34:56Z"
    assert amount(charge["amount"]) == cost(first) + cost(second)
    assert charge["details"]["models"] == {
        RECORD: {
            "name": "gpt-oss-120b",
            "event_count": 2,
            "input_tokens": first["prompt_tokens"] + second["prompt_tokens"],
            "output_tokens": first["completion_tokens"] + second["completion_tokens"],
            "cached_tokens": sum(u["prompt_tokens_details"]["cached_tokens"] for u in (first, second)),
            "total_amount": str((cost(first) + cost(second)).normalize()),
        }
    }


def test_the_next_hour_has_a_charge_of_its_own(ask: Callable[..., Any], got: Got, clock: Clock) -> None:
    ask()
    clock.advance(hours=1)
    ask()
    later, earlier = got("/v1/billing/transactions", pageSize=2)["transactions"]

    assert (later["createdAt"], earlier["createdAt"]) == ("2026-06-03T13:34:56Z", "2026-06-03T12:34:56Z")


def everything(got: Got) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    token: str | None = ""
    while token is not None:
        page = got("/v1/billing/transactions", pageSize=100, **({"pageToken": token} if token else {}))
        found += page["transactions"]
        token = page["nextPageToken"] or None
    return found


def test_the_balance_is_what_was_put_in_less_what_was_charged(
    balance: Callable[[], Decimal], ask: Callable[..., Any], got: Got
) -> None:
    ask()
    signs = {"TRANSACTION_TYPE_CHARGE": -1, "TRANSACTION_TYPE_TOP_UP": 1, "TRANSACTION_TYPE_CREDIT": 1}

    assert balance() == sum(signs[entry["type"]] * amount(entry["amount"]) for entry in everything(got))


def test_every_charge_is_the_sum_of_its_models(got: Got) -> None:
    charges = [entry for entry in everything(got) if "details" in entry]

    assert len(charges) > 50
    for charge in charges:
        shares = [Decimal(model["total_amount"]) for model in charge["details"]["models"].values()]
        assert amount(charge["amount"]) == sum(shares)


def test_the_summary_moves_with_use_and_forgets_it_in_time(ask: Callable[..., Any], got: Got, clock: Clock) -> None:
    before = got("/v1/billing/spending/summary")
    price = cost(ask())
    after = got("/v1/billing/spending/summary")
    assert {name: amount(after[name]) - amount(before[name]) for name in before} == dict.fromkeys(before, price)

    clock.advance(days=31)
    assert {name: amount(money) for name, money in got("/v1/billing/spending/summary").items()} == dict.fromkeys(
        before, 0
    )


def test_usage_history_counts_tokens_and_requests(ask: Callable[..., Any], used: Callable[[], Any]) -> None:
    assert used() == {}
    usage = [ask(), ask()]

    assert used() == {
        "inputTokens": sum(one["prompt_tokens"] for one in usage),
        "outputTokens": sum(one["completion_tokens"] for one in usage),
        "cachedTokens": sum(one["prompt_tokens_details"]["cached_tokens"] for one in usage),
        "requestCount": 2,
    }


@pytest.mark.parametrize("include_usage", [True, False])
def test_a_stream_costs_what_the_whole_answer_costs(
    serverless: httpx.Client, ask: Callable[..., Any], used: Callable[[], Any], include_usage: bool
) -> None:
    whole = ask(cache_salt="a", temperature=0)
    before = used()
    body = {
        "model": MODEL,
        "messages": [{"role": "user", "content": QUESTION}],
        "stream": True,
        "stream_options": {"include_usage": include_usage},
        "cache_salt": "b",
        "temperature": 0,
    }
    serverless.post("/v1/chat/completions", json=body)
    after = used()

    assert after["inputTokens"] - before["inputTokens"] == whole["prompt_tokens"]
    assert after["outputTokens"] - before["outputTokens"] == whole["completion_tokens"]
    assert after["cachedTokens"] == 0


@pytest.mark.parametrize("stream", [False, True])
@pytest.mark.parametrize(
    ("path", "body"),
    [("/v1/completions", {"prompt": "Once upon a time"}), ("/v1/responses", {"input": "Say hello."})],
)
def test_the_other_operations_are_metered_too(
    serverless: httpx.Client, used: Callable[[], Any], path: str, body: dict[str, Any], stream: bool
) -> None:
    body = {"model": MODEL, "temperature": 0, **body}
    usage = serverless.post(path, json=body).json()["usage"]
    serverless.post(path, json={**body, "stream": stream})

    assert used()["requestCount"] == 2
    assert used()["inputTokens"] == 2 * (usage.get("prompt_tokens") or usage.get("input_tokens"))
    assert used()["outputTokens"] == 2 * (usage.get("completion_tokens") or usage.get("output_tokens"))


@pytest.mark.parametrize(
    ("path", "body"),
    [
        ("/tokenize", {"model": MODEL, "prompt": "hello"}),
        ("/detokenize", {"model": MODEL, "tokens": [1]}),
        ("/v1/chat/completions", {"model": MODEL, "messages": []}),
        ("/v1/chat/completions", {"model": "nobody", "messages": [{"role": "user", "content": "x"}]}),
    ],
)
def test_counting_and_refusals_cost_nothing(
    serverless: httpx.Client, used: Callable[[], Any], path: str, body: dict[str, Any]
) -> None:
    serverless.post(path, json=body)

    assert used() == {}


def test_a_scripted_failure_costs_nothing(host: LocalHost, serverless: httpx.Client, used: Callable[[], Any]) -> None:
    host.faults.add(status=500)
    body = {"model": MODEL, "messages": [{"role": "user", "content": "x"}]}

    assert serverless.post("/v1/chat/completions", json=body).status_code == 500
    assert used() == {}


def test_a_stream_that_is_cut_costs_what_was_sent(
    host: LocalHost, serverless: httpx.Client, ask: Callable[..., Any], used: Callable[[], Any]
) -> None:
    whole = ask(temperature=0)
    before = used()
    host.faults.add(cut_after_bytes=2_000)
    body = {"model": MODEL, "messages": [{"role": "user", "content": QUESTION}], "stream": True, "temperature": 0}
    with contextlib.suppress(httpx.RemoteProtocolError):
        serverless.post("/v1/chat/completions", json=body)
    after = used()

    assert after["requestCount"] - before["requestCount"] == 1
    assert after["inputTokens"] - before["inputTokens"] == whole["prompt_tokens"]
    assert 0 < after["outputTokens"] - before["outputTokens"] < whole["completion_tokens"]


@pytest.fixture
def slow_host(clock: Clock) -> Iterator[LocalHost]:
    with LocalHost(Options(clock=clock, pace_seconds=0.02)) as host:
        yield host


def test_a_stream_the_caller_leaves_costs_what_was_sent(slow_host: LocalHost) -> None:
    history = f"{slow_host.control_plane_base_url}/v1/billing/serverless-usage/history"
    body = {"model": MODEL, "messages": [{"role": "user", "content": QUESTION}], "temperature": 0}
    with httpx.Client(trust_env=False, verify=NO_TLS, base_url=slow_host.serverless_base_url) as client:
        client.headers["Authorization"] = f"Bearer {slow_host.inference_api_key}"
        whole = client.post("/v1/chat/completions", json=body).json()["usage"]
        with client.stream("POST", "/v1/chat/completions", json={**body, "stream": True}) as answer:
            seen = [line for line, _ in zip((line for line in answer.iter_lines() if line), range(5), strict=False)]
        client.headers["Authorization"] = f"Bearer {slow_host.control_plane_token}"
        row: dict[str, str] = {}
        deadline = time.monotonic() + 10
        while row.get("requestCount") != "2" and time.monotonic() < deadline:
            (row,) = client.get(history, params={"startTime": START.isoformat()}).json()["rows"]

    assert len(seen) == 5
    assert row["requestCount"] == "2"
    assert 1 <= int(row["outputTokens"]) - whole["completion_tokens"] < whole["completion_tokens"]


@pytest.fixture
def relaying(host: LocalHost, clock: Clock) -> Iterator[LocalHost]:
    """A host whose answers come from another engine: from the other host of this test."""
    options = Options(clock=clock, upstream=host.serverless_base_url, upstream_key=host.inference_api_key)
    with LocalHost(options) as relaying:
        yield relaying


@pytest.mark.parametrize("extra", [{}, {"stream": True, "stream_options": {"include_usage": True}}])
def test_an_answer_of_another_engine_is_counted_by_the_usage_it_tells(
    relaying: LocalHost, ask: Callable[..., Any], connect: Connect, extra: dict[str, Any]
) -> None:
    whole = ask(temperature=0, cache_salt="a")
    body = {"model": MODEL, "messages": [{"role": "user", "content": QUESTION}], "temperature": 0, "cache_salt": "b"}
    connect(relaying.inference_api_key, relaying.serverless_base_url).post(
        "/v1/chat/completions", json={**body, **extra}
    )
    row = usage_of(relaying, connect)

    assert (int(row["inputTokens"]), int(row["outputTokens"])) == (whole["prompt_tokens"], whole["completion_tokens"])


def test_a_stream_of_another_engine_without_usage_is_counted_by_its_pieces(
    relaying: LocalHost, ask: Callable[..., Any], connect: Connect
) -> None:
    whole = ask(temperature=0)
    body = {"model": MODEL, "messages": [{"role": "user", "content": QUESTION}], "temperature": 0, "stream": True}
    connect(relaying.inference_api_key, relaying.serverless_base_url).post("/v1/chat/completions", json=body)
    row = usage_of(relaying, connect)

    assert row["inputTokens"] == "0"
    assert 0 < int(row["outputTokens"]) <= whole["completion_tokens"]


def usage_of(host: LocalHost, connect: Connect) -> dict[str, str]:
    client = connect(host.control_plane_token, host.control_plane_base_url)
    (row,) = client.get("/v1/billing/serverless-usage/history", params={"startTime": START.isoformat()}).json()["rows"]
    found: dict[str, str] = row
    return found


def test_a_new_price_holds_from_the_next_answer_on(
    root: httpx.Client, balance: Callable[[], Decimal], ask: Callable[..., Any]
) -> None:
    first = ask("One")
    before = balance()
    million = {"currencyCode": "USD", "units": "1000000", "nanos": 0}
    pricing = {"id": RECORD, "model": MODEL, "inputTokenPrice": million, "outputTokenPrice": {}, "isActive": True}
    root.put("/v1/admin/billing/serverless-pricing", json={"pricing": pricing})
    second = ask("Another one")
    fresh = second["prompt_tokens"] - second["prompt_tokens_details"]["cached_tokens"]

    assert before - balance() == fresh
    assert cost(first) < 1


def test_on_demand_use_is_counted_for_the_deployment_and_costs_nothing(
    on_demand: httpx.Client, balance: Callable[[], Decimal], used: Callable[[], Any], got: Got
) -> None:
    before = balance(), last_metrics(got, f"/v1/observability/deployments/{DEPLOYMENT_ID}/metrics")
    ledger = everything(got)
    body = {"model": ON_DEMAND_NAME, "messages": [{"role": "user", "content": "Hello"}]}
    usage = on_demand.post("/v1/chat/completions", json=body).json()["usage"]
    after = last_metrics(got, f"/v1/observability/deployments/{DEPLOYMENT_ID}/metrics")

    assert (balance(), used(), everything(got)) == (before[0], {}, ledger)
    assert after["requests_total"] - before[1]["requests_total"] == 1
    assert after["prompt_tokens_total"] - before[1]["prompt_tokens_total"] == usage["prompt_tokens"]
    assert after["completion_tokens_total"] - before[1]["completion_tokens_total"] == usage["completion_tokens"]


def last_metrics(got: Got, path: str) -> dict[str, float]:
    return {metric["name"]: metric["data"][-1]["value"] for metric in got(path)["metrics"]}


def test_user_metrics_count_both_surfaces(serverless: httpx.Client, on_demand: httpx.Client, got: Got) -> None:
    before = last_metrics(got, "/v1/observability/users/metrics")
    for client, model in ((serverless, MODEL), (on_demand, ON_DEMAND_NAME)):
        client.post("/v1/completions", json={"model": model, "prompt": "Hello"})
    after = last_metrics(got, "/v1/observability/users/metrics")

    assert after["requests_total"] - before["requests_total"] == 2


def test_hosts_in_one_process_do_not_share_an_account(clock: Clock, got: Got, ask: Callable[..., Any]) -> None:
    with LocalHost(Options(clock=clock)) as other:
        ask()
        headers = {"Authorization": f"Bearer {other.control_plane_token}"}
        answer = httpx.get(
            f"{other.control_plane_base_url}/v1/billing/balance", headers=headers, trust_env=False, verify=NO_TLS
        )

    assert amount(answer.json()["balance"]) > amount(got("/v1/billing/balance")["balance"])
