"""A deadline on a clock that may be slower than the machine's."""

import select
import socket
import ssl

import pytest

from understudy_failover.operations.connection import Deadline


class Clock:
    """Moves when the test says so; a second of it takes at least a thousandth of a real one."""

    def __init__(self) -> None:
        self.seconds = 0.0

    def now(self) -> float:
        return self.seconds

    def real(self, seconds: float) -> float:
        return seconds / 1_000


def test_a_wait_ends_only_when_its_own_clock_says_so() -> None:
    clock, waits = Clock(), 0
    here, there = socket.socketpair()
    with here, there:
        deadline = Deadline(10, clock)

        def receive() -> bytes:
            nonlocal waits
            waits += 1
            if waits == 3:
                there.send(b"at last")
            return here.recv(100)

        assert deadline.wait(here, receive) == b"at last"
        assert waits == 3
        clock.seconds = 10
        with pytest.raises(TimeoutError, match="no answer within 10 s"):
            deadline.wait(here, receive)


def test_a_time_out_of_the_connection_itself_is_an_answer() -> None:
    def fail() -> None:
        raise TimeoutError(110, "Connection timed out")

    here, there = socket.socketpair()
    with here, there, pytest.raises(TimeoutError, match="Connection timed out"):
        Deadline(10, Clock()).wait(here, fail)


def test_tls_that_does_not_return_ends_with_the_deadline() -> None:
    here, there = socket.socketpair()
    session = ssl.create_default_context().wrap_socket(here, server_hostname="a.test", do_handshake_on_connect=False)

    def shake_hands() -> None:
        session.settimeout(None)  # as if messages without data came one after another
        session.do_handshake()

    with session, there, pytest.raises(TimeoutError, match=r"no answer within 0\.2 s"):
        Deadline(0.2).wait(session, shake_hands)


def test_an_end_by_the_deadline_is_not_the_end_of_an_answer() -> None:
    here, there = socket.socketpair()
    session = ssl.create_default_context().wrap_socket(here, server_hostname="a.test", do_handshake_on_connect=False)

    def receive() -> bytes:
        select.select([session], [], [])  # returns at the end of the connection
        return b""

    with session, there, pytest.raises(TimeoutError, match=r"no answer within 0\.2 s"):
        Deadline(0.2).wait(session, receive)
