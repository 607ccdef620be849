"""docs/configuration.md is written from the models of failover.toml, and says all that they know."""

import re

from docs.generate_configuration import PAGE, page
from understudy_failover.settings import Settings
from understudy_failover.settings.keys import described_keys, table_model


def test_the_page_is_what_the_models_say() -> None:
    """If not: `python -m docs.generate_configuration`."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_key_has_one_row_and_every_table_one_heading() -> None:
    known = list(described_keys(Settings))
    tables = [one for one in known if table_model(one.field.annotation)]
    text = page()
    assert re.findall(r"^\| `(\w+)` \|", text, re.MULTILINE) == [one.name for one in known if one not in tables]
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
