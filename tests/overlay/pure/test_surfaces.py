"""Where each call goes, with which headers, and what it needs."""

from __future__ import annotations

import re
from typing import Any

import pytest

from tensormesh_generated.api import (
    chat,
    cli_auth,
    completions,
    detokenize,
    health,
    models,
    responses,
    tokenize,
    users,
    version,
)
from tensormesh_overlay.calls.raw import raw_request
from tensormesh_overlay.configuration.config import Config, resolve
from tensormesh_overlay.configuration.target import SurfaceName, Target, target
from tensormesh_overlay.errors import ConfigurationError, ValidationError
from tensormesh_runtime.types import CallOptions, Operation
from tests.cases import cases

KEY, TOKEN = "ak-inference", "cp-control"
USER_ID = "11111111-2222-3333-4444-555555555555"
OTHER_ID = "0f0e0d0c-0000-4000-8000-00000000000a"

GETS = [module.OPERATION for module in (models.list_models, health.get_health, version.get_version)]
POSTS = [
    module.OPERATION
    for module in (
        chat.create_chat_completion,
        completions.create_completion,
        responses.create_response,
        tokenize.tokenize,
        detokenize.detokenize,
    )
]
LOGINS = [
    module.OPERATION for module in (cli_auth.cli_login_start, cli_auth.cli_login_exchange, cli_auth.cli_token_refresh)
]
CONTROL = users.get_auth_profile.OPERATION
CHAT = POSTS[0]

SERVERLESS, ON_DEMAND, CONTROL_PLANE = (
    "https://serverless.tensormesh.ai",
    "https://od.test",
    "https://api.tensormesh.ai",
)
BEARER = {"authorization": f"Bearer {KEY}"}
CREDENTIALS = {"inference_api_key": KEY, "control_plane_token": TOKEN}
EVERYTHING = {**CREDENTIALS, "on_demand_base_url": ON_DEMAND, "on_demand_user_id": USER_ID}


def config(**settings: Any) -> Config:
    return resolve(settings, {})


def goes(surface: SurfaceName, operation: Operation, settings: Config, **options: Any) -> Target:
    return target(surface, operation, settings, CallOptions(**options))


def needs(name: str, hint: str = "") -> Any:
    """An error that names the argument and the variable."""
    sentence = re.escape(f"needs {name}: pass {name}=... or set TENSORMESH_{name.upper()}{hint}")
    return pytest.raises(ConfigurationError, match=f"{sentence}$")


