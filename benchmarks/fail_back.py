"""Seconds from the DNS flip to the site in real browsers: `python -m benchmarks.fail_back --before REVISION`.

Needs root, iproute2, and Debian's chromium, firefox-esr, webkit2gtk-driver and xvfb. Two network namespaces: browsers
on their normal resolver path in one; DNS, an edge (HTTP/1.1 only) and a server in the other. Every tab has its own
host name, so that tabs run side by side, in real time, at most ten at once. Takes an hour. Writes what it measured
into fail_back.json, where browsers that did not run keep their figures, and fail_back.md from it.
"""

import argparse
import contextlib
import json
import os
import random
import signal
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from math import ceil
from pathlib import Path
from typing import Any, Protocol

import trustme
from playwright.sync_api import Page as ChromiumPage, sync_playwright

from benchmarks.fail_back_page import AT_ONCE, LIMIT_SECONDS, PRIORITY, SHARES, write
from benchmarks.fail_back_servers import DNS, EDGE, IMAGE, SERVER
from tests.maintenance_site.browser.chromium import executable, public_key_digest
from tests.maintenance_site.browser.firefox import firefox
from tests.maintenance_site.browser.webkit import webkit, xvfb
from understudy_failover.page import html, response_headers
from understudy_failover.page.page import digest, script, smaller_javascript
from understudy_failover.settings import load

HERE = Path(__file__).parent
ROOT = HERE.parent
BROWSERS, WORLD = "fail-back-browsers", "fail-back-world"
"""Network namespaces."""
HIDE = """hidden => {
    Object.defineProperty(document, 'hidden', { configurable: true, get: () => hidden });
    document.dispatchEvent(new Event('visibilitychange'));
}"""
FLIP_SECONDS = {"Chromium": (70, 131), "Firefox": (70, 131), "WebKitGTK": (30, 335)}
"""From opening the tab to the flip, at random: as wide as the browser keeps an address, so every phase is as likely."""


class Tab(Protocol):
    """What the three engines have alike."""

    def open(self, url: str, *, wait: bool = True) -> None: ...
    def evaluate(self, expression: str) -> Any: ...


class ChromiumTab:
    """A page of Playwright."""

    def __init__(self, page: ChromiumPage) -> None:
        self._page = page

    def open(self, url: str, *, wait: bool = True) -> None:
        self._page.goto(url, wait_until="load" if wait else "commit")

    def evaluate(self, expression: str) -> Any:
        return self._page.evaluate(expression)


@dataclass
class Run:
    """One tab, and its events in seconds from opening it; it flips when its name leads back to the server."""

    engine: str
    variant: str
    is_background: bool
    host: str
    flips: float
    hides: float = 0.0
    shows: float = 0.0

    @property
    def group(self) -> tuple[str, str, bool]:
        return (self.engine, self.variant, self.is_background)


Counts = dict[tuple[str, str], tuple[int, int]]
"""Foreground and background tabs of each engine and variant."""


def plan(counts: Counts, chance: random.Random) -> list[Run]:
    """Return all tabs in random order."""
    runs = []
    for (engine, variant), (foreground, background) in counts.items():
        for number in range(foreground + background):
            host = f"{variant}-{engine.lower()}-{number}.tabs.test"
            if number < foreground:
                runs.append(Run(engine, variant, False, host, chance.uniform(*FLIP_SECONDS[engine])))
                continue
            # Hidden for longer than the engine keeps an address.
            shows = 370 if engine == "WebKitGTK" else 110 + chance.uniform(20, 100)
            runs.append(Run(engine, variant, True, host, 110, 40, shows))
    chance.shuffle(runs)
    return runs


def is_arrival(event: dict[str, Any]) -> bool:
    """Return whether a tab loads the site's image: a poll loads none, so that the tab shows the site."""
    return event["kind"] in ("edge", "server") and event["path"] == IMAGE


