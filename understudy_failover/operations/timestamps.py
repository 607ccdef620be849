"""Timestamps as an operator types them; ambiguous and missing hours (daylight saving) are refused."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from understudy_failover.contract.printable import printable
from understudy_failover.contract.switch_end import rfc3339

FAREST = timedelta(days=20 * 366)
"""A later time is a mistake in the year."""

__all__ = ["TimestampError", "require_near", "rfc3339", "timestamp", "zone"]


class TimestampError(ValueError):
    """A text that is no timestamp; says why and how to write it."""


def timestamp(text: str, zone: ZoneInfo | None = None) -> datetime:
    """Return the time in UTC that `text` means (RFC 3339, the offset may be omitted). Raise MomentError.

    Without an offset it is local time in `zone`, or on this machine where `zone` is None.
    """
    try:
        written = datetime.fromisoformat(text)
        # The two readings differ exactly where clocks are put back (twice) or forward (never).
        first, second = (
            (written if written.tzinfo else written.replace(tzinfo=zone, fold=fold)).astimezone(UTC) for fold in (0, 1)
        )
    except (ValueError, OverflowError, OSError):  # the last two: years out of range
        raise TimestampError(
            f"{printable(text, limit=40)!r} is no time; write it like 2026-11-24T22:00+01:00"
        ) from None
    if first != second:
        raise TimestampError(f"{text} is ambiguous or does not exist (daylight saving); write it with its offset")
    return first


def require_near(at: datetime, now: datetime) -> None:
    """Raise MomentError for a time further away than `FAREST`."""
    if at - now > FAREST:
        raise TimestampError(f"{rfc3339(at)} is more than {FAREST.days // 366} years away; is the year right?")


def typed(text: str, at: datetime, zone: ZoneInfo | None = None) -> str:
    """Return the time as typed, with its offset, and in UTC: `2026-12-01T02:00+01:00 (2026-12-01T01:00:00Z)`."""
    written = datetime.fromisoformat(text)
    local = at.astimezone(written.tzinfo or zone)
    if not local.utcoffset():
        return rfc3339(at)
    return f"{local.isoformat(timespec='minutes')} ({rfc3339(at)})"


def zone(name: str) -> ZoneInfo:
    """Return the time zone of an IANA name such as `Europe/Rome`. Raise MomentError."""
    try:
        if not name:
            raise ValueError
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise TimestampError(f"{name!r} is no time zone; write an IANA name such as Europe/Rome") from None
