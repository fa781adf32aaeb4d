"""Arguments and variables that are called otherwise elsewhere, or misspelt: what is meant is said, but no value."""

from __future__ import annotations

import traceback
import warnings
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from tensormesh import AsyncTensormesh, Tensormesh
from tensormesh_overlay.configuration.config import CHOICES, SETTINGS
from tensormesh_runtime.unexpected import OF_CLIENTS
from tests.cases import cases
from tests.overlay.conftest import Runner

MARK = "ak-SENTINEL"


@pytest.fixture(params=[Tensormesh, AsyncTensormesh])
def client_class(request: pytest.FixtureRequest) -> Any:
    return request.param


@pytest.mark.parametrize(
    ("argument", "meant"),
    [
        ("api_key", "inference_api_key="),
        ("API_KEY", "inference_api_key="),
        ("infrence_api_key", "inference_api_key="),
        ("token", "control_plane_token="),
        ("base_url", "serverless_base_url=, on_demand_base_url= or control_plane_base_url="),
        ("serverless_url", "serverless_base_url="),
        ("user_id", "on_demand_user_id="),
        ("tiemout", "timeout="),
        ("retries", "max_retries="),
        ("max_retry", "max_retries="),
        ("headers", "default_headers="),
        ("verify", "ca_bundle="),
        ("client", "http_client="),
        ("environ", "env="),
    ],
)
def test_an_argument_of_another_name_leads_to_ours(client_class: Any, argument: str, meant: str) -> None:
    with pytest.raises(TypeError) as raised:
        client_class(**{argument: MARK})

    assert str(raised.value) == f"{client_class.__name__}() takes no argument {argument!r}; did you mean {meant}?"


def test_an_argument_like_none_of_ours_gets_all_of_them(client_class: Any) -> None:
    with pytest.raises(
        TypeError, match=rf"^{client_class.__name__}\(\) takes no argument 'organization'; there are "
    ) as raised:
        client_class(organization="o")

    assert all(name in str(raised.value) for name in (*SETTINGS, *CHOICES, "http_client", "transport", "env"))


@pytest.mark.parametrize(
    ("value", "says"),
    [
        (MARK, "; did you mean inference_api_key=?"),
        ("https://h.test", "; did you mean serverless_base_url=, on_demand_base_url= or control_plane_base_url=?"),
        (30, ", such as {name}(timeout=...)"),
        (None, ", such as {name}(timeout=...)"),
    ],
)
def test_an_argument_without_a_name_is_refused_with_the_one_it_may_have(
    client_class: Any, value: Any, says: str
) -> None:
    name = client_class.__name__
    with pytest.raises(TypeError) as raised:
        client_class(value)

    assert str(raised.value) == f"{name}() takes its arguments by name{says.format(name=name)}"


def test_a_class_of_ones_own_is_called_by_its_name() -> None:
    class Ours(Tensormesh):
        pass

    with pytest.raises(TypeError, match=r"^Ours\(\) takes no argument 'api_key'"):
        Ours(api_key=MARK)  # type: ignore[call-arg]


@pytest.mark.parametrize("given", [{"api_key": MARK}, {"base_url": MARK}])
def test_the_same_goes_for_a_client_with_other_settings(runner: Runner, given: dict[str, Any]) -> None:
    client = runner.client()

    with pytest.raises(
        TypeError, match=r"^with_options\(\) takes no argument '.*'; did you mean inference_api_key=|serverless"
    ):
        client.with_options(**given)
    with pytest.raises(TypeError, match=rf"^{type(client).__name__}\.with_options\(\) takes its arguments by name"):
        client.with_options(MARK)


@pytest.mark.parametrize(("args", "given"), [((MARK,), {}), ((), {"api_key": MARK})])
def test_no_frame_of_ours_keeps_a_key_that_was_given_wrongly(
    client_class: Any, args: tuple[str, ...], given: dict[str, str]
) -> None:
    with pytest.raises(TypeError) as raised:
        client_class(*args, **given)

    error = raised.value
    assert error.__traceback__ is not None
    frames = traceback.StackSummary.extract(traceback.walk_tb(error.__traceback__.tb_next), capture_locals=True)
    assert MARK not in str([frame.locals for frame in frames])


# Calls.

CALLS = [
    pytest.param(lambda client: client.inference.serverless.chat.completions.create, id="chat"),
    pytest.param(lambda client: partial(client.inference.serverless.chat.completions.create, stream=True), id="stream"),
    pytest.param(lambda client: client.inference.serverless.chat.completions.with_raw_response.create, id="raw"),
    pytest.param(lambda client: client.inference.on_demand.models.list, id="a list"),
    pytest.param(lambda client: client.control_plane.products.list, id="the control plane"),
    pytest.param(lambda client: partial(client.control_plane.request, "GET", "/v1/x"), id="a route of ones own"),
]