class World:
    """The servers' process and what they reported."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._lock = threading.Lock()
        self.events: list[dict[str, Any]] = []
        self.arrived: set[str] = set()
        """Hosts whose tab shows the site."""
        self._ready = threading.Event()
        threading.Thread(target=self._read, daemon=True).start()
        if not self._ready.wait(20):
            raise RuntimeError("the servers did not start")

    def _read(self) -> None:
        assert self._process.stdout
        for line in self._process.stdout:
            event = json.loads(line)
            self.events.append(event)
            if event["kind"] == "ready":
                self._ready.set()
            elif is_arrival(event):
                self.arrived.add(event["host"])

    def flip(self, host: str) -> None:
        """The name leads to the server from now on."""
        assert self._process.stdin
        with self._lock:
            self._process.stdin.write(json.dumps({"flip": host}) + "\n")
            self._process.stdin.flush()


@contextlib.contextmanager
def network(browsers: str, world: str) -> Iterator[None]:
    """Two namespaces of these names with a cable between them; the first asks the second for names."""

    def ip(*words: str) -> None:
        subprocess.run(["ip", *words], check=True, capture_output=True)

    resolver = Path("/etc/netns") / browsers / "resolv.conf"
    resolver.parent.mkdir(parents=True, exist_ok=True)
    resolver.write_text(f"nameserver {DNS}\n", encoding="ascii")
    try:
        for name in (browsers, world):
            ip("netns", "add", name)
            ip("-n", name, "link", "set", "lo", "up")
        ip("-n", browsers, "link", "add", "tabs", "type", "veth", "peer", "name", "servers", "netns", world)
        ip("-n", browsers, "address", "add", "10.77.0.100/24", "dev", "tabs")
        for address in (DNS, EDGE, SERVER):
            ip("-n", world, "address", "add", f"{address}/24", "dev", "servers")
        ip("-n", browsers, "link", "set", "tabs", "up")
        ip("-n", world, "link", "set", "servers", "up")
        ip("-n", browsers, "route", "add", "default", "via", DNS)
        yield
    finally:
        for name in (browsers, world):
            command = ["ip", "netns", "pids", name]
            running = subprocess.run(command, capture_output=True, text=True, check=False).stdout.split()
            for process in running:
                os.kill(int(process), signal.SIGKILL)
            subprocess.run(["ip", "netns", "delete", name], check=False, capture_output=True)
        resolver.unlink()
        resolver.parent.rmdir()


def write_pages(folder: Path, scripts: dict[str, str]) -> None:
    """Write the certificate, and the product's page and headers with each of the scripts."""
    settings = load(ROOT / "tests" / "sample" / "failover.toml")
    pages = {}
    for name, text in scripts.items():
        own = html(settings.page, "en").replace(script(), text)
        headers = response_headers(settings)
        headers["content-security-policy"] = headers["content-security-policy"].replace(digest(script()), digest(text))
        pages[name] = {"headers": headers, "html": own}
    (folder / "pages.json").write_text(json.dumps(pages), encoding="utf-8")
    issued = trustme.CA().issue_cert("*.tabs.test")
    issued.cert_chain_pems[0].write_to_path(folder / "certificate.pem")
    issued.private_key_pem.write_to_path(folder / "key.pem")


@contextlib.contextmanager
def chromium_tabs(folder: Path) -> Iterator[Callable[[], Tab]]:
    """Chromium; all tabs in one profile, and all visible."""
    trusted = public_key_digest((folder / "certificate.pem").read_text("ascii"))
    arguments = [f"--ignore-certificate-errors-spki-list={trusted}", "--no-sandbox", "--disable-gpu"]
    arguments += ["--renderer-process-limit=6", "--disable-background-networking"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable(), args=arguments)
        context = browser.new_context(reduced_motion="reduce")
        yield lambda: ChromiumTab(context.new_page())
        browser.close()


@contextlib.contextmanager
def firefox_tabs(_: Path) -> Iterator[Callable[[], Tab]]:
    """Firefox; each tab is a window."""
    with firefox("firefox-esr", preferences={"ui.prefersReducedMotion": 1}) as running:
        yield running.new_tab


@contextlib.contextmanager
def webkit_tabs(_: Path) -> Iterator[Callable[[], Tab]]:
    """WebKitGTK; each tab is a window."""
    with xvfb() as display, webkit(environment={"DISPLAY": display}) as running:
        yield running.new_tab


PACKAGES = {"Chromium": "chromium", "Firefox": "firefox-esr", "WebKitGTK": "webkit2gtk-driver"}
ENGINES = {"Chromium": chromium_tabs, "Firefox": firefox_tabs, "WebKitGTK": webkit_tabs}


