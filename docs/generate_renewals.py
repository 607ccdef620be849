"""Writes docs/renewals.md and docs/renewals.svg, the simulation of renewals: `python -m docs.generate_renewals`."""

from functools import cache
from pathlib import Path

from benchmarks.renewals import (
    CLIENTS,
    LIFETIMES_DAYS,
    RUNS,
    Renewals,
    merge_within_days,
    share_left_at_alarm,
    simulate,
)
from docs.generation import DOCS, table, write
from understudy_failover.settings.certificate_lifetime import ALARM_SHARES

PAGE = DOCS / "renewals.md"
PLOT = DOCS / "renewals.svg"
FIRST, LAST = max(ALARM_SHARES.values()), min(ALARM_SHARES.values())
EARLIER = 1 / 3
"""The limit of earlier versions."""

TEXT = """\
# Renewals and the expiry alarms

<!-- Written by `python -m docs.generate_renewals`. Do not edit. -->

An expiry alarm must not go off while a healthy client renews, and must leave time to act if the renewal fails.
[benchmarks/renewals.py](../benchmarks/renewals.py) simulates {runs:,} renewals of each client and lifetime, with an
hourly check and half an hour to deploy. Reasons: [decision 22](decisions/0022-last-expiry-alarm.md).

![Lifetime left when a new certificate is deployed](renewals.svg)

## False alarms

Renewals during which the first alarm (a quarter of the lifetime left) goes off: {first:.0%}; the last one (a sixth):
{last:.0%}. At a third, the limit of earlier versions:

{alarms}
## Time to act

At the latest:

{times}"""


@cache
def simulated(client: str, lifetime: float) -> Renewals:
    """Return the renewals of a client; page and plot share them."""
    return simulate(CLIENTS[client], lifetime)


def page() -> str:
    renewals = {client: [simulated(client, lifetime) for lifetime in LIFETIMES_DAYS] for client in CLIENTS}
    every = [row for rows in renewals.values() for row in rows]
    return TEXT.format(
        runs=RUNS,
        first=max(row.alarms(FIRST) for row in every),
        last=max(row.alarms(LAST) for row in every),
        alarms=table(
            ["client", *map(_days, LIFETIMES_DAYS)],
            ([client, *(f"{row.alarms(EARLIER):.0%}" for row in rows)] for client, rows in renewals.items()),
        ),
        times=table(
            ("lifetime", "first alarm, time left", "last alarm, time left", "merge the request within"),
            ((_days(days), _left(days, FIRST), _left(days, LAST), _merge(days)) for days in LIFETIMES_DAYS),
        ),
    )


def draw(file: Path) -> None:
    """Draw the share of the lifetime that is left at the deploy of a new certificate, beside the alarms."""
    from matplotlib import pyplot as plt  # noqa: PLC0415 (slow to import, and of no use to the tests)

    plt.switch_backend("svg")
    plt.rcParams["svg.hashsalt"] = "understudy"  # the same bytes every time
    figure, axes = plt.subplots(figsize=(9, 4.2))
    rows = [(client, lifetime) for client in CLIENTS for lifetime in LIFETIMES_DAYS]
    for row, (client, lifetime) in enumerate(rows):
        left = [100 * share for share in simulated(client, lifetime).lowest_left]
        axes.plot([min(left), max(left)], [row, row], color="#64748b", linewidth=4, solid_capstyle="butt")
    for share, colour, name in (
        (EARLIER, "#94a3b8", "alarm of earlier versions: a third"),
        (FIRST, "#b45309", "first alarm: a quarter"),
        (LAST, "#b91c1c", "last alarm: a sixth"),
    ):
        axes.axvline(100 * share, color=colour, linewidth=1.5, label=name)
    middle = len(LIFETIMES_DAYS) // 2
    axes.set_yticks([number * len(LIFETIMES_DAYS) + middle for number in range(len(CLIENTS))], list(CLIENTS))
    axes.invert_yaxis()
    axes.set_xlim(100, 0)
    axes.set_xlabel("% of the lifetime left at the deploy; lines from 90 days (top) to 160 hours")
    axes.legend(loc="lower left", fontsize=8)
    figure.tight_layout()
    figure.savefig(file, metadata={"Date": None})


def _merge(lifetime: float) -> str:
    return f"{merge_within_days(lifetime, FIRST):.1f} days"


def _left(lifetime: float, share: float) -> str:
    left = share_left_at_alarm(lifetime, share)
    return f"{left * lifetime:.1f} days" if left * lifetime > 2 else f"{left * lifetime * 24:.1f} h"


def _days(lifetime: float) -> str:
    return f"{lifetime:.0f} days" if lifetime == int(lifetime) else f"{lifetime * 24:.0f} hours"


if __name__ == "__main__":
    write(PAGE, page())
    draw(PLOT)
