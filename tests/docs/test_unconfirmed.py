"""docs/unconfirmed.md: few questions, each with steps of `understudy confirm` and with what holds meanwhile."""

import re
from pathlib import Path

import pytest

from understudy_failover.operations.confirm.play import QUESTIONS

ROW = re.compile(r"^\| (\d+) \| (.+?) \| (.+?) \| (.+?) \|$", re.MULTILINE)


@pytest.fixture
def page(root: Path) -> str:
    return (root / "docs" / "unconfirmed.md").read_text(encoding="utf-8")


def test_at_most_20_questions_are_left_and_each_can_be_answered(page: str) -> None:
    rows = ROW.findall(page)
    assert [int(row[0]) for row in rows] == list(range(1, len(rows) + 1))
    assert len(rows) <= 20
    assert all("?" in question and how and meanwhile for _, question, how, meanwhile in rows)


def test_every_row_names_its_steps_and_every_step_has_a_row(page: str) -> None:
    named: set[str] = set()
    for number, _, how, _ in ROW.findall(page):
        steps = QUESTIONS.keys() & set(re.findall(r"`([a-z0-9-]+)`", how))
        assert steps, f"row {number} names no step of `understudy confirm`"
        named |= steps
    assert named == QUESTIONS.keys()
