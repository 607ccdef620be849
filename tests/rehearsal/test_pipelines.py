"""The pipelines' own steps, in their order, on the embedded AWS: a story from the first deploy to a drift."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.owner.environment import Environment
from tests.pipeline.forge import forge
from tests.pipeline.repository import DEPLOY, DRIFT, GATE, SYNTH, VERIFY, Repository
from tests.pipeline.workflows import Done
from tests.rehearsal.deployed import bootstrapped
from tests.stacks.templates import replaced
from understudy_failover.pipeline.comment import LABEL

# Two deploys with the real CDK, and seven looks at them.
pytestmark = pytest.mark.timeout(600)


@pytest.fixture(scope="module")
def repository(
    environment: Environment, fast_settings: Path, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Repository]:
    """Nothing is deployed yet."""
    with (
        bootstrapped(fast_settings, command_line=True) as bed,
        forge() as here,
    ):
        yield Repository(environment, bed, here, tmp_path_factory.mktemp("repository"))


@pytest.fixture(scope="module")
def deployed(repository: Repository) -> list[Done]:
    """The first merge."""
    repository.forge.merged_with = {"f1257": True}
    return repository.run("deploy", repository.text, merged="f1257")


@pytest.fixture(scope="module")
def without_shop(repository: Repository, deployed: list[Done]) -> str:
    """A change that leaves people unanswered."""
    assert deployed
    return replaced(repository.text, ', "shop.example.com"]', "]")


def _codes(results: list[Done]) -> dict[str, int]:
    return {finding.run: finding.code for finding in results}


def test_main_synthesises_passes_the_gate_deploys_and_verifies(deployed: list[Done]) -> None:
    assert _codes(deployed) == {SYNTH: 0, GATE: 0, DEPLOY: 0, VERIFY: 0}
    assert [entry.run for entry in deployed] == [SYNTH, GATE, DEPLOY, VERIFY]


def test_a_pull_request_that_changes_nothing_gets_that_comment(repository: Repository, deployed: list[Done]) -> None:
    assert deployed
    repository.forge.notes.clear()
    assert _codes(repository.run("diff", repository.text)) == {SYNTH: 0, GATE: 0}
    (note,) = repository.forge.notes
    assert "No changes" in note.body
    assert re.search(r"Number of stacks with differences: 0", note.body)


def test_a_destructive_pull_request_is_blocked_until_the_label_and_comments_once(
    repository: Repository, without_shop: str
) -> None:
    here = repository.forge
    here.notes.clear()
    here.changes.clear()
    here.labels = set()
    before = len(repository.bed.aws.log())
    # The role of pull requests may assume none of the bootstrap's.
    repository.bed.aws.control.plan_fault(operation="AssumeRole", kind="access-denied", times=1000)
    try:
        blocked = repository.run("diff", without_shop)
        here.labels = {LABEL}
        accepted = repository.run("diff", without_shop)
    finally:
        repository.bed.aws.control.clear_faults()
    logged = repository.bed.aws.log()[before:]
    assert _codes(blocked) == {SYNTH: 0, GATE: 2}
    assert "gate: blocked" in blocked[-1].output
    assert "- host removed: shop.example.com" in blocked[-1].output
    assert _codes(accepted) == {SYNTH: 0, GATE: 0}
    (note,) = here.notes
    assert [change.partition(" ")[0] for change in here.changes] == ["POST", "PATCH"]
    assert "accepted by the label" in note.body
    first, then, last = map(note.body.index, ("host removed", "<details>", "[-] AWS::Route53::RecordSet"))
    assert first < then < last
    assert "was not assumed" not in note.body
    # What understudy_failover/pipeline/roles.yaml lets it do, and what it was refused.
    assert set(re.findall(r" (\w+) -> ", logged)) == {"DescribeStacks", "GetTemplate", "ListStacks", "AssumeRole"}


def test_main_deploys_what_is_destructive_only_if_the_merged_request_has_the_label(
    repository: Repository, without_shop: str
) -> None:
    here = repository.forge
    here.merged_with = {"5ec0d": True}
    here.labels = set()
    assert _codes(repository.run("deploy", without_shop, merged="5ec0d")) == {SYNTH: 0, GATE: 2}
    here.labels = {LABEL}
    process = repository.run("deploy", without_shop, merged="5ec0d")
    assert _codes(process) == {SYNTH: 0, GATE: 0, DEPLOY: 0, VERIFY: 0}


def test_the_night_finds_nothing_and_then_what_main_does_not_say(repository: Repository, without_shop: str) -> None:
    assert _codes(repository.run("drift", without_shop)) == {SYNTH: 0, DRIFT: 0, VERIFY: 0}
    with_more = replaced(without_shop, '"www.example.com"', '"www.example.com", "tickets.example.com"')
    # The main branch differs from the deployment; verify still runs.
    codes = _codes(repository.run("drift", with_more))
    assert codes[SYNTH] == 0
    assert codes[DRIFT] != 0
    assert codes[VERIFY] != 0
