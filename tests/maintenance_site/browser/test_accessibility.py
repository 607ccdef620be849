"""Every variant of the page in a real browser: accessible, silent, one request, and to be looked at."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Literal

import pytest
from playwright.sync_api import Browser, Page

from tests.maintenance_site.deployment import Deployment
from understudy_failover.page import Window, locale
from understudy_failover.settings import LANGUAGES

Scheme = Literal["dark", "light"]
SCHEMES: tuple[Scheme, ...] = ("light", "dark")
WIDTHS = (320, 1280)
WINDOWS = {
    "unplanned": None,
    "planned": Window(datetime.now(UTC) + timedelta(hours=3)),
    "late": Window(datetime.now(UTC) - timedelta(minutes=5)),
}
RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
SAID_OF_THE_503 = "Failed to load resource: the server responded with a status of 503"
"""Chromium says it of every 503, the page's own; everything else that it says is a fault."""


@dataclass
class Watched:
    """A page, and what the browser did and said."""

    page: Page
    requests: list[str] = field(default_factory=list)
    said: list[str] = field(default_factory=list)


@contextmanager
def _probe_(browser: Browser, url: str, language: str, *, script: bool = True) -> Iterator[Watched]:
    context = browser.new_context(locale=language, java_script_enabled=script, timezone_id="Asia/Tokyo")
    try:
        watched = Watched(context.new_page())
        watched.page.on("request", lambda request: watched.requests.append(f"{request.method} {request.url}"))
        watched.page.on("console", lambda message: watched.said.append(message.text))
        watched.page.on("pageerror", lambda error: watched.said.append(str(error)))
        response = watched.page.goto(url)
        assert response is not None
        assert response.status == 503
        yield watched
    finally:
        context.close()


def _views(page: Page) -> Iterator[str]:
    """The page, narrow and wide, light and dark; answers the name of each view while it is shown."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 800})
        for scheme in SCHEMES:
            page.emulate_media(color_scheme=scheme)
            yield f"{width}-{scheme}"


def _violations(page: Page) -> list[tuple[str, str]]:
    """What axe-core finds wrong with the page as it is shown; it has to be in the page."""
    report = page.evaluate("rules => axe.run(document, { runOnly: rules })", RULES)
    assert report["passes"]
    return [(violation["id"], violation["nodes"][0]["html"]) for violation in report["violations"]]


def _margins(page: Page) -> tuple[float, float]:
    """Pixels left and right of the card; a word that is too wide for it takes some of the right ones."""
    left, right = page.evaluate(
        "(() => { const box = document.querySelector('main').getBoundingClientRect();"
        "return [box.left, document.documentElement.clientWidth - box.right] })()"
    )
    return left, right


@pytest.fixture(scope="module", params=WINDOWS)
def state(request: pytest.FixtureRequest, deployed: Deployment) -> Iterator[str]:
    """Each state in turn, for all tests that ask for it."""
    name: str = request.param
    deployed.put_window("web", WINDOWS[name])
    yield name
    deployed.put_window("web", None)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_variant_is_accessible_silent_and_one_request(
    browser: Browser, axe: str, screenshots: Path, state: str, language: str
) -> None:
    window = WINDOWS[state]
    url = "https://www.example.com/some/page?of=mine"
    own = locale(language)
    with _probe_(browser, url, language) as viewed:
        assert viewed.page.locator("html").get_attribute("lang") == language
        assert viewed.page.locator("html").get_attribute("dir") == own.direction
        assert viewed.page.locator("button").inner_text() == own.stop
        if window:
            assert viewed.page.locator(".late").is_visible() is (state == "late")
        for view in _views(viewed.page):
            left, right = _margins(viewed.page)
            assert right == pytest.approx(left, abs=1)
            assert left >= 0
            viewed.page.screenshot(path=screenshots / f"{language}-{state}-{view}.png")
        assert viewed.requests == [f"GET {url}"]
        assert [text for text in viewed.said if not text.startswith(SAID_OF_THE_503)] == []
        # Last: the debugger brings it in past the page's own policy.
        viewed.page.evaluate(axe)
        assert [(view, _violations(viewed.page)) for view in _views(viewed.page)] == [
            (f"{width}-{scheme}", []) for width in WIDTHS for scheme in SCHEMES
        ]


@pytest.mark.parametrize("language", LANGUAGES)
def test_without_a_script_the_page_is_complete(browser: Browser, screenshots: Path, state: str, language: str) -> None:
    window = WINDOWS[state]
    own = locale(language)
    url = "https://www.example.com/"
    with _probe_(browser, url, language, script=False) as viewed:
        words = own.words("planned" if window else "unplanned")
        text = viewed.page.locator("main").inner_text()
        assert words.title in text
        assert words.message in text
        assert own.retry in text
        assert own.stop not in text, "what needs a script is not shown"
        if window and window.ends_at:
            assert window.ends_at.strftime("%Y-%m-%d %H:%M UTC") in text
        for view in _views(viewed.page):
            box = viewed.page.locator("main").bounding_box()
            assert box is not None
            assert box["width"] <= int(view.partition("-")[0])
        viewed.page.screenshot(path=screenshots / f"{language}-{state}-no-script.png")
        assert viewed.requests == [f"GET {url}"]


@pytest.mark.parametrize("host", ["shop.example.com", "any.example.org"])
def test_a_host_s_own_page_is_accessible_too(browser: Browser, axe: str, screenshots: Path, host: str) -> None:
    with _probe_(browser, f"https://{host}/", "sv") as viewed:
        for view in _views(viewed.page):
            viewed.page.screenshot(path=screenshots / f"{host}-{view}.png")
        assert [text for text in viewed.said if not text.startswith(SAID_OF_THE_503)] == []
        viewed.page.evaluate(axe)
        assert [violation for _ in _views(viewed.page) for violation in _violations(viewed.page)] == []


def test_the_end_of_the_work_is_shown_in_the_reader_s_own_time(deployed: Deployment, browser: Browser) -> None:
    # Far enough ahead to be certain; a fixed moment would pass one day.
    end = datetime.now(UTC).replace(hour=18, minute=30, second=0, microsecond=0) + timedelta(days=2)
    with deployed.window("web", Window(end)), _probe_(browser, "https://www.example.com/", "en") as viewed:
        shown = viewed.page.locator("time").inner_text()
        tokyo = end + timedelta(hours=9)
        assert "3:30" in shown
        assert f"{tokyo.day}" in shown
        assert "GMT+9" in shown
        assert f"{tokyo:%A}" in shown


def test_nothing_moves_for_those_who_asked_for_that(browser: Browser) -> None:
    context = browser.new_context(reduced_motion="reduce")
    try:
        page = context.new_page()
        page.goto("https://www.example.com/")
        assert page.evaluate("document.getAnimations().length") == 0
    finally:
        context.close()


def test_on_paper_there_is_nothing_to_click(browser: Browser, screenshots: Path) -> None:
    context = browser.new_context(color_scheme="dark")
    try:
        page = context.new_page()
        page.goto("https://www.example.com/")
        page.emulate_media(media="print")
        page.screenshot(path=screenshots / "print.png")
        assert not page.locator("button").is_visible()
        assert not page.locator(".links").is_visible()
        assert page.evaluate("getComputedStyle(document.querySelector('main')).backgroundColor") == "rgb(255, 255, 255)"
    finally:
        context.close()
