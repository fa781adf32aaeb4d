"""Payment methods and intents of a Stripe that is not there."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import httpx
import pytest

from tensormesh_local.control_plane.seed import COLLEAGUE_ID, PAYMENT_METHOD

type Got = Callable[..., dict[str, Any]]
type Refused = Callable[..., str]

METHODS = "/v1/billing/stripe/customers/payment-methods"
INTENTS = "/v1/billing/stripe/payment-intents"
USD_25_50 = {"currencyCode": "USD", "units": "25", "nanos": 500_000_000}


def attach(client: httpx.Client, method: str) -> httpx.Response:
    return client.post(METHODS, json={"stripePaymentMethodId": method})


def prepare(client: httpx.Client, **fields: Any) -> str:
    answer = client.post(INTENTS, json={"amount": USD_25_50, **fields})

    assert answer.status_code == 200, answer.text
    assert answer.json()["clientSecret"].startswith(f"{answer.json()['stripePaymentIntentId']}_secret_")
    return str(answer.json()["stripePaymentIntentId"])


def confirm(client: httpx.Client, intent: str) -> httpx.Response:
    return client.post(f"{INTENTS}/confirm", json={"stripePaymentIntentId": intent})


def nanos(got: Got) -> int:
    balance = got("/v1/billing/balance")["balance"]
    return int(balance["units"]) * 10**9 + int(balance["nanos"])


def test_the_customer_is_that_of_the_profile(got: Got) -> None:
    customer = got("/v1/billing/stripe/customers")["stripeCusId"]

    assert customer.startswith("cus_")
    assert got("/auth/profile")["user"]["stripeCusId"] == customer


def test_a_customer_is_made_on_the_first_call_and_stays(admin: httpx.Client) -> None:
    query = {"userId": COLLEAGUE_ID}
    assert admin.get(f"/v1/users/{COLLEAGUE_ID}").json()["user"]["stripeCusId"] == ""

    first, second = (admin.get("/v1/billing/stripe/customers", params=query).json() for _ in range(2))
    assert first == second
    assert first["stripeCusId"].startswith("cus_")


def test_methods_are_listed_twice_over(got: Got) -> None:
    listed = got(METHODS)

    assert listed["stripePaymentMethodIds"] == [PAYMENT_METHOD]
    assert listed["paymentMethods"][0]["last4"] == "4242"
    assert listed["paymentMethods"][0]["isDefault"] is True


def test_an_attached_method_is_listed_and_not_the_default(owner: httpx.Client, got: Got) -> None:
    assert attach(owner, "pm_card_mastercard").json() == {"empty": {}}
    method = got(METHODS)["paymentMethods"][1]

    assert (method["stripePaymentMethodId"], method["brand"]) == ("pm_card_mastercard", "mastercard")
    assert method["isDefault"] is False
    assert len(method["last4"]) == 4


def test_a_method_is_attached_once(owner: httpx.Client, refused: Refused) -> None:
    refused(attach(owner, PAYMENT_METHOD), 409, 6)


def test_something_else_is_no_method(owner: httpx.Client, refused: Refused) -> None:
    assert "pm_" in refused(attach(owner, "card_1"), 400, 3)


def test_without_the_default_the_next_method_becomes_it(owner: httpx.Client, got: Got) -> None:
    attach(owner, "pm_card_amex")
    owner.delete(METHODS, params={"stripePaymentMethodId": PAYMENT_METHOD})
    (method,) = got(METHODS)["paymentMethods"]

    assert (method["stripePaymentMethodId"], method["isDefault"]) == ("pm_card_amex", True)


def test_an_unknown_method_cannot_be_detached_or_paid_with(owner: httpx.Client, refused: Refused) -> None:
    refused(owner.delete(METHODS, params={"stripePaymentMethodId": "pm_none"}), 404, 5)
    refused(owner.post(INTENTS, json={"amount": USD_25_50, "stripePaymentMethodId": "pm_none"}), 404, 5)


def test_no_money_moves_before_an_intent_is_confirmed(owner: httpx.Client, got: Got) -> None:
    before = nanos(got)
    intent = prepare(owner)
    assert nanos(got) == before

    assert confirm(owner, intent).json() == {"empty": {}}
    assert nanos(got) - before == 25_500_000_000


def test_a_confirmed_intent_is_in_the_ledger(owner: httpx.Client, got: Got) -> None:
    attach(owner, "pm_card_amex")
    intent = prepare(owner, stripePaymentMethodId="pm_card_amex")
    confirm(owner, intent)
    entry = got("/v1/billing/transactions", pageSize=1)["transactions"][0]

    assert entry["amount"] == USD_25_50
    assert (entry["stripePaymentIntentId"], entry["paymentMethodId"]) == (intent, "pm_card_amex")


def test_an_intent_without_a_method_is_paid_with_the_default(owner: httpx.Client, got: Got) -> None:
    confirm(owner, prepare(owner))

    assert got("/v1/billing/transactions", pageSize=1)["transactions"][0]["paymentMethodId"] == PAYMENT_METHOD


def test_an_intent_is_confirmed_once(owner: httpx.Client, got: Got, refused: Refused) -> None:
    intent = prepare(owner)
    confirm(owner, intent)
    before = nanos(got)

    refused(confirm(owner, intent), 409, 6)
    assert nanos(got) == before


def test_nothing_is_paid_without_a_method(owner: httpx.Client, got: Got, refused: Refused) -> None:
    owner.delete(METHODS, params={"stripePaymentMethodId": PAYMENT_METHOD})
    before = nanos(got)

    assert "attach one" in refused(confirm(owner, prepare(owner)), 400, 9)
    assert nanos(got) == before


@pytest.mark.parametrize("intent", ["pi_none", ""])
def test_an_unknown_intent_is_refused(owner: httpx.Client, refused: Refused, intent: str) -> None:
    refused(confirm(owner, intent), 404 if intent else 400, 5 if intent else 3)


def test_nobody_confirms_the_intent_of_another(owner: httpx.Client, admin: httpx.Client, refused: Refused) -> None:
    refused(confirm(admin, prepare(owner)), 404, 5)


def test_a_setup_intent_has_a_secret_of_its_own(owner: httpx.Client) -> None:
    first, second = (owner.post("/v1/billing/stripe/setup-intents", json={}).json() for _ in range(2))

    assert first["stripeSetupIntentId"].startswith("seti_")
    assert first["clientSecret"].startswith(first["stripeSetupIntentId"])
    assert first != second
