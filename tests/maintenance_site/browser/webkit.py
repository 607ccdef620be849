"""WebKitGTK from Debian's package `webkit2gtk-driver`, under Xvfb, driven by its WebDriver.

https://www.w3.org/TR/webdriver2/
"""

import base64
import contextlib
import json
import os
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

_LIMIT_SECONDS = 120
_ELEMENT = "element-6066-11e4-a52e-4f735466cecf"
"""https://www.w3.org/TR/webdriver2/#elements"""


def minibrowser() -> str | None:
    """The browser that comes with the driver."""
    browsers = sorted(Path("/usr/lib").glob("*/webkit*gtk-4.*/MiniBrowser"))
    return str(browsers[-1]) if browsers else None


class WebDriver:
    """One session."""

    def __init__(self, port: int, capabilities: Mapping[str, Any]) -> None:
        self._opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
        self._base = f"http://127.0.0.1:{port}"
        session = self.ask("POST", "/session", {"capabilities": {"alwaysMatch": capabilities}})
        self._base += f"/session/{session['sessionId']}"

    def ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        """Return the value of the answer to a command."""
        data = json.dumps(body or {}).encode() if method == "POST" else None
        request = urllib.request.Request(self._base + path, data, method=method)
        try:
            with self._opener.open(request, timeout=_LIMIT_SECONDS) as answer:
                return json.load(answer)["value"]
        except urllib.error.HTTPError as error:
            raise AssertionError(f"{method} {path}: {error.read().decode()[:500]}") from None


class WebKitTab:
    """A window of the session; each call makes it the current one."""

    def __init__(self, driver: WebDriver, handle: str) -> None:
        self._driver = driver
        self.handle = handle

    def _ask(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        self._driver.ask("POST", "/window", {"handle": self.handle})
        return self._driver.ask(method, path, body)

    def open(self, url: str, *, wait: bool = True) -> None:
        """Go to an address; without `wait`, return at once."""
        if wait:
            self._ask("POST", "/url", {"url": url})
        else:
            self.evaluate(f"void setTimeout(() => location.assign({json.dumps(url)}))")

    def evaluate(self, expression: str) -> Any:
        """Return the value of a JavaScript expression, awaited, by way of JSON."""
        script = (
            "const done = arguments[arguments.length - 1];"
            f"(async () => JSON.stringify([await ({expression})]))().then(done, (error) => done('!' + error))"
        )
        answer = self._ask("POST", "/execute/async", {"script": script, "args": []})
        assert answer[0] != "!", answer
        (value,) = json.loads(answer)
        return value

    def click(self, selector: str) -> None:
        """Click as a reader does."""
        self._ask("POST", f"/element/{self._element(selector)}/click")

    def type_text(self, selector: str, text: str) -> None:
        """Type into a field as a reader does."""
        self._ask("POST", f"/element/{self._element(selector)}/value", {"text": text})

    def _element(self, selector: str) -> str:
        element: str = self._ask("POST", "/element", {"using": "css selector", "value": selector})[_ELEMENT]
        return element

    def resize(self, width: int, height: int) -> None:
        """Resize the window; it never gets narrower than about 450 px."""
        self._ask("POST", "/window/rect", {"width": width, "height": height})

    def screenshot(self, path: Path) -> None:
        path.write_bytes(base64.b64decode(self._ask("GET", "/screenshot")))

    def said(self) -> list[str]:
        """Nothing: the driver shows no console."""
        return []

    def close(self) -> None:
        self._ask("DELETE", "/window")


class WebKit:
    """A running MiniBrowser."""

    def __init__(self, driver: WebDriver) -> None:
        self._driver = driver
        self._first: str | None = driver.ask("GET", "/window")

    def new_tab(self) -> WebKitTab:
        """Open a window; each is visible by itself."""
        handle, self._first = self._first, None
        return WebKitTab(self._driver, handle or self._driver.ask("POST", "/window/new", {"type": "window"})["handle"])


@contextlib.contextmanager
def xvfb() -> Iterator[str]:
    """Run an X server; return the name of its display."""
    reading, writing = os.pipe()
    command = ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1400x1200x24", "-nolisten", "tcp"]
    with subprocess.Popen(command, pass_fds=[writing], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        os.close(writing)
        try:
            with os.fdopen(reading) as pipe:
                yield f":{pipe.readline().strip()}"
        finally:
            process.terminate()


@contextlib.contextmanager
def webkit(*, proxy: tuple[str, int] | None = None, environment: Mapping[str, str] | None = None) -> Iterator[WebKit]:
    """Run WebKitGTK; `proxy` takes every name, certificates are not verified. `environment` has DISPLAY."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    # Not WebDriver's capability `proxy`: for HTTPS that one asks the proxy itself over TLS.
    through = ["--proxy=http://{}:{}".format(*proxy)] if proxy else []
    options = {"binary": minibrowser(), "args": ["--automation", *through]}
    capabilities: dict[str, Any] = {"acceptInsecureCerts": True, "webkitgtk:browserOptions": options}
    command = ["WebKitWebDriver", f"--port={port}", "--host=127.0.0.1"]
    # A session's D-Bus or portals are of no use here, and cost seconds of waiting.
    whole = {**os.environ, "GTK_USE_PORTAL": "0", "NO_AT_BRIDGE": "1", "GTK_A11Y": "none", **(environment or {})}
    with subprocess.Popen(
        command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=whole, start_new_session=True
    ) as process:
        try:
            driver = _session(port, capabilities)
            try:
                yield WebKit(driver)
            finally:
                with contextlib.suppress(Exception):
                    driver.ask("DELETE", "")
        finally:
            process.terminate()


def _session(port: int, capabilities: Mapping[str, Any]) -> WebDriver:
    for _ in range(100):
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        except OSError:
            time.sleep(0.1)
    return WebDriver(port, capabilities)
