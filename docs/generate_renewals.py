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
from understudy_failover.settings.certificate_lifetime import ALARM_SHARES

HERE = Path(__file__).parent
PAGE = HERE / "renewals.md"
PLOT = HERE / "renewals.svg"
FIRST, LAST = max(ALARM_SHARES.values()), min(ALARM_SHARES.values())
EARLIER = 1 / 3
"""The limit of earlier versions."""

TEXT = """\
# Renewals and the expiry alarms

<!-- Written by `python -m docs.generate_renewals`. Do not edit. -->

An expiry alarm must not go off while a healthy client renews, and must leave time to act when none does.
{runs:,} renewals of each client were simulated for each lifetime, by the clients' own rules
([benchmarks/renewals.py](../benchmarks/renewals.py)), with an hourly look and half an hour until the new certificate is
deployed.

![Lifetime left when a new certificate is deployed](renewals.svg)

## False alarms

Renewals during which an alarm goes off, at a third of the lifetime, at a quarter and at a sixth:

{alarms}
## Time to act

When the alarms come at the latest, and how long the pipeline's request may wait before the first one:

{times}"""


@cache
def simulated(client: str, lifetime: float) -> Renewals:
    """Simulated once, as page and plot need it."""
    return simulate(CLIENTS[client], lifetime)


def page() -> str:
    """The whole page."""
    alarms = [["client", *(_days(one) for one in LIFETIMES_DAYS)]]
    for client in CLIENTS:
        alarms.append([client, *(_alarms(simulated(client, lifetime)) for lifetime in LIFETIMES_DAYS)])
    times = [["lifetime", "first alarm", "last alarm", "merge within"]]
    for lifetime in LIFETIMES_DAYS:
        left = [_left(lifetime, share) for share in (FIRST, LAST)]
        times.append([_days(lifetime), *left, f"{merge_within_days(lifetime, FIRST):.1f} days"])
    return TEXT.format(runs=RUNS, alarms=_table(alarms), times=_table(times))


def draw(file: Path) -> None:
    """The share of the lifetime that is left when clients have renewed, beside the alarms."""
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


def _alarms(renewals: Renewals) -> str:
    return " · ".join(f"{100 * renewals.alarms(share):.0f} %" for share in (EARLIER, FIRST, LAST))


def _left(lifetime: float, share: float) -> str:
    left = share_left_at_alarm(lifetime, share)
    time = f"{left * lifetime:.1f} days" if left * lifetime > 2 else f"{left * lifetime * 24:.1f} h"
    return f"{time} left ({100 * left:.1f} %)"


def _days(lifetime: float) -> str:
    return f"{lifetime:.0f} days" if lifetime == int(lifetime) else f"{lifetime * 24:.0f} hours"


def _table(rows: list[list[str]]) -> str:
    head, *body = (f"| {' | '.join(row)} |\n" for row in rows)
    return head + "|---" * len(rows[0]) + "|\n" + "".join(body)


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    draw(PLOT)
