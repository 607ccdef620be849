"""docs/verify.md is written from the checks of verify."""

from docs.generate_checks import PAGE, page
from understudy_failover.operations.verify.checks import CHECKS


def test_the_page_is_generated_from_the_checks() -> None:
    """If not: `python -m docs.generate_checks`."""
    assert PAGE.read_text(encoding="utf-8") == page()


def test_every_check_has_a_line_with_its_sentence() -> None:
    for check in CHECKS:
        assert check.run.__doc__, check.name
        assert f"\n- **{check.name}**: {check.run.__doc__.partition(chr(10))[0]}\n" in page()
