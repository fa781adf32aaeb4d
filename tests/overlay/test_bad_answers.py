"""Whole answers that are none, and bodies that do not arrive as they were sent."""

from __future__ import annotations

import gzip
import re
import zlib
from typing import Any

import pytest

from tensormesh.errors import (
    APIConnectionError,
    APIError,
    APIStatusError,
    InternalServerError,
    NotFoundError,
    ProtocolError,
    RateLimitError,
)
from tests.cases import cases
from tests.overlay.calls import BODY, COMPLETION, PLACE, ask, fails, serves_the_next_call, works_again
from tests.overlay.conftest import Runner, surfaces_of
from tests.overlay.scripted_host import CLOSE, RESET, ScriptedHost, Step, answer, chunk, cut_up, head

ZIPPED = gzip.compress(BODY)


@cases(("status", "kind"), [(500, InternalServerError), (529, InternalServerError), (418, APIStatusError)])
@cases(
    ("content", "body", "shown"),
    [
        pytest.param(b"", None, "the body is empty", id="empty"),
        pytest.param(b"<html>Bad gateway</html>\n", "<html>Bad gateway</html>", "<html>Bad gateway</html>", id="HTML"),
        pytest.param(b'{"error":{"message":"No!"}}', {"error": {"message": "No!"}}, "No!", id="JSON"),
        pytest.param(b'{"error":"No!"}', {"error": "No!"}, "No!", id="a bare sentence"),
        pytest.param(b"\xff\xfe\x00", "��\x00", "��", id="bytes"),
    ],
)
def test_another_status_than_success_is_a_status_error_whatever_its_body(
    runner: Runner,
    any_client: Any,
    host: ScriptedHost,
    status: int,
    kind: type[APIStatusError],
    content: bytes,
    body: Any,
    shown: str,
) -> None:
    host.plays(answer(status, content, x_request_id="r-1"))

    call, words = f"HTTP {status} from {PLACE}, request r-1", re.escape(shown)
    says = rf"^{words} \({call}\)" if shown == "No!" else f"^{call}: {words}"

    error = fails(runner, lambda: ask(any_client), kind, says)

    assert (error.status_code, error.body, error.request_id) == (status, body, "r-1")
    assert (error.response.status_code, error.response.content, error.sent) == (status, content, True)
    host.plays(answer(200, COMPLETION))
    runner.run(ask(any_client))
    assert [asked.connection for asked in host.asked] == [1, 1]


def test_a_status_error_whose_body_does_not_arrive_is_a_connection_error(
    runner: Runner, any_client: Any, host: ScriptedHost
) -> None:
    host.plays((head(500, content_length="999") + b"half", RESET))

    fails(runner, lambda: ask(any_client), APIConnectionError, "the connection broke")

    works_again(runner, any_client, host)


@pytest.mark.parametrize(("asked", "seconds"), [("7", 7.0), ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0)])
def test_too_many_requests_is_a_rate_limit_error_that_keeps_what_the_host_asks_for(
    runner: Runner, any_client: Any, host: ScriptedHost, asked: str, seconds: float
) -> None:
    host.plays(answer(429, {"error": {"message": "Slow down."}}, retry_after=asked))

    error = fails(
        runner, lambda: ask(any_client), RateLimitError, rf"^Slow down\. \(HTTP 429 .*wait {seconds:g} s before"
    )

    assert error.retry_after == seconds
    assert error.headers["retry-after"] == asked


@cases(
    ("steps", "what"),
    [
        pytest.param((head(204),), "its body is empty", id="204"),
        pytest.param(answer(200, b""), "its body is empty", id="an empty 200"),
        pytest.param(answer(200, b"<html>Sign in</html>"), "its body is not JSON; it begins '<html>", id="HTML"),
        pytest.param(answer(200, b'{"id": '), "its body is not JSON", id="half of the JSON"),
        pytest.param(answer(200, b"[]"), "its body is not the documented object", id="another JSON"),
        pytest.param(answer(200, b"[" * 100_000), "its body is not JSON", id="JSON too deep to read"),
    ],
)
def test_a_success_that_makes_no_sense_is_a_protocol_error(
    runner: Runner, any_client: Any, host: ScriptedHost, steps: tuple[Step, ...], what: str
) -> None:
    host.plays(steps)

    error = fails(runner, lambda: ask(any_client), ProtocolError, f"from {PLACE} is a success, but {re.escape(what)}")

    assert error.status_code in (200, 204)


@pytest.mark.parametrize("steps", [(head(204),), answer(200, b"")], ids=["204", "empty 200"])
def test_an_empty_success_is_good_health(
    runner: Runner, any_client: Any, host: ScriptedHost, steps: tuple[Step, ...]
) -> None:
    host.plays(steps)

    assert runner.run(any_client.inference.serverless.health.get()).to_dict() == {}


@cases("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_not_followed_and_no_key_travels_with_it(
    runner: Runner, any_client: Any, host: ScriptedHost, status: int
) -> None:
    elsewhere = ScriptedHost().start()
    host.plays(answer(status, b"", location=f"{elsewhere.url}/v1/chat/completions?token=secret"))

    error = fails(runner, lambda: ask(any_client), APIStatusError, f"redirects are not followed.*{elsewhere.url}")
    elsewhere.stop()

    assert (error.status_code, elsewhere.connections) == (status, 0)
    assert "secret" not in str(error)


