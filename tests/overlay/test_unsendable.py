"""What cannot be sent is refused before anything is, and the error tells where it stands."""

from __future__ import annotations

import datetime
import math
import pickle
from typing import Any

import pytest

from tensormesh.errors import SerializationError, ValidationError
from tensormesh_generated.api.chat.create_chat_completion import OPERATION, parse
from tensormesh_runtime.types import Request
from tests.cases import cases, per_case
from tests.overlay.calls import MESSAGES, ask, fails, serves_the_next_call
from tests.overlay.conftest import KEY, TOKEN, Runner
from tests.overlay.scripted_host import ScriptedHost


class Document:
    def __init__(self, value: Any) -> None:
        self._value = value

    def to_dict(self) -> dict[str, Any]:
        return {"role": "user", "content": [self._value]}


@pytest.fixture
def client(request: pytest.FixtureRequest, runner: Runner, host: ScriptedHost) -> Any:
    return per_case(
        request,
        lambda: runner.client(
            serverless_base_url=host.url,
            control_plane_base_url=host.url,
            inference_api_key=KEY,
            control_plane_token=TOKEN,
        ),
    )


UNSENDABLE = [{1}, b"x", datetime.datetime(2026, 4, 2), object(), math.nan, -math.inf, 10**5000]


@cases("stream", [False, True], ids=["whole", "streamed"])
@cases("value", UNSENDABLE, ids=lambda value: type(value).__name__)
def test_a_value_without_json_is_refused_with_its_place(
    runner: Runner, client: Any, host: ScriptedHost, value: Any, stream: bool
) -> None:
    create = client.inference.serverless.chat.completions.create

    for messages in ([Document(value)], [{"role": "user", "content": (value,)}]):
        error = fails(
            runner,
            lambda messages=messages: create(model="m", messages=messages, stream=stream),
            SerializationError,
            r"^messages\[0\]\.content\[0\]: ",
        )
        assert error.path == "messages[0].content[0]"
        assert str(pickle.loads(pickle.dumps(error))) == str(error)

    assert host.asked == []
    serves_the_next_call(runner, client, host)


@cases("value", UNSENDABLE, ids=lambda value: type(value).__name__)
def test_a_field_that_nobody_knows_is_no_exception(runner: Runner, client: Any, host: ScriptedHost, value: Any) -> None:
    fails(runner, lambda: ask(client, extra_body={"a": {"b": value}}), SerializationError, r"a\.b: ")
    fails(
        runner,
        lambda: client.inference.serverless.request("POST", "/v1/x", json_body={"a": [0, value]}),
        SerializationError,
        r"^a\[1\]: ",
    )

    assert host.asked == []


def test_a_request_made_by_hand_is_held_to_the_same(runner: Runner, client: Any, host: ScriptedHost) -> None:
    request = Request(OPERATION, parse, "/v1/chat/completions", json={"messages": MESSAGES, "tags": [{1}]})

    fails(runner, lambda: client.inference.serverless.send(request), SerializationError, r"^tags\[0\]: ")

    assert host.asked == []


@cases("value", ["..", ".", "%2e%2E", "../api-keys", "x/..", "..\\x"])
def test_a_step_up_the_path_leads_nowhere(runner: Runner, client: Any, host: ScriptedHost, value: str) -> None:
    fails(runner, lambda: client.control_plane.users.get(value), ValidationError, "lead to another route")

    assert host.asked == []
