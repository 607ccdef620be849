"""Whoever may write a switch can write anything in the place of its end: the reader takes it all."""

import re
from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given, strategies as st

from understudy_failover.contract.switch_end import ENDS_AT, rfc3339, switch_end

UNREADABLE = (
    "",
    " ",
    "tomorrow",
    "2026-13-45T99:99Z",
    "2026-11-24T25:00Z",
    "0001-01-01T00:00+23:59",
    "9999-12-31T23:59-14:00",
    "2026-11-24T22:00:00Z\n2026-11-25T22:00:00Z",
    "\x1b[2J",
    "${Token[TOKEN.1]}",
    "9" * 5_000,
)
OFFSETS = st.timedeltas(timedelta(hours=-23, minutes=-59), timedelta(hours=23, minutes=59))


@pytest.mark.parametrize("text", UNREADABLE)
def test_what_is_no_time_is_no_end(text: str) -> None:
    assert switch_end({ENDS_AT: text}) is None


def test_no_metadata_is_no_end() -> None:
    assert switch_end({}) is None


@pytest.mark.parametrize(
    "text",
    [
        "2026-11-24T22:00:00Z",
        "2026-11-24T22:00:00",
        "2026-11-24T22:00",
        "2026-11-24 22:00",
        "2026-11-24T23:00+01:00",
        "2026-11-24T16:30-05:30",
        " 2026-11-24T22:00Z ",
    ],
)
def test_every_way_to_write_a_time_is_utc_with_z(text: str) -> None:
    end = switch_end({ENDS_AT: text})
    assert end == datetime(2026, 11, 24, 22, tzinfo=UTC)
    assert rfc3339(end) == "2026-11-24T22:00:00Z"


@given(st.text() | st.from_regex(r"\d{1,5}-\d\d?-\d\d?T\d\d?:\d\d(:\d\d)?(Z|[+-]\d\d:\d\d)?", fullmatch=True))
def test_no_text_raises(text: str) -> None:
    end = switch_end({ENDS_AT: text})
    assert end is None or re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ", rfc3339(end))


@given(st.datetimes(datetime(1, 1, 2), datetime(9999, 12, 30)), st.none() | OFFSETS)  # noqa: DTZ001 (offsets follow)
def test_a_time_is_read_as_it_was_written(at: datetime, offset: timedelta | None) -> None:
    written = at if offset is None else at.replace(tzinfo=timezone(offset))
    assert switch_end({ENDS_AT: written.isoformat()}) == (at.replace(tzinfo=UTC) if offset is None else written)
