"""What goes wrong when a script says so: once, several times, or until it is cleared."""

import json
from collections.abc import Callable, Iterator
from typing import Any

import httpx
import pytest

from tensormesh_local import LocalHost
from tests.cases import cases
from tests.plain_http import NO_TLS

CHAT = "/v1/chat/completions"
HELLO = {"model": "openai/gpt-oss-20b", "messages": [{"role": "user", "content": "Hello"}]}
STREAM = {**HELLO, "stream": True}
TEXT_STREAM = {"model": HELLO["model"], "prompt": "Roses are", "stream": True}
RESPONSES_STREAM = {"model": HELLO["model"], "input": "Hello", "stream": True}
IMPATIENT = httpx.Timeout(5, read=0.3)

type Events = Callable[[str], list[Any]]


def _until_it_breaks(client: httpx.Client, body: Any, path: str = CHAT, **options: Any) -> tuple[str, Exception | None]:
    """Read a stream: what came, and what ended it."""
    text = ""
    with client.stream("POST", path, json=body, **options) as answer:
        try:
            for piece in answer.iter_text():
                text += piece
        except httpx.HTTPError as exc:
            return text, exc
    return text, None


def test_a_status_comes_with_an_error_of_the_engine(host: LocalHost, serverless: httpx.Client) -> None:
    host.faults.add(status=503)
    answer = serverless.post(CHAT, json=HELLO)

    assert (answer.status_code, answer.headers["content-type"]) == (503, "application/json")
    assert answer.json() == {
        "error": {
            "message": "Service Unavailable (a scripted fault)",
            "type": "ServiceUnavailableError",
            "param": None,
            "code": 503,
        }
    }


def test_a_status_says_when_to_try_again(host: LocalHost, serverless: httpx.Client) -> None:
    host.faults.add(status=429, headers={"Retry-After": 2})
    answer = serverless.post(CHAT, json=HELLO)

    assert (answer.status_code, answer.headers["retry-after"]) == (429, "2")
    assert answer.json()["error"]["type"] == "RateLimitError"


@cases(
    ("script", "kind", "content"),
    [
        ({"status": 502, "body": "<html>Bad Gateway</html>"}, "text/html; charset=utf-8", b"<html>Bad Gateway</html>"),
        ({"status": 500, "body": ""}, None, b""),
        ({"status": 500, "body": "no luck"}, "text/plain; charset=utf-8", b"no luck"),
        ({"status": 500, "body": None}, "application/json", b"null"),
        ({"status": 418, "body": {"detail": []}}, "application/json", b'{"detail":[]}'),
        ({"status": 500, "body": "{", "headers": {"Content-Type": "application/json"}}, "application/json", b"{"),
        ({"status": 200, "body": "fine"}, "text/plain; charset=utf-8", b"fine"),
        ({"status": 204}, None, b""),
        ({"status": 599}, "application/json", None),
    ],
)
def test_a_status_has_any_body(
    host: LocalHost, serverless: httpx.Client, script: dict[str, Any], kind: str | None, content: bytes | None
) -> None:
    host.faults.add(script)
    answer = serverless.post(CHAT, json=HELLO)

    assert (answer.status_code, answer.headers.get("content-type")) == (script["status"], kind)
    assert content in (None, answer.content)


@pytest.mark.parametrize("path", ["/v1/models", "/health", "/version"])
def test_a_read_fails_as_well_as_a_post(host: LocalHost, serverless: httpx.Client, path: str) -> None:
    host.faults.add(status=500)

    assert [serverless.get(path).status_code for _ in range(2)] == [500, 200]


def test_headers_stall_and_the_host_goes_on_answering_others(host: LocalHost, serverless: httpx.Client) -> None:
    host.faults.add(delay_seconds=3_600)
    with pytest.raises(httpx.ReadTimeout):
        serverless.post(CHAT, json=HELLO, timeout=IMPATIENT)

    assert serverless.post(CHAT, json=HELLO).status_code == 200
    assert host.requests[0].status is None


def test_a_late_answer_is_the_real_one(host: LocalHost, serverless: httpx.Client) -> None:
    host.faults.add(delay_seconds=0.01)
    answer = serverless.post(CHAT, json=HELLO)

    assert answer.elapsed.total_seconds() >= 0.01
    assert answer.json()["object"] == "chat.completion"


