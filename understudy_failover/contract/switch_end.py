"""Reads the end of maintenance from a switch's metadata.

Commands import this file. Lambda functions have a copy beside their code, so it needs only the standard library.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

ENDS_AT = "ends-at"
"""Metadata of a switch object (S3 and CloudFront answer it as `x-amz-meta-ends-at`): when the maintenance is
expected to end, RFC 3339 in UTC, `2026-11-24T22:00:00Z`. The writer of the object can write anything."""


def switch_end(metadata: Mapping[str, str]) -> datetime | None:
    """Return the end in UTC in `metadata`; None without a readable end.

    A time without an offset is UTC.
    """
    try:
        end = datetime.fromisoformat(metadata.get(ENDS_AT, "").strip())
        return (end if end.tzinfo else end.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def rfc3339(at: datetime) -> str:
    """Return `2026-11-24T22:00:00Z`: the edge's JavaScript engine reads no offsets."""
    return at.astimezone(UTC).isoformat(timespec="seconds").removesuffix("+00:00") + "Z"
