"""Chromium, Firefox and WebKitGTK behind one interface, for tests of what has to hold in all of them.

A test that asks for the fixture `engine` (conftest.py) runs in Chromium, and with `-m release` in the two others.
"""

import contextlib
import os
import shutil
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol

from playwright.sync_api import ConsoleMessage, Page, sync_playwright

from tests.maintenance_site.browser.chromium import ARGUMENTS, executable, public_key_digest
from tests.maintenance_site.browser.firefox import NAMES as FIREFOX_NAMES, firefox
from tests.maintenance_site.browser.webkit import minibrowser, webkit, xvfb
from tests.real_tools import missing

EngineName = Literal["chromium", "firefox", "webkit"]
Scheme = Literal["light", "dark"]
TIME_ZONE = "Asia/Tokyo"
"""Of every browser."""
SAID_OF_THE_503 = "Failed to load resource: the server responded with a status of 503"
"""Chromium says it of every 503, the page's own; everything else that a console says is a fault."""


class Tab(Protocol):
    """An open tab."""

    def open(self, url: str, *, wait: bool = True) -> None: ...
    def evaluate(self, expression: str) -> Any: ...
    def click(self, selector: str) -> None: ...
    def type_text(self, selector: str, text: str) -> None: ...
    def resize(self, width: int, height: int) -> None: ...
    def screenshot(self, path: Path) -> None: ...

    def said(self) -> list[str]: ...


class ChromiumTab:
    """A page of Playwright."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._said: list[str] = []
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self._said.append(str(error)))

    def _hear(self, message: ConsoleMessage) -> None:
        if not message.text.startswith(SAID_OF_THE_503):
            self._said.append(message.text)

    def open(self, url: str, *, wait: bool = True) -> None:
        self._page.goto(url, wait_until="load" if wait else "commit")

    def evaluate(self, expression: str) -> Any:
        return self._page.evaluate(f"async () => await ({expression})")

    def click(self, selector: str) -> None:
        self._page.click(selector)

    def type_text(self, selector: str, text: str) -> None:
        self._page.locator(selector).press_sequentially(text)

    def resize(self, width: int, height: int) -> None:
        self._page.set_viewport_size({"width": width, "height": height})

    def screenshot(self, path: Path) -> None:
        self._page.screenshot(path=path)

    def said(self) -> list[str]:
        return self._said


class Engine(Protocol):
    """A kind of browser; each `tab` is a browser of its own, with a profile that knows nothing."""

    @property
    def name(self) -> EngineName: ...

    def tab(self, scheme: Scheme = ...) -> contextlib.AbstractContextManager[Tab]: ...


@dataclass(frozen=True)
class _Chromium:
    gateway: tuple[str, int]
    certificate_pem: str
    name: EngineName = "chromium"

    @contextlib.contextmanager
    def tab(self, scheme: Scheme = "light") -> Iterator[Tab]:
        arguments = [*ARGUMENTS, f"--ignore-certificate-errors-spki-list={public_key_digest(self.certificate_pem)}"]
        if os.geteuid() == 0:
            arguments.append("--no-sandbox")
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(
                executable_path=executable(),
                args=arguments,
                proxy={"server": "http://{}:{}".format(*self.gateway)},
                # Back and forward as readers have them: Playwright switches the cache off.
                ignore_default_args=["--disable-back-forward-cache"],
            )
            try:
                context = browser.new_context(timezone_id=TIME_ZONE, color_scheme=scheme)
                yield ChromiumTab(context.new_page())
            finally:
                browser.close()


@dataclass(frozen=True)
class _Firefox:
    gateway: tuple[str, int]
    name: EngineName = "firefox"

    @contextlib.contextmanager
    def tab(self, scheme: Scheme = "light") -> Iterator[Tab]:
        preferences: Mapping[str, bool | int | str] = {
            "layout.css.prefers-color-scheme.content-override": 0 if scheme == "dark" else 1
        }
        path = next(filter(None, map(shutil.which, FIREFOX_NAMES)))
        environment = os.environ | {"TZ": TIME_ZONE}
        with firefox(path, proxy=self.gateway, preferences=preferences, environment=environment) as running:
            yield running.new_tab()


@dataclass(frozen=True)
class _WebKit:
    gateway: tuple[str, int]
    name: EngineName = "webkit"

    @contextlib.contextmanager
    def tab(self, scheme: Scheme = "light") -> Iterator[Tab]:
        with xvfb() as display:
            environment = {
                "DISPLAY": display,
                "TZ": TIME_ZONE,
                "GTK_THEME": "Adwaita:dark" if scheme == "dark" else "Adwaita",
            }
            with webkit(proxy=self.gateway, environment=environment) as running:
                yield running.new_tab()


def engine(name: EngineName, gateway: tuple[str, int], certificate_pem: str) -> Engine:
    """Return a kind of browser whose every name leads to `gateway`, or skip or fail where it is not installed."""
    if name == "firefox":
        if not any(map(shutil.which, FIREFOX_NAMES)):
            missing("Firefox is not installed (Debian: apt install firefox-esr)")
        return _Firefox(gateway)
    if name == "webkit":
        if not (shutil.which("WebKitWebDriver") and minibrowser() and shutil.which("Xvfb")):
            missing("WebKitGTK is not installed (Debian: apt install webkit2gtk-driver xvfb)")
        return _WebKit(gateway)
    return _Chromium(gateway, certificate_pem)
