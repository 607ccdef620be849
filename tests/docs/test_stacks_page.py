"""docs/stacks.md is what the docstrings say."""

from docs.generate_stacks import PAGE, page


def test_the_page_is_what_the_docstrings_say() -> None:
    """If not: `python -m docs.generate_stacks`."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_it_has_every_argument_of_the_stage() -> None:
    section = page().partition("## FailoverStage")[2].partition("\n## ")[0]
    assert all(f"| `{name}` |" in section for name in ("scope", "id_", "settings", "accept_outage", "account"))
