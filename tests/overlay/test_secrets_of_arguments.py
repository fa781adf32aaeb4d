"""
Whatever a call or a constructor is given, no variable of a frame of ours shows what of it is secret.

Tools walk through them in their own ways: by `repr` (pytest, cgitb), through tuples and mappings (Sentry), and they cut
long texts (rich). Here everything is walked through that can be reached in a few steps.
"""

from __future__ import annotations

import base64
import contextlib
import copy
import io
import json
import pickle
import traceback
import types
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest

from tensormesh import AsyncTensormesh, RetryPolicy, Tensormesh, errors
from tensormesh_generated import api, models
from tensormesh_overlay.configuration.config import Config, resolve
from tensormesh_transport.secret import Secret, SecretBytes
from tests.cases import cases
from tests.overlay.calls import MESSAGES
from tests.overlay.conftest import Runner, surfaces_of
from tests.overlay.scripted_host import RESET, ScriptedHost, answer

MARK = "SENTINEL"
LONG = MARK * 40
STEPS = 5
NO_DATA = (
    *(types.ModuleType, types.FunctionType, types.MethodType, types.BuiltinFunctionType, types.FrameType),
    *(types.TracebackType, types.CodeType, type, Runner, ScriptedHost),
)


def faults_behind(error: BaseException) -> list[BaseException]:
    """An error, and all that it came of."""
    found: list[BaseException] = []
    waiting: list[BaseException | None] = [error]
    while waiting:
        one = waiting.pop()
        if one is not None and one not in found:
            found.append(one)
            waiting += [one.__cause__, one.__context__]
    return found


def frames(error: BaseException) -> Iterator[types.FrameType]:
    """The frames that it came through, but for those of whoever made the call."""
    for one in faults_behind(error):
        for frame, _ in traceback.walk_tb(one.__traceback__):
            if "/tests/" not in frame.f_code.co_filename:
                yield frame


def children(value: Any) -> list[Any]:
    """What can be reached from a value in one step."""
    found: list[Any] = []
    if isinstance(value, Mapping):
        found += [*value.keys(), *value.values()]
    elif isinstance(value, tuple | list | set | frozenset):
        found += value
    with contextlib.suppress(TypeError):
        found += vars(value).values()
    for kind in type(value).__mro__:
        for name in getattr(kind, "__slots__", ()):
            with contextlib.suppress(AttributeError):
                found.append(getattr(value, name))
    return found


def shows(value: Any) -> bool:
    """Whether a value can be read for what it is."""
    if isinstance(value, Secret | SecretBytes):
        return MARK in repr(value)
    texts = [repr(value), str(value)]
    if isinstance(value, bytes | bytearray):
        texts.append(value.decode("latin-1"))
    return any(MARK in text for text in texts)


def leaks(error: BaseException) -> list[str]:
    """Where the secret can be seen."""
    found = [type(one).__name__ for one in faults_behind(error) if shows(one) or shows(one.args)]
    for frame in frames(error):
        for name, local in frame.f_locals.items():
            seen: set[int] = set()
            layer = [local]
            for _ in range(STEPS):
                layer = [one for one in layer if not isinstance(one, NO_DATA) and id(one) not in seen]
                seen |= {id(one) for one in layer}
                for one in layer:
                    if shows(one):
                        found.append(f"{frame.f_code.co_qualname}: {name} -> {type(one).__name__}")
                layer = [child for one in layer for child in children(one)]
    return found


def raised(runner: Runner, work: Callable[[], Any]) -> BaseException:
    """The error of a call, whole or streamed."""

    def read() -> None:
        runner.read(runner.run(work()))

    with pytest.raises((errors.TensormeshError, TypeError)) as caught:
        read()
    return caught.value


def check(runner: Runner, work: Callable[[], Any]) -> None:
    error = raised(runner, work)
    assert leaks(error) == []
    assert MARK not in "".join(traceback.TracebackException.from_exception(error).format())


