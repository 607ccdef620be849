"""docs/permissions.md and .json are written from the commands' table, which tests compare with calls, and templates."""

import json
from typing import Any

import pytest

from docs.generate_permissions import NO_REASON, PAGE, POLICIES, pages, reason
from docs.generation import Grant
from understudy_failover.operations.permissions import COMMANDS


@pytest.fixture(scope="module")
def written(processes: None) -> tuple[str, str]:
    return pages()


def test_page_and_policies_are_generated_from_commands_and_templates(written: tuple[str, str]) -> None:
    """If not: `python -m docs.generate_permissions`."""
    assert (PAGE.read_text(encoding="utf-8"), POLICIES.read_text(encoding="utf-8")) == written


def test_no_wildcard_is_without_a_reason(written: tuple[str, str]) -> None:
    """If one is: give its reason in docs/generate_permissions.py, or better, name the resource in the policy."""
    assert NO_REASON not in written[0]
    rows = [line.split(" | ") for line in written[0].partition("## Wildcards")[2].split("\n") if line.startswith("| `")]
    assert rows
    assert all(len(row[1].strip(" |")) > 10 for row in rows)


def test_the_policies_allow_exactly_what_each_command_needs() -> None:
    policies = json.loads(POLICIES.read_text(encoding="utf-8"))
    assert policies.keys() == {"deploy, destroy", "roles", *(name for name, needs in COMMANDS.items() if needs)}
    for name, needs in COMMANDS.items():
        for part, changes in (("read", False), ("apply", True)):
            allowed = _allowed(policies.get(name, {}).get(part, {"Statement": []}))
            assert allowed == {(need.action, need.resource) for need in needs if need.changes is changes}, name
    conditions = [s["Condition"] for s in _statements(policies) if s["Action"] == ["iam:PassRole"]]
    assert conditions == [{"StringEquals": {"iam:PassedToService": "scheduler.amazonaws.com"}}]


def _statements(policies: dict[str, Any]) -> list[dict[str, Any]]:
    return [s for parts in policies.values() for document in parts.values() for s in document["Statement"]]


def _allowed(document: dict[str, Any]) -> set[tuple[str, str]]:
    return {(action, statement["Resource"]) for statement in document["Statement"] for action in statement["Action"]}


@pytest.mark.parametrize("action", ["route53:*", "*", "iam:PassRole"])
def test_a_new_wildcard_has_no_reason(action: str) -> None:
    assert reason(Grant(action, "*")) == NO_REASON
