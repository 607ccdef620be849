"""`understudy verify`: is what is deployed what failover.toml says, and does it work?"""

import argparse
import time
from collections.abc import Callable
from pathlib import Path

from understudy_failover.operations import aws, reach
from understudy_failover.operations.terminal import Terminal
from understudy_failover.operations.verify import page_health
from understudy_failover.operations.verify.checks import CHECKS
from understudy_failover.operations.verify.deployment import Deployment
from understudy_failover.operations.verify.finding import Finding, Verdict
from understudy_failover.operations.verify.known import ERRORS
from understudy_failover.operations.verify.report import document, junit, table
from understudy_failover.settings import load

WAIT_SECONDS = 900
"""More than CloudFront commonly takes to tell the whole edge."""
LOOK_SECONDS = 10
FIRST_VERDICT_SECONDS = 180
"""Three probes at 30 s, and as long again."""
COULD_NOT_TELL = 3
"""Exit code where nothing failed and not everything could be seen."""


def verify(arguments: argparse.Namespace) -> int:
    """The exit code: 0 all passed, 1 something failed, 2 wrong arguments, 3 nothing failed, but not all was seen."""
    terminal = Terminal(as_json=arguments.json)
    world = reach.from_arguments(arguments)
    aws.require_credentials()
    deployment = Deployment(load(arguments.settings), world, account=arguments.account, ipv6=not arguments.no_ipv6)
    wait_until_deployed(deployment, arguments.wait, terminal.progress)
    wait_for_first_verdicts(deployment, min(arguments.wait, FIRST_VERDICT_SECONDS), terminal.progress)
    findings = examine(deployment, terminal.progress)
    if arguments.junit:
        try:
            arguments.junit.write_bytes(junit(findings))
        except OSError as error:
            terminal.fail(f"--junit {arguments.junit}: {error.strerror}; name a file that can be written")
            return 2
    terminal.result(table(findings, verbose=arguments.verbose), document(findings))
    found = {verdict: sum(one.verdict is verdict for one in findings) for verdict in Verdict}
    if found[Verdict.FAILED]:
        terminal.fail(f"{found[Verdict.FAILED]} failed, {found[Verdict.UNKNOWN]} could not be checked.")
        return 1
    if found[Verdict.UNKNOWN]:
        terminal.warn(f"nothing failed, but {found[Verdict.UNKNOWN]} could not be checked")
        return COULD_NOT_TELL
    notes = sum(bool(one.advice) for one in findings)
    terminal.say(f"All {len(findings)} passed" + (f", {notes} with a note above." if notes else "."), "green")
    return 0


def examine(deployment: Deployment, say: Callable[[str], None] = lambda _: None) -> list[Finding]:
    """What every check found, in their order."""
    findings: list[Finding] = []
    for number, check in enumerate(CHECKS, 1):
        say(f"{number}/{len(CHECKS)} {check.name} …")
        findings += check.findings(deployment)
    return findings


def wait_until_deployed(deployment: Deployment, seconds: float, say: Callable[[str], None]) -> None:
    """Waits as long as CloudFront is still telling the edge; whatever else is wrong is left to the checks."""
    give_up_at = time.monotonic() + seconds
    for part in deployment.parts:

        def deployed(part: Deployment = part) -> bool:
            part.forget_distribution()
            return bool(part.distribution()["Status"] == "Deployed")

        _wait(give_up_at, deployed, lambda part=part: f"{part.domain_name()} to be Deployed", say)  # type: ignore[misc]


def wait_for_first_verdicts(deployment: Deployment, seconds: float, say: Callable[[str], None]) -> None:
    """Waits for the page's health checks, which no deploy waits for: right after the first one they know nothing."""
    _wait(
        time.monotonic() + seconds,
        lambda: not page_health.without_verdict(deployment),
        lambda: "the first verdict of the maintenance page's health check",
        say,
    )


def _wait(give_up_at: float, ready: Callable[[], bool], what: Callable[[], str], say: Callable[[str], None]) -> None:
    """Until it is ready, cannot be seen, or it is time to give up."""
    while True:
        try:
            if ready():
                return
        except ERRORS:
            return
        left = give_up_at - time.monotonic()
        if left <= 0:
            return
        say(f"waiting for {what()}, {left:.0f} s more at most …")
        time.sleep(min(LOOK_SECONDS, left))


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The options."""
    parser.add_argument(
        "--wait",
        type=_seconds,
        default=WAIT_SECONDS,
        metavar="SECONDS",
        help="for the distribution to be Deployed, and for the first verdict of its health check "
        f"(default: {WAIT_SECONDS}; 0: do not wait)",
    )
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    parser.add_argument("--junit", type=_file, metavar="FILE", help="write JUnit's XML for CI as well")
    parser.add_argument("--verbose", action="store_true", help="a line for everything that was looked at")
    parser.add_argument("--no-ipv6", action="store_true", help="this machine has no IPv6: ask over IPv4 alone")


def _file(text: str) -> Path:
    path = Path(text)
    if not path.parent.is_dir() or path.is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} cannot be written; name a file in a folder that exists")
    return path


def _seconds(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds; write it like 900, or 0")
    return int(text)
