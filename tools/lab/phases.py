"""When what happens in a run: the server works, DNS leads to the page, the server refuses, DNS leads back."""

from dataclasses import dataclass

WARM_UP_SECONDS = 40
"""At most, until every program has asked."""
AWAY_SECONDS = 80
"""A cache of TTL 60 and one of 15 s behind it are over."""
REFUSED_SECONDS = 40
BACK_SECONDS = 135
"""Above Retry-After, 120 s."""
TOTAL_SECONDS = 15 * 60
"""After which a run is broken off, whatever it waits for."""


@dataclass(frozen=True)
class Phases:
    """Timestamps of one run, in seconds of `time.monotonic`."""

    away: float
    """DNS leads to the page; the server goes on answering."""
    refused: float
    """The server closes its connections and refuses new ones."""
    back: float
    """The server answers again, and DNS leads to it; the page goes on answering."""
    end: float
