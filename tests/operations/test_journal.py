"""What a drill writes down."""

from tests.emulator.manual_time import ManualTime
from understudy_failover.emulator.clock import Clock
from understudy_failover.operations.journal import Entry, Journal, Kind, Measurement
from understudy_failover.operations.report import MARKS


def test_entries_are_stamped_with_the_time_since_the_journal_was_opened() -> None:
    clock = Clock(rate=10, source=ManualTime())
    heard: list[Entry] = []
    journal = Journal(clock, heard.append)
    clock.sleep(30)
    journal.write(Kind.NOTE, "half a minute")
    assert [entry.text for entry in heard] == ["half a minute"]
    assert abs(heard[0].at_seconds - 30) < 0.001


def test_a_measurement_holds_as_long_as_the_event_can_have_come_in_time() -> None:
    assert Measurement("x", after_seconds=30, within_seconds=90, bound_seconds=30).holds
    assert not Measurement("x", after_seconds=30.1, within_seconds=31, bound_seconds=30).holds


def test_a_span_that_crosses_its_bound_is_inconclusive_and_never_a_tick() -> None:
    journal = Journal(Clock())
    journal.measure(Measurement("clients see the page", after_seconds=58, within_seconds=75, bound_seconds=66))
    (entry,) = journal.entries
    assert entry.kind is Kind.INCONCLUSIVE
    assert MARKS[entry.kind] == "?"
    assert entry.text.startswith("clients see the page after 58 to 75 s (bound 66 s): inconclusive")
    assert journal.deviations == []


def test_a_measurement_out_of_bounds_is_a_deviation() -> None:
    journal = Journal(Clock())
    journal.measure(Measurement("DNS moves", after_seconds=5, within_seconds=6, bound_seconds=10))
    assert journal.deviations == []
    journal.measure(Measurement("DNS moves", after_seconds=15, within_seconds=16, bound_seconds=10))
    assert [entry.text for entry in journal.deviations] == ["DNS moves after 15 to 16 s (bound 10 s)"]
