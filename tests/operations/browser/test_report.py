"""The report of a drill as a browser shows it: complete without a script, accessible in light and dark."""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.sync_api import Browser, sync_playwright

from tests.maintenance_site.browser.chromium import executable, skip_if_unwanted
from understudy_failover.operations import report
from understudy_failover.operations.record import Record

SCHEMES = ("light", "dark")
WIDTHS = (320, 1280)
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]


def _span(begin: float, end: float, dns: str, on_stage: str, status: int | None) -> dict[str, object]:
    return {
        "from_seconds": begin,
        "to_seconds": end,
        "dns": dns,
        "addresses": ["203.0.113.10"],
        "on_stage": on_stage,
        "tls": "trusted" if status else "refused",
        "status": status,
        "detail": str(status or "TLS: certificate has expired"),
    }


RECORD = Record.model_validate(
    {
        "what": "drill",
        "app": "understudy-example-with-a-long-name",
        "servers": ["web"],
        "began_at": datetime(2026, 11, 25, 2, tzinfo=UTC),
        "seconds": 210.5,
        "clock_rate": 1,
        "profile": "standard",
        "outcome": "deviated",
        "entries": [
            {"at_seconds": 0.2, "kind": "held", "text": "every host answers from its server"},
            {"at_seconds": 0.3, "kind": "method", "text": "web: switch on"},
            {"at_seconds": 60, "kind": "deviated", "text": "web: clients see the page after 58 to 60 s (bound 56 s)"},
            {"at_seconds": 90, "kind": "method", "text": "web: switch off"},
            {"at_seconds": 91, "kind": "note", "text": "this machine has no IPv6"},
        ],
        "measurements": [
            {"what": "web: DNS", "after_seconds": 7, "within_seconds": 8, "bound_seconds": 26, "holds": True},
            {"what": "web: clients", "after_seconds": 58, "within_seconds": 60, "bound_seconds": 56, "holds": False},
        ],
        "hosts": [
            {
                "name": "a-rather-long-host-name-of-a-shop.example.com",
                "server": "web",
                "spans": [
                    _span(0.2, 8, "server", "server", 200),
                    _span(8, 40, "mixed", "nobody", None),
                    _span(40, 100, "maintenance page", "maintenance page", 503),
                    _span(100, 210, "server", "server", 200),
                ],
            },
            {"name": "api.example.org", "server": "api", "spans": [_span(0.2, 210, "server", "server", 200)]},
        ],
    }
)


@pytest.fixture(scope="module")
def browser(processes: None) -> Iterator[Browser]:
    """Without a network: the report is a file."""
    skip_if_unwanted()
    arguments = ["--disable-gpu", *(["--no-sandbox"] if os.geteuid() == 0 else [])]
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=executable(), args=arguments)
        yield running
        running.close()


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A report on disk."""
    return report.leave(RECORD, tmp_path_factory.mktemp("report"))


@pytest.fixture(scope="module")
def axe(root: Path) -> str:
    """axe-core, to be run in a page."""
    return (root / "node_modules" / "axe-core" / "axe.min.js").read_text(encoding="utf-8")


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize("scheme", SCHEMES)
def test_it_is_accessible_and_no_wider_than_the_screen(
    browser: Browser, file: Path, axe: str, scheme: str, width: int
) -> None:
    page = browser.new_page(
        color_scheme="dark" if scheme == "dark" else "light", viewport={"width": width, "height": 900}
    )
    page.goto(file.as_uri())
    assert not page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    page.evaluate(axe)
    violations_report = page.evaluate("rules => axe.run(document, { runOnly: rules })", RULES)
    page.close()
    assert violations_report["passes"]
    assert [(violation["id"], violation["nodes"][0]["html"]) for violation in violations_report["violations"]] == []


def test_without_a_script_everything_is_there_and_the_table_opens(browser: Browser, file: Path) -> None:
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.goto(file.as_uri())
    text = page.locator("main").inner_text()
    for entry in RECORD.entries:
        assert entry.text in text
    assert page.locator("details table").first.is_hidden()
    page.locator("summary").first.click()
    assert "TLS: certificate has expired" in page.locator("details table").first.inner_text()
    context.close()


def test_a_row_is_as_long_as_what_it_shows(browser: Browser, file: Path) -> None:
    page = browser.new_page(viewport={"width": 1280, "height": 900})
    page.goto(file.as_uri())
    row = page.locator(".host-row").first
    whole = row.locator("div").bounding_box()
    piece = row.locator(".page").bounding_box()
    assert whole
    assert piece
    assert piece["width"] / whole["width"] == pytest.approx(60 / 210, abs=0.01)
    assert (piece["x"] - whole["x"]) / whole["width"] == pytest.approx(40 / 210, abs=0.01)
    page.close()
