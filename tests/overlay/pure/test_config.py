"""Settings: argument over environment over default, what is refused, and what no text ever shows."""

from __future__ import annotations

import copy
import decimal
import logging
import pickle
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tensormesh import AsyncTensormesh, ConfigurationError, Tensormesh
from tensormesh_overlay.calls.retry import RetryPolicy
from tensormesh_overlay.configuration.config import SETTINGS, Config, changed, resolve
from tensormesh_overlay.configuration.retry_policy import RETRIES
from tensormesh_runtime.types import Timeout

DEFAULTS: dict[str, Any] = {
    "control_plane_token": None,
    "control_plane_base_url": "https://api.tensormesh.ai",
    "inference_api_key": None,
    "serverless_base_url": "https://serverless.tensormesh.ai",
    "on_demand_base_url": None,
    "on_demand_user_id": None,
    "timeout": 30.0,
    "max_retries": 0,
    "ca_bundle": None,
}
CHOICES: dict[str, Any] = {
    "max_connections": 1000,
    "max_response_bytes": 256 * 1024 * 1024,
    "default_headers": {},
    "think": "split",
    "retry": RetryPolicy(),
    "allow_undescribed_tools": False,
    "allow_json_schema": False,
}
VARIABLES = {
    "control_plane_token": "TENSORMESH_CONTROL_PLANE_TOKEN",
    "control_plane_base_url": "TENSORMESH_CONTROL_PLANE_BASE_URL",
    "inference_api_key": "TENSORMESH_INFERENCE_API_KEY",
    "serverless_base_url": "TENSORMESH_SERVERLESS_BASE_URL",
    "on_demand_base_url": "TENSORMESH_ON_DEMAND_BASE_URL",
    "on_demand_user_id": "TENSORMESH_ON_DEMAND_USER_ID",
    "timeout": "TENSORMESH_TIMEOUT_SECONDS",
    "max_retries": "TENSORMESH_MAX_RETRIES",
    "ca_bundle": "TENSORMESH_CA_BUNDLE",
}
UUID = "0f0e0d0c-0000-4000-8000-00000000000a"
OTHER_UUID = "11111111-2222-4333-8444-555555555555"
TEXTS = ("control_plane_token", "inference_api_key", *(name for name in VARIABLES if name.endswith(("_url", "_id"))))
CREDENTIALS = ("control_plane_token", "inference_api_key")
KINDS = (Tensormesh, AsyncTensormesh)

Samples = dict[str, tuple[Any, str, Any]]


@pytest.fixture
def samples(tmp_path: Path) -> Samples:
    """For each setting: an argument, another value for its variable, and what that variable comes to."""
    for name in ("a.pem", "b.pem"):
        (tmp_path / name).touch()
    return {
        "control_plane_token": ("token-a", "token-b", "token-b"),
        "control_plane_base_url": ("https://a.test", "http://b.test:8080", "http://b.test:8080"),
        "inference_api_key": ("key-a", "key-b", "key-b"),
        "serverless_base_url": ("https://a.test", "https://b.test", "https://b.test"),
        "on_demand_base_url": ("https://a.test", "https://b.test/deep", "https://b.test/deep"),
        "on_demand_user_id": (UUID, OTHER_UUID, OTHER_UUID),
        "timeout": (2.5, "7", 7.0),
        "max_retries": (2, "5", 5),
        "ca_bundle": (str(tmp_path / "a.pem"), str(tmp_path / "b.pem"), str(tmp_path / "b.pem")),
    }


def config(environ: dict[str, str] | None = None, /, **arguments: Any) -> Config:
    return resolve(arguments, environ or {})


def refused(name: str) -> Any:
    """An error that names the argument and, where there is one, the variable."""
    origin = rf"{name} \(or {VARIABLES[name]}\)" if name in VARIABLES else name
    return pytest.raises(ConfigurationError, match=rf"^{origin} cannot be used: ")


# Where a setting comes from.


def test_the_variables_are_the_documented_nine() -> None:
    assert {name: row[0] for name, row in SETTINGS.items()} == VARIABLES


def test_nothing_given_means_the_defaults() -> None:
    expected = {**DEFAULTS, **CHOICES}

    assert {name: getattr(config(), name) for name in Config.__annotations__} == expected


@pytest.mark.parametrize("name", VARIABLES)
def test_a_variable_beats_the_default(name: str, samples: Samples) -> None:
    _, text, value = samples[name]

    assert config({VARIABLES[name]: text}) == config().replace(**{name: value})


@pytest.mark.parametrize("name", VARIABLES)
def test_an_argument_beats_the_variable(name: str, samples: Samples) -> None:
    argument, text, _ = samples[name]

    assert config({VARIABLES[name]: text}, **{name: argument}) == config().replace(**{name: argument})


@pytest.mark.parametrize("name", VARIABLES)
def test_a_good_argument_makes_up_for_a_wrong_variable(name: str, samples: Samples) -> None:
    argument = samples[name][0]

    assert getattr(config({VARIABLES[name]: "\0 wrong"}, **{name: argument}), name) == argument


