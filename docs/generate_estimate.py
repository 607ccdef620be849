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
# What it costs, and how long users see what

<!-- Written by `python -m docs.generate_estimate`. Do not edit. -->

For the shipped [failover.toml](../failover.toml); for yours: `understudy estimate`, which needs no network and no
credentials. \\* is what the file has.

{bill}
Where AWS does not say which of two prices holds, both are told. `remark` is about the marked column.

{choices}

## How long users wait

{times}
![Share of users on the maintenance page after t seconds](estimate.svg)

**How it is computed.** {clients:,} simulated users, each with an outage of its own at a random moment. *Detection*:
health checkers in eight regions, spread evenly over the interval; the one decides with which the share of healthy ones
falls to 18 % or rises above it; a failing server hangs for as long as a probe may wait. *Resolvers* have an answer of a
random age. Some overstay its TTL, and some browsers keep addresses of their own on top:

{habits}
For users without these habits it gives the same times as [200 played outages](../benchmarks/failover.md) on the
embedded AWS (a test compares the two).

**What it leaves out.** How long Route 53 takes to tell its own name servers (seconds, published nowhere). Browsers that
ask DNS anew as soon as a connection fails are faster than here. Java with a security manager keeps addresses for
ever. Users who come for the first time ask afresh: they are faster by the age of an answer.

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
    found = tomllib.loads(HABITS.read_text(encoding="utf-8"))
    rows = [("", "value", "published", "source")]
    for name, table in found.items():
        if isinstance(table, dict):
            values = (f"{key} {value:g}" for key, value in table.items() if key not in {"published", "source"})
            known = "yes" if table["published"] else "**assumed**"
            rows.append((name.replace("_", " "), ", ".join(values).replace("_", " "), known, table["source"]))
    return _table(rows)


def _table(rows: Sequence[tuple[str, ...]]) -> str:
    lines = [rows[0], tuple("---" for _ in rows[0]), *rows[1:]]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines).replace(f"{MARK} |", r" \* |")


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
    PLOT.write_text(picture(list(contenders())), encoding="utf-8")
    README.write_text(readme(README.read_text(encoding="utf-8")), encoding="utf-8")
