"""An exchange and its limits under any order of what can happen to them."""

from __future__ import annotations

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from tensormesh_transport.core.deadline import Deadline
from tensormesh_transport.core.exchange import Exchange
from tensormesh_transport.errors import ClosedError, ReadError, ReadTimeoutError, RemoteProtocolError, TransportError
from tensormesh_transport.messages import Timeouts
from tests.transport.answers import Told, answers

TIMEOUTS = Timeouts(connect=10, first_byte=5, idle=3, total=20)


class Exchanging(RuleBasedStateMachine):
    """One answer that comes, is taken, breaks off, or takes too long; beside what is known of it."""

    @initialize(told=answers())
    def begin(self, told: Told) -> None:
        self.told = told
        self.exchange = Exchange(told.method)
        self.now, self.deadline = 0.0, Deadline(TIMEOUTS, 0.0)
        self.deadline.sending(0.0)
        self.came, self.taken = 0, b""
        self.ended = False
        """Whether the connection has, in whatever way."""
        self.broken: type[TransportError] | None = None
        """The first fault, if it came before the end."""

    @property
    def arrived(self) -> bytes:
        """All of the content that came."""
        return self.told.content[: self.told.arrived[self.came]]

    @property
    def complete(self) -> bool:
        return self.came == len(self.told.raw) and not self.told.until_close

    @precondition(lambda self: self.came < len(self.told.raw))
    @rule(size=st.integers(1, 200), late=st.floats(0, 1))
    def come(self, size: int, late: float) -> None:
        self.now += late
        if self.now >= self.deadline.at:
            return
        was_over = self.exchange.over
        piece = self.told.raw[self.came : self.came + size]

        self.exchange.feed(piece)

        if was_over:
            self.ended = True  # nobody expects anything any more
        else:
            self.came += len(piece)
            if self.exchange.status:
                self.deadline.reading(self.now)

    @rule(data=st.binary(min_size=1, max_size=9))
    @precondition(lambda self: self.exchange.over)
    def come_too_late(self, data: bytes) -> None:
        self.exchange.feed(data)
        self.ended = True

    @rule()
    def take_some(self) -> None:
        self.taken += self.exchange.take()
        assert self.arrived.startswith(self.taken)

    @rule()
    def take_all(self) -> None:
        while piece := self.exchange.take():
            self.taken += piece

        assert self.taken == self.arrived
        assert self.exchange.held == 0

    @rule()
    def close(self) -> None:
        if not self.exchange.over and not (self.told.until_close and self.came >= self.told.begun_at):
            self.broken = RemoteProtocolError
        self.exchange.end()
        self.ended = True

    @rule(error=st.sampled_from([ReadError("reset"), ClosedError()]))
    def break_off(self, error: TransportError) -> None:
        if not self.exchange.over:
            self.broken = type(error)
        self.exchange.fail(error)
        self.ended = True

    @rule(seconds=st.sampled_from([0.5, 2.9, 6.0]))
    def wait(self, seconds: float) -> None:
        limit = 5 if not self.exchange.status else 3
        self.now += seconds
        if self.now >= self.deadline.at and not self.exchange.over:
            error = self.deadline.error(self.now)
            assert isinstance(error, ReadTimeoutError)
            assert f"within {20 if self.now >= 20 else limit} s" in str(error)
            self.break_off(error)

    @invariant()
    def it_is_begun_when_its_head_is_there(self) -> None:
        known = self.came >= self.told.begun_at

        assert self.exchange.status == (self.told.status if known else 0)
        assert self.exchange.headers == (self.told.headers if known else {})

    @invariant()
    def it_is_done_or_broken_or_goes_on(self) -> None:
        done, error = self.exchange.done, self.exchange.error
        assert not (done and error)
        if self.broken is not None:
            assert error is not None
            assert (type(error), error.sent, done) == (self.broken, True, False)
        elif self.told.until_close:
            # Where nothing but the end of the connection says that all is there, its coding may still say it is not.
            cut_off = self.ended and self.came not in self.told.whole_at
            assert done == (self.ended and error is None)
            assert error is None or cut_off
        else:
            assert (done, error) == (self.complete, None)

    @invariant()
    def the_connection_serves_again_where_nothing_is_left_of_it(self) -> None:
        if self.exchange.done:
            assert self.exchange.reusable == (self.told.kept and not self.ended)
        if self.ended:
            assert not self.exchange.reusable

    def teardown(self) -> None:
        if not hasattr(self, "told"):
            return
        while piece := self.exchange.take():
            self.taken += piece
        assert self.taken == self.arrived


TestExchanging = Exchanging.TestCase
TestExchanging.settings = settings(max_examples=200, stateful_step_count=30)
