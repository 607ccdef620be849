"""`understudy estimate`: the cost of a deployment and the waiting times of its users, from failover.toml alone.

No network and no credentials: prices and client behavior come from dated files with their sources.
"""

import argparse
from pathlib import Path
from typing import Any

from understudy_failover.operations.estimate.bill import prices, total
from understudy_failover.operations.estimate.candidates import ArrivalsByClient, Candidate, choices, compare
from understudy_failover.operations.estimate.plot import plot
from understudy_failover.operations.estimate.tables import bill_table, choice_table, time_table
from understudy_failover.operations.files import write_atomically
from understudy_failover.operations.terminal import Terminal
from understudy_failover.settings import load

CLIENTS = 20_000
"""Of each kind."""
SHOWN = "Chromium"
EXAMPLES = """\
examples:
  # cost and times, every timing profile side by side
  understudy estimate
  # with 30 million DNS answers a month
  understudy estimate --queries 30
  # and the share of Chromium users on the page over time as a picture
  understudy estimate --plot estimate.svg
  understudy estimate --json | jq '.contenders[] | {name, low_usd, high_usd}'

It sends no request: prices are dated, client behavior is simulated. Method: `understudy docs estimate`.
"""


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "estimate",
        help="what it costs a month, and how long users see what",
        description=__doc__,
        epilog=EXAMPLES,
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
    parser.add_settings_option()
    parser.set_defaults(run=run)


def run(arguments: argparse.Namespace) -> int:
    """Return 0; 1 where the plot cannot be written."""
    terminal = Terminal(as_json=arguments.json)
    settings = load(arguments.settings)
    candidates = compare(settings, clients=arguments.clients, million_queries=arguments.queries)
    options = list(choices(settings, million_queries=arguments.queries))
    width = terminal.width
    text = f"{bill_table(candidates, width)}\n\n{choice_table(options)}\n\n{time_table(candidates, width)}"
    document = {
        "prices_as_of": prices().as_of,
        "contenders": list(map(_document, candidates)),
        "choices": [
            {**vars(choice), "low_usd": round(choice.low_usd, 2), "high_usd": round(choice.high_usd, 2)}
            for choice in options
        ],
    }
    terminal.result(text, document)
    if arguments.plot:
        try:
            write_atomically(arguments.plot, picture(candidates))
        except OSError as error:
            terminal.fail(f"--plot {arguments.plot}: it cannot be written: {error.strerror}; name another file")
            return 1
        terminal.say(f"plot: {arguments.plot}")
    return 0


def picture(candidates: list[Candidate]) -> str:
    shown = {candidate.name: arrivals for candidate in candidates if (arrivals := candidate.there[SHOWN])}
    return plot(shown, {candidate.name: candidate.there_seconds for candidate in candidates}, SHOWN)


def _document(candidate: Candidate) -> dict[str, Any]:
    low, high = total(candidate.items)
    return {
        "name": candidate.name,
        "chosen": candidate.chosen,
        "request_interval_seconds": candidate.timing.request_interval_seconds,
        "failure_threshold": candidate.timing.failure_threshold,
        "ttl_seconds": candidate.timing.ttl_seconds,
        "low_usd": round(low, 2),
        "high_usd": round(high, 2),
        "items": [
            {**vars(item), "low_usd": round(item.low_usd, 2), "high_usd": round(item.high_usd, 2)}
            for item in candidate.items
        ],
        "bound_seconds": {"page": candidate.there_seconds, "server": candidate.back_seconds},
        "seconds": {"page": _waits(candidate.there), "server": _waits(candidate.back)},
    }


def _waits(client_behavior: ArrivalsByClient) -> dict[str, dict[str, int] | None]:
    """Return the seconds by kind of client; None: never while in use."""
    return {
        kind: {"median": arrivals.within(0.5), "p95": arrivals.within(0.95), "worst": arrivals.worst}
        if arrivals
        else None
        for kind, arrivals in client_behavior.items()
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
