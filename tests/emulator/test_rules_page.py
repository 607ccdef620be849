"""docs/emulators.md: what the embedded AWS refuses, and where each of its rules comes from and is tested."""

import re
from pathlib import Path

import pytest

from tests.emulator.refusals import REFUSALS, answer
from understudy_failover.emulator import EmbeddedAws

NO_RULE = {
    "test_access.py": "who may call the emulator",
    "test_clock.py": "emulated time",
    "test_control.py": "the emulator's own controls",
    "test_embedded.py": "its process",
    "test_faults.py": "faults on demand",
    "test_function_time.py": "emulated time",
    "test_gateway.py": "its internet",
    "test_main.py": "its command line",
    "test_ministack.py": "that its parts fit together",
    "test_nameserver.py": "DNS over UDP and TCP",
    "test_network.py": "its internet",
    "test_outages.py": "outages on demand",
    "test_paced_time.py": "emulated time",
    "test_real_clients.py": "that real clients understand it",
    "test_resolver.py": "its resolver's cache",
    "test_resources.py": "what exists in it",
    "test_rules_page.py": "this page",
    "test_site_deployment.py": "what stands for the CDK's own function",
}
"""Files without a rule of AWS, each with what they are about."""


@pytest.fixture(scope="module")
def page() -> str:
    return (Path(__file__).parents[2] / "docs/emulators.md").read_text(encoding="utf-8")


RULES = "\n## Rules of the embedded AWS\n"


def _rules(page: str) -> list[list[str]]:
    return _rows(page.partition(RULES)[2])


def _rows(page: str) -> list[list[str]]:
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in page.splitlines() if line[:1] == "|"]
    return [row for row in rows if set(row[0]) - set("-")][1:]


def test_every_refusal_of_the_page_is_one_here_by_this_code(aws: EmbeddedAws, page: str) -> None:
    text = {name: answer(aws.client, call) for name, call in REFUSALS.items()}
    assert text == {row[0]: row[1] for row in _rows(page.partition(RULES)[0])}


def test_every_rule_has_a_source_a_date_and_tests(page: str) -> None:
    rules = _rules(page)
    assert len(rules) >= 15
    for rule, source, compared, tests in rules:
        assert re.search(r"\]\(https://docs\.aws\.amazon\.com/\S+\)", source), rule
        assert re.fullmatch(r"2026-\d\d-\d\d", compared), rule
        assert re.findall(r"test_\w+\.py", tests), rule


def test_every_file_of_tests_has_a_rule_or_a_reason(page: str) -> None:
    named = {name for row in _rules(page) for name in re.findall(r"test_\w+\.py", row[3])}
    files = {path.name for path in Path(__file__).parent.glob("test_*.py")}
    assert named | NO_RULE.keys() == files
    assert not named & NO_RULE.keys()


def test_every_source_in_the_code_of_a_rule_is_on_the_page_or_beside_one_that_is(root: Path, page: str) -> None:
    """A module of rules cites its sources; one of each module is the rule's on the page."""
    sources = set(re.findall(r"\((https://docs\.aws\.amazon\.com/[^)#]+)", page))
    for path in sorted((root / "understudy_failover/emulator").glob("*.py")):
        head = path.read_text(encoding="utf-8").split('"""')[1]
        cited = set(re.findall(r"https://docs\.aws\.amazon\.com/[^\s)#]+", head))
        assert not cited or path.name in WITHOUT_ROW or cited & sources, path.name


WITHOUT_ROW = {
    "function_tests.py": "tests/rehearsal/test_edge_test.py tests it",
    "health_metrics.py": "names of metrics; test_monitoring.py",
    "metric_math.py": "with the alarms",
    "pricing_plans.py": "with the aliases of other accounts",
    "replacements.py": "what a change set says of it; the CDK's own table",
    "site_deployment.py": "a function of the CDK, no rule of AWS",
}
"""Modules whose source is not the one of their row, each with why."""