@pytest.mark.parametrize("name", VARIABLES)
def test_an_argument_of_none_counts_as_not_given(name: str, samples: Samples) -> None:
    _, text, value = samples[name]

    assert getattr(config({VARIABLES[name]: text}, **{name: None}), name) == value


@pytest.mark.parametrize("blank", ["", " ", "\t\n"])
@pytest.mark.parametrize("name", VARIABLES)
def test_a_blank_variable_counts_as_unset(name: str, blank: str) -> None:
    assert config({VARIABLES[name]: blank}) == config()


@pytest.mark.parametrize("blank", ["", " ", "\t\n"])
@pytest.mark.parametrize("name", VARIABLES)
def test_a_blank_argument_is_an_error_even_where_the_variable_is_set(name: str, blank: str, samples: Samples) -> None:
    with refused(name):
        config({VARIABLES[name]: samples[name][1]}, **{name: blank})


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("control_plane_token", "two words"),
        ("control_plane_base_url", "api.tensormesh.ai"),
        ("inference_api_key", "two words"),
        ("serverless_base_url", "serverless"),
        ("on_demand_base_url", "ftp://h.test"),
        ("on_demand_user_id", "nobody"),
        ("timeout", "soon"),
        ("max_retries", "twice"),
        ("ca_bundle", "/nowhere/at/all.pem"),
    ],
)
def test_a_wrong_variable_is_an_error_that_names_it_first(name: str, text: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"^{VARIABLES[name]} \(or {name}=\) cannot be used: "):
        config({VARIABLES[name]: text})


@pytest.mark.parametrize("kind", KINDS)
def test_the_environment_of_the_process_is_read_where_none_is_given(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENSORMESH_INFERENCE_API_KEY", "key-of-the-process")

    assert kind().config.inference_api_key == "key-of-the-process"
    assert kind(env={}).config.inference_api_key is None


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_wrong_is_said_when_the_client_is_made(kind: Any) -> None:
    with refused("timeout"):
        kind(timeout=0, env={})


def test_no_file_is_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder = tmp_path / ".config" / "tensormesh"
    folder.mkdir(parents=True)
    for name in ("config.toml", "auth.json"):
        (folder / name).write_text('gateway_api_key = "from-a-file"\ninference_api_key = "from-a-file"\n')
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / ".config"))

    assert Tensormesh(env={}).config == config()


# What each setting may be.


@pytest.mark.parametrize("wrong", [3, b"bytes", ["list"], object(), True])
@pytest.mark.parametrize("name", TEXTS)
def test_what_is_not_text_is_refused(name: str, wrong: Any) -> None:
    with refused(name):
        config(**{name: wrong})


