"""docs/unconfirmed.md: few questions, each with a way to its answer and with what holds meanwhile."""

import re
from pathlib import Path


def test_at_most_20_questions_are_left_and_each_can_be_answered(root: Path) -> None:
    text = (root / "docs" / "unconfirmed.md").read_text(encoding="utf-8")
    rows = re.findall(r"^\| (\d+) \| (.+?) \| (.+?) \| (.+?) \|$", text, re.MULTILINE)
    assert [int(row[0]) for row in rows] == list(range(1, len(rows) + 1))
    assert len(rows) <= 20
    assert all("?" in question and how and meanwhile for _, question, how, meanwhile in rows)