@pytest.mark.parametrize("delay", [{}, {"delay_seconds": 0.01}])
def test_a_connection_is_reset_before_the_headers(
    host: LocalHost, serverless: httpx.Client, delay: dict[str, Any]
) -> None:
    host.faults.add(reset=True, **delay)
    with pytest.raises(httpx.ReadError):
        serverless.post(CHAT, json=HELLO)

    assert serverless.post(CHAT, json=HELLO).status_code == 200


def test_a_whole_answer_is_cut(host: LocalHost, serverless: httpx.Client) -> None:
    host.faults.add(cut_after_bytes=20)
    with pytest.raises(httpx.RemoteProtocolError, match="20 bytes"):
        serverless.post(CHAT, json=HELLO)

    assert host.requests[0].status == 200
    assert not host.requests[0].completed


def test_a_cut_beyond_the_end_cuts_nothing(host: LocalHost, serverless: httpx.Client) -> None:
    host.faults.add(cut_after_bytes=10_000_000)

    assert serverless.post(CHAT, json=HELLO).json()["object"] == "chat.completion"


def test_a_stream_is_cut_in_the_middle_of_an_event(host: LocalHost, serverless: httpx.Client) -> None:
    host.faults.add(cut_after_bytes=300)
    text, broken = _until_it_breaks(serverless, STREAM)

    assert len(text.encode()) == 300
    assert isinstance(broken, httpx.RemoteProtocolError)


@cases("count", [0, 1, 4])
@cases(("path", "body"), [(CHAT, STREAM), ("/v1/completions", TEXT_STREAM), ("/v1/responses", RESPONSES_STREAM)])
def test_a_stream_is_cut_between_two_events(
    host: LocalHost, serverless: httpx.Client, path: str, body: Any, count: int
) -> None:
    host.faults.add(cut_after_events=count)
    text, broken = _until_it_breaks(serverless, body, path)

    assert text.count("\n\n") == count
    assert isinstance(broken, httpx.RemoteProtocolError)


@pytest.mark.parametrize("script", [{"stall_after_events": 2}, {"stall_after_bytes": 500}])
def test_a_stream_stalls_until_the_caller_has_enough(
    host: LocalHost, serverless: httpx.Client, script: dict[str, Any]
) -> None:
    host.faults.add(script)
    text, broken = _until_it_breaks(serverless, STREAM, timeout=IMPATIENT)

    assert isinstance(broken, httpx.ReadTimeout)
    assert text.count("\n\n") == 2 or len(text.encode()) == 500
    assert serverless.post(CHAT, json=HELLO).status_code == 200


@pytest.mark.parametrize("script", [{"stall_after_events": 2}, {"stall_after_bytes": 500}, {"stall_after_events": 0}])
def test_a_stream_that_stalls_for_a_while_loses_nothing(
    host: LocalHost, streamed: Callable[..., list[Any]], script: dict[str, Any]
) -> None:
    host.faults.add(script, stall_seconds=0.02)
    halting, smooth = streamed(request_id="same"), streamed(request_id="same")
    for chunk in (*halting, *smooth):
        del chunk["created"]

    assert halting == smooth


def test_a_whole_answer_stalls_for_a_while(host: LocalHost, serverless: httpx.Client) -> None:
    host.faults.add(stall_after_bytes=10, stall_seconds=0.02)

    assert serverless.post(CHAT, json=HELLO).json()["object"] == "chat.completion"


ERROR = {
    "message": "EngineCore encountered an issue. See stack trace (above) for the root cause.",
    "type": "InternalServerError",
    "param": None,
    "code": 500,
}


@cases("count", [0, 3])
@cases(("path", "body"), [(CHAT, STREAM), ("/v1/completions", TEXT_STREAM)])
def test_an_error_comes_inside_a_stream_and_ends_it(
    host: LocalHost, serverless: httpx.Client, events: Events, path: str, body: Any, count: int
) -> None:
    host.faults.add(error_event_after=count)
    answer = serverless.post(path, json=body)
    found = events(answer.text)

    assert answer.status_code == 200
    assert found[count:] == [{"error": ERROR}, "[DONE]"]


