"""docs/who-notices.md is written from docs/who_notices.toml, whose rows say what the page needs."""

import re
from pathlib import Path

import pytest

from benchmarks.fail_back_page import figures
from docs.generate_who_notices import PAGE, TITLES, page
from docs.who_notices import KINDS, NEVER, NEVER_AWAY, Row, rows
from understudy_failover.operations.bounds import ALIAS_TTL_SECONDS
from understudy_failover.operations.estimate.audience import kinds
from understudy_failover.operations.pooled_client import WHO_NOTICES
from understudy_failover.settings.tables import TIMING_PROFILES


def test_the_page_is_what_the_table_says() -> None:
    """If not: `python -m docs.generate_who_notices`."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_kind_of_client_has_rows_and_a_title() -> None:
    assert {row.kind for row in rows()} == set(KINDS) == set(TITLES)


def test_every_client_has_one_row() -> None:
    names = [(row.kind, row.client) for row in rows()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.client)
def test_a_row_says_what_was_measured_when_and_what_cures_it(row: Row) -> None:
    assert row.version
    assert row.source
    assert row.why.endswith(".")
    assert row.refused is None or row.kind != "resolver"
    moments = (row.away, row.refused, row.back)
    assert all(moment is None or isinstance(moment, str) or 0 <= moment <= 300 for moment in moments)
    assert row.cure or not {NEVER, NEVER_AWAY} & set(moments), (
        "a client that never follows needs the line that cures it"
    )


@pytest.mark.parametrize("row", [row for row in rows() if row.habit], ids=lambda row: row.client)
def test_the_seconds_of_the_table_are_those_of_the_habit(row: Row) -> None:
    """Where a sentence repeats the seconds of habits.toml, or a resolver's row adds the TTL to them."""
    habit = {kind.name: kind for kind in kinds()}[row.habit]
    if row.kind == "browser":
        assert row.version in figures()[habit.name]["version"]
        return
    assert habit.page
    seconds = int(habit.page.longest)
    assert f" {seconds} s" in row.why or f" {seconds // 60} minutes" in row.why
    if row.kind == "resolver":
        assert row.away == TIMING_PROFILES["standard"].ttl_seconds + seconds + 1
        assert row.back == ALIAS_TTL_SECONDS + seconds + 1


def test_every_habit_of_named_clients_has_a_row() -> None:
    named = {kind.name for kind in kinds() if re.match(r"keeps \d|Chromium|Firefox|WebKit", kind.name)}
    assert named == {row.habit for row in rows() if row.habit}


def test_no_cell_breaks_its_table() -> None:
    heads: dict[int, int] = {}
    for number, line in enumerate(page().splitlines()):
        if line.startswith("|"):
            heads[number] = heads.get(number - 1, line.count("|"))
            assert line.count("|") == heads[number], line


def test_the_readme_and_the_drill_name_the_page(root: Path) -> None:
    readme = " ".join((root / "README.md").read_text(encoding="utf-8").split())
    assert len(re.findall(r"\(docs/who-notices\.md\)", readme)) == 1
    assert root / WHO_NOTICES == PAGE
