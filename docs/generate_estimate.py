"""Writes docs/estimate.md, its plot and README's costs, of the shipped file: `python -m docs.generate_estimate`."""

from functools import cache
from urllib.parse import urlsplit

from docs.generation import DOCS, table, write
from understudy_failover.operations.estimate import CLIENTS, picture
from understudy_failover.operations.estimate.bill import prices, total
from understudy_failover.operations.estimate.candidates import Candidate, Choice, choices, compare
from understudy_failover.operations.estimate.client_behavior import Arrivals
from understudy_failover.operations.estimate.tables import bill_rows
from understudy_failover.settings import load

PAGE = DOCS / "estimate.md"
PLOT = DOCS / "estimate.svg"
README = DOCS.parent / "README.md"
FILE = DOCS.parent / "failover.toml"
TEXT = """\
# Costs, and how long clients wait

<!-- Written by `python -m docs.generate_estimate`. Do not edit. -->

For the shipped [failover.toml](../failover.toml). For yours: `understudy estimate`, without network and credentials.

{profiles}
The file has profile `{chosen}`; everything below is about it. *Bound* is the time after which every client of
resolvers that honor the TTL has followed.

## Costs

{bill}
Where AWS does not say which of two prices applies, both are given. Costs of other profiles and
settings: [README](../README.md#what-it-costs).

Prices of {as_of} in us-east-1, by the price pages of {sources}.
[prices.toml](../understudy_failover/operations/estimate/prices.toml) has each price, and marks those that only the
first bill confirms ([how](unconfirmed.md)).

## How long clients wait

Seconds until half, 95 % and all of {clients:,} simulated clients of each kind have followed.

{times}
![Share of Chromium users on the maintenance page after t seconds](estimate.svg)

- The times count from the failure of a server that then refuses connections, and from its recovery.
- The simulation: health checkers of eight regions probe at random moments; resolvers have answers of random age; each
  kind of client keeps an address or a connection as
  [measured](../understudy_failover/operations/estimate/client_kinds.toml).
- Assumed: that a resolver overstays by 5 to 60 minutes, and that a stale-first resolver is asked once a minute.
- Not included: the delay between Route 53's control plane and its name servers, which AWS does not publish; Java with a
  security manager, which keeps addresses forever. Not measured: Safari, Windows, macOS, public resolvers.

**Browsers wait longer for a server that is silent** than for one that refuses connections, as DNS does not end a
pending attempt. After a failed connection, no browser looks the name up again before its cache ends (measured
2026-11-29). HTTPS records (type 65) misled neither Chromium nor Firefox.

| server silent, DNS changed after 35 s; on the page after | Chromium | Firefox |
| --- | --- | --- |
| tab with an HTTP/2 connection | 150 s | 118 s |
| tab with an HTTP/1.1 connection | over 240 s | over 200 s |
| first visit | 140 s | 187 s |
| server back 97 s after the failure, HTTP/2 | 10 s | 1 s |

Enable HTTP/2 on the server: Chromium then detects a dead connection within 10 s. Let the firewall reject, not drop.
"""
BEGIN, END = "<!-- cost: written by `python -m docs.generate_estimate` -->\n", "<!-- /cost -->"
COST = """\

The sample file (2 servers, 5 hosts) costs {low} to {high} USD a month with profile `{profile}`. AWS does not say
clearly what some health checks count as, hence the range. `understudy estimate` shows yours item by item;
[the same as a page](docs/estimate.md).

{table}

"""


def readme(text: str) -> str:
    """Return README with its section on costs as it is now."""
    head, rest = text.split(BEGIN)
    return f"{head}{BEGIN}{cost()}{END}{rest.partition(END)[2]}"


def cost() -> str:
    """Return README's section on costs."""
    chosen = next(profile for profile in profiles() if profile.chosen)
    low, high = (f"{amount:.0f}" for amount in total(chosen.items))
    rows = [(f"profile `{profile.name}`", _span(*total(profile.items))) for profile in profiles()]
    rows += map(_choice, other_choices())
    costs = table(("", "USD a month"), rows).rstrip()
    return COST.format(low=low, high=high, profile=chosen.name, table=costs)


@cache
def profiles() -> tuple[Candidate, ...]:
    """Return every timing profile with its costs and times, for the shipped file."""
    return tuple(compare(load(FILE), clients=CLIENTS, million_queries=1))


def other_choices() -> list[Choice]:
    """Return the costs with each setting that the shipped file does not have."""
    return [choice for choice in choices(load(FILE), million_queries=1) if not choice.chosen]


def page() -> str:
    chosen = next(profile for profile in profiles() if profile.chosen)
    every = prices().by_name.values()
    return TEXT.format(
        profiles=table(("profile", "bound", "bound back"), map(_profile, profiles())),
        chosen=chosen.name,
        bill=table(("item", "USD a month", "remark"), bill_rows([chosen])[1:]),
        as_of=prices().as_of,
        sources=", ".join(f"[{urlsplit(url).path.split('/')[1]}]({url})" for url in sorted({p.source for p in every})),
        clients=CLIENTS,
        times=table(
            ("client", "server down", "server back"),
            ((kind, _wait(chosen.there[kind]), _wait(chosen.back[kind])) for kind in chosen.there),
        ),
    )


def _profile(profile: Candidate) -> tuple[str, ...]:
    return profile.name, f"{profile.there_seconds} s", f"{profile.back_seconds} s"


def _wait(arrivals: Arrivals | None) -> str:
    return f"{arrivals.within(0.5)}, {arrivals.within(0.95)}, {arrivals.worst}" if arrivals else "never while used"


def _choice(choice: Choice) -> tuple[str, str]:
    setting = f"`{choice.setting}`" if choice.setting.startswith("[") else choice.setting
    return setting, _span(choice.low_usd, choice.high_usd)


def _span(low: float, high: float) -> str:
    return f"{low:.2f} to {high:.2f}"


if __name__ == "__main__":
    write(PAGE, page())
    write(PLOT, picture(list(profiles())))
    write(README, readme(README.read_text(encoding="utf-8")))