def test_an_error_inside_a_responses_stream_is_a_named_event(
    host: LocalHost, serverless: httpx.Client, events: Events
) -> None:
    host.faults.add(error_event_after=2)
    found = events(serverless.post("/v1/responses", json=RESPONSES_STREAM).text)

    assert [event["type"] for event in found] == ["response.created", "response.in_progress", "error"]
    assert (found[2]["sequence_number"], found[2]["message"]) == (2, ERROR["message"])


def test_an_event_is_no_json_and_the_stream_goes_on(host: LocalHost, serverless: httpx.Client) -> None:
    host.faults.add(invalid_json_event_after=2)
    found = serverless.post(CHAT, json=STREAM).text.removesuffix("\n\n").split("\n\n")

    with pytest.raises(json.JSONDecodeError):
        json.loads(found[2].removeprefix("data: "))
    assert found[-1] == "data: [DONE]"
    assert all(json.loads(event.removeprefix("data: ")) for event in (*found[:2], *found[3:-1]))


def test_an_event_of_ten_megabytes_is_still_json(
    host: LocalHost, serverless: httpx.Client, streamed: Callable[..., list[Any]]
) -> None:
    host.faults.add(big_event_after=1)
    chunks = streamed()

    assert [len(chunk.get("padding", "")) for chunk in chunks[:3]] == [0, 10_000_000, 0]
    assert chunks[1]["choices"][0]["delta"] == {"reasoning": "\n"}


def test_the_size_of_a_big_event_can_be_chosen(host: LocalHost, serverless: httpx.Client) -> None:
    host.faults.add(big_event_after=0, big_event_bytes=7)
    text = serverless.post("/v1/responses", json=RESPONSES_STREAM).text

    assert '"padding":"xxxxxxx"}' in text.partition("\n\n")[0]


def test_a_stream_ends_without_done(host: LocalHost, serverless: httpx.Client) -> None:
    host.faults.add(drop_done=True)
    text = serverless.post(CHAT, json=STREAM).text

    assert "[DONE]" not in text
    assert text.endswith("}\n\n")


def test_fields_are_left_out_of_a_whole_answer(host: LocalHost, serverless: httpx.Client) -> None:
    host.faults.add(omit=["id", "choices.0.message", "usage.*", "nothing.here"])
    answer = serverless.post(CHAT, json=HELLO).json()

    assert "id" not in answer
    assert "message" not in answer["choices"][0]
    assert answer["usage"] == {}


def test_fields_are_left_out_of_every_chunk(host: LocalHost, serverless: httpx.Client, events: Events) -> None:
    host.faults.add(omit=["choices.*.index"])
    *chunks, _ = events(serverless.post(CHAT, json=STREAM).text)

    assert not any("index" in choice for chunk in chunks for choice in chunk["choices"])


def test_a_chunk_can_come_without_choices(host: LocalHost, serverless: httpx.Client, events: Events) -> None:
    host.faults.add(omit=["choices"])

    assert not any("choices" in chunk for chunk in events(serverless.post(CHAT, json=STREAM).text)[:-1])


def test_fields_get_other_values_and_new_ones_are_added(host: LocalHost, serverless: httpx.Client) -> None:
    host.faults.add(set={"created": "now", "choices.*.finish_reason": "sparkle", "data.0.id": 1, "novel": {"a": [1]}})
    answer = serverless.post(CHAT, json=HELLO).json()

    assert (answer["created"], answer["choices"][0]["finish_reason"], answer["novel"]) == ("now", "sparkle", {"a": [1]})
    assert "data" not in answer


def test_a_field_is_renamed(host: LocalHost, serverless: httpx.Client) -> None:
    host.faults.add(omit=["data.*.id"], set={"data.*.name": "x"})
    model = serverless.get("/v1/models").json()["data"][0]

    assert "id" not in model
    assert model["name"] == "x"


