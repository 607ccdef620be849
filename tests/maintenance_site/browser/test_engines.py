"""The page in every engine: accessible, silent, in the reader's own time, and back as soon as the server answers."""

import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.maintenance_site.browser.engines import Engine, Scheme, Tab
from tests.maintenance_site.browser.outage import HOST, Outage, worker
from understudy_failover.page import Window, locale

URL = f"https://{HOST}/some/page"
SHOWN = "document.dispatchEvent(new Event('visibilitychange'))"
"""As when a tab is shown again: it polls at once."""
RULES = '["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]'
LIMIT_SECONDS = 60
QUIET_SECONDS = 5
"""A tab that reloads for ever does it every second or so."""


def wait_for(condition: Callable[[], Any], what: str) -> None:
    """Return as soon as it holds."""
    end = time.monotonic() + LIMIT_SECONDS
    while not condition():
        assert time.monotonic() < end, what
        time.sleep(0.2)


def value(tab: Tab, expression: str) -> Any:
    """The value of an expression; None while one document makes room for another."""
    try:
        return tab.evaluate(expression)
    except Exception:  # each driver has its own error for this
        return None


def wait_for_title(tab: Tab, wanted: str) -> None:
    wait_for(lambda: value(tab, "document.title") == wanted, f"the title is {value(tab, 'document.title')!r}")


def wait_for_worker(tab: Tab) -> None:
    """Register the site's worker; return as soon as it is in control."""
    tab.evaluate("navigator.serviceWorker.register('/worker.js').then(() => 0)")
    wait_for(lambda: value(tab, "!!navigator.serviceWorker.controller"), "no worker took over")


def go_back(tab: Tab) -> None:
    tab.evaluate("void setTimeout(() => history.back())")


DOWN = locale("en").unplanned.title


@pytest.mark.parametrize(("language", "scheme"), [("en", "light"), ("ja", "dark"), ("ar", "light")])
def test_the_page_is_accessible_silent_and_fits_the_screen(  # noqa: PLR0917 (fixtures)
    engine: Engine, outage: Outage, axe: str, screenshots: Path, language: str, scheme: Scheme
) -> None:
    outage.is_down = True
    outage.show(language, Window(datetime.now(UTC) + timedelta(hours=3)))
    with engine.tab(scheme) as tab:
        tab.open(URL)
        assert tab.evaluate("document.documentElement.lang") == language
        assert tab.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") is (scheme == "dark")
        for width in (320, 1280):
            tab.resize(width, 900)
            tab.screenshot(screenshots / f"{engine.name}-{language}-{scheme}-{width}.png")
            left, right = tab.evaluate(
                "(() => { const box = document.querySelector('main').getBoundingClientRect();"
                "return [box.left, document.documentElement.clientWidth - box.right] })()"
            )
            assert abs(left - right) <= 1, "the card stands in the middle"
            assert tab.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
        assert tab.said() == []
        assert [(asked.method, asked.path) for asked in outage.asked if asked.method == "GET"] == [
            ("GET", "/some/page")
        ]
        # The debugger is not bound by the page's policy.
        tab.evaluate(f"(() => {{ {axe}\n return 0 }})()")
        report = tab.evaluate(f"axe.run(document, {{ runOnly: {RULES} }})")
        assert report["passes"]
        assert [(violation["id"], violation["nodes"][0]["html"]) for violation in report["violations"]] == []


def test_the_end_of_the_work_is_shown_in_the_reader_s_own_time(engine: Engine, outage: Outage) -> None:
    outage.is_down = True
    end = datetime.now(UTC).replace(hour=18, minute=30, second=0, microsecond=0) + timedelta(days=2)
    outage.show("en", Window(end))
    with engine.tab() as tab:
        tab.open(URL)
        shown = tab.evaluate("document.querySelector('time').textContent")
        tokyo = end + timedelta(hours=9)
        for part in (f"{tokyo:%A}", f"{tokyo:%B}", f"{tokyo.day}", "3:30", "GMT+9"):
            assert part in shown


def test_a_reader_can_stop_it_and_start_it_again(engine: Engine, outage: Outage) -> None:
    outage.is_down = True
    with engine.tab() as tab:
        tab.open(URL)
        tab.click("button")
        assert tab.evaluate("document.querySelector('[role=status]').textContent") == locale("en").stopped
        asked = len(outage.asked)
        tab.evaluate(f"void {SHOWN}")
        tab.evaluate("new Promise((done) => setTimeout(done, 1000))")
        assert len(outage.asked) == asked, "a stopped page does not ask"
        tab.click("button")
        assert tab.evaluate("document.querySelector('[role=status]').textContent") == locale("en").checking
        outage.is_down = False
        tab.evaluate(f"void {SHOWN}")
        wait_for_title(tab, "Site")


