"""A large request goes out as fast as the host listens; what the host says meanwhile is heard."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tensormesh_transport.core.route import PIECE_BYTES
from tensormesh_transport.errors import ReadError
from tests.cases import cases
from tests.transport.answers import Told
from tests.transport.pumps.readers import NEXT, PUMPS, TIMEOUTS, Plan
from tests.transport.pumps.tellings import outcome_of, said_by, tellings, with_others
from tests.transport.pumps.world import Event

CONTENT = bytes(range(256)) * 400
LISTENING = st.lists(
    st.tuples(
        st.sampled_from([0.0, 0.25, 1.0, 4.0, 6.0]),
        st.sampled_from([b"1", b"100", b"5000", b"60000", b"999999"]).map(lambda size: Event(0, "listen", size)),
    ),
    max_size=6,
)
"""When the host reads how much of the request."""

ANSWER = b"HTTP/1.1 413 Too Large\r\nContent-Length: 2\r\n\r\nno"
UNTIL_CLOSE = b"HTTP/1.1 413 Too Large\r\n\r\nno"


def is_the_request(heard: bytes, method: str) -> bool:
    """Whether what the host heard is the beginning of the request, and then of nothing but the next."""
    head = f"{method} / HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-length: {len(CONTENT)}\r\n\r\n".encode()
    return (head + CONTENT + b"GET / HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n").startswith(heard)


@pytest.mark.parametrize("pump", PUMPS)
@settings(max_examples=150)
@given(telling=tellings(), listening=LISTENING, whole=st.booleans())
def test_whatever_the_host_does_while_it_is_sent_a_large_request(
    pump: str, telling: tuple[Told, list[Event]], listening: list[tuple[float, Event]], whole: bool
) -> None:
    told, _ = telling
    events = with_others(telling, listening)

    outcome = outcome_of(pump, Plan(told.method, CONTENT, whole=whole), events)

    came = len(said_by(events, outcome.at))
    assert is_the_request(outcome.heard, told.method)
    if outcome.error is None:
        assert outcome.content == told.content[: told.arrived[came]]
        assert came == len(told.raw) or came in told.whole_at
    else:
        assert isinstance(outcome.error, ReadError)
        assert outcome.error.sent
        assert not outcome.kept
        assert told.content.startswith(outcome.content)
    last = events[-1].at if events else 0
    assert outcome.at <= last + 2 * TIMEOUTS.first_byte + TIMEOUTS.idle


@cases("pump", PUMPS)
@cases("whole", [True, False], ids=["whole", "piece by piece"])
@cases("content", [b"", b"little", CONTENT, bytes(2 * PIECE_BYTES)], ids=len)
def test_all_of_a_request_arrives_where_the_host_listens(pump: str, whole: bool, content: bytes) -> None:
    listening = [Event(at / 32, "listen", b"9999") for at in range(80)]
    events = [*listening, Event(2.625, "listen", b"999999"), Event(3, "say", NEXT)]

    outcome = outcome_of(pump, Plan("POST", content, whole=whole), events)

    assert (outcome.status, outcome.content, outcome.kept) == (200, b"the next", True)
    assert content in outcome.heard


@cases("pump", PUMPS)
@cases("at", [0, 1], ids=["at once", "in the middle"])
@cases(
    ("said", "ends"),
    [
        pytest.param(ANSWER, [], id="an answer"),
        pytest.param(ANSWER, ["close"], id="an answer, and the end"),
        pytest.param(ANSWER, ["reset"], id="an answer, and a reset"),
        pytest.param(UNTIL_CLOSE, ["close"], id="an answer that ends with the connection"),
        pytest.param(UNTIL_CLOSE, ["close", "reset"], id="the same from a host that reads no more"),
    ],
)
def test_an_answer_before_the_end_of_the_request_is_heard(pump: str, said: bytes, ends: list[str], at: float) -> None:
    events = [Event(at, "say", said), *(Event(at, end) for end in ends)]

    outcome = outcome_of(pump, Plan("POST", CONTENT), events)

    assert (outcome.status, outcome.content, outcome.error) == (413, b"no", None)
    assert (outcome.at, outcome.kept) == (at, False)


@cases("pump", PUMPS)
@cases("at", [0, 1], ids=["at once", "in the middle"])
@cases("said", [b"", b"HTTP/1.1 413 Too", UNTIL_CLOSE, ANSWER[:-1]], ids=len)
def test_a_reset_is_no_end_of_an_answer(pump: str, said: bytes, at: float) -> None:
    outcome = outcome_of(pump, Plan("POST", CONTENT), [Event(at, "say", said), Event(at, "reset")])

    assert type(outcome.error) is ReadError
    assert "reset" in str(outcome.error)
    assert outcome.content == said.partition(b"\r\n\r\n")[2]
    assert outcome.at == at


@cases("pump", PUMPS)
def test_a_host_that_listens_a_little_now_and_then_is_not_silent(pump: str) -> None:
    listening = [Event(4.0 * step, "listen", b"60000") for step in range(1, 4)]

    outcome = outcome_of(pump, Plan("POST", CONTENT), [*listening, Event(15, "say", NEXT)])

    assert (outcome.content, outcome.error) == (b"the next", None)