def each(operations: list[Operation]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("operation", operations, ids=lambda operation: operation.id)


# Serverless.


@each(GETS + POSTS)
def test_serverless_carries_the_key_and_no_user_id(operation: Operation) -> None:
    assert goes("serverless", operation, config(**EVERYTHING)) == Target(SERVERLESS, BEARER)


@each(GETS)
def test_gets_go_without_a_key_on_the_default_public_host(operation: Operation) -> None:
    assert goes("serverless", operation, config()) == Target(SERVERLESS, {})
    assert goes("serverless", operation, config(control_plane_token=TOKEN)) == Target(SERVERLESS, {})


@cases("url", [f"{SERVERLESS}/", f"{SERVERLESS}/v1", f"{SERVERLESS}/v1/", "https://Serverless.TensorMesh.ai"])
def test_the_default_host_is_recognised_however_it_is_written(url: str) -> None:
    assert goes("serverless", GETS[0], config(serverless_base_url=url)) == Target(SERVERLESS, {})


@each(GETS)
@pytest.mark.parametrize(
    "url", ["https://serverless.example.test", "http://serverless.tensormesh.ai", f"{SERVERLESS}/deep"]
)
def test_gets_need_a_key_on_any_other_host(operation: Operation, url: str) -> None:
    with needs("inference_api_key"):
        goes("serverless", operation, config(serverless_base_url=url))


@each(POSTS)
def test_posts_always_need_a_key(operation: Operation) -> None:
    with needs("inference_api_key"):
        goes("serverless", operation, config())


def test_a_get_that_the_documents_do_not_list_needs_a_key() -> None:
    operation = raw_request("serverless", "GET", "/metrics", {}).operation

    with needs("inference_api_key"):
        goes("serverless", operation, config())


# On demand.


@each(GETS + POSTS)
def test_on_demand_carries_the_key_and_the_user_id_on_every_call(operation: Operation) -> None:
    assert goes("on_demand", operation, config(**EVERYTHING)) == Target(ON_DEMAND, {**BEARER, "x-user-id": USER_ID})


@pytest.mark.parametrize(
    ("missing", "hint"),
    [
        ("on_demand_base_url", "; it is the address of your deployment's region"),
        ("on_demand_user_id", "; or pass user_id=... with the call"),
        ("inference_api_key", "; a control-plane token does not open it"),
    ],
)
@each(GETS + POSTS)
def test_on_demand_needs_a_base_url_a_user_id_and_a_key(operation: Operation, missing: str, hint: str) -> None:
    settings = {name: value for name, value in EVERYTHING.items() if name != missing}

    with needs(missing, hint):
        goes("on_demand", operation, config(**settings))


@each(GETS + POSTS)
@pytest.mark.parametrize("given", [OTHER_ID, OTHER_ID.upper(), f"{{{OTHER_ID}}}", f" {OTHER_ID} "])
def test_the_user_id_of_a_call_is_normalised_and_takes_the_place_of_the_clients(
    operation: Operation, given: str
) -> None:
    assert goes("on_demand", operation, config(**EVERYTHING), user_id=given).headers["x-user-id"] == OTHER_ID


def test_the_user_id_of_a_call_is_enough() -> None:
    settings = config(inference_api_key=KEY, on_demand_base_url=ON_DEMAND)

    assert goes("on_demand", CHAT, settings, user_id=USER_ID).headers["x-user-id"] == USER_ID


ONE, TWO, THREE, FOUR = (f"{digit * 8}-0000-0000-0000-000000000000" for digit in "1234")


def test_the_nearest_user_id_wins() -> None:
    """A header of the call, then its argument, then a header of the client, then the client's setting."""
    plain = config(inference_api_key=KEY, on_demand_base_url=ON_DEMAND, on_demand_user_id=FOUR)
    headed = plain.replace(default_headers={"X-User-ID": THREE})

    def sent(settings: Config, **options: Any) -> str:
        return goes("on_demand", CHAT, settings, **options).headers["x-user-id"]

    assert sent(headed, user_id=TWO, headers={"x-user-id": ONE}) == ONE
    assert sent(headed, user_id=TWO) == TWO
    assert sent(headed) == THREE
    assert sent(plain) == FOUR


@cases("wrong", ["nobody", "", " ", USER_ID[1:]])
@cases("how", ["argument", "header", "client's header"])
def test_a_user_id_that_is_no_uuid_is_refused_wherever_it_comes_from(wrong: Any, how: str) -> None:
    """A blank one too: it would be sent in somebody else's name."""
    settings = config(**EVERYTHING)
    options: dict[str, Any] = {}
    if how == "argument":
        options["user_id"] = wrong
    elif how == "header":
        options["headers"] = {"X-User-Id": wrong}
    else:
        settings = settings.replace(default_headers={"X-User-Id": wrong})

    with pytest.raises(ConfigurationError, match=r"^user_id \(or the header X-User-Id\) cannot be used: "):
        goes("on_demand", CHAT, settings, **options)


@pytest.mark.parametrize(
    ("surface", "operation", "title"),
    [("serverless", CHAT, "serverless inference"), ("control_plane", CONTROL, "the control plane")],
)
def test_only_on_demand_takes_a_user_id(surface: SurfaceName, operation: Operation, title: str) -> None:
    with pytest.raises(ConfigurationError, match=f"^user_id belongs to on-demand inference; calls of {title} carry"):
        goes(surface, operation, config(**EVERYTHING), user_id=USER_ID)


# The control plane.


def test_the_control_plane_carries_its_token() -> None:
    assert goes("control_plane", CONTROL, config(**EVERYTHING)) == Target(
        CONTROL_PLANE, {"authorization": f"Bearer {TOKEN}"}
    )


def test_the_control_plane_needs_its_token() -> None:
    with needs("control_plane_token"):
        goes("control_plane", CONTROL, config())


@each(LOGINS)
@pytest.mark.parametrize("settings", [{}, CREDENTIALS], ids=["no token", "a token"])
def test_login_routes_go_without_a_token(operation: Operation, settings: dict[str, str]) -> None:
    assert goes("control_plane", operation, config(**settings)).headers == {}


# Mixing them up.


def test_an_inference_key_does_not_open_the_control_plane() -> None:
    with needs("control_plane_token", "; an inference API key does not open it"):
        goes("control_plane", CONTROL, config(inference_api_key=KEY))


@pytest.mark.parametrize("surface", ["serverless", "on_demand"])
def test_a_control_plane_token_does_not_open_inference(surface: SurfaceName) -> None:
    settings = config(control_plane_token=TOKEN, on_demand_base_url=ON_DEMAND, on_demand_user_id=USER_ID)

    with needs("inference_api_key", "; a control-plane token does not open it"):
        goes(surface, CHAT, settings)


@pytest.mark.parametrize(
    ("surface", "operation", "sentence"),
    [
        ("control_plane", CHAT, "is a call of serverless inference and on-demand inference; this client speaks to"),
        ("serverless", CONTROL, "is a call of the control plane; this client speaks to serverless inference"),
        ("on_demand", LOGINS[0], "is a call of the control plane; this client speaks to on-demand inference"),
    ],
)
def test_a_call_of_another_surface_is_refused(surface: SurfaceName, operation: Operation, sentence: str) -> None:
    with pytest.raises(ConfigurationError, match=re.escape(f"{operation.id} {sentence}")):
        goes(surface, operation, config(**EVERYTHING))


# Headers of one's own.


PLACES: list[tuple[SurfaceName, Operation]] = [("serverless", CHAT), ("on_demand", CHAT), ("control_plane", CONTROL)]


@cases(("surface", "operation"), PLACES)
def test_a_header_of_the_call_beats_one_of_the_client_and_that_beats_the_credentials(
    surface: SurfaceName, operation: Operation
) -> None:
    settings = config(
        **EVERYTHING, default_headers={"AUTHORIZATION": "client", "X-Both": "client", "X-Client": "client"}
    )
    own = {"x-both": "call", "X-Call": "call"}

    headers = goes(surface, operation, settings, headers=own).headers
    assert headers["authorization"] == "client"
    assert {name: headers[name] for name in ("x-both", "x-client", "x-call")} == {
        "x-both": "call",
        "x-client": "client",
        "x-call": "call",
    }
    assert goes(surface, operation, settings, headers={"Authorization": "call"}).headers["authorization"] == "call"


@cases(("surface", "operation"), PLACES)
def test_who_brings_authorization_needs_no_credentials(surface: SurfaceName, operation: Operation) -> None:
    settings = config(on_demand_base_url=ON_DEMAND, on_demand_user_id=USER_ID)

    assert goes(surface, operation, settings, headers={"Authorization": "mine"}).headers["authorization"] == "mine"


def test_all_headers_are_in_lower_case() -> None:
    settings = config(**EVERYTHING, default_headers={"X-Client": "1"})

    assert all(name == name.lower() for name in goes("on_demand", CHAT, settings, headers={"X-Call": "2"}).headers)


@pytest.mark.parametrize("name", ["Content-Length", "transfer-encoding"])
def test_what_tells_where_a_body_ends_cannot_be_given(name: str) -> None:
    with pytest.raises(ValidationError, match=f"the header '{name}' is worked out from the body"):
        goes("serverless", CHAT, config(**EVERYTHING), headers={name: "5"})


def test_a_target_shows_no_header() -> None:
    assert repr(goes("serverless", CHAT, config(**EVERYTHING))) == f"Target({SERVERLESS!r})"


def test_deciding_changes_neither_the_settings_nor_the_options() -> None:
    settings, own = config(**EVERYTHING, default_headers={"X-Client": "1"}), {"X-Call": "2"}
    goes("on_demand", CHAT, settings, headers=own)

    assert settings.default_headers == {"X-Client": "1"}
    assert own == {"X-Call": "2"}
