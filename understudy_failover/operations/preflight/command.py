"""Runs the checks and prints what they found; where one cannot be made, the others are."""

import argparse
import ssl
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from botocore.exceptions import BotoCoreError, ClientError
from cryptography import x509

from understudy_failover.contract.documentation import documentation
from understudy_failover.operations import aws, reach
from understudy_failover.operations.preflight.aliases import aliases
from understudy_failover.operations.preflight.certificate import certificate, secret
from understudy_failover.operations.preflight.differences import differences
from understudy_failover.operations.preflight.finding import MARKS, Area, Finding, FindingId, Verdict
from understudy_failover.operations.preflight.permissions import bootstrap, permissions
from understudy_failover.operations.preflight.quotas import quotas
from understudy_failover.operations.preflight.records import dependents, records
from understudy_failover.operations.preflight.servers import servers
from understudy_failover.operations.preflight.subject import Subject
from understudy_failover.operations.preflight.zones import zones
from understudy_failover.operations.review.templates import AssemblyError
from understudy_failover.operations.terminal import Terminal
from understudy_failover.settings import load

Check = Callable[[Subject], Iterator[Finding]]

CHECKS: dict[str, Check] = {
    "certificate": certificate,
    "secret": secret,
    "zones": zones,
    "records": records,
    "names": dependents,
    "changes": differences,
    "aliases": aliases,
    "quotas": quotas,
    "bootstrap": bootstrap,
    "permissions": permissions,
    "servers": servers,
}
EXIT_FAILED = 1
EXIT_UNKNOWN = 3
"""2 is argparse's own."""


def run(arguments: argparse.Namespace) -> int:
    """Return 0: no blockers; 1: blockers; 3: no known blockers, but some checks were not possible."""
    terminal = Terminal(as_json=arguments.json)
    directions = reach.from_arguments(arguments)
    aws.require_credentials()
    subject = Subject(
        load(arguments.settings),
        aws.client,
        arguments.assembly,
        datetime.now(UTC),
        reach=directions,
        private_ca=arguments.private_ca,
        trusted_roots=_roots(arguments.ca),
    )
    findings: list[Finding] = []
    for name, check in CHECKS.items():
        terminal.progress(f"checking {name} …")
        findings += made(name, check, subject)
    counts = Counter(finding.verdict for finding in findings)
    document = {
        "findings": [asdict(finding) for finding in findings],
        "counts": {str(verdict): counts[verdict] for verdict in Verdict},
    }
    terminal.result(table(findings), document)
    terminal.say(", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict))
    if counts[Verdict.FAILED]:
        return EXIT_FAILED
    return EXIT_UNKNOWN if counts[Verdict.UNKNOWN] else 0


def _roots(trust: ssl.SSLContext | None) -> list[x509.Certificate] | None:
    return [x509.load_der_x509_certificate(der) for der in trust.get_ca_certs(binary_form=True)] if trust else None


def made(name: str, check: Check, subject: Subject) -> list[Finding]:
    """What a check found; what it could not find out is a finding, too."""
    found: list[Finding] = []
    try:
        # One by one: what was found before the trouble counts.
        for finding in check(subject):
            found.append(finding)
    except ClientError as error:
        code = error.response["Error"].get("Code", "?")
        denied = "Denied" in code
        advice = f"what preflight needs: {documentation('permissions')}" if denied else "try again later"
        identifier: FindingId = "api-denied" if denied else "api-fails"
        found.append(Area(name).unknown(identifier, error.operation_name, f"AWS answers {code}", advice))
    except BotoCoreError as error:
        text = aws.credentials_fault(error) or str(error)
        found.append(Area(name).unknown("api-unreachable", "AWS", text, aws.REACH_IT))
    except AssemblyError as error:
        found.append(Area(name).unknown("assembly-missing", "templates", error.wrong, error.fix))
    return found


def table(findings: Sequence[Finding]) -> str:
    """A line for each finding, its advice below it; the worst last, where one looks first."""
    order = list(Verdict)
    widths = [max(len(getattr(one, name)) for one in findings) for name in ("area", "subject")]
    lines = []
    for one in sorted(findings, key=lambda one: order.index(one.verdict)):
        lines.append(f"{MARKS[one.verdict]} {one.area:{widths[0]}}  {one.subject:{min(widths[1], 40)}}  {one.text}")
        if one.advice:
            lines.append(f"  {'':{widths[0]}}  → {one.advice}")
    return "\n".join(lines)
