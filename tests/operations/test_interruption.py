"""A signal ends a wait, whichever thread the kernel gives it to."""

import os
import signal
import threading

import pytest

from understudy_failover.operations.interruption import SIGNALS, Interrupted, Interruption


@pytest.mark.parametrize("number", SIGNALS)
def test_a_signal_that_another_thread_gets_ends_a_wait(number: signal.Signals) -> None:
    done = threading.Event()
    other = threading.Thread(target=done.wait)
    with Interruption() as interruption:
        other.start()
        assert other.ident
        later = threading.Timer(0.1, signal.pthread_kill, (other.ident, number))
        later.start()
        try:
            with pytest.raises(Interrupted):
                interruption.sleep(10)
            with pytest.raises(Interrupted):
                interruption.sleep(0)
        finally:
            later.cancel()
            done.set()
            other.join()


def test_afterwards_signals_are_handled_as_before() -> None:
    handlers = [signal.getsignal(number) for number in SIGNALS]
    reader, writer = os.pipe()
    os.set_blocking(writer, False)
    earlier = signal.set_wakeup_fd(writer)
    try:
        with Interruption(), Interruption() as interruption:
            interruption.sleep(0)
        assert signal.set_wakeup_fd(earlier) == writer
    finally:
        os.close(reader)
        os.close(writer)
    assert [signal.getsignal(number) for number in SIGNALS] == handlers
