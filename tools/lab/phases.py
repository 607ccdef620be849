"""The phases of a run: the server works, DNS answers the page, the server refuses, DNS answers the server."""

from dataclasses import dataclass

WARM_UP_SECONDS = 40
"""At most, until every program has sent a request."""
AWAY_SECONDS = 80
"""Longer than a cache of 60 s and another of 15 s behind it."""
REFUSED_SECONDS = 40
BACK_SECONDS = 135
"""Longer than Retry-After, 120 s."""
TOTAL_SECONDS = 15 * 60
"""After which a run is stopped."""


@dataclass(frozen=True)
class Phases:
    """Timestamps of one run, in seconds of `time.monotonic`."""

    away: float
    """DNS answers the page; the server still works."""
    refused: float
    """The server closes its connections and refuses new ones."""
    back: float
    """The server works again, and DNS answers it; the page still works."""
    end: float
