"""Points in time as an operator writes them, with the two nights of the year on which a clock lies."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from understudy_failover.contract.switch_end import rfc3339

__all__ = ["MomentError", "moment", "rfc3339", "zone"]


class MomentError(ValueError):
    """A text that is no point in time; says why and how to write it."""


def moment(text: str, zone: ZoneInfo | None = None) -> datetime:
    """The moment that `text` (RFC 3339, the offset may be left out) means, in UTC.

    Without an offset it is a time of the clock in `zone`, or on this machine where there is none.

    Raises:
        MomentError: it is none, or when clocks change it comes twice or never.
    """
    try:
        written = datetime.fromisoformat(text)
    except ValueError:
        raise MomentError(f"{text!r} is no time; write it like 2026-11-24T22:00+01:00") from None
    if written.tzinfo is not None:
        return written.astimezone(UTC)
    # The two readings differ exactly where clocks are put back (twice) or forward (never).
    first, second = (written.replace(tzinfo=zone, fold=fold).astimezone(UTC) for fold in (0, 1))
    if first != second:
        raise MomentError(f"{text} comes twice or never, as clocks change then; write it with its offset")
    return first


def zone(name: str) -> ZoneInfo:
    """The time zone of an IANA name such as `Europe/Rome`.

    Raises:
        MomentError: there is none of that name.
    """
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise MomentError(f"{name!r} is no time zone; write an IANA name such as Europe/Rome") from None