@cases("call", CALLS)
@cases(
    ("argument", "value", "hint"),
    [
        (
            "max_retries",
            3,
            "it is a setting of the client: client.with_options(max_retries=3) gives one whose calls have it",
        ),
        (
            "max_retry",
            3,
            "it is a setting of the client: client.with_options(max_retries=3) gives one whose calls have it",
        ),
        (
            "think",
            "keep",
            "it is a setting of the client: client.with_options(think=...) gives one whose calls have it",
        ),
        (
            "api_key",
            MARK,
            "it is a setting of the client: client.with_options(inference_api_key=...) gives one whose calls have it",
        ),
        ("timeot", 3, "did you mean 'timeout'?"),
        ("default_headers", {"a": MARK}, "did you mean 'extra_headers'?"),
        ("nonsense", MARK, "extra_body= carries fields that the documents do not know"),
    ],
)
def test_what_a_call_does_not_take_leads_to_where_it_is_taken(
    runner: Runner, call: Callable[[Any], Any], argument: str, value: Any, hint: str
) -> None:
    client = runner.client(inference_api_key="k", control_plane_token="t")

    with pytest.raises(TypeError) as raised:
        runner.run(call(client)(**{argument: value}))

    assert str(raised.value).endswith(f"() takes no argument {argument!r}; {hint}")


def test_the_settings_that_a_call_leads_to_are_those_of_the_client() -> None:
    fixed = {
        "timeout",
        "ca_bundle",
        "max_connections",
    }  # a call has the first of its own, and nothing changes the others

    assert set(OF_CLIENTS) == {*SETTINGS, *CHOICES} - fixed


# Variables.


@pytest.mark.parametrize(
    ("variable", "meant"),
    [
        ("TENSORMESH_API_KEY", "TENSORMESH_INFERENCE_API_KEY"),
        ("TENSORMESH_INFERENCE_APIKEY", "TENSORMESH_INFERENCE_API_KEY"),
        ("TENSORMESH_INFERENCE_KEY", "TENSORMESH_INFERENCE_API_KEY"),
        ("TENSORMESH_TOKEN", "TENSORMESH_CONTROL_PLANE_TOKEN"),
        (
            "TENSORMESH_BASE_URL",
            "TENSORMESH_SERVERLESS_BASE_URL, TENSORMESH_ON_DEMAND_BASE_URL or TENSORMESH_CONTROL_PLANE_BASE_URL",
        ),
        ("TENSORMESH_SERVERLESS_URL", "TENSORMESH_SERVERLESS_BASE_URL"),
        ("TENSORMESH_USER_ID", "TENSORMESH_ON_DEMAND_USER_ID"),
        ("TENSORMESH_TIMEOUT", "TENSORMESH_TIMEOUT_SECONDS"),
        ("TENSORMESH_MAX_RETRY", "TENSORMESH_MAX_RETRIES"),
        ("TENSORMESH_CA_BUNDEL", "TENSORMESH_CA_BUNDLE"),
        ("TENSORMESH_LOCAL_ONYL", "TENSORMESH_LOCAL_ONLY"),
        ("TENSORMESH_LOCALONLY", "TENSORMESH_LOCAL_ONLY"),
    ],
)
def test_a_variable_of_another_name_is_warned_of(client_class: Any, variable: str, meant: str) -> None:
    """At the line that makes the client, and without its value."""
    with pytest.warns(UserWarning, match="is not read") as warned:
        client_class(env={variable: MARK})

    assert [str(one.message) for one in warned] == [f"the variable {variable} is not read; did you mean {meant}?"]
    assert warned[0].filename == __file__


def test_the_environment_itself_is_looked_through(client_class: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TENSORMESH_INFERENCE_API_KEY", raising=False)
    monkeypatch.setenv("TENSORMESH_API_KEY", MARK)

    with pytest.warns(UserWarning, match="TENSORMESH_API_KEY is not read"):
        client_class()


@pytest.mark.parametrize(
    ("env", "arguments"),
    [
        pytest.param({variable: "" for variable, _ in SETTINGS.values()}, {}, id="ours, blank"),
        pytest.param({"TENSORMESH_API_KEY": " "}, {}, id="blank"),
        pytest.param({"TENSORMESH_API_KEY": "k"}, {"inference_api_key": "k"}, id="decided by an argument"),
        pytest.param({"TENSORMESH_API_KEY": "k", "TENSORMESH_INFERENCE_API_KEY": "k"}, {}, id="decided by a variable"),
        pytest.param({"TENSORMESH_LOCAL_INFERENCE_API_KEY": "k"}, {}, id="a local host's"),
        pytest.param({"TENSORMESH_LOCAL_ONLY": "1"}, {}, id="the guard's"),
        pytest.param({"TENSORMESH_SERVICE_HOST": "h", "TENSORMESH_PORT_80_TCP": "p"}, {}, id="a cluster's"),
        pytest.param({"TENSORMESH_HOST": "h", "TENSORMESH_USER": "u"}, {}, id="anybody's"),
        pytest.param({"MY_API_KEY": "k", "OPENAI_API_KEY": "k"}, {}, id="another product's"),
    ],
)
def test_other_variables_are_nobodys_business(
    client_class: Any, env: dict[str, str], arguments: dict[str, str]
) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        client_class(env=env, **arguments)
