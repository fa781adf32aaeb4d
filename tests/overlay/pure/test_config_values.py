"""What each setting may be, and what is said of what it may not."""

from __future__ import annotations

import decimal
from pathlib import Path
from typing import Any

import pytest

from tensormesh import ConfigurationError
from tensormesh_overlay.calls.retry import RetryPolicy
from tensormesh_overlay.configuration.config import changed
from tensormesh_overlay.configuration.retry_policy import RETRIES
from tensormesh_runtime.types import Timeout
from tests.cases import cases
from tests.overlay.pure.settings import TEXTS, UUID, VARIABLES, config, refused

# What each setting may be.


@cases("wrong", [3, b"bytes", ["list"], object(), True])
@cases("name", TEXTS)
def test_what_is_not_text_is_refused(name: str, wrong: Any) -> None:
    with refused(name):
        config(**{name: wrong})


@cases(
    ("given", "meant"),
    [
        ("https://h.test/", "https://h.test"),
        ("https://h.test//", "https://h.test"),
        ("https://h.test//v1", "https://h.test"),
        ("https://h.test/v1", "https://h.test"),
        ("https://h.test/v1/", "https://h.test"),
        ("https://h.test/deep/v1", "https://h.test/deep"),
        ("https://h.test/v1/v1", "https://h.test/v1"),
        ("https://h.test/v10", "https://h.test/v10"),
        ("https://v1", "https://v1"),
        ("  https://h.test  ", "https://h.test"),
        ("http://127.0.0.1:8765/serverless/v1", "http://127.0.0.1:8765/serverless"),
        ("http://[::1]:8765", "http://[::1]:8765"),
        ("HTTPS://H.Test/Deep", "https://h.test/Deep"),
    ],
)
@cases("name", [name for name in VARIABLES if name.endswith("_base_url")])
def test_a_base_url_loses_trailing_slashes_and_one_v1(name: str, given: str, meant: str) -> None:
    assert getattr(config(**{name: given}), name) == meant
    assert getattr(config({VARIABLES[name]: given}), name) == meant


@cases(
    "given",
    [
        *("h.test", "ftp://h.test", "https://", "https:///v1", "//h.test", "/v1", "https:h.test"),
        *("https://h.test?x=1", "https://h.test?", "https://h.test#top", "https://h.test#"),
        *("https://me@h.test", "https://h.test:port", "https://h.test:99999", "https://[::1", "https://h.test\\evil"),
        *("https://[::1]x", '"https://h.test"', 'https://"h.test"', "https://<host>", "https://h'.test"),
        *("https://two words.test", "https://new\nline.test", "https://t\tab.test", "https://h\0.test"),
    ],
)
def test_a_base_url_is_a_plain_address(given: str) -> None:
    with refused("serverless_base_url"):
        config(serverless_base_url=given)


@cases(
    ("given", "meaning"),
    [
        ("https://h.test?x=1", "a query.*extra_query="),
        ("https://h.test/v1/chat/completions?api-version=1", "a query"),
        ("https://h.test#top", "a fragment"),
        ("https://me@h.test", "a user name or a password"),
        ("https://me:SENTINEL@h.test?x#y z", "a user name or a password"),
        ("https://two words.test", "a blank"),
        ("https://h.test\\evil", "a backslash"),
        ("https://h.test\u200b", "a sign that cannot be seen"),
        ("https://new\nline.test", "a sign that cannot be seen"),
    ],
)
def test_what_is_wrong_with_a_base_url_is_named(given: str, meaning: str) -> None:
    with pytest.raises(ConfigurationError, match=f"must be a plain address, and holds {meaning}"):
        config(serverless_base_url=given)


