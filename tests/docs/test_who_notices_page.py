"""docs/who-notices.md is written from docs/who_notices.toml, whose rows have what the page needs."""

import re
from pathlib import Path

import pytest

from benchmarks.fail_back_page import figures
from docs.generate_who_notices import PAGE, SECTIONS, page
from docs.who_notices import KINDS, NEVER, NEVER_AWAY, Row, rows
from understudy_failover.operations.bounds import ALIAS_TTL_SECONDS
from understudy_failover.operations.estimate.client_behavior import kinds
from understudy_failover.operations.pooled_client import WHO_NOTICES
from understudy_failover.settings.tables import TIMING_PROFILES


def test_the_page_is_generated_from_the_table() -> None:
    """If not: `python -m docs.generate_who_notices`."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_kind_of_client_has_rows_and_a_section() -> None:
    assert [kind for kinds in SECTIONS.values() for kind in kinds] == list(KINDS)
    assert {row.kind for row in rows()} == set(KINDS)


def test_every_client_is_on_the_page_with_its_version() -> None:
    text = page()
    for row in rows():
        assert f"{row.client} ({row.version})" in text if row.version else row.client in text


def test_every_client_has_one_row() -> None:
    names = [(row.kind, row.client) for row in rows()]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("row", rows(), ids=lambda row: row.client)
def test_a_row_has_its_measurement_its_reason_and_its_fix(row: Row) -> None:
    assert row.version or row.source != "lab"
    assert row.source
    assert row.why
    assert row.refused is None or row.kind != "resolver"
    times = (row.away, row.refused, row.back)
    assert all(time is None or isinstance(time, str) or 0 <= time <= 300 for time in times)
    assert row.cure or not {NEVER, NEVER_AWAY} & set(times), "a client that never follows needs a fix"


@pytest.mark.parametrize("row", [row for row in rows() if row.habit], ids=lambda row: row.client)
def test_the_seconds_of_the_table_are_those_of_the_habit(row: Row) -> None:
    """Where a sentence repeats the seconds of client_kinds.toml, or a resolver's row adds the TTL to them."""
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
    assert f"`understudy docs {PAGE.stem}`" == WHO_NOTICES
