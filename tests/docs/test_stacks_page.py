"""docs/stacks.md is written from the docstrings of the public classes and functions."""

from docs.generate_stacks import PAGE, page


def test_the_page_is_generated_from_the_docstrings() -> None:
    """If not: `python -m docs.generate_stacks`."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_it_has_every_argument_of_the_stage() -> None:
    section = page().partition("## FailoverStage")[2].partition("\n## ")[0]
    signature = section.partition("\nFailoverStage(")[2].partition(")\n")[0]
    names = [parameter.partition(":")[0] for parameter in signature.split(", ")]
    assert names == ["scope", "id_", "*", "settings", "accept_outage", "account"]