CONSTRUCTIONS: dict[str, dict[str, Any]] = {
    "a key with a blank": {"inference_api_key": f"{MARK} x"},
    "a key with a line break": {"inference_api_key": f"{MARK}\nx"},
    "a key as bytes": {"inference_api_key": MARK.encode()},
    "a key in a list": {"inference_api_key": [MARK]},
    "a token of another alphabet": {"control_plane_token": f"{MARK}é"},
    "a token beside a wrong number": {"control_plane_token": MARK, "max_retries": -1},
    "a password in an address": {"serverless_base_url": f"https://me:{MARK}@host.test"},
    "a password without a host": {"serverless_base_url": f"https://me:{MARK}"},
    "a password in an address with more": {"on_demand_base_url": f"https://me:{MARK}@host.test?x#y z"},
    "a key in the query of an address": {"control_plane_base_url": f"https://host.test?key={MARK}"},
    "a key in place of a user": {"on_demand_user_id": MARK},
    "a header with a line break": {"default_headers": {"X-Key": f"{MARK}\r\nx: y"}},
    "a header as bytes": {"default_headers": {"X-Key": MARK.encode()}},
    "headers as pairs": {"default_headers": [("X-Key", MARK)]},
    "headers beside a wrong timeout": {"default_headers": {"X-Key": MARK}, "timeout": 0},
    "a key beside a file that is not there": {"inference_api_key": LONG, "ca_bundle": "/no/such/file"},
}

OTHERS: dict[str, dict[str, Any]] = {
    "two ways to carry calls": {"inference_api_key": MARK, "http_client": object(), "transport": object()},
    "no client of httpx": {"inference_api_key": MARK, "http_client": object()},
    "no effect": {"inference_api_key": MARK, "http_client": object(), "max_connections": 3},
    "an environment that is none": {"inference_api_key": MARK, "env": 5},
    "a wrong environment": {"env": {"TENSORMESH_INFERENCE_API_KEY": MARK, "TENSORMESH_MAX_RETRIES": "x"}},
    "an environment of bytes": {"env": {"TENSORMESH_INFERENCE_API_KEY": MARK.encode()}},
    "no such argument": {"inference_api_key": MARK, "api_key": MARK},
}


@cases("given", [*CONSTRUCTIONS.values(), *OTHERS.values()], ids=[*CONSTRUCTIONS, *OTHERS])
@cases("kind", [Tensormesh, AsyncTensormesh])
def test_of_a_constructor(kind: Any, synchronous: Runner, given: dict[str, Any]) -> None:
    check(synchronous, lambda: kind(**{"env": {}, **given}))


@pytest.mark.parametrize(
    "given",
    [{"api_key": MARK}, {"max_connections": 3, "inference_api_key": MARK}, *CONSTRUCTIONS.values()],
    ids=["no such setting", "of the connections", *CONSTRUCTIONS],
)
def test_of_changed_options(runner: Runner, given: dict[str, Any]) -> None:
    client = runner.client()

    check(runner, lambda: client.with_options(**given))


HEADERS = {"X-Key": MARK, "Authorization": f"Bearer {LONG}"}
QUERY = {"token": MARK, "several": [MARK, "x"]}

FRIENDLY: dict[str, Callable[..., Any]] = {
    "whole": lambda client, **more: client.inference.serverless.chat.completions.create(
        model="m", messages=MESSAGES, **more
    ),
    "streamed": lambda client, **more: client.inference.serverless.chat.completions.create(
        model="m", messages=MESSAGES, stream=True, **more
    ),
    "raw": lambda client, **more: client.inference.serverless.chat.completions.with_raw_response.create(
        model="m", messages=MESSAGES, **more
    ),
    "streamed, and raw": lambda client, **more: (
        client.inference.serverless.chat.completions.with_streaming_response.create(
            model="m", messages=MESSAGES, **more
        )
    ),
    "on demand": lambda client, **more: client.inference.on_demand.completions.create(model="m", prompt="x", **more),
    "without a body": lambda client, **more: client.inference.serverless.models.list(**more),
    "of the control plane": lambda client, **more: client.control_plane.billing.balance.get(**more),
    "of pages": lambda client, **more: client.control_plane.support.tickets.auto_paging_iter(**more),
}

OPTIONS: dict[str, dict[str, Any]] = {
    "headers and a query": {"extra_headers": HEADERS, "extra_query": QUERY},
    "a key in the body": {"extra_body": {"api_key": MARK, "deep": [{"key": LONG}]}},
}

WRONG: dict[str, dict[str, Any]] = {
    "a header with a line break": {"extra_headers": {"X-Key": f"{MARK}\n"}},
    "a header as bytes": {"extra_headers": {"Authorization": f"Bearer {MARK}".encode()}},
    "a header in a list": {"extra_headers": {"Authorization": [MARK]}},
    "headers as pairs": {"extra_headers": [("X-Key", MARK)]},
    "headers as text": {"extra_headers": MARK},
    "a query with bytes": {"extra_query": {"token": MARK.encode()}},
    "a query with a mapping": {"extra_query": {"token": {"key": MARK}}},
    "a query with half a character": {"extra_query": {"token": f"{MARK}\ud800"}},
    "a body with what is no JSON": {"extra_body": {"key": MARK, "odd": object()}},
    "a body with bytes": {"extra_body": {"key": MARK.encode()}},
    "a body with no number": {"extra_body": {"key": MARK, "odd": float("nan")}},
    "no such option": {"extra_header": 1, "extra_headers": HEADERS, "extra_query": QUERY},
    "no limit": {"timeout": -1, "extra_headers": HEADERS},
}