@cases(
    ("given", "call", "meant"),
    [
        ("https://h.test/v1/chat/completions", "/v1/chat/completions", "https://h.test"),
        ("https://h.test/v1/chat/completions/ ", "/v1/chat/completions", "https://h.test"),
        ("https://H.test/deep/v1/chat/completions", "/v1/chat/completions", "https://h.test/deep"),
        ("https://h.test/chat/completions", "/chat/completions", "https://h.test"),
        ("https://h.test/v1/completions", "/v1/completions", "https://h.test"),
        ("https://h.test/v1/responses", "/v1/responses", "https://h.test"),
        ("https://h.test/V1/Responses", "/V1/Responses", "https://h.test"),
        ("https://h.test/v1/models", "/v1/models", "https://h.test"),
        ("https://h.test/tokenize", "/tokenize", "https://h.test"),
        ("https://h.test/deep/detokenize", "/detokenize", "https://h.test/deep"),
        ("https://h.test/health", "/health", "https://h.test"),
        ("https://h.test:8443/version/", "/version", "https://h.test:8443"),
        ("https://h.test/auth/profile", "/auth/profile", "https://h.test"),
        ("https://h.test/v1/users/api-keys", "/v1/users/api-keys", "https://h.test"),
        ("https://h.test/v1/billing/balance", "/v1/billing/balance", "https://h.test"),
    ],
)
@cases("name", [name for name in VARIABLES if name.endswith("_base_url")])
def test_the_address_of_a_call_is_no_base_url_and_what_would_be_one_is_said(
    name: str, given: str, call: str, meant: str
) -> None:
    with pytest.raises(
        ConfigurationError, match=f"^{name} .*the address of a call; leave out '{call}', and give {meant}$"
    ):
        config(**{name: given})


@pytest.mark.parametrize(
    "given",
    [
        *(
            "https://h.test/chat",
            "https://h.test/models",
            "https://h.test/v1/models/mine",
            "https://h.test/completions",
        ),
        *("https://gateway.test/v1/account/tensormesh", "https://h.test/deep/health", "https://h.test/v1/users-of/x"),
        *("https://h.test/responses", "https://completions", "https://chat.test/v2"),
    ],
)
def test_what_only_looks_like_a_call_is_a_base_url(given: str) -> None:
    assert config(serverless_base_url=given).serverless_base_url == given


@cases("given", [UUID, UUID.upper(), f"{{{UUID}}}", UUID.replace("-", ""), f" {UUID} "])
def test_a_user_id_is_normalised(given: str) -> None:
    assert config(on_demand_user_id=given).on_demand_user_id == UUID


@cases("given", ["nobody", UUID[:-1], UUID + "0", "g" * 32])
def test_a_user_id_is_a_uuid(given: str) -> None:
    with refused("on_demand_user_id"):
        config(on_demand_user_id=given)


@cases("given", [1, 0.05, "2.5", " 3 ", 1_000_000])
def test_a_timeout_is_a_number_of_seconds(given: Any) -> None:
    assert config(timeout=given).timeout == float(given)


@cases("given", ["soon", (1, 2), [3], {}])
def test_a_timeout_that_is_none_says_what_one_is(given: Any) -> None:
    with pytest.raises(ConfigurationError, match="it must be a number of seconds or a Timeout, not "):
        config(timeout=given)


def test_a_timeout_may_have_parts() -> None:
    assert config(timeout=Timeout(connect=1, total=2)).timeout == Timeout(connect=1.0, total=2.0)


TIMELESS: list[Any] = [
    0,
    -1,
    "0",
    float("nan"),
    float("inf"),
    "inf",
    "nan",
    True,
    False,
    "soon",
    [],
    10**12,
    10**400,
    (1, 2),
]


@pytest.mark.parametrize("given", [*TIMELESS, *(Timeout(idle=wrong) for wrong in TIMELESS)], ids=repr)
def test_a_timeout_is_above_0_and_has_an_end(given: Any) -> None:
    with refused("timeout"):
        config(timeout=given)


@cases("given", [0, 3, "3", 3.0, decimal.Decimal(3)])
def test_retries_are_a_whole_number(given: Any) -> None:
    assert config(max_retries=given).max_retries == int(given)


