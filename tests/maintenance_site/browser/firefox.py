"""Firefox from Debian's package `firefox-esr`, headless, driven by WebDriver BiDi."""

import base64
import contextlib
import json
import re
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from tests.maintenance_site.browser.bidi import BiDi

NAMES = ("firefox-esr", "firefox")
_PREFERENCES: Mapping[str, bool | int | str] = {
    # Otherwise the remote agent switches speculative connections off, which readers have.
    "remote.prefs.recommended": False,
    "app.normandy.enabled": False,
    "app.update.disabledForTesting": True,
    "browser.aboutwelcome.enabled": False,
    "browser.safebrowsing.malware.enabled": False,
    "browser.safebrowsing.phishing.enabled": False,
    "browser.shell.checkDefaultBrowser": False,
    "browser.startup.homepage_override.mstone": "ignore",
    "browser.startup.page": 0,
    "datareporting.policy.dataSubmissionEnabled": False,
    "dom.ipc.processPrelaunch.enabled": False,
    "extensions.update.enabled": False,
    "network.captive-portal-service.enabled": False,
    "network.connectivity-service.enabled": False,
    "network.proxy.allow_hijacking_localhost": True,
    "network.trr.mode": 5,
    "services.settings.server": "data:,#remote-settings-dummy/v1",
    "toolkit.telemetry.enabled": False,
}


class FirefoxTab:
    """A tab (`browsingContext`)."""

    def __init__(self, bidi: BiDi, context: str) -> None:
        self._bidi = bidi
        self.context = context

    def open(self, url: str, *, wait: bool = True) -> None:
        """Go to an address; without `wait`, return at once."""
        state = "complete" if wait else "none"
        self._bidi.command("browsingContext.navigate", context=self.context, url=url, wait=state)

    def evaluate(self, expression: str) -> Any:
        """Return the value of a JavaScript expression, awaited, by way of JSON."""
        answer = self._bidi.command(
            "script.evaluate",
            expression=f"(async () => JSON.stringify([await ({expression})]))()",
            target={"context": self.context},
            awaitPromise=True,
        )
        if answer["type"] == "exception":
            raise AssertionError(answer["exceptionDetails"]["text"])
        (value,) = json.loads(answer["result"]["value"])
        return value

    def click(self, selector: str) -> None:
        """Click as a reader does."""
        place = self.evaluate(
            f"(() => {{ const box = document.querySelector({json.dumps(selector)}).getBoundingClientRect();"
            "return [box.x + box.width / 2, box.y + box.height / 2] })()"
        )
        x, y = (int(value) for value in place)
        actions = [
            {"type": "pointerMove", "x": x, "y": y},
            {"type": "pointerDown", "button": 0},
            {"type": "pointerUp", "button": 0},
        ]
        mouse = {"type": "pointer", "id": "mouse", "actions": actions}
        self._bidi.command("input.performActions", context=self.context, actions=[mouse])

    def type_text(self, selector: str, text: str) -> None:
        """Type into a field as a reader does."""
        self.click(selector)
        actions = [{"type": kind, "value": key} for key in text for kind in ("keyDown", "keyUp")]
        keyboard = {"type": "key", "id": "keyboard", "actions": actions}
        self._bidi.command("input.performActions", context=self.context, actions=[keyboard])

    def resize(self, width: int, height: int) -> None:
        self._bidi.command(
            "browsingContext.setViewport", context=self.context, viewport={"width": width, "height": height}
        )

    def screenshot(self, path: Path) -> None:
        data = self._bidi.command("browsingContext.captureScreenshot", context=self.context)["data"]
        path.write_bytes(base64.b64decode(data))

    def said(self) -> list[str]:
        """Return what the page wrote to the console, or threw, so far."""
        self.evaluate("1")  # events before this answer are read
        return [event["params"].get("text") or "" for event in self._bidi.events if event["method"] == "log.entryAdded"]

    def close(self) -> None:
        self._bidi.command("browsingContext.close", context=self.context)


class Firefox:
    """A running Firefox with a profile of its own."""

    def __init__(self, bidi: BiDi) -> None:
        self.bidi = bidi

    def new_tab(self, *, kind: str = "window", user_context: str = "default") -> FirefoxTab:
        """Open a tab; each `window` is visible by itself."""
        created = self.bidi.command("browsingContext.create", type=kind, userContext=user_context)
        return FirefoxTab(self.bidi, created["context"])


@contextlib.contextmanager
def firefox(
    executable: str,
    *,
    proxy: tuple[str, int] | None = None,
    preferences: Mapping[str, bool | int | str] | None = None,
    environment: Mapping[str, str] | None = None,
    prefix: Sequence[str] = (),
) -> Iterator[Firefox]:
    """Run Firefox; `proxy` takes every name, certificates are not verified."""
    with tempfile.TemporaryDirectory(prefix="firefox-", ignore_cleanup_errors=True) as profile:
        wanted = {**_PREFERENCES, **(preferences or {})}
        lines = (f"user_pref({json.dumps(name)}, {json.dumps(value)});" for name, value in wanted.items())
        (Path(profile) / "user.js").write_text("\n".join(lines), encoding="utf-8")
        log = Path(profile) / "stderr"
        command = [*prefix, executable, "--headless", "--no-remote", "--profile", profile, "--remote-debugging-port=0"]
        with (
            log.open("wb") as output,
            subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=output, env=environment) as process,
        ):
            try:
                bidi = BiDi(_port(process, log))
                capabilities: dict[str, Any] = {"acceptInsecureCerts": True}
                if proxy:
                    address = "{}:{}".format(*proxy)
                    capabilities["proxy"] = {"proxyType": "manual", "httpProxy": address, "sslProxy": address}
                bidi.command("session.new", capabilities={"alwaysMatch": capabilities})
                bidi.command("session.subscribe", events=["log.entryAdded"])
                try:
                    yield Firefox(bidi)
                finally:
                    with contextlib.suppress(Exception):
                        bidi.command("browser.close")
                    bidi.close()
            finally:
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()


def _port(process: "subprocess.Popen[bytes]", log: Path) -> int:
    """The port in the line that Firefox writes as soon as it listens."""
    for _ in range(600):
        match = re.search(r"WebDriver BiDi listening on ws://127\.0\.0\.1:(\d+)", log.read_text("utf-8", "replace"))
        if match:
            return int(match[1])
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.1)
            break
    raise AssertionError(f"Firefox did not start: {log.read_text('utf-8', 'replace')[-2000:]}")
