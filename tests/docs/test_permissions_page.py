"""docs/permissions.md is written from the commands' table, which tests compare with their calls, and the templates."""

import pytest

from docs.generate_permissions import NO_REASON, PAGE, Grant, page


@pytest.fixture(scope="module")
def written(processes: None) -> str:
    return page()


def test_the_page_is_what_the_commands_need_and_the_templates_grant(written: str) -> None:
    """If not: `python -m docs.generate_permissions`."""
    assert PAGE.read_text(encoding="utf-8") == written


def test_no_action_and_no_resource_is_wide_without_a_reason(written: str) -> None:
    """If one is: give its reason in docs/generate_permissions.py, or better, name what is meant in the policy."""
    assert [line for line in written.split("\n") if NO_REASON in line] == []
    rows = [line.split(" | ") for line in written.split("\n") if line.startswith("| `")]
    wide = [row for row in rows if "*" in row[0] + row[1]]
    assert wide
    assert all(len(row[3].strip(" |")) > 10 for row in wide)


@pytest.mark.parametrize("action", ["route53:*", "*", "iam:PassRole"])
def test_a_new_wildcard_is_noticed(action: str) -> None:
    assert Grant(action, "*", "").reason == NO_REASON
