"""The page's polls, with its clock in our hands: paused while hidden, stopped by the reader, true about recovery."""

from collections.abc import Iterator

import pytest
from playwright.sync_api import Browser, Page, Route

URL = "https://www.example.com/some/page"
HIDE = """hidden => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event('visibilitychange'));
}"""


LATE = """(() => {
    const ask = fetch;
    let answered = 0;
    window.fetch = (...what) => ask(...what).finally(() => { answered = performance.now(); });
    const entry = { startTime: Infinity, connectStart: 1, connectEnd: 1 };
    performance.getEntriesByType = () => performance.now() - answered < 50 ? [] : [entry];
})()"""
"""Resource Timing that has each entry 50 ms after the answer, and says that the request went over an old connection."""


FIREFOX = """(() => {
    window.looks = [];
    Object.defineProperty(navigator, 'vendor', { get: () => '' });
    performance.getEntriesByType = () => {
        const isFirst = !window.looks.length;
        window.looks.push(performance.now());
        return [{ startTime: Infinity, connectStart: 1, connectEnd: isFirst ? 1 : 2 }];
    };
})()"""
"""Firefox's vendor, and a poll whose first request goes over an old connection and all others over new ones."""


class Polled:
    """An open page, and whoever answers its polls."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.status = 503
        self.marked = True
        self.mixed = False
        """Whether every second answer is the server's: some connections still lead to the edge."""
        self.polls = 0
        self.loads = 0
        page.route(URL, self._answer)
        page.clock.install()
        page.goto(URL)

    def wait(self, seconds: int) -> int:
        """Lets seconds pass in the page; answers how many times it has asked meanwhile."""
        before = self.polls
        for _ in range(seconds):
            self.page.clock.run_for(1_000)
        return self.polls - before

    def _answer(self, route: Route) -> None:
        if route.request.resource_type == "document":
            self.loads += 1
            route.continue_()
            return
        self.polls += 1
        if self.mixed and self.polls % 2:
            route.fulfill(status=200)
            return
        route.fulfill(status=self.status, headers={"x-maintenance": "1"} if self.marked else {})


@pytest.fixture
def polled(browser: Browser) -> Iterator[Polled]:
    """A page on a clock that stands still."""
    context = browser.new_context(locale="en")
    yield Polled(context.new_page())
    context.close()


def test_the_page_asks_every_30_seconds(polled: Polled) -> None:
    # Chromium and Firefox look a name up once a minute: more polls would find nothing sooner.
    polled.wait(90)
    # Each poll is three requests that are aborted and one that is not, up to six times. Five minutes: 9 or 10 polls,
    # and fewer where answers come late to a clock that goes a second at every step.
    assert 6 * 4 <= polled.wait(300) <= 10 * 24
    assert polled.loads == 1


def test_a_poll_over_an_old_connection_is_repeated_even_if_resource_timing_says_so_late(polled: Polled) -> None:
    # Firefox adds every fourth entry after the answer: the poll gave up there, and the next one was 30 s later.
    polled.page.evaluate(LATE)
    assert polled.wait(30) > 4


def test_in_firefox_a_poll_ends_after_two_new_connections_whatever_came_before(polled: Polled) -> None:
    # The first new connection still goes to the old address.
    polled.page.evaluate(FIREFOX)
    while len(polls := polled.page.evaluate("window.looks")) < 3:
        polled.wait(1)
    assert polls[2] - polls[1] < 30_000, "the third request is of the next poll"


def test_a_hidden_page_does_not_ask_and_asks_at_once_when_it_is_seen_again(polled: Polled) -> None:
    polled.page.evaluate(HIDE, True)
    assert polled.wait(300) == 0
    polled.page.evaluate(HIDE, False)
    assert polled.wait(1) > 0


def test_a_reader_can_stop_it_and_start_it_again(polled: Polled) -> None:
    polled.page.get_by_role("button", name="Stop checking").click()
    assert polled.wait(300) == 0
    assert polled.page.get_by_role("status").inner_text() == "Automatic checking is off."
    polled.page.get_by_role("button", name="Check automatically").click()
    assert polled.wait(60) > 0


@pytest.mark.parametrize(
    ("status", "marked"), [(503, True), (200, True), (500, False), (502, False), (503, False), (504, False)]
)
def test_neither_the_edge_nor_an_error_of_the_server_is_taken_for_recovery(
    polled: Polled, status: int, marked: bool
) -> None:
    polled.status, polled.marked = status, marked
    assert polled.wait(60) > 0
    assert polled.loads == 1


@pytest.mark.parametrize("status", [200, 302, 401, 404, 405, 501])
def test_whatever_else_the_server_says_the_page_is_loaded_again(polled: Polled, status: int) -> None:
    polled.status, polled.marked = status, False
    with polled.page.expect_navigation():
        polled.wait(60)
    assert polled.loads >= 2


def test_no_reload_while_a_connection_still_leads_to_the_edge(polled: Polled) -> None:
    # The reload may take that connection, and bring the page back.
    polled.mixed = True
    assert polled.wait(120) > 0
    assert polled.loads == 1


def test_a_reload_that_brings_the_page_back_is_repeated_only_after_minutes(polled: Polled) -> None:
    polled.marked, polled.status = False, 200
    with polled.page.expect_navigation():
        polled.wait(60)
    polled.marked, polled.status = True, 503
    assert polled.page.get_by_role("status").inner_text() != "Automatic checking is off."
    assert polled.wait(250) == 0
    assert polled.wait(120) > 0
