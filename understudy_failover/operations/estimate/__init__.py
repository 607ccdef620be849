"""`understudy estimate`: what a deployment costs and how long users see what, from failover.toml alone.

No network and no credentials: prices and clients' habits come from dated files with their sources.
"""

import argparse
from pathlib import Path
from typing import Any

from understudy_failover.operations.estimate.bill import total
from understudy_failover.operations.estimate.choices import choices
from understudy_failover.operations.estimate.contenders import Audience, Contender, compare
from understudy_failover.operations.estimate.plot import plot
from understudy_failover.operations.estimate.prices import prices
from understudy_failover.operations.estimate.tables import bill_table, choice_table, time_table
from understudy_failover.operations.help import Help
from understudy_failover.operations.record import write
from understudy_failover.operations.settings_option import add_settings_option
from understudy_failover.operations.terminal import Terminal
from understudy_failover.settings import load

CLIENTS = 20_000
"""Of each kind."""
SHOWN = "Chromium"
"""The kind of client that the plot shows."""
EXAMPLES = """\
examples:
  # cost and times, every timing profile side by side
  understudy estimate
  # with 30 million DNS answers a month
  understudy estimate --queries 30
  # and the share of Chromium users on the page over time as a picture
  understudy estimate --plot estimate.svg
  understudy estimate --json | jq '.contenders[] | {name, low_usd, high_usd}'

It asks nobody: prices are of a date that it tells; what users do is simulated. How: `understudy docs estimate`.
"""


def add_parser(commands: Any) -> None:
    """Registers the command."""
    parser = commands.add_parser(
        "estimate",
        help="what it costs a month, and how long users see what",
        description=__doc__,
        epilog=EXAMPLES,
        formatter_class=Help,
    )
    parser.add_argument(
        "--queries",
        type=_millions,
        default=1.0,
        metavar="MILLIONS",
        help="DNS answers with your servers' addresses a month (default: 1)",
    )
    parser.add_argument(
        "--clients",
        type=_clients,
        default=CLIENTS,
        metavar="NUMBER",
        help=f"of each kind, to simulate (default: {CLIENTS:,})",
    )
    parser.add_argument("--plot", type=Path, metavar="FILE", help="write the share of users over time there, as SVG")
    parser.add_argument("--json", action="store_true", help="the result as JSON on standard output")
    add_settings_option(parser)
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Exit code 0; 1 where the plot cannot be written."""
    terminal = Terminal(as_json=arguments.json)
    settings = load(arguments.settings)
    contenders = compare(settings, clients=arguments.clients, million_queries=arguments.queries)
    saved = list(choices(settings, million_queries=arguments.queries))
    width = terminal.width
    text = f"{bill_table(contenders, width)}\n\n{choice_table(saved)}\n\n{time_table(contenders, width)}"
    document = {
        "prices_as_of": prices().as_of,
        "contenders": list(map(_document, contenders)),
        "choices": [
            {**vars(one), "low_usd": round(one.low_usd, 2), "high_usd": round(one.high_usd, 2)} for one in saved
        ],
    }
    terminal.result(text, document)
    if arguments.plot:
        try:
            write(arguments.plot, picture(contenders))
        except OSError as error:
            terminal.fail(f"--plot {arguments.plot}: it cannot be written: {error.strerror}; name another file")
            return 1
        terminal.say(f"plot: {arguments.plot}")
    return 0


def picture(contenders: list[Contender]) -> str:
    """The plot, as SVG."""
    shown = {one.name: arrivals for one in contenders if (arrivals := one.there[SHOWN])}
    return plot(shown, {one.name: one.there_seconds for one in contenders}, SHOWN)


def _document(one: Contender) -> dict[str, Any]:
    low, high = total(one.items)
    return {
        "name": one.name,
        "chosen": one.chosen,
        "request_interval_seconds": one.timing.request_interval_seconds,
        "failure_threshold": one.timing.failure_threshold,
        "ttl_seconds": one.timing.ttl_seconds,
        "low_usd": round(low, 2),
        "high_usd": round(high, 2),
        "items": [
            {**vars(item), "low_usd": round(item.low_usd, 2), "high_usd": round(item.high_usd, 2)} for item in one.items
        ],
        "bound_seconds": {"page": one.there_seconds, "server": one.back_seconds},
        "seconds": {"page": _waits(one.there), "server": _waits(one.back)},
    }


def _waits(audience: Audience) -> dict[str, dict[str, int] | None]:
    """By kind of client; None: never while it is used."""
    return {
        kind: {"median": one.within(0.5), "p95": one.within(0.95), "worst": one.worst} if one else None
        for kind, one in audience.items()
    }


def _millions(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = -1.0
    if not 0 <= value <= 1e6:
        raise argparse.ArgumentTypeError(f"{text!r} is no number of millions; write one from 0 to 1000000, such as 2.5")
    return value


def _clients(text: str) -> int:
    if not (text.isascii() and text.isdigit() and 1_000 <= int(text) <= 100_000_000):
        raise argparse.ArgumentTypeError(f"{text!r} is no number of clients; write one from 1000 to 100000000")
    return int(text)
