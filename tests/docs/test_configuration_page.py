"""docs/configuration.md is written from the models of failover.toml, and has every key."""

import re

from docs.generate_configuration import PAGE, page
from understudy_failover.settings import Settings
from understudy_failover.settings.keys import described_keys, table_model


def test_the_page_is_generated_from_the_models() -> None:
    """If not: `python -m docs.generate_configuration`."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_key_is_in_the_section_of_its_table_and_every_table_has_a_heading() -> None:
    keys = list(described_keys(Settings))
    tables = [key for key in keys if table_model(key.field.annotation)]
    text = page()
    sections = [
        re.findall(r"^\| `(\w+)` \|", section, re.MULTILINE)
        + re.findall(r"`(\w+)`[,.]", (re.findall(r"^As in `.+", section, re.MULTILINE) or [""])[0])
        for section in re.split(r"^## ", text, flags=re.MULTILINE)[1:]
    ]
    locations = [(), *((*table.table, table.name) for table in tables)]
    assert list(map(sorted, sections)) == [
        sorted(key.name for key in keys if key.table == location and key not in tables) for location in locations
    ]
    assert re.findall(r"^## `(.+)`$", text, re.MULTILINE) == [
        "[certificate]",
        "[[certificates]]",
        "[timing]",
        "[notifications]",
        "[maintenance]",
        "[monitoring]",
        "[access_logs]",
        "[page]",
        "[[pages]]",
        "[[zones]]",
        "[[servers]]",
        "[servers.health_check]",
    ]
    assert len(tables) == 12


def test_every_row_has_as_many_cells_as_its_head() -> None:
    rows = [line for line in page().split("\n") if line.startswith("|")]
    assert rows
    assert {line.count("|") for line in rows} == {5}