def test_a_real_answer_has_other_headers(host: LocalHost, serverless: httpx.Client) -> None:
    host.faults.add(headers={"Content-Type": "text/plain", "X-New": "1"}, times=2)
    whole, stream = serverless.post(CHAT, json=HELLO), serverless.post(CHAT, json=STREAM)

    assert [answer.headers["content-type"] for answer in (whole, stream)] == ["text/plain"] * 2
    assert whole.headers["x-new"] == "1"
    assert whole.json()["object"] == "chat.completion"
    assert stream.text.endswith("data: [DONE]\n\n")


def test_a_fault_happens_once_if_nothing_else_is_said(host: LocalHost, serverless: httpx.Client) -> None:
    host.faults.add(status=500)

    assert [serverless.get("/health").status_code for _ in range(3)] == [500, 200, 200]
    assert host.faults.pending() == []


def test_a_fault_happens_as_often_as_it_is_asked_for(host: LocalHost, serverless: httpx.Client) -> None:
    host.faults.add(status=500, times=2)
    first = serverless.get("/health").status_code

    assert host.faults.pending() == [{"status": 500, "times": 1}]
    assert [first, *(serverless.get("/health").status_code for _ in range(2))] == [500, 500, 200]


def test_a_fault_can_go_on_until_it_is_cleared(host: LocalHost, serverless: httpx.Client) -> None:
    host.faults.add(status=500, times=None)
    during = [serverless.get("/health").status_code for _ in range(5)]
    host.faults.clear()

    assert [*during, serverless.get("/health").status_code] == [500] * 5 + [200]


def test_faults_come_one_after_the_other(host: LocalHost, serverless: httpx.Client) -> None:
    host.faults.add(status=429)
    host.faults.add(status=503)

    assert [serverless.get("/health").status_code for _ in range(3)] == [429, 503, 200]


@cases(
    ("match", "statuses"),
    [
        ({"method": "post"}, [200, 500, 500]),
        ({"path": "/health"}, [500, 200, 200]),
        ({"path": "/serverless/health"}, [500, 200, 200]),
        ({"path": "/v1/*"}, [200, 500, 200]),
        ({"path": "*"}, [500, 500, 500]),
        ({"model": "openai/gpt-oss-20b"}, [200, 500, 200]),
        ({"method": "POST", "model": "openai/gpt-oss-120b"}, [200, 200, 500]),
        ({"path": "/on-demand/*"}, [200, 200, 200]),
    ],
)
def test_a_fault_waits_for_the_requests_it_is_meant_for(
    host: LocalHost, serverless: httpx.Client, match: dict[str, Any], statuses: list[int]
) -> None:
    host.faults.add(status=500, times=None, match=match)
    answers = [
        serverless.get("/health"),
        serverless.post(CHAT, json=HELLO),
        serverless.post("/tokenize", json={"model": "openai/gpt-oss-120b", "prompt": "x"}),
    ]

    assert [answer.status_code for answer in answers] == statuses


@pytest.fixture
def control_plane(host: LocalHost) -> Iterator[httpx.Client]:
    headers = {"Authorization": f"Bearer {host.control_plane_token}"}
    with httpx.Client(base_url=host.control_plane_base_url, headers=headers, trust_env=False, verify=NO_TLS) as client:
        yield client


def test_every_surface_has_faults(host: LocalHost, on_demand: httpx.Client, control_plane: httpx.Client) -> None:
    host.faults.add(status=500, times=2)

    assert [on_demand.get("/health").status_code, control_plane.get("/auth/profile").status_code] == [500, 500]


def test_a_fault_comes_before_the_key_is_looked_at(host: LocalHost, anonymous: httpx.Client) -> None:
    host.faults.add(status=503)

    assert [anonymous.post(f"/serverless{CHAT}", json=HELLO).status_code for _ in range(2)] == [503, 401]


def test_the_record_of_a_request_tells_of_its_fault(host: LocalHost, serverless: httpx.Client) -> None:
    host.faults.add(status=503)
    for _ in range(2):
        serverless.get("/health")

    assert [(record.status, record.fault) for record in host.requests] == [(503, True), (200, False)]


def test_a_reset_host_behaves(host: LocalHost, serverless: httpx.Client) -> None:
    host.faults.add(status=500, times=None)
    host.reset()

    assert serverless.get("/health").status_code == 200
