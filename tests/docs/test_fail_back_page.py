"""benchmarks/fail_back.md is written from fail_back.json, and says whether page.js is still the measured one."""

from benchmarks import fail_back_page


def test_the_page_is_written_from_the_figures() -> None:
    """If not, also after a change of page.js: `python -m benchmarks.fail_back_page`."""
    assert fail_back_page.PAGE.read_text(encoding="utf-8") == fail_back_page.page(fail_back_page.figures())


def test_a_run_with_another_page_js_is_marked() -> None:
    browsers = fail_back_page.figures()
    (name, run), *_ = browsers.items()
    changed = {name: {**run, "page_js": "sha256-of-another"}}
    changed[name].pop("older", None)
    assert "**older: run it again**" in fail_back_page.page(changed)
