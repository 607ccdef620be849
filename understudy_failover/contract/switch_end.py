"""When a maintenance is expected to end: the one reader of a switch's metadata.

Commands import this file. The Lambda functions that read switches carry a copy of it beside their own code, so it needs
the standard library alone.
"""

from collections.abc import Mapping
from datetime import UTC, datetime

ENDS_AT = "ends-at"
"""Metadata of a switch object (S3 and CloudFront answer it as `x-amz-meta-ends-at`): when the maintenance is
expected to end, RFC 3339 in UTC, `2026-11-24T22:00:00Z`. Anybody who may write the object can write anything."""


def switch_end(metadata: Mapping[str, str]) -> datetime | None:
    """Return the end in UTC that `metadata` states; None if there is none, or none that can be read.

    A time without an offset is UTC.
    """
    try:
        read = datetime.fromisoformat(metadata.get(ENDS_AT, "").strip())
        return (read if read.tzinfo else read.replace(tzinfo=UTC)).astimezone(UTC)
    except (ValueError, OverflowError):
        return None


def rfc3339(at: datetime) -> str:
    """Return `2026-11-24T22:00:00Z`: the edge's JavaScript engine reads no offsets."""
    return at.astimezone(UTC).isoformat(timespec="seconds").removesuffix("+00:00") + "Z"
