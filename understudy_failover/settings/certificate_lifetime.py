"""When a certificate is renewed and when an alert is due, as shares of its lifetime: one scale for 90, 45 and 6 days.

Let's Encrypt's ARI window and certbot renew when a third is left (a half under ten days); clients that count 30 days
renew at half of a 64-day lifetime. An alarm at a third would go off while these clients do their work:
docs/renewals.md has the simulation.
https://letsencrypt.org/docs/integration-guide/#when-to-renew
"""

from collections.abc import Mapping
from datetime import datetime
from types import MappingProxyType

RENEWAL_SHARE = 1 / 2
"""Of the lifetime left: the pipeline renews below it, before every client does, as its request has to be merged."""

ALARM_SHARES: Mapping[str, float] = MappingProxyType({"Quarter": 1 / 4, "Sixth": 1 / 6})
"""Of the lifetime left: the first alarm comes after every healthy client has renewed, the last leaves at least 15 %.

See docs/decisions/0022-last-expiry-alarm.md.
"""

FIRST_ALARM_SHARE = max(ALARM_SHARES.values())


def share_left(begins: datetime, ends: datetime, now: datetime) -> float:
    """Return how much of a lifetime is left at `now`: 1 at its beginning, 0 at its end, negative after it."""
    return (ends - now) / (ends - begins)