@pytest.fixture
def client(any_client: Any) -> Any:
    return any_client


@cases("options", OPTIONS.values(), ids=OPTIONS)
@cases("fault", [(RESET,), answer(401, b"{}"), answer(200, b"<html>")], ids=["reset", "401", "HTML"])
@cases("call", FRIENDLY.values(), ids=FRIENDLY)
def test_of_a_call_that_fails(
    runner: Runner, host: ScriptedHost, client: Any, call: Any, fault: Any, options: dict[str, Any]
) -> None:
    host.plays(fault)

    check(runner, lambda: call(client, **options))


@cases("options", WRONG.values(), ids=WRONG)
@cases("call", FRIENDLY.values(), ids=FRIENDLY)
def test_of_a_call_that_cannot_be_sent(runner: Runner, host: ScriptedHost, call: Any, options: dict[str, Any]) -> None:
    client = runner.client(**surfaces_of(host))
    if "timeout" in options:
        host.plays()

    check(runner, lambda: call(client, **options))


def refresh(client: Any, **how: Any) -> Any:
    return client.control_plane.cli_auth.refresh(**how)


def plainly(client: Any, **how: Any) -> Any:
    module = api.cli_auth.cli_token_refresh
    call = module.asyncio if isinstance(client, AsyncTensormesh) else module.sync
    return call(client=client.control_plane, **how)


def in_full(client: Any, **how: Any) -> Any:
    module = api.cli_auth.cli_token_refresh
    call = module.asyncio_detailed if isinstance(client, AsyncTensormesh) else module.sync_detailed
    return call(client=client.control_plane, **how)


SECRET_FIELDS: dict[str, Callable[[Any], Any]] = {
    "a token": lambda client: refresh(client, refresh_token=LONG),
    "a token in a mapping": lambda client: refresh(client, request={"refresh_token": MARK}),
    "a token in a model": lambda client: refresh(client, request=models.CliTokenRefreshRequest(refresh_token=MARK)),
    "a token twice": lambda client: refresh(client, request={"refresh_token": MARK}, refresh_token=MARK),
    "a token in a plain call": lambda client: plainly(client, body={"refresh_token": MARK}),
    "a token in a plain call, in a model": lambda client: in_full(
        client, body=models.CliTokenRefreshRequest(refresh_token=MARK)
    ),
    "a code": lambda client: client.control_plane.cli_auth.exchange(cli_code=MARK),
    "a key in a query": lambda client: client.control_plane.users.api_keys.delete(api_key=MARK),
    "a key of a model": lambda client: client.control_plane.models.deploy(model_name="m", api_key=MARK, hf_token=MARK),
    "any route": lambda client: client.control_plane.request(
        "POST", f"/x?key={MARK}", headers=HEADERS, params=QUERY, json_body={"key": MARK}
    ),
    "any route of events": lambda client: client.control_plane.stream_request(
        "POST", f"/x?key={MARK}", extra_headers=HEADERS, params=QUERY, json_body={"key": [MARK]}
    ),
    "no route": lambda client: client.control_plane.request("GET", f"x?key={MARK}", headers=HEADERS),
    "a route with blanks": lambda client: client.control_plane.request("GET", f"/a b?key={MARK}", params=QUERY),
}


@cases("fault", [(RESET,), answer(401, b"{}")], ids=["reset", "401"])
@cases("call", SECRET_FIELDS.values(), ids=SECRET_FIELDS)
def test_of_what_the_documents_call_a_secret(
    runner: Runner, host: ScriptedHost, client: Any, call: Any, fault: Any
) -> None:
    host.always_plays(fault)

    check(runner, lambda: call(client))


