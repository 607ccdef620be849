"""Writes docs/verify.md from the checks and the table of faults: `python -m docs.generate_checks`."""

import inspect
from pathlib import Path

from tests.rehearsal.faults import CASES
from tests.rehearsal.test_verify_options import CASES as OF_OPTIONS
from understudy_failover.operations.verify.check import Check
from understudy_failover.operations.verify.checks import CHECKS

PAGE = Path(__file__).parent / "verify.md"

HEAD = """\
# Is it as it should be: `verify` and `status`

<!-- Written by `python -m docs.generate_checks` from the checks of verify and tests/rehearsal/faults/. Do not edit. -->

    understudy verify            # after a deploy, before trusting it; changes nothing
    understudy status --watch    # who is on stage, since when and why

`verify` waits until every distribution is Deployed, then runs the checks below and prints a line for each that passed,
and what to do for everything that did not. `--json` and `--junit FILE` are for programs; the
`id` of a finding stays the same when its words change. It asks the hosts at the
distribution itself, past DNS, and the zones at their own name servers. On a machine without IPv6 give `--no-ipv6`. An
API that is down costs its own answers alone. What each of several certificates has is looked at under its own; the id
of a further one's distribution is followed by its name.

`status` lives on DNS, HTTPS and S3, so it works while the control planes of AWS do not, and says what it cannot see.
"Since when" of an outage is the health check's metric in CloudWatch, to the minute and for a day back; so is whether a
server that is healthy again is being held back (`failback_hold_minutes`).

| exit code | `verify` | `status` |
|---|---|---|
| 0 | everything passed | every host is on its server |
| 1 | something failed | a host is not on its server |
| 2 | wrong arguments | wrong arguments |
| 3 | nothing failed, but not everything could be seen | every host is on its server, but not everything could be seen |

Against the embedded AWS both want the options that `make up` prints.

Both read only. What `verify` found and `understudy repair` would cure comes with that advice. The least that the caller
must be allowed: `cloudformation:DescribeStacks`, `GetTemplate`, `ListStackResources`, `ListStacks`;
`cloudfront:GetDistribution`, `GetDistributionConfig`, `GetFunction`, `ListDomainConflicts`, `ListDistributions`;
`cloudwatch:GetMetricStatistics`; `iam:GetAccountSummary`, `GetServerCertificate`, `ListServerCertificates`;
`pricingplanmanager:ListSubscriptions`; `route53:GetAccountLimit`, `GetHealthCheckStatus`, `GetHostedZone`,
`ListHealthChecks`, `ListResourceRecordSets`; `s3:GetBucketLogging`, `GetBucketPolicy`, `GetLifecycleConfiguration`,
`GetObject`, `ListBucket` on the buckets of page, switches and access logs; `scheduler:GetSchedule`,
`ListSchedules`; `sns:ListSubscriptionsByTopic`.

What is compared is published: S3's ETag is the MD5 of a file under SSE-S3 (API of PutObject), GetFunction answers the
code as it was deployed (Terraform's acceptance tests), flat-rate plans are listed from us-east-1 for every region
(botocore 1.44.8), and ListDomainConflicts takes wildcards (its API page, 2026-11).

## The checks

| check | passes if |
|---|---|
"""
FAULTS = """
## The faults

Each is put into a deployed stage of the embedded AWS, and these checks, and no others, must not pass
([the tests](../tests/rehearsal/test_verify.py)). The last ones are put into a stage that has several certificates,
stacks and addresses, a CNAME pair and a hold ([likewise](../tests/rehearsal/test_verify_options.py)).

| fault | failed | could not tell |
|---|---|---|
"""


def page() -> str:
    """The whole page."""
    faults = (
        f"| {name} | {_with(case.expected, 'failed')} | {_with(case.expected, 'unknown')} |\n"
        for name, case in (CASES | OF_OPTIONS).items()
    )
    return HEAD + "".join(map(_row, CHECKS)) + FAULTS + "".join(faults)


def _row(check: Check) -> str:
    return f"| {check.name} | {(inspect.getdoc(check.look) or '').partition(chr(10))[0]} |\n"


def _with(expected: dict[str, str], verdict: str) -> str:
    names = [name for name, found in expected.items() if found == verdict]
    return ", ".join(names) if len(names) <= 6 else f"{', '.join(names[:6])} and {len(names) - 6} more"


if __name__ == "__main__":
    PAGE.write_text(page(), encoding="utf-8")