def play(engine: str, runs: Sequence[Run], folder: Path, world: World) -> None:
    """Open the tabs of one engine, some at a time, and do each tab's steps at their moments."""
    waiting = list(runs)
    running: dict[str, Tab] = {}
    ends: dict[str, float] = {}
    agenda: list[tuple[float, str, Callable[[], None]]] = []

    def hide(host: str, hidden: bool) -> None:
        running[host].evaluate(f"({HIDE})({json.dumps(hidden)})")
        if not hidden:
            world.events.append({"at": time.monotonic(), "kind": "shown", "host": host})

    def attempt(host: str, step: Callable[[], None]) -> None:
        try:
            step()
        except Exception as error:
            print(f"{host}: {error}", file=sys.stderr)
            world.events.append({"at": time.monotonic(), "kind": "failed", "host": host})
            ends[host] = 0

    def begin(run: Run, new_tab: Callable[[], Tab]) -> None:
        running[run.host] = new_tab()
        opened = time.monotonic()
        ends[run.host] = opened + max(run.flips, run.shows) + LIMIT_SECONDS[engine]
        attempt(run.host, lambda: running[run.host].open(f"https://{run.host}/"))
        agenda.append((opened + run.flips, run.host, lambda: world.flip(run.host)))
        if run.is_background:
            agenda.append((opened + run.hides, run.host, lambda: hide(run.host, True)))
            agenda.append((opened + run.shows, run.host, lambda: hide(run.host, False)))

    with ENGINES[engine](folder) as new_tab:
        next_opening = 0.0
        while waiting or running:
            now = time.monotonic()
            for step in sorted((step for step in agenda if step[0] <= now), key=lambda step: step[0]):
                agenda.remove(step)
                if step[1] in running:
                    attempt(*step[1:])
            for host in [host for host in running if host in world.arrived or now > ends[host]]:
                tab = running.pop(host)
                attempt(host, lambda tab=tab: tab.open("about:blank"))  # type: ignore[misc]
                print(
                    f"{host}: {'site' if host in world.arrived else 'never'}; {len(waiting)} to open", file=sys.stderr
                )
            if waiting and len(running) < AT_ONCE[engine] and now > next_opening:
                next_opening = now + 5
                begin(waiting.pop(0), new_tab)
            time.sleep(0.1)


@dataclass
class Result:
    """Seconds; None where the site did not come within the limit."""

    run: Run
    site: float | None
    """From the flip, or from when a background tab was shown."""
    lookup: float | None
    """From the flip to the first answer of DNS with the server's address."""
    asked_per_minute: float


def results(runs: Sequence[Run], events: Sequence[dict[str, Any]]) -> list[Result]:
    by_host: dict[str, list[dict[str, Any]]] = {}
    for event in events:
        by_host.setdefault(event.get("host", ""), []).append(event)
    measured = []
    for run in runs:
        own = by_host.get(run.host, [])
        flip = next((event["at"] for event in own if event["kind"] == "flip"), None)
        shown = next((event["at"] for event in own if event["kind"] == "shown"), None)
        since = shown if run.is_background else flip
        if flip is None or since is None or any(event["kind"] == "failed" for event in own):
            continue
        edge = [event["at"] for event in own if event["kind"] == "edge"]
        site = next((event["at"] for event in own if is_arrival(event)), None)
        lookup = next((e["at"] for e in own if e["kind"] == "dns" and e["leads_to"] == "server"), None)
        polls = [at for at in edge if at < flip]
        measured.append(
            Result(
                run,
                None if site is None else site - since,
                None if lookup is None else lookup - flip,
                60 * (len(polls) - 1) / (flip - edge[0]),
            )
        )
    return measured