@pytest.mark.parametrize(
    "steps",
    [
        pytest.param(answer(200, ZIPPED, content_encoding="gzip"), id="in one piece"),
        pytest.param(
            (
                head(200, content_encoding="gzip", transfer_encoding="chunked"),
                *map(chunk, cut_up(ZIPPED, [1, 30, 31])),
                chunk(b""),
            ),
            id="in chunks",
        ),
    ],
)
def test_a_compressed_answer_is_read(
    runner: Runner, any_client: Any, host: ScriptedHost, steps: tuple[Step, ...]
) -> None:
    host.plays(steps)

    assert runner.run(ask(any_client)).to_dict() == COMPLETION


def packed(kind: str, body: bytes) -> bytes:
    pack = zlib.compressobj(wbits={"gzip": 31, "x-gzip": 31, "deflate": 15, "raw": -15}[kind])
    return pack.compress(body) + pack.flush()


@cases("framing", ["a length", "chunks", "the end of the connection"])
@cases("lacks", [1, 4, 8, 9, 30])
@cases("kind", ["gzip", "x-gzip", "deflate", "raw"])
def test_a_compressed_answer_without_its_last_bytes_is_a_broken_connection(
    runner: Runner, any_client: Any, host: ScriptedHost, kind: str, lacks: int, framing: str
) -> None:
    """However it says where it ends, and though all of its text may have come: its sum was to vouch for that."""
    coding, body = kind.replace("raw", "deflate"), packed(kind, BODY)[:-lacks]
    host.plays(
        {
            "a length": answer(200, body, content_encoding=coding),
            "chunks": (head(200, content_encoding=coding, transfer_encoding="chunked"), chunk(body), chunk(b"")),
            "the end of the connection": (head(200, content_encoding=coding) + body, CLOSE),
        }[framing]
    )

    error = fails(
        runner,
        lambda: ask(any_client),
        APIConnectionError,
        rf"^{PLACE}: the connection broke \(the {coding} content cannot be read: it is cut off\)$",
    )

    assert error.sent
    serves_the_next_call(runner, any_client, host)


def test_a_second_member_of_gzip_that_is_cut_off_is_a_broken_connection(
    runner: Runner, any_client: Any, host: ScriptedHost
) -> None:
    host.plays(answer(200, packed("gzip", BODY) + packed("gzip", b" ")[:-1], content_encoding="gzip"))

    fails(runner, lambda: ask(any_client), APIConnectionError, "it is cut off")


def test_a_compressed_answer_whose_sum_is_wrong_is_a_broken_connection(
    runner: Runner, any_client: Any, host: ScriptedHost
) -> None:
    host.plays(answer(200, packed("gzip", BODY)[:-8] + bytes(8), content_encoding="gzip"))

    fails(runner, lambda: ask(any_client), APIConnectionError, "content cannot be read: .*incorrect data check")


def test_a_body_that_a_hook_has_read_is_the_answer(runner: Runner, host: ScriptedHost, library: Any) -> None:
    """It is decompressed by then."""

    def read(response: Any) -> None:
        response.read()

    async def read_async(response: Any) -> None:
        await response.aread()

    http_client = runner.http_client(library, event_hooks={"response": [read_async if runner.is_async else read]})
    client = runner.client(**surfaces_of(host), http_client=http_client)
    host.plays(answer(200, ZIPPED, content_encoding="gzip"))

    assert runner.run(ask(client)).to_dict() == COMPLETION


def test_a_body_that_ends_with_the_connection_is_read(runner: Runner, any_client: Any, host: ScriptedHost) -> None:
    host.plays((head(200) + BODY, CLOSE))

    assert runner.run(ask(any_client)).to_dict() == COMPLETION
    works_again(runner, any_client, host)


def test_not_found_says_where_to_look(runner: Runner, any_client: Any, host: ScriptedHost) -> None:
    host.plays(answer(404, {"detail": "Not Found"}))

    fails(
        runner,
        lambda: ask(any_client),
        NotFoundError,
        r"^Not Found \(HTTP 404 .*\); check the name or id that was asked for, and the base URL$",
    )


@cases(
    "body",
    [
        '{"access_token": "SENTINEL-1", "refresh_token": "SENTINEL-2"',
        '{"refresh_token" : "SENTINEL\\"SENTINEL',
        '[{"hfToken": "SENTINEL-1"}]',
        '{"apiKey":"SENTINEL-1","api_key":"SENTINEL-2"',
        " " * 20 + '{"clientSecret": "' + "SENTINEL-" * 300,
    ],
)
@cases("status", [200, 500])
def test_what_an_answer_was_about_to_hand_out_is_in_no_message(
    runner: Runner, client: Any, host: ScriptedHost, body: str, status: int
) -> None:
    host.plays(answer(status, body))

    with pytest.raises(APIError) as caught:
        runner.run(client.control_plane.cli_auth.refresh(refresh_token="r"))

    assert "SENTINEL" not in f"{caught.value}{caught.value.message}"