@cases(
    "address",
    [
        f"http://me:{MARK}@[::1",
        f"http://me:{MARK}",
        f"http://me:{MARK}@host.test:0",
        f"http://me:{MARK}@a..b",
        f"socks5://me:{MARK}@host.test",
        f"ftp://me:{MARK}@host.test:1",
        f"me:{MARK}@host.test:x",
        f"http://me:{MARK}@",
        f"http://me:pass/{MARK}@ho st",
    ],
)
@cases("name", ["http_proxy", "all_proxy"])
def test_of_a_proxy_that_cannot_be_used(
    runner: Runner, monkeypatch: pytest.MonkeyPatch, name: str, address: str
) -> None:
    monkeypatch.setenv(name, address)
    client = runner.client(inference_api_key="ak-1", serverless_base_url="http://api.example.test")

    error = raised(runner, lambda: client.inference.serverless.models.list())

    assert isinstance(error, errors.ConfigurationError)
    assert name.upper() in str(error)
    assert leaks(error) == []
    assert base64.b64encode(f"me:{MARK}".encode()).decode() not in repr([*frames(error)])


def test_what_was_sealed_is_sent_as_it_was(runner: Runner, host: ScriptedHost, client: Any) -> None:
    host.plays(answer(200, {"access_token": "a"}), answer(200, b"{}"))

    runner.run(refresh(client, refresh_token="rt-1", extra_headers={"X-Key": "h"}, extra_query={"q": ["a b", 1, True]}))
    runner.run(
        client.inference.serverless.request(
            "POST", "/v1/x?a=1", params={"b": "ü"}, json_body={"t": "é", "n": [1, None, ("x", 2.5)], "m": MESSAGES}
        )
    )

    first, second = host.asked
    assert (json.loads(first.body), first.headers["x-key"]) == ({"refresh_token": "rt-1"}, "h")
    assert first.path.endswith("?q=a+b&q=1&q=true")
    assert second.path.endswith("/v1/x?a=1&b=%C3%BC")
    assert json.loads(second.body) == {"t": "é", "n": [1, None, ["x", 2.5]], "m": MESSAGES}


def test_what_a_caller_gave_stays_as_it_was(runner: Runner, host: ScriptedHost, client: Any) -> None:
    headers, query, body = {"X-Key": "h"}, {"q": ["a"]}, {"deep": {"key": "k"}}
    host.plays(answer(401, b"{}"))

    raised(
        runner,
        lambda: client.inference.serverless.models.list(extra_headers=headers, extra_query=query, extra_body=body),
    )

    kept = [headers["X-Key"], query["q"][0], body["deep"]["key"]]
    assert [type(one) for one in kept] == [str, str, str]


def test_settings_show_no_header_and_are_not_pickled() -> None:
    config = resolve({"inference_api_key": MARK, "default_headers": {"X-Key": MARK}}, {})

    assert MARK not in repr(config.default_headers) + repr(vars(config)) + repr(config)
    assert config.default_headers == {"X-Key": MARK}
    assert copy.copy(config) == copy.deepcopy(config) == config
    with pytest.raises(TypeError, match="hold keys"):
        pickle.dumps(config)


@pytest.mark.parametrize("secret", [Secret(LONG), SecretBytes(LONG.encode())])
def test_no_part_of_a_secret_shows(secret: Any) -> None:
    """Tools cut what is long, and show the beginning."""
    for part in (secret, secret[:80], secret[3:], secret[:80][:9]):
        assert "***" in repr(part)
        assert MARK not in f"{part!r}"
        assert MARK[:3] not in ascii(part)
    assert secret[:8] in ("SENTINEL", b"SENTINEL")


def test_rich_shows_no_secret(runner: Runner, host: ScriptedHost, client: Any) -> None:
    rich_traceback = pytest.importorskip("rich.traceback")
    console = pytest.importorskip("rich.console")
    host.plays(answer(401, b"{}"))
    call = FRIENDLY["without a body"]
    error = raised(runner, lambda: call(client, extra_headers=dict(HEADERS), extra_query=dict(QUERY)))
    trace = error.__traceback__
    while trace is not None and "/tests/" in trace.tb_frame.f_code.co_filename:
        trace = trace.tb_next  # this test's own variables

    screen = console.Console(width=400, file=io.StringIO())
    screen.print(rich_traceback.Traceback.from_exception(type(error), error, trace, show_locals=True))
    text = screen.file.getvalue()

    assert "'***'" in text
    assert MARK not in text


def test_the_policy_and_the_parts_of_a_client_show_no_secret(runner: Runner) -> None:
    client = runner.client(
        inference_api_key=MARK, control_plane_token=MARK, default_headers={"X": MARK}, retry=RetryPolicy()
    )

    for thing in (client, client.config, client.inference, client.control_plane, client.config.replace(timeout=1)):
        assert MARK not in repr(thing) + str(thing)
    assert isinstance(client.config, Config)
