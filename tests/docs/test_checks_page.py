"""docs/verify.md is written from the checks and the table of faults."""

from docs.generate_checks import PAGE, page
from understudy_failover.operations.verify.checks import CHECKS


def test_the_page_is_what_the_checks_and_the_table_say() -> None:
    """If not: `python -m docs.generate_checks`."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_check_is_explained() -> None:
    for check in CHECKS:
        assert check.look.__doc__, check.name
        assert f"| {check.name} | {check.look.__doc__.partition(chr(10))[0]} |" in page()
