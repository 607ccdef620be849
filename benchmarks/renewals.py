"""Whether the expiry alarms fit the renewals of healthy ACME clients: a simulation by the clients' rules.

Days are fractions of 24 h since a certificate was issued. The rules are from the clients' sources, or were run:

    ARI         Let's Encrypt's window: expiry minus a third of the lifetime (a half under ten days), ± 1 %
                https://github.com/letsencrypt/boulder/blob/main/core/objects.go (RenewalInfoSimple)
    certbot 5   each run draws a time in that window and renews once it has passed; without ARI at a third (a half)
    Debian      runs certbot at 00:00 and 12:00, each up to 12 h later
    lego 4      30 days left, from a daily job
    dehydrated  0.7: 30 days left, from a daily job
    pipeline    this repository's: every night, at half of the lifetime, and merged later
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from random import Random

HOUR = 1 / 24
LIFETIMES_DAYS = (90, 64, 47, 45, 160 / 24)
"""Let's Encrypt's profile classic until and from 2027, the CA/Browser Forum's limit of 2029, tlsserver, shortlived."""
SHORT_DAYS = 10
"""Under this lifetime a half is left when clients renew: boulder and certbot say so."""
THIRD, HALF, ARI_SPREAD = 1 / 3, 1 / 2, 0.01
DEPLOY_DAYS = 0.5 * HOUR
WATCH_DAYS = HOUR
RUNS = 20_000

Renew = Callable[[float, Random], float]
"""Lifetime in days → the age at which the new certificate exists."""


@dataclass(frozen=True)
class Renewals:
    """What a monitor observes of the renewals of a client, each from its certificate on."""

    lowest_left: tuple[float, ...]
    """The share of the lifetime that was left at the last check before the new certificate was deployed."""

    def alarms(self, share: float) -> float:
        """Return the share of the renewals during which an alarm at `share` of the lifetime goes off."""
        return sum(left < share for left in self.lowest_left) / len(self.lowest_left)


def due_left(lifetime: float) -> float:
    """Return the share of the lifetime that is left when CAs suggest to renew."""
    return HALF if lifetime < SHORT_DAYS else THIRD


def certbot(*, ari: bool) -> Renew:
    """Return certbot with Debian's timer."""

    def renew(lifetime: float, random: Random) -> float:
        ideal = lifetime * (1 - due_left(lifetime))
        day, phase = -1, random.random()
        while True:
            day += 1
            for slot in (0.0, 0.5):
                time = day + slot - phase + random.random() / 2
                spread = ARI_SPREAD * lifetime
                if time > 0 and time > (random.uniform(ideal - spread, ideal + spread) if ari else ideal):
                    return time

    return renew


def within_window(lifetime: float, random: Random) -> float:
    """Return the renewal of a client that draws one time of ARI's window, from an hourly job."""
    drawn = lifetime * (1 - due_left(lifetime)) + random.uniform(-1, 1) * ARI_SPREAD * lifetime
    return drawn + random.random() * HOUR


def daily(days_left: float) -> Renew:
    """Return a daily job that renews when fewer days are left."""

    def renew(lifetime: float, random: Random) -> float:
        time = random.random()
        while lifetime - time > days_left:
            time += 1
        return time

    return renew


def pipeline(merged_after: float) -> Renew:
    """Return this repository's nightly pipeline, whose request is merged after some days."""

    def renew(lifetime: float, random: Random) -> float:
        time = random.random()
        while time < lifetime * HALF:
            time += 1
        return time + merged_after

    return renew


CLIENTS: Mapping[str, Renew] = {
    "certbot 5, with ARI": certbot(ari=True),
    "certbot 5, without ARI": certbot(ari=False),
    "ARI, once drawn": within_window,
    "lego 4 (30 days, daily)": daily(30),
    "dehydrated 0.7 (30 days, daily)": daily(30),
    "pipeline, merged at once": pipeline(0),
}


def simulate(renew: Renew, lifetime: float, *, runs: int = RUNS, every: float = WATCH_DAYS, seed: int = 1) -> Renewals:
    """Return what a monitor observes that checks each `every` days; the same for each call."""
    random = Random(seed)  # noqa: S311 (no secret)
    lowest = []
    for _ in range(runs):
        deployed = min(renew(lifetime, random) + DEPLOY_DAYS, lifetime)
        first = random.random() * every
        last = first + every * int((deployed - first) / every) if deployed > first else 0.0
        lowest.append(1 - last / lifetime)
    return Renewals(tuple(lowest))


def share_left_at_alarm(lifetime: float, share: float, *, every: float = WATCH_DAYS) -> float:
    """Return the share of the lifetime that is left at the latest alarm: one check after the limit."""
    return max(0.0, share - every / lifetime)


def merge_within_days(lifetime: float, share: float) -> float:
    """Return how many days the pipeline's request may wait without an alarm at `share`."""
    return lifetime * (HALF - share) - 1 - DEPLOY_DAYS
