"""Every finding that the commands can print is played by a test, with its advice; or it stands here, with the reason.

The tests go by ids, which mypy checks: a finding of another id cannot be made.
"""

from collections.abc import Iterable
from enum import EnumType
from pathlib import Path
from typing import Any, get_args

import pytest

from tests.operations import (
    test_delegation,
    test_preflight_records,
    test_record_import_plans,
    test_status_local_fault,
    test_verify_advice,
)
from tests.operations.preflight import faults, test_servers
from tests.rehearsal.faults import CASES as OF_VERIFY
from understudy_failover.operations.delegation import Outcome
from understudy_failover.operations.preflight.finding import FindingId as OfPreflight
from understudy_failover.operations.record_import.plans import NoticeId
from understudy_failover.operations.status.snapshot import LocalFault
from understudy_failover.operations.verify.finding import FindingId as OfVerify

IDS: dict[str, Any] = {"preflight": OfPreflight, "verify": OfVerify, "adopt": NoticeId, "status": LocalFault}
PLAYED: dict[str, set[str]] = {
    "preflight": {*faults.CASES, *test_servers.CASES, *test_delegation.CASES, *test_preflight_records.CASES},
    "verify": {
        *(identifier for case in OF_VERIFY.values() for identifier in case.plays),
        *test_verify_advice.CASES,
        *test_delegation.CASES,
    },
    # What a zone refuses is the same, and said in the same words, in preflight.
    "adopt": {
        *test_record_import_plans.CASES,
        *(one for one in faults.CASES if one.endswith(("-guardrail", "-protected"))),
    },
    "status": {*test_status_local_fault.CASES},
}
DEPLOYED: dict[str, dict[str, str]] = {
    "preflight": {
        "pair-changed": "tests/rehearsal/test_repair.py",
        "deploy-would-fail": "tests/rehearsal/test_to_cname.py",
        "server-client-certificate": "tests/operations/preflight/test_real_server.py",
        "server-tls-closed": "tests/operations/preflight/test_real_server.py",
    },
    "verify": {
        "resolver-keeps-failure": "tests/operations/test_cached_failure.py",
        "stack-orphaned": "tests/rehearsal/test_left_stacks.py",
    },
}
"""Played where something is deployed, in a test that names the id."""
REASONS: dict[str, dict[str, str]] = {
    "preflight": {
        Outcome.OURS: "it passes",
        "method-without-page": "CloudFront allows no other methods; the advice is to accept that",
        "no-ipv6-here": "the advice is to ask from another machine",
        "quota-maybe-exceeded": "the advice is to look at AWS's console, where nobody but the owner sees the quota",
        "server-cipher-undocumented": "the advice is a directive of the server's; test_health_probe.py has the ciphers",
        "server-request": "settings refuse such names and paths",
        "server-tls-old": "the advice is a directive of the server's; test_health_probe.py has the versions",
        "server-tls-silent": "the advice is more connection slots; test_real_server.py fills those of nginx",
        "stack-too-large": "the advice is two installations; the settings divide stacks before that",
    },
    "verify": {
        Outcome.OURS: "it passes",
        "held-back": "it passes, and the advice is to do nothing",
        "page-still-asked": "it passes, and tests/operations/test_page_requests.py runs the command that it advises",
        "logs-not-wanted": "the advice is a deploy of the edited file, as for log-retention-differs in test_repair.py",
    },
    "adopt": {
        "name-unanswered": "`detach --remove` says what it was asked to do",
        "not-of-understudy": "there is nothing to release, and nothing is advised",
        "still-fails-over": "tests/rehearsal/test_record_import.py takes hosts out and releases them",
        "zone-locked": "the advice is to wait",
    },
}


def _members(kind: Any) -> set[str]:
    """Every id of a union of literals and enumerations."""
    if isinstance(kind, EnumType):
        return {str(one) for one in kind}  # type: ignore[var-annotated]
    if isinstance(kind, str):
        return {kind}
    return {identifier for part in get_args(kind) for identifier in _members(part)}


def _twice(several: Iterable[set[str]]) -> set[str]:
    seen: set[str] = set()
    twice: set[str] = set()
    for one in several:
        twice |= seen & one
        seen |= one
    return twice


@pytest.mark.parametrize("command", IDS)
def test_every_finding_has_a_played_advice_or_a_reason(command: str) -> None:
    known = PLAYED[command], {*DEPLOYED.get(command, ())}, {*REASONS.get(command, ())}
    assert _members(IDS[command]) - set().union(*known) == set()
    assert known[2] - _members(IDS[command]) == set(), "a reason for what no command prints"
    assert _twice(known) == set()


@pytest.mark.parametrize("command", IDS)
def test_no_finding_is_named_that_nothing_prints(root: Path, command: str) -> None:
    folder = {"adopt": "record_import"}.get(command, command)
    sources = [*(root / "understudy_failover/operations").glob("*.py")]
    sources += (root / "understudy_failover/operations" / folder).glob("*.py")
    if command == "preflight":
        sources.append(root / "understudy_failover/contract/health_probe.py")
    text = "".join(path.read_text(encoding="utf-8") for path in sources)
    # Once where it is declared, and at least once where it is made.
    once = {one for one in _members(IDS[command]) if text.count(f'"{one}"') < 2}
    assert once - {*Outcome, *LocalFault} == set()


@pytest.mark.parametrize(
    ("identifier", "file"), [(one, file) for several in DEPLOYED.values() for one, file in several.items()]
)
def test_a_test_of_a_deployment_names_the_finding_that_it_plays(root: Path, identifier: str, file: str) -> None:
    assert f'"{identifier}"' in (root / file).read_text(encoding="utf-8")
