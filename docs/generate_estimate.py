"""Writes docs/estimate.md and docs/estimate.svg for the shipped failover.toml: `python -m docs.generate_estimate`."""

import tomllib
from collections.abc import Sequence
from functools import cache
from pathlib import Path

from understudy_failover.operations.estimate import CLIENTS, picture
from understudy_failover.operations.estimate.audience import FILE as HABITS
from understudy_failover.operations.estimate.bill import total
from understudy_failover.operations.estimate.choices import choices
from understudy_failover.operations.estimate.contenders import Contender, compare
from understudy_failover.operations.estimate.prices import prices
from understudy_failover.operations.estimate.tables import MARK, bill_rows, choice_rows, time_rows
from understudy_failover.settings import load

HERE = Path(__file__).parent
PAGE = HERE / "estimate.md"
PLOT = HERE / "estimate.svg"

TEXT = """\
# What it costs, and how long clients wait

<!-- Written by `python -m docs.generate_estimate`. Do not edit. -->

For the shipped [failover.toml](../failover.toml); for yours: `understudy estimate`, which needs no network and no
credentials. \\* is what the file has.

{bill}
Where AWS does not say which of two prices holds, both are told. `remark` is about the marked column.

{choices}

## How long clients wait

{times}
![Share of Chromium users on the maintenance page after t seconds](estimate.svg)

**How it is computed.** {clients:,} simulated clients of each kind, each with an outage of its own at a random moment.
*Detection*: health checkers in eight regions, spread evenly over the interval; the one decides with which the share
of healthy ones falls to 18 % or rises above it; a failing server hangs for as long as a probe may wait. *Resolvers*
have an answer of a random age. On top comes what the client keeps, linear between these seconds; the worst is the sum
of the longest:

{habits}
**Two figures are assumed**: how long an overstaying resolver keeps an answer, and how often somebody asks a resolver
that answers stale first. Those behind it who ask once an hour get the old answer once an hour later. How many of your
users are of which kind, your access logs tell. For clients that ask DNS for each connection it gives the same times
as [200 played outages](../benchmarks/failover.md) on the embedded AWS (a test compares the two).

**A failed connection makes no browser look the name up again**: not Chromium, not Firefox, not WebKitGTK (measured
2026-11-29). Each goes by its own cache. The figures above are for a server that refuses connections. **A silent
server holds browsers longer**, as an attempt that hangs is not ended by DNS:

| server silent, DNS changed after 35 s; on the page after | Chromium | Firefox |
| --- | --- | --- |
| tab with an HTTP/2 connection | 150 s | 118 s |
| tab with an HTTP/1.1 connection | not within 240 s | not within 200 s |
| first visit | 140 s | 187 s |
| came back 97 s after the failure, HTTP/2 | 10 s later | 1 s later |

So let the server speak HTTP/2, on which Chromium finds out in 10 s that a connection is dead, and let the firewall
reject rather than drop. A reader who presses reload is there sooner. HTTPS records (type 65) with a dead `ipv4hint`,
another `alpn`, an alias or another target misled neither Chromium nor Firefox on a first visit; Safari was not tried.

**What it leaves out.** How long Route 53 takes to tell its own name servers (seconds, published nowhere). Java with a
security manager keeps addresses for ever. Clients that come for the first time ask afresh: they are faster by the age
of an answer. Safari, Windows and macOS resolvers, and public resolvers were not measured.

## Where the prices come from

As of {as_of}, USD, us-east-1. What is not confirmed, the first bill tells ([how](unconfirmed.md)).

{prices}"""


README = HERE.parent / "README.md"
BEGIN, END = "<!-- cost: written by `python -m docs.generate_estimate` -->\n", "<!-- /cost -->"
COST = """\

The sample file (2 servers, 5 hosts) costs {low} to {high} USD a month with profile `{profile}`. AWS does not say
clearly what some health checks count as, hence the range. `understudy estimate` shows yours item by item;
[the same as a page](docs/estimate.md).

{table}

"""


def cost() -> str:
    """Return what README says of the cost, between its two marks."""
    found = contenders()
    chosen = next(one for one in found if one.chosen)
    low, high = (f"{amount:.0f}" for amount in total(chosen.items))
    rows = [(f"profile `{one.name}`", _span(*total(one.items))) for one in found]
    settings = load(HERE.parent / "failover.toml")
    rows += [
        (f"`{one.setting}`" if one.setting.startswith("[") else one.setting, _span(one.low_usd, one.high_usd))
        for one in choices(settings, million_queries=1)
        if not one.chosen
    ]
    table = _table([("", "USD a month"), *rows]).rstrip()
    return COST.format(low=low, high=high, profile=chosen.name, table=table)


def readme(text: str) -> str:
    """Return `text` with the cost of now."""
    head, rest = text.split(BEGIN)
    return f"{head}{BEGIN}{cost()}{END}{rest.partition(END)[2]}"


def _span(low: float, high: float) -> str:
    return f"{low:.2f} to {high:.2f}"


@cache
def contenders() -> tuple[Contender, ...]:
    """Of the shipped file."""
    return tuple(compare(load(HERE.parent / "failover.toml"), clients=CLIENTS, million_queries=1))


def page() -> str:
    """The whole page."""
    found = contenders()
    head, *items = bill_rows(found)
    return TEXT.format(
        bill=_table([(*head[:-1], "remark"), *items]),
        choices=_table(choice_rows(list(choices(load(HERE.parent / "failover.toml"), million_queries=1)))),
        times=_table(time_rows(found)),
        clients=CLIENTS,
        habits=_habits(),
        as_of=prices().as_of,
        prices=_table(
            [
                ("", "USD", "confirmed", "source"),
                *(
                    (one.unit, f"{one.usd:.2f}", "yes" if one.confirmed else "**no**", one.source)
                    for one in prices().by_name.values()
                ),
            ]
        ),
    )


def _habits() -> str:
    rows = [("kind of client", "on the page: median, 95 %, longest", "back", "known", "source")]
    for table in tomllib.loads(HABITS.read_text(encoding="utf-8"))["clients"]:
        known = "measured" if table["published"] else "**assumed**"
        rows.append((table["name"], _delay(table["page"]), _delay(table["server"]), known, table["source"]))
    return _table(rows)


def _delay(value: str | list[float]) -> str:
    return "never while used" if isinstance(value, str) else ", ".join(f"{seconds:g}" for seconds in value)


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    lines = [rows[0], tuple("---" for _ in rows[0]), *rows[1:]]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines).replace(f"{MARK} |", r" \* |")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    PLOT.write_text(picture(list(contenders())), encoding="utf-8")
    README.write_text(readme(README.read_text(encoding="utf-8")), encoding="utf-8")
