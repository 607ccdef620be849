"""docs/maintenance-response.md is written from the requests that the tests make."""

from docs.generate_responses import PAGE, page


def test_the_page_is_generated_from_the_requests() -> None:
    """If not: `python -m docs.generate_responses`."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_row_has_as_many_cells_as_its_head() -> None:
    rows = [line for line in page().split("\n") if line.startswith("|")]
    assert {line.count("|") for line in rows} == {7}
