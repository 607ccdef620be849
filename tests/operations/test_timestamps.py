"""Points in time as an operator writes them."""

import contextlib
import time
from collections.abc import Iterator

import pytest

from understudy_failover.operations.timestamps import TimestampError, rfc3339, timestamp, zone


@pytest.fixture(params=["UTC", "America/St_Johns", "Pacific/Kiritimati"])
def machine(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[str]:
    """A machine in that time zone."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield request.param
    monkeypatch.undo()
    time.tzset()


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("2026-11-24T22:00+01:00", "2026-11-24T21:00:00Z"),
        ("2026-11-24T22:00:00Z", "2026-11-24T22:00:00Z"),
        ("2026-11-24 22:00-08:00", "2026-11-25T06:00:00Z"),
    ],
)
def test_an_offset_decides_whatever_the_zone(machine: str, text: str, meant: str) -> None:
    assert rfc3339(timestamp(text)) == rfc3339(timestamp(text, zone("Asia/Tokyo"))) == meant


@pytest.mark.parametrize(
    ("text", "name", "meant"),
    [
        ("2026-11-24T22:00", "Europe/Rome", "2026-11-24T21:00:00Z"),
        ("2026-07-01T02:00", "Europe/Rome", "2026-07-01T00:00:00Z"),
        # The nights on which clocks change, before and after.
        ("2026-10-25T01:59", "Europe/Rome", "2026-10-24T23:59:00Z"),
        ("2026-10-25T03:00", "Europe/Rome", "2026-10-25T02:00:00Z"),
        ("2026-03-29T01:59", "Europe/Rome", "2026-03-29T00:59:00Z"),
        ("2026-03-29T03:00", "Europe/Rome", "2026-03-29T01:00:00Z"),
        ("2026-04-05T03:00", "Australia/Lord_Howe", "2026-04-04T16:30:00Z"),
    ],
)
def test_a_zone_decides_where_there_is_no_offset_on_either_side_of_a_change(text: str, name: str, meant: str) -> None:
    assert rfc3339(timestamp(text, zone(name))) == meant


def test_without_offset_and_zone_it_is_the_time_of_this_machine(machine: str) -> None:
    assert timestamp("2026-11-24T22:00") == timestamp("2026-11-24T22:00", zone(machine))


@pytest.mark.parametrize("text", ["2026-10-25T02:30", "2026-03-29T02:30"])
def test_a_time_that_comes_twice_or_never_is_refused(text: str) -> None:
    with pytest.raises(TimestampError, match="is ambiguous or does not exist"):
        timestamp(text, zone("Europe/Rome"))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "tomorrow",
        "22:00",
        "2026-02-30T00:00",
        "2026-11-24T25:00",
        "0001-01-01T00:00+23:59",
        "9999-12-31T23:59-23:59",
    ],
)
def test_what_is_no_time_is_refused_with_an_example(text: str) -> None:
    with pytest.raises(TimestampError, match="write it like"):
        timestamp(text)


@pytest.mark.parametrize("text", ["0001-01-01T00:00", "9999-12-31T23:59"])
@pytest.mark.parametrize("name", ["Pacific/Kiritimati", "America/St_Johns"])
def test_a_time_at_the_end_of_the_calendar_is_read_or_refused(text: str, name: str) -> None:
    """In one of the two zones it is a time, in the other one none."""
    formatted = ""
    with contextlib.suppress(TimestampError):
        formatted = rfc3339(timestamp(text, zone(name)))
    assert formatted[:4] in {"", "0001", "9999"}


def test_an_odd_text_is_shown_escaped() -> None:
    with pytest.raises(TimestampError) as caught:
        timestamp("\x1b[2J\r\n::error::" + "x" * 1_000)
    assert str(caught.value).isprintable()
    assert len(str(caught.value)) < 200


@pytest.mark.parametrize("name", ["", "Rome", "../etc/passwd", "/etc/localtime"])
def test_what_is_no_zone_is_refused_with_an_example(name: str) -> None:
    with pytest.raises(TimestampError, match="is no time zone; write an IANA name"):
        zone(name)
