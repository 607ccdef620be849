"""Runs the checks and prints what they found; where one cannot be made, the others are."""

import argparse
import ssl
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError
from cryptography import x509

from understudy_failover.contract.documentation import documentation
from understudy_failover.operations import aws, reach
from understudy_failover.operations.finding import Finding, Verdict, table, unknown
from understudy_failover.operations.preflight.aliases import aliases
from understudy_failover.operations.preflight.certificate import certificate, secret
from understudy_failover.operations.preflight.differences import differences
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

CHECKS: dict[str, tuple[str, Check]] = {
    "certificate": ("certificate", certificate),
    "secret": ("certificate", secret),
    "zones": ("zone", zones),
    "records": ("record", records),
    "names": ("name", dependents),
    "changes": ("change", differences),
    "aliases": ("alias", aliases),
    "quotas": ("quota", quotas),
    "bootstrap": ("permission", bootstrap),
    "permissions": ("permission", permissions),
    "servers": ("server", servers),
}
"""The checks by name, each with the area of its findings."""
EXIT_FAILED = 1
EXIT_UNKNOWN = 3
"""2 is argparse's own."""
EPILOG = """\
exit codes: 0 no blockers (warnings are possible), 1 blockers,
            3 no known blockers, but some checks were not possible

examples:
  cdk synth --quiet && understudy preflight
  understudy preflight --json |
      jq '.findings[] | select(.verdict == "failed")'
"""


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "preflight",
        help="check everything that can be known before a deploy",
        description="Checks certificate and secret, hosted zones and records, alternate domain names, quotas, "
        "permissions, and the servers by the rules of Route 53's health checks. It changes nothing.",
        epilog=EPILOG,
    )
    parser.add_argument(
        "--assembly", type=Path, default=Path("cdk.out"), metavar="FOLDER", help="what `cdk synth` wrote: cdk.out"
    )
    parser.add_argument(
        "--private-ca",
        action="store_true",
        help="accept certificates whose issuer is none of Mozilla's roots; CloudFront and browsers may refuse them",
    )
    parser.add_settings_option()
    parser.add_argument("--json", action="store_true", help="print one JSON document")
    reach.add_arguments(parser)
    parser.set_defaults(run=run)


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
    for name, (area, check) in CHECKS.items():
        terminal.progress(f"checking {name} …")
        findings += run_check(name, area, check, subject)
    counts = Counter(finding.verdict for finding in findings)
    document = {
        "findings": [
            {"area" if key == "check" else key: value for key, value in vars(finding).items()} for finding in findings
        ],
        "counts": {str(verdict): counts[verdict] for verdict in Verdict},
    }
    # The worst last, where one looks first.
    order = list(Verdict)
    by_severity = sorted(findings, key=lambda finding: order.index(finding.verdict))
    terminal.result(table(by_severity, verbose=True), document)
    terminal.say(", ".join(f"{counts[verdict]} {verdict}" for verdict in Verdict))
    if counts[Verdict.FAILED]:
        return EXIT_FAILED
    return EXIT_UNKNOWN if counts[Verdict.UNKNOWN] else 0


def _roots(trust: ssl.SSLContext | None) -> list[x509.Certificate] | None:
    return [x509.load_der_x509_certificate(der) for der in trust.get_ca_certs(binary_form=True)] if trust else None


def run_check(name: str, area: str, check: Check, subject: Subject) -> list[Finding]:
    """What a check found; what it could not find out is a finding, too."""
    findings: list[Finding] = []
    try:
        # One by one: what was found before the trouble counts.
        for finding in check(subject):
            findings.append(replace(finding, check=area))
        return findings
    except ClientError as error:
        code, operation = error.response["Error"].get("Code", "?"), error.operation_name
        if "Denied" in code:
            advice = f"what preflight needs: {documentation('permissions')}"
            trouble = unknown("api-denied", operation, f"AWS answers {code}", advice)
        else:
            trouble = unknown("api-fails", operation, f"AWS answers {code}", "try again later")
    except BotoCoreError as error:
        trouble = unknown("api-unreachable", "AWS", aws.credentials_fault(error) or str(error), aws.REACH_IT)
    except AssemblyError as error:
        trouble = unknown("assembly-missing", "templates", error.wrong, error.fix)
    return [*findings, replace(trouble, check=name)]