@cases("given", [-1, "-1", 1.5, "1.5", True, float("nan"), float("inf"), "twice", [], decimal.Decimal("1.5")])
def test_retries_are_0_or_more(given: Any) -> None:
    with refused("max_retries"):
        config(max_retries=given)


def test_a_ca_bundle_may_be_a_path(tmp_path: Path) -> None:
    file = tmp_path / "authority.pem"
    file.touch()

    assert config(ca_bundle=file).ca_bundle == str(file)


@cases("given", [".", "/nowhere", "~nosuchuser/x", "x" * 5_000, "nul\0", b"bytes", 3, ["list"]])
def test_a_ca_bundle_is_a_file_that_exists(given: Any) -> None:
    with refused("ca_bundle"):
        config(ca_bundle=given)


@cases(
    ("name", "value"),
    [
        ("default_headers", {"X-Team": "a"}),
        ("think", "keep"),
        ("think", "open"),
        ("retry", RetryPolicy(posts=True, first_delay=0, max_delay=0, deadline=0)),
        ("allow_undescribed_tools", True),
        ("allow_json_schema", True),
    ],
)
def test_what_has_no_variable_is_an_argument_only(name: str, value: Any) -> None:
    assert getattr(config({f"TENSORMESH_{name.upper()}": "x"}, **{name: value}), name) == value


WRONG: dict[str, list[Any]] = {
    "default_headers": [
        "X: y",
        ["X"],
        {"X": 1},
        {1: "x"},
        {"X": None},
        {b"X": b"y"},
        {"X Y": "z"},
        {"X": "a\nb"},
        {"Content-Length": "1"},
    ],
    "think": ["", "Split", "strip", True, []],
    "retry": [3, "posts", RetryPolicy, (True, 1, 2)],
    "allow_undescribed_tools": ["false", 0, 1, ""],
    "allow_json_schema": ["false", 0, 1, ""],
}


def test_a_limit_that_nobody_set_is_another_than_one_that_somebody_did() -> None:
    """It is told as a number, as it always was, and leaves the answers of models their time."""
    assert config().timeout == config(timeout=30).timeout == 30
    assert (config().limits, config(timeout=30).limits) == (Timeout(), 30)
    assert config() != config(timeout=30)
    assert config().replace(max_retries=1).limits == Timeout()


def test_a_policy_alone_means_a_few_tries_and_a_number_wins_over_it() -> None:
    policy = RetryPolicy(posts=True)

    assert config().max_retries == 0
    assert config(retry=policy).max_retries == changed(config(), {"retry": policy}).max_retries == RETRIES == 2
    assert config({"TENSORMESH_MAX_RETRIES": "0"}, retry=policy).max_retries == 0
    assert config(retry=policy, max_retries=5).max_retries == 5
    assert changed(config(max_retries=0), {"retry": policy}).max_retries == 0
    assert changed(config(), {"retry": policy, "max_retries": 1}).max_retries == 1


@cases(("name", "wrong"), [(name, wrong) for name, many in WRONG.items() for wrong in many], ids=repr)
def test_what_has_no_variable_is_checked_too(name: str, wrong: Any) -> None:
    with refused(name):
        config(**{name: wrong})


@cases("part", ["first_delay", "max_delay", "deadline"])
@cases("no_seconds", [-1, float("inf"), float("nan"), "8", None])
def test_the_seconds_of_a_retry_policy_are_checked_too(part: str, no_seconds: Any) -> None:
    with refused("retry"):
        config(retry=RetryPolicy()._replace(**{part: no_seconds}))


def test_headers_given_are_not_the_callers_to_change_later() -> None:
    headers = {"X-Team": "a"}
    settings = config(default_headers=headers)
    headers["X-Team"] = "b"

    assert settings.default_headers == {"X-Team": "a"}


def test_settings_cannot_change_afterwards() -> None:
    with pytest.raises(AttributeError):
        config().timeout = 1  # type: ignore[misc]
