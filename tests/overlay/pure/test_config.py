"""Where settings come from, and copies of them with some changed."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tensormesh import ConfigurationError, Tensormesh
from tensormesh_overlay.configuration.config import SETTINGS, Config, changed
from tests.cases import cases
from tests.overlay.pure.settings import CHOICES, DEFAULTS, KINDS, OTHER_UUID, UUID, VARIABLES, config, refused

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


@cases("blank", ["", " ", "\t\n"])
@cases("name", VARIABLES)
def test_a_blank_variable_counts_as_unset(name: str, blank: str) -> None:
    assert config({VARIABLES[name]: blank}) == config()


@pytest.mark.parametrize("blank", ["", " ", "\t\n"])
@pytest.mark.parametrize("name", VARIABLES)
def test_a_blank_argument_is_an_error_even_where_the_variable_is_set(name: str, blank: str, samples: Samples) -> None:
    with refused(name):
        config({VARIABLES[name]: samples[name][1]}, **{name: blank})


@cases(
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


@cases("kind", KINDS)
def test_the_environment_of_the_process_is_read_where_none_is_given(kind: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TENSORMESH_INFERENCE_API_KEY", "key-of-the-process")

    assert kind().config.inference_api_key == "key-of-the-process"
    assert kind(env={}).config.inference_api_key is None


@cases("kind", KINDS)
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


@cases("kind", KINDS)
def test_a_client_with_other_options_leaves_the_first_as_it_is(kind: Any) -> None:
    client = kind(inference_api_key="key", env={})
    other = client.with_options(timeout=5, max_retries=2)

    assert (other.config.timeout, other.config.max_retries, other.config.inference_api_key) == (5.0, 2, "key")
    assert (client.config.timeout, client.config.max_retries) == (30.0, 0)
