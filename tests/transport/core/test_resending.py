"""Which requests that broke off are sent a second time, by what is known of them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tensormesh_transport.core.exchange import Exchange
from tensormesh_transport.core.resending import Loss, may_go_again
from tensormesh_transport.errors import ClosedError, ReadError, ReadTimeoutError, TransportError
from tests.cases import cases

COUNTS = st.integers(0, 3)


def broken(error: TransportError | None = None, came: bytes = b"") -> Exchange:
    """An exchange that the host ended, or that ended with an error, behind what came."""
    exchange = Exchange("POST")
    exchange.feed(came)
    if error is None:
        exchange.end()
    else:
        exchange.fail(error)
    return exchange


@pytest.mark.parametrize("error", [None, ReadError("reset"), ReadError("broken pipe")])
def test_what_ended_without_a_byte_over_a_connection_that_was_kept_may_go_out_again(
    error: TransportError | None,
) -> None:
    assert may_go_again(broken(error), kept=True)
    assert not may_go_again(broken(error), kept=False)


@cases(
    "exchange",
    [
        pytest.param(broken(came=b"H"), id="a byte of an answer"),
        pytest.param(broken(came=b"\r\n"), id="a blank line"),
        pytest.param(broken(came=b"HTTP/1.1 103 Early\r\n\r\n"), id="an interim answer"),
        pytest.param(broken(came=b"HTTP/1.1 200 OK\r\n\r\n"), id="the head of an answer"),
        pytest.param(broken(ReadTimeoutError("nothing came")), id="silence"),
        pytest.param(broken(ClosedError()), id="closed on this side"),
        pytest.param(Exchange("GET"), id="it goes on"),
    ],
)
def test_what_ended_in_another_way_never_goes_out_again(exchange: Exchange) -> None:
    assert not may_go_again(exchange, kept=True)


@given(COUNTS, st.none() | COUNTS, st.booleans())
def test_a_request_is_unseen_where_none_of_it_left_or_its_host_had_gone_before_any_arrived(
    handed_over: int, unacknowledged: int | None, refused: bool
) -> None:
    loss = Loss(handed_over, unacknowledged, refused)
    all_is_out = unacknowledged is not None and unacknowledged >= handed_over

    assert loss.is_unseen == (handed_over == 0 or (refused and all_is_out))
    assert loss.is_open == (not loss.is_unseen and all_is_out)
