"""Times and values of enumerations may be given as people write them; `tm` takes the same words."""

from __future__ import annotations

import datetime
from datetime import UTC, timedelta
from typing import Any

import click
import pytest

from tensormesh_cli.command_line.parameter_types import Word as TypedWord
from tensormesh_cli.values.times import moment
from tensormesh_generated import api
from tensormesh_generated.models import CreateUserApiKeyRequest
from tensormesh_runtime.errors import ValidationError
from tensormesh_runtime.words import Digits, Each, Moment, Word, spelt

GPU = Word("GPU_TYPE_", ("GPU_TYPE_UNSPECIFIED", "GPU_TYPE_H100", "GPU_TYPE_B200"))
STATUS = Word("TICKET_STATUS_", ("TICKET_STATUS_UNSPECIFIED", "TICKET_STATUS_OPEN"))


def near(text: str, span: timedelta) -> bool:
    """Whether a time is so far from now, give or take what a slow machine needs."""
    return abs(datetime.datetime.fromisoformat(text) - datetime.datetime.now(UTC) - span) < timedelta(minutes=5)


def expiry(**given: Any) -> str:
    request = api.api_keys.create_user_api_key.build_request(body={"userId": "u", **given})
    return str(request.json["expiresAt"])


@pytest.mark.parametrize("span", [timedelta(days=30), "30d", "+30d", " 30d "])
def test_a_key_expires_so_long_from_now(span: Any) -> None:
    assert near(expiry(expiresAt=span), timedelta(days=30))


def test_a_model_takes_a_span_as_well() -> None:
    request = CreateUserApiKeyRequest(user_id="u", expires_at=timedelta(days=30))

    assert near(request.to_dict()["expiresAt"], timedelta(days=30))
    assert near(expiry(**request.to_dict()), timedelta(days=30))


@pytest.mark.parametrize("start", [timedelta(hours=24), timedelta(hours=-24), "24h", "-24h", "1d"])
def test_a_span_of_what_was_lies_behind(start: Any) -> None:
    request = api.observability.get_deployment_logs.build_request(deployment_id="d", start_time=start)

    assert near(dict(request.query)["startTime"], timedelta(hours=-24))


@pytest.mark.parametrize("ahead", [False, True])
@pytest.mark.parametrize(
    "text", ["now", "15m", "-2h", "+7d", "3w", "10s", "2026-06-01", "2026-06-01T08:00", "2026-06-01 08:00:00"]
)
def test_tm_and_the_client_understand_the_same_times(text: str, ahead: bool) -> None:
    ours, its = Moment(ahead).spelt(text), moment(text, datetime.datetime.now(UTC), ahead=ahead)

    assert abs(datetime.datetime.fromisoformat(ours) - datetime.datetime.fromisoformat(its)) < timedelta(minutes=5)


@pytest.mark.parametrize("value", ["2026-06-01T08:00:00+02:00", "soon", "30 days", "", 7, None, ["30d"]])
def test_what_is_no_such_time_is_sent_as_it_is(value: Any) -> None:
    assert Moment().spelt(value) == value


def test_a_day_is_its_beginning() -> None:
    assert Moment().spelt(datetime.date(2026, 6, 1)) == "2026-06-01T00:00:00Z"


def test_a_span_beyond_all_times_is_our_error() -> None:
    with pytest.raises(ValidationError, match="out of what a time can be"):
        Moment(ahead=True).spelt(timedelta(days=9_000_000))


@pytest.mark.parametrize(
    ("word", "text"),
    [
        (GPU, "h100"),
        (GPU, "H100"),
        (GPU, "GPU_TYPE_H100"),
        (GPU, "gpu-type-b200"),
        (GPU, "GPU_TYPE_X900"),
        (GPU, "gpu-type-x900"),
        (STATUS, "open"),
        (STATUS, "in-progress"),
    ],
)
def test_tm_and_the_client_understand_the_same_values(word: Word, text: str) -> None:
    parameter = click.Option(["--x"])

    assert word.spelt(text) == TypedWord(word.known, word.prefix).convert(text, parameter, None)


@pytest.mark.parametrize("value", ["x900", "", "h 100", "ü", 7, None])
def test_a_value_that_nobody_knows_is_sent_as_it_is(value: Any) -> None:
    assert GPU.spelt(value) == value


def test_values_are_found_at_any_depth_of_a_body_and_in_a_query() -> None:
    body = {"gpuType": "h100", "infra": {"cloudProvider": "nebius", "novelty": "h100"}, "modelName": "h100"}

    deploy = api.deployments.deploy_model.build_request(body=body)
    prices = api.pricing.list_gpu_pricing.build_request(gpu_type="b200", cloud_provider="yotta")

    assert deploy.json == {
        "gpuType": "GPU_TYPE_H100",
        "infra": {"cloudProvider": "CLOUD_PROVIDER_NEBIUS", "novelty": "h100"},
        "modelName": "h100",
    }
    assert dict(prices.query) == {"cloudProvider": "CLOUD_PROVIDER_YOTTA", "gpuType": "GPU_TYPE_B200"}
    assert body["gpuType"] == "h100"


def test_a_number_that_json_has_as_text_is_sent_as_text() -> None:
    """By keyword and in a mapping, as in a model."""
    build = api.billing_stripe.create_stripe_payment_intent.build_request

    given = build(body={"amount": {"units": 5, "nanos": 7}, "stripePaymentMethodId": 9})
    text = build(body={"amount": {"units": "005"}})

    assert given.json == {"amount": {"units": "5", "nanos": 7}, "stripePaymentMethodId": 9}
    assert text.json == {"amount": {"units": "005"}}


def test_each_value_of_a_map_is_spelt() -> None:
    prices = spelt({"a": 5, "b": ["7", 8], "c": None}, Each(Digits()))

    assert prices == {"a": "5", "b": ["7", "8"], "c": None}
    assert spelt("no map", Each(Digits())) == "no map"
