"""docs/who-notices.md is written from docs/who_notices.toml, whose rows have what the page needs."""

import re
from pathlib import Path

import pytest

from docs.generate_who_notices import PAGE, SECTIONS, page
from docs.who_notices import KINDS, NEVER, NEVER_AWAY, Row, rows
from understudy_failover.operations.pooled_client import WHO_NOTICES


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
