"""`understudy verify`: is what is deployed what failover.toml says, and does it work?"""

import argparse
import time
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

from understudy_failover.operations import aws, maintenance, reach
from understudy_failover.operations.finding import Finding, Verdict, table
from understudy_failover.operations.polling import poll
from understudy_failover.operations.terminal import Terminal
from understudy_failover.operations.verify import page_health
from understudy_failover.operations.verify.checks import CHECKS
from understudy_failover.operations.verify.deployment import ERRORS, Deployment
from understudy_failover.settings import load

WAIT_SECONDS = 900
"""More than CloudFront commonly takes to deploy to every edge location."""
POLL_SECONDS = 10
FIRST_VERDICT_SECONDS = 180
"""Three probes at 30 s, and as long again."""
COULD_NOT_DETERMINE = 3
"""Exit code where nothing failed and not everything could be seen."""
VERDICTS = (Verdict.PASSED, Verdict.FAILED, Verdict.UNKNOWN)


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "verify",
        help="after a deploy: is everything as failover.toml says, and does it work?",
        description="Looks at everything that is deployed, asks every host at the distribution itself (past DNS) and "
        "the zones at their own name servers, and changes nothing. Exit code 0: all passed; 1: something failed; "
        "2: wrong arguments; 3: nothing failed, but not everything could be seen.",
        epilog="examples: `verify`, `verify --junit verify.xml --wait 0`, `verify --json | jq .findings`",
    )
    parser.add_settings_option()
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
    parser.add_argument(
        "--account", metavar="NUMBER", type=maintenance.account, help="default: the one of the credentials"
    )
    reach.add_arguments(parser)
    parser.set_defaults(run=verify)


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
    counts = Counter(finding.verdict for finding in findings)
    if counts[Verdict.FAILED]:
        terminal.fail(f"{counts[Verdict.FAILED]} failed, {counts[Verdict.UNKNOWN]} could not be checked.")
        return 1
    if counts[Verdict.UNKNOWN]:
        terminal.warn(f"nothing failed, but {counts[Verdict.UNKNOWN]} could not be checked")
        return COULD_NOT_DETERMINE
    notes = sum(bool(finding.advice) for finding in findings)
    terminal.say(f"All {len(findings)} passed" + (f", {notes} with a note above." if notes else "."), "green")
    return 0


def document(findings: Sequence[Finding]) -> dict[str, Any]:
    counts = {str(verdict): sum(finding.verdict is verdict for finding in findings) for verdict in VERDICTS}
    return {**counts, "findings": [{**vars(finding), "verdict": str(finding.verdict)} for finding in findings]}


def junit(findings: Sequence[Finding]) -> bytes:
    """A test case for each finding: what failed as a failure, what could not be checked as an error."""
    suite = ElementTree.Element(
        "testsuite",
        name="understudy verify",
        tests=str(len(findings)),
        failures=str(sum(finding.verdict is Verdict.FAILED for finding in findings)),
        errors=str(sum(finding.verdict is Verdict.UNKNOWN for finding in findings)),
    )
    for finding in findings:
        case = ElementTree.SubElement(suite, "testcase", classname=f"verify.{finding.check}", name=finding.subject)
        if finding.verdict is not Verdict.PASSED:
            kind = "failure" if finding.verdict is Verdict.FAILED else "error"
            ElementTree.SubElement(case, kind, message=finding.text).text = finding.advice
    return bytes(ElementTree.tostring(suite, encoding="utf-8", xml_declaration=True))


def examine(deployment: Deployment, say: Callable[[str], None] = lambda _: None) -> list[Finding]:
    findings: list[Finding] = []
    for number, check in enumerate(CHECKS, 1):
        say(f"{number}/{len(CHECKS)} {check.name} …")
        findings += check.findings(deployment)
    return findings


def wait_until_deployed(deployment: Deployment, seconds: float, say: Callable[[str], None]) -> None:
    """Wait until CloudFront has deployed every distribution; the checks report every other fault."""
    give_up_at = time.monotonic() + seconds
    for part in deployment.parts:

        def deployed(part: Deployment = part) -> str:
            part.forget_distribution()
            return "" if part.distribution()["Status"] == "Deployed" else f"{part.domain_name()} to be Deployed"

        _wait(give_up_at, deployed, say)


def wait_for_first_verdicts(deployment: Deployment, seconds: float, say: Callable[[str], None]) -> None:
    """Waits for the page's health checks, which no deploy waits for: right after the first one they know nothing."""
    what = "the first verdict of the maintenance page's health check"
    _wait(time.monotonic() + seconds, lambda: what if page_health.without_verdict(deployment) else "", say)


def _wait(give_up_at: float, awaited: Callable[[], str], say: Callable[[str], None]) -> None:
    """Wait until nothing is `awaited` any more, it cannot be seen, or it is time to give up."""

    def probe() -> bool | None:
        try:
            what = awaited()
        except ERRORS:
            return True
        left = give_up_at - time.monotonic()
        if what and left > 0:
            say(f"waiting for {what}, {left:.0f} s more at most …")
        return None if what else True

    left = give_up_at - time.monotonic()
    poll(probe, limit_seconds=left, interval_seconds=POLL_SECONDS, now=time.monotonic, sleep=time.sleep)


def _file(text: str) -> Path:
    path = Path(text)
    if not path.parent.is_dir() or path.is_dir():
        raise argparse.ArgumentTypeError(f"{text!r} cannot be written; name a file in a folder that exists")
    return path


def _seconds(text: str) -> int:
    if not text.isdecimal():
        raise argparse.ArgumentTypeError(f"{text!r} is no number of seconds; write it like 900, or 0")
    return int(text)