@pytest.mark.parametrize(
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
@pytest.mark.parametrize("name", [name for name in VARIABLES if name.endswith("_base_url")])
def test_a_base_url_loses_trailing_slashes_and_one_v1(name: str, given: str, meant: str) -> None:
    assert getattr(config(**{name: given}), name) == meant
    assert getattr(config({VARIABLES[name]: given}), name) == meant


@pytest.mark.parametrize(
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


@pytest.mark.parametrize(
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


@pytest.mark.parametrize(
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
@pytest.mark.parametrize("name", [name for name in VARIABLES if name.endswith("_base_url")])
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


@pytest.mark.parametrize("given", [UUID, UUID.upper(), f"{{{UUID}}}", UUID.replace("-", ""), f" {UUID} "])
def test_a_user_id_is_normalised(given: str) -> None:
    assert config(on_demand_user_id=given).on_demand_user_id == UUID


@pytest.mark.parametrize("given", ["nobody", UUID[:-1], UUID + "0", "g" * 32])
def test_a_user_id_is_a_uuid(given: str) -> None:
    with refused("on_demand_user_id"):
        config(on_demand_user_id=given)


@pytest.mark.parametrize("given", [1, 0.05, "2.5", " 3 ", 1_000_000])
def test_a_timeout_is_a_number_of_seconds(given: Any) -> None:
    assert config(timeout=given).timeout == float(given)


@pytest.mark.parametrize("given", ["soon", (1, 2), [3], {}])
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


@pytest.mark.parametrize("given", [0, 3, "3", 3.0, decimal.Decimal(3)])
def test_retries_are_a_whole_number(given: Any) -> None:
    assert config(max_retries=given).max_retries == int(given)


@pytest.mark.parametrize(
    "given", [-1, "-1", 1.5, "1.5", True, float("nan"), float("inf"), "twice", [], decimal.Decimal("1.5")]
)
def test_retries_are_0_or_more(given: Any) -> None:
    with refused("max_retries"):
        config(max_retries=given)


def test_a_ca_bundle_may_be_a_path(tmp_path: Path) -> None:
    file = tmp_path / "authority.pem"
    file.touch()

    assert config(ca_bundle=file).ca_bundle == str(file)


@pytest.mark.parametrize("given", [".", "/nowhere", "~nosuchuser/x", "x" * 5_000, "nul\0", b"bytes", 3, ["list"]])
def test_a_ca_bundle_is_a_file_that_exists(given: Any) -> None:
    with refused("ca_bundle"):
        config(ca_bundle=given)


@pytest.mark.parametrize(
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


@pytest.mark.parametrize(("name", "wrong"), [(name, wrong) for name, many in WRONG.items() for wrong in many], ids=repr)
def test_what_has_no_variable_is_checked_too(name: str, wrong: Any) -> None:
    with refused(name):
        config(**{name: wrong})


@pytest.mark.parametrize("part", ["first_delay", "max_delay", "deadline"])
@pytest.mark.parametrize("no_seconds", [-1, float("inf"), float("nan"), "8", None])
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


# Settings with some of them changed.


@pytest.mark.parametrize("name", VARIABLES)
def test_any_setting_can_be_changed_for_a_copy(name: str, samples: Samples) -> None:
    before = config()
    _, text, value = samples[name]

    assert changed(before, {name: text}) == before.replace(**{name: value})
    assert before == config()


@pytest.mark.parametrize("name", [*VARIABLES, *CHOICES])
def test_a_change_is_checked_like_an_argument(name: str) -> None:
    with pytest.raises(ConfigurationError, match=rf"^{name} cannot be used: "):
        changed(config(), {name: ""})


def test_a_setting_that_there_is_not_is_named_beside_those_that_there_are() -> None:
    with pytest.raises(TypeError, match=r"takes no argument 'api_key'; did you mean inference_api_key=\?"):
        changed(config(), {"api_key": "x"})


@pytest.mark.parametrize("kind", KINDS)
def test_a_client_with_other_options_leaves_the_first_as_it_is(kind: Any) -> None:
    client = kind(inference_api_key="key", env={})
    other = client.with_options(timeout=5, max_retries=2)

    assert (other.config.timeout, other.config.max_retries, other.config.inference_api_key) == (5.0, 2, "key")
    assert (client.config.timeout, client.config.max_retries) == (30.0, 0)


# Secrets.


def texts_of(error: BaseException) -> Iterator[str]:
    """Everything that a log, a debugger or another process could see of an error."""
    yield from (str(error), repr(error), repr(error.args), repr(vars(error)))
    yield "".join(traceback.format_exception(error))
    yield pickle.dumps(error).decode("latin-1")
    record = logging.LogRecord("tensormesh", logging.ERROR, "file", 1, "%s", (error,), (type(error), error, None))
    yield logging.Formatter().format(record)
    if error.__cause__ is not None:
        yield from texts_of(error.__cause__)


@pytest.mark.parametrize("name", CREDENTIALS)
@pytest.mark.parametrize(
    "given",
    [
        "SENTINEL key",
        "SENTINEL\nkey",
        "SENTINEL\x7f",
        "SENTINELé",
        "“SENTINEL”",
        '"SENTINEL"',
        "'SENTINEL'",
        b"SENTINEL",
        ["SENTINEL"],
    ],
)
def test_a_credential_that_cannot_be_one_is_refused_without_showing_it(name: str, given: Any) -> None:
    with refused(name) as caught:
        config(**{name: given})
    for text in texts_of(caught.value):
        assert "SENTINEL" not in text


@pytest.mark.parametrize(
    "given",
    [
        *("https://me:SENTINEL@h.test", "https://:SENTINEL@h.test", "https://SENTINEL@h.test", "me:SENTINEL@h.test"),
        *("https://me:SENTINEL@h\u2100.test", "https://me:SENTINEL@[::1", "https://h.test?key=SENTINEL"),
        *("https://h.test/\nSENTINEL", "SENTINEL", "SENTINEL://x"),
    ],
)
def test_a_base_url_that_cannot_be_one_is_refused_without_showing_what_it_hides(given: str) -> None:
    with refused("serverless_base_url") as caught:
        config(serverless_base_url=given)
    for text in texts_of(caught.value):
        assert "SENTINEL" not in text


@pytest.mark.parametrize("kind", KINDS)
def test_no_text_of_a_client_or_its_settings_shows_a_secret(kind: Any) -> None:
    client = kind(
        inference_api_key="SENTINEL-1",
        control_plane_token="SENTINEL-2",
        default_headers={"Authorization": "SENTINEL-3"},
        env={},
    )
    settings = client.config

    for value in (
        client,
        settings,
        copy.copy(settings),
        settings.replace(timeout=1.0),
        client.with_options(timeout=2),
    ):
        for text in (repr(value), str(value), f"{value}", f"{[value]}", "%s" % (value,)):  # noqa: UP031
            assert "SENTINEL" not in text
            assert "https://serverless.tensormesh.ai" in text


@pytest.mark.parametrize("kind", KINDS)
def test_a_wrong_setting_beside_secrets_does_not_show_them(kind: Any) -> None:
    with pytest.raises(ConfigurationError) as caught:
        kind(
            inference_api_key="SENTINEL-1",
            control_plane_token="SENTINEL-2",
            default_headers={"X": "SENTINEL-3"},
            timeout=-1,
            env={},
        )
    for text in texts_of(caught.value):
        # The source line of the call above is part of a traceback; the values are not.
        assert "SENTINEL" not in text.replace('"SENTINEL-', "")


def test_a_credential_is_trimmed() -> None:
    assert config(inference_api_key=" key\n").inference_api_key == "key"