def measure(folder: Path, counts: Counts) -> tuple[list[Result], list[float]]:
    """Return the results and the machine's loads; this process is in the browsers' namespace."""
    os.nice(PRIORITY)
    runs = plan(counts, random.Random(20))  # noqa: S311 (the same plan every time)
    command = ["ip", "netns", "exec", WORLD, sys.executable, "-m", "benchmarks.fail_back_servers", str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        world = World(process)
        threads = []
        for engine in dict.fromkeys(run.engine for run in runs):
            own = [run for run in runs if run.engine == engine]
            threads.append(threading.Thread(target=play, args=(engine, own, folder, world)))
            threads[-1].start()
        loads = []
        while any(thread.is_alive() for thread in threads):
            time.sleep(30)
            loads.append(os.getloadavg()[0])
            (ROOT / "test-results").mkdir(exist_ok=True)
            (ROOT / "test-results" / "fail_back.json").write_text(json.dumps(world.events[:]), encoding="utf-8")
        process.terminate()
    return results(runs, world.events), loads


def figures(measured: Sequence[Result], seconds: float, loads: Sequence[float]) -> dict[str, Any]:
    """Return what fail_back.json has of each browser of this run."""
    run = {
        "date": f"{datetime.now(UTC):%Y-%m-%d}",
        "page_js": digest(script()),
        "minutes": round(seconds / 60),
        "processors": os.cpu_count(),
        "loads": [round(load) for load in (min(loads), statistics.median(loads), max(loads))],
    }
    groups = sorted({result.run.group for result in measured})
    return {
        engine: {
            "version": version(PACKAGES[engine]),
            **run,
            "rows": [row(group, measured) for group in groups if group[0] == engine],
        }
        for engine in sorted({group[0] for group in groups})
    }


def version(package: str) -> str:
    command = ["dpkg-query", "--show", "--showformat=${Version}", package]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


def row(group: tuple[str, str, bool], measured: Sequence[Result]) -> dict[str, Any]:
    own = [result for result in measured if result.run.group == group]
    sites = [result.site for result in own]
    lookups = [result.lookup for result in own]
    return {
        "page": group[1],
        "background": group[2],
        "tabs": len(own),
        "seconds": [quantile(sites, share) for share in SHARES],
        "never": sites.count(None),
        "lookup_seconds": [quantile(lookups, share) for share in SHARES],
        "requests_per_minute": round(sum(result.asked_per_minute for result in own) / len(own), 1),
    }


def quantile(seconds: Sequence[float | None], share: float) -> int | None:
    """Return the quantile by nearest rank; None, never, is longer than every number."""
    ranked = sorted(float("inf") if value is None else value for value in seconds)
    value = ranked[max(0, ceil(len(ranked) * share) - 1)]
    return None if value == float("inf") else round(value)


def main() -> None:
    """Build the network, run this program again inside it, remove it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--before", metavar="REVISION", help="whose page.js is measured beside that of this tree")
    parser.add_argument("--script", action="append", default=[], metavar="NAME=FILE", help="measure this page.js too")
    parser.add_argument("--tabs", default="32+8", metavar="N+N", help="tabs of Chromium and of Firefox + in background")
    parser.add_argument("--tabs-others", default="12+4", metavar="N+N", help="the same for each other page.js")
    parser.add_argument("--webkit", default="30+5", metavar="N+N", help="tabs of WebKitGTK + in background")
    parser.add_argument("--webkit-others", default="2+1", metavar="N+N", help="the same for each other page.js")
    parser.add_argument("--engines", default=",".join(ENGINES), metavar="NAME,NAME")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    scripts = {"after": script()}
    if arguments.before:
        command = ["git", "show", f"{arguments.before}:maintenance_site/page.js"]
        text = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=True).stdout
        scripts["before"] = smaller_javascript(text)
    for named in arguments.script:
        name, _, file = named.partition("=")
        scripts[name] = smaller_javascript(Path(file).read_text("utf-8"))
    if not arguments.inside:
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # the network is removed then, too
        with network(BROWSERS, WORLD), tempfile.TemporaryDirectory() as folder:
            write_pages(Path(folder), scripts)
            command = ["ip", "netns", "exec", BROWSERS, sys.executable, "-m", "benchmarks.fail_back", *sys.argv[1:]]
            raise SystemExit(subprocess.run([*command, "--inside", folder], check=False, cwd=ROOT).returncode)
    counts: Counts = {}
    for engine in arguments.engines.split(","):
        own, others = (
            (arguments.webkit, arguments.webkit_others)
            if engine == "WebKitGTK"
            else (arguments.tabs, arguments.tabs_others)
        )
        for variant in scripts:
            foreground, _, background = (own if variant == "after" else others).partition("+")
            counts[engine, variant] = (int(foreground), int(background or 0))
    began = time.monotonic()
    measured, loads = measure(arguments.inside, counts)
    write(figures(measured, time.monotonic() - began, loads))


if __name__ == "__main__":
    main()
