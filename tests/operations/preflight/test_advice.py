"""Every finding of preflight is gone after its advice was followed, word by word where it is a command."""

from pathlib import Path

import pytest

from tests.operations.preflight.conftest import Account
from tests.operations.preflight.faults import CASES, World


@pytest.mark.parametrize("identifier", CASES)
def test_a_finding_is_gone_after_its_advice_was_followed(
    account: Account, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, identifier: str
) -> None:
    case = CASES[identifier]
    world = World(account, tmp_path, monkeypatch)
    assert world.findings_of(case.check, identifier) == []
    context = case.fault(world)
    context.__enter__()
    ended = False

    def undo() -> None:
        nonlocal ended
        if not ended:
            ended = True
            context.__exit__(None, None, None)

    world.undo = undo
    try:
        findings = world.findings_of(case.check, identifier)
        assert findings
        assert case.advice in findings[0]["advice"], findings[0]
        case.cure(world, findings[0]["advice"])
        assert world.findings_of(case.check, identifier) == []
    finally:
        undo()
        world.later.close()
