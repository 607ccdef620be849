"""Every finding that the commands can print is played by a test, with its advice; or it stands here, with the reason.

The tests go by the ids in the sources of each command.
"""

import ast
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
from understudy_failover.operations.preflight import probe
from understudy_failover.operations.status.snapshot import LocalFault
from understudy_failover.operations.zone_rules import RefusalId

FOLDERS = {"preflight": "preflight", "verify": "verify", "adopt": "record_import"}
ELSEWHERE: dict[str, Any] = {
    "preflight": probe.Fault | Outcome | RefusalId,
    "verify": Outcome,
    "adopt": RefusalId,
    "status": LocalFault,
}
"""Ids of findings that a command only repeats."""
MAKERS = {"failed", "warning", "unknown", "noted", "make", "report", "Notice"}
"""Calls that make a finding; its id is the first argument."""
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
        *(case for case in faults.CASES if case.endswith(("-guardrail", "-protected"))),
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
        "stack-orphaned": "tests/rehearsal/test_orphaned_stacks.py",
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
        return {str(member) for member in kind}  # type: ignore[var-annotated]
    if isinstance(kind, str):
        return {kind}
    return {identifier for part in get_args(kind) for identifier in _members(part)}


def _twice(several: Iterable[set[str]]) -> set[str]:
    listed: set[str] = set()
    twice: set[str] = set()
    for ids in several:
        twice |= listed & ids
        listed |= ids
    return twice


def _ids(root: Path, command: str) -> set[str]:
    """Return every id that the sources of a command give to a finding."""
    folder = root / "understudy_failover/operations" / FOLDERS.get(command, "-")
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in folder.glob("*.py")]
    calls = [node for tree in trees for node in ast.walk(tree) if isinstance(node, ast.Call) and node.args]
    firsts = [call.args[0] for call in calls if isinstance(call.func, ast.Name) and call.func.id in MAKERS]
    return {first.value for first in firsts if isinstance(first, ast.Constant) and isinstance(first.value, str)}


@pytest.mark.parametrize("command", ELSEWHERE)
def test_every_finding_has_a_played_advice_or_a_reason(root: Path, command: str) -> None:
    known = PLAYED[command], {*DEPLOYED.get(command, ())}, {*REASONS.get(command, ())}
    ids = _ids(root, command) | _members(ELSEWHERE[command])
    assert ids - set().union(*known) == set()
    assert known[1] | known[2] <= ids, "a reason for what no command prints"
    assert _twice(known) == set()


@pytest.mark.parametrize("kind", [RefusalId, probe.Fault])
def test_no_finding_is_named_that_nothing_prints(root: Path, kind: Any) -> None:
    sources = [*(root / "understudy_failover/operations").rglob("*.py")]
    sources.append(root / "understudy_failover/contract/health_probe.py")
    text = "".join(path.read_text(encoding="utf-8") for path in sources)
    # Once where it is declared, and at least once where it is made.
    assert {name for name in _members(kind) if text.count(f'"{name}"') < 2} == set()


@pytest.mark.parametrize(
    ("identifier", "file"),
    [(identifier, file) for several in DEPLOYED.values() for identifier, file in several.items()],
)
def test_a_test_of_a_deployment_names_the_finding_that_it_plays(root: Path, identifier: str, file: str) -> None:
    assert f'"{identifier}"' in (root / file).read_text(encoding="utf-8")