@pytest.mark.parametrize("status", [200, 404, 405, 501])
def test_a_server_is_back_whatever_it_says_to_head(engine: Engine, outage: Outage, status: int) -> None:
    outage.is_down, outage.head_status = True, status
    with engine.tab() as tab:
        tab.open(URL)
        outage.is_down = False
        tab.evaluate(f"void {SHOWN}")
        wait_for_title(tab, "Site")


def test_history_shows_the_site_and_not_the_page_that_was_there_before(engine: Engine, outage: Outage) -> None:
    with engine.tab() as tab:
        tab.open(URL)
        outage.is_down = True
        tab.open(f"https://{HOST}/other")
        assert tab.evaluate("document.title") == DOWN
        outage.is_down = False
        tab.open(f"https://{HOST}/third")
        go_back(tab)
        wait_for_title(tab, "Site")


def test_the_answer_to_a_form_sends_nothing_again_and_back_keeps_the_text(engine: Engine, outage: Outage) -> None:
    with engine.tab() as tab:
        tab.open(URL)
        tab.type_text("input", "typed")
        outage.is_down = True
        tab.evaluate("void setTimeout(() => document.forms[0].submit())")
        wait_for_title(tab, DOWN)
        assert locale("en").unsent in tab.evaluate("document.body.textContent")
        go_back(tab)
        wait_for_title(tab, "Site")
        assert tab.evaluate("document.querySelector('input').value") == "typed"
        assert [asked.method for asked in outage.asked].count("POST") == 1


PUT = "caches.open('site').then((cache) => cache.put(event.request, answer.clone()).then(() => answer))"
CACHES = "event.request.method === 'GET'"
WORKERS = {
    "cache first": f"""onfetch = (event) => {{
        if (!({CACHES})) return;
        event.respondWith(caches.match(event.request).then((kept) =>
            kept || fetch(event.request).then((answer) => {PUT})));
    }};""",
    "stale while revalidate": f"""onfetch = (event) => {{
        if (!({CACHES})) return;
        const fresh = fetch(event.request).then((answer) => {PUT});
        event.respondWith(caches.match(event.request).then((kept) => kept || fresh));
        event.waitUntil(fresh.catch(() => 0));
    }};""",
    "network first": f"""onfetch = (event) => {{
        if (!({CACHES})) return;
        event.respondWith(fetch(event.request).then((answer) => {PUT}).catch(() => caches.match(event.request)));
    }};""",
    "pass through": "onfetch = (event) => event.respondWith(fetch(event.request));",
    "no handler": "",
}


@pytest.mark.parametrize("kind", WORKERS)
def test_no_service_worker_of_the_site_keeps_the_page_or_makes_it_loop(
    engine: Engine, outage: Outage, kind: str
) -> None:
    outage.worker = worker(WORKERS[kind])
    with engine.tab() as tab:
        tab.open(f"https://{HOST}/")
        wait_for_worker(tab)
        outage.is_down = True
        tab.open(URL)
        assert tab.evaluate("document.title") == DOWN
        outage.is_down = False
        tab.evaluate(f"void {SHOWN}")
        wait_for_title(tab, "Site")
        loads = len(outage.documents)
        time.sleep(QUIET_SECONDS)
        assert tab.evaluate("document.title") == "Site"
        assert len(outage.documents) == loads
        tab.open(f"https://{HOST}/")
        tab.open(URL)
        assert tab.evaluate("document.title") == "Site", "the next visit is not the page either"


KEEPS_FOR_READERS_ALONE = """
let kept;
onfetch = (event) => {
    if (event.request.mode !== 'navigate') return;
    event.respondWith(kept ? kept.clone() : fetch(event.request).then((answer) => {
        if (answer.status === 503) kept = answer.clone();
        return answer;
    }));
};
"""
"""In its own memory, where no page finds it; what the page's script asks goes to the server."""


def test_a_reload_that_brings_the_page_back_is_not_repeated_and_the_reader_is_informed(
    engine: Engine, outage: Outage
) -> None:
    outage.worker = worker(KEEPS_FOR_READERS_ALONE)
    with engine.tab() as tab:
        tab.open(f"https://{HOST}/")
        wait_for_worker(tab)
        outage.is_down = True
        tab.open(URL)
        outage.is_down = False
        tab.evaluate("void (window.isFirst = true)")
        tab.evaluate(f"void {SHOWN}")
        wait_for(lambda: value(tab, "window.isFirst === undefined && document.readyState === 'complete'"), "no reload")
        assert tab.evaluate("document.title") == DOWN
        assert tab.evaluate("document.querySelector('[role=status]').textContent") == locale("en").stopped
        time.sleep(2)  # what was aborted may still arrive
        polls = [asked for asked in outage.asked if asked.method == "HEAD"]
        tab.evaluate(f"void {SHOWN}")
        time.sleep(1)
        assert [asked for asked in outage.asked if asked.method == "HEAD"] == polls, "it asks no more by itself"
