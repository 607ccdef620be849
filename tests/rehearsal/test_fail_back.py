"""A tab with the page reloads the site automatically when the server is back."""

import time
from pathlib import Path

import pytest
from playwright.sync_api import Page

from tests.maintenance_site.browser.chromium import chromium, skip_if_unwanted
from understudy_failover.operations.observation import ServedBy, observe
from understudy_failover.rehearsal.bed import RehearsalBed
from understudy_failover.rehearsal.modes import Mode

TABS = 4
HOST = "www.example.com"
# Every poll is a guess on a busy machine, and there is one in half a minute: benchmarks/fail_back.md has the times.
LIMIT_SECONDS = 300
pytestmark = pytest.mark.timeout(900)


def _server(bed: RehearsalBed) -> str:
    (name,) = (server.name for server in bed.settings.servers if HOST in [host.name for host in server.hosts])
    return name


def _wait_for_the_page(bed: RehearsalBed) -> None:
    (host,) = (host for server in bed.settings.servers for host in server.hosts if host.name == HOST)
    give_up_at = bed.clock.now() + 600
    while observe(host, bed.name_server(), bed.client()).probe.served_by is not ServedBy.PAGE:
        assert bed.clock.now() < give_up_at
        bed.clock.sleep(1)


def test_open_tabs_show_the_site_again_by_themselves_and_a_stopped_one_does_not(bed: RehearsalBed, root: Path) -> None:
    skip_if_unwanted()
    server = bed.servers[_server(bed)]
    server.play(Mode.REFUSES)
    try:
        _wait_for_the_page(bed)
        with chromium(bed) as browser:
            # Each in a context of its own: another reader, with another connection.
            tabs: list[Page] = [browser.new_context(locale="en").new_page() for _ in range(TABS)]
            stopped = browser.new_context(locale="en").new_page()
            for tab in (*tabs, stopped):
                tab.goto(f"https://{HOST}/some/page")
                assert tab.locator("h1").inner_text() == "Temporarily unavailable"
            stopped.get_by_role("button", name="Stop checking").click()
            assert stopped.get_by_role("status").inner_text() == "Automatic checking is off."
            server.play(Mode.WELL)
            began = time.monotonic()
            seconds: dict[int, float] = {}
            while len(seconds) < TABS:
                for number, tab in enumerate(tabs):
                    if number not in seconds and tab.get_by_text("Server web works").is_visible():
                        seconds[number] = time.monotonic() - began
                assert time.monotonic() - began < LIMIT_SECONDS, f"{TABS - len(seconds)} tabs are still on the page"
                tabs[0].wait_for_timeout(250)
            assert stopped.locator("h1").inner_text() == "Temporarily unavailable"
            stopped.get_by_role("button", name="Check automatically").click()
            stopped.get_by_text("Server web works").wait_for(timeout=LIMIT_SECONDS * 1_000)
    finally:
        server.play(Mode.WELL)
    result = root / "test-results" / "fail-back.txt"
    result.parent.mkdir(exist_ok=True)
    shown = ", ".join(f"{second:.0f}" for second in seconds.values())
    result.write_text(f"{TABS} tabs showed the site again within {shown} s; health checks and DNS ten times faster\n")
