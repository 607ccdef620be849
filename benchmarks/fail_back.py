"""Seconds from the DNS flip to the site in real browsers: `python -m benchmarks.fail_back --before REVISION`.

Needs root, iproute2, and Debian's chromium, firefox-esr, webkit2gtk-driver and xvfb. Two network namespaces: browsers
on their normal resolver path in one; DNS, an edge (HTTP/1.1 alone) and a server in the other. Every tab has a host
name of its own, so all of them run side by side, in real time. Writes fail_back.md; takes a quarter of an hour.
"""

import argparse
import contextlib
import json
import os
import random
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

import trustme
from playwright.sync_api import Page as ChromiumPage, sync_playwright

from benchmarks.fail_back_servers import DNS, EDGE, SERVER
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
OPENING_SECONDS = 60.0
LIMIT_SECONDS = {"Chromium": 240, "Firefox": 240, "WebKitGTK": 420}
FLIP_SECONDS = {"Chromium": (120, 200), "Firefox": (120, 200), "WebKitGTK": (30, 335)}
"""After a tab was opened, at random: the phase of polls and of the browser's own cache is any."""


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
    """One tab, and the moments of its events, in seconds from the start; it flips when its name leads back."""

    engine: str
    variant: str
    is_background: bool
    host: str
    opens: float
    flips: float
    hides: float = 0.0
    shows: float = 0.0

    @property
    def group(self) -> tuple[str, str, bool]:
        return (self.engine, self.variant, self.is_background)


def plan(variants: Sequence[str], counts: dict[str, tuple[int, int]], chance: random.Random) -> list[Run]:
    """All tabs; `counts` has foreground and background tabs of each engine and variant."""
    runs = []
    for engine, (foreground, background) in counts.items():
        for variant in variants:
            for number in range(foreground + background):
                host = f"{variant}-{engine.lower()}-{number}.tabs.test"
                opens = chance.uniform(0, OPENING_SECONDS)
                if number < foreground:
                    runs.append(Run(engine, variant, False, host, opens, opens + chance.uniform(*FLIP_SECONDS[engine])))
                    continue
                # Hidden for longer than the engine keeps an address.
                flips = opens + 110
                shows = opens + 370 if engine == "WebKitGTK" else flips + chance.uniform(20, 100)
                runs.append(Run(engine, variant, True, host, opens, flips, opens + 40, shows))
    return runs


class World:
    """The servers' process and what they reported."""

    def __init__(self, process: "subprocess.Popen[str]") -> None:
        self._process = process
        self._lock = threading.Lock()
        self.events: list[dict[str, Any]] = []
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


ENGINES = {"Chromium": chromium_tabs, "Firefox": firefox_tabs, "WebKitGTK": webkit_tabs}


def play(engine: str, runs: Sequence[Run], folder: Path, world: World, started: float) -> None:
    """Do everything that the tabs of one engine are to do, each at its moment."""
    with ENGINES[engine](folder) as new_tab:
        tabs: dict[str, Tab] = {}

        def begin(run: Run) -> None:
            tabs[run.host] = new_tab()
            tabs[run.host].open(f"https://{run.host}/")

        def hide(run: Run, hidden: bool) -> None:
            tabs[run.host].evaluate(f"({HIDE})({json.dumps(hidden)})")
            if not hidden:
                world.events.append({"at": time.monotonic(), "kind": "shown", "host": run.host})

        steps: list[tuple[float, str, Callable[[], None]]] = []
        for run in runs:
            steps.append((run.opens, run.host, lambda run=run: begin(run)))  # type: ignore[misc]
            steps.append((run.flips, run.host, lambda run=run: world.flip(run.host)))  # type: ignore[misc]
            if run.is_background:
                steps.append((run.hides, run.host, lambda run=run: hide(run, True)))  # type: ignore[misc]
                steps.append((run.shows, run.host, lambda run=run: hide(run, False)))  # type: ignore[misc]
        for moment, host, step in sorted(steps, key=lambda one: one[0]):
            time.sleep(max(0, started + moment - time.monotonic()))
            try:
                step()
            except Exception as error:
                print(f"{host}: {error}", file=sys.stderr)
                world.events.append({"at": time.monotonic(), "kind": "failed", "host": host})
        hosts = {run.host for run in runs}
        end = time.monotonic() + LIMIT_SECONDS[engine]
        while time.monotonic() < end and not hosts <= {
            event["host"] for event in world.events if event["kind"] == "server" and event["method"] == "GET"
        }:
            time.sleep(1)


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
    """What came of each tab."""
    found = []
    for run in runs:
        own = [event for event in events if event.get("host") == run.host]
        if any(event["kind"] == "failed" for event in own):
            continue
        moments = {
            "flip": next(event["at"] for event in own if event["kind"] == "flip"),
            "shown": next((event["at"] for event in own if event["kind"] == "shown"), 0.0),
        }
        edge = [event["at"] for event in own if event["kind"] == "edge"]
        site = next((e["at"] for e in own if e["kind"] == "server" and e["method"] == "GET"), None)
        lookup = next((e["at"] for e in own if e["kind"] == "dns" and e["leads_to"] == "server"), None)
        since = moments["shown"] if run.is_background else moments["flip"]
        before = [at for at in edge if at < moments["flip"]]
        found.append(
            Result(
                run,
                None if site is None else site - since,
                None if lookup is None else lookup - moments["flip"],
                60 * (len(before) - 1) / (moments["flip"] - edge[0]),
            )
        )
    return found


def _quantile(seconds: Sequence[float | None], share: float) -> str:
    """By nearest rank; those that never came are the longest."""
    ranked = sorted(float("inf") if one is None else one for one in seconds)
    value = ranked[max(0, -(-len(ranked) * share // 1).__trunc__() - 1)]
    return "never" if value == float("inf") else f"{value:.0f}"


def table(found: Sequence[Result], *, background: bool) -> str:
    """One row for each engine and variant."""
    lines = []
    groups = sorted({one.run.group for one in found if one.run.is_background is background})
    for group in sorted(groups, key=lambda group: (group[0], group[1] != "before", group[1])):
        own = [one for one in found if one.run.group == group]
        sites = [one.site for one in own]
        lookups = [one.lookup for one in own]
        cells = [group[0], group[1], str(len(own)), *(_quantile(sites, share) for share in (0.5, 0.95, 1))]
        cells.append(str(sites.count(None)))
        if not background:
            cells += [_quantile(lookups, 0.5), _quantile(lookups, 0.95)]
            cells.append(f"{sum(one.asked_per_minute for one in own) / len(own):.1f}")
        lines.append(f"| {' | '.join(cells)} |")
    return "\n".join(lines)


def measure(folder: Path, variants: Sequence[str], counts: dict[str, tuple[int, int]]) -> list[Result]:
    """Run all tabs; this process is in the browsers' namespace."""
    runs = plan(variants, counts, random.Random(20))  # noqa: S311 (the same plan every time)
    command = ["ip", "netns", "exec", WORLD, sys.executable, "-m", "benchmarks.fail_back_servers", str(folder)]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT) as process:
        world = World(process)
        started = time.monotonic() + 10
        threads = []
        for engine in counts:
            own = [run for run in runs if run.engine == engine]
            threads.append(threading.Thread(target=play, args=(engine, own, folder, world, started)))
            threads[-1].start()
        for thread in threads:
            thread.join()
        process.terminate()
    (HERE.parent / "test-results").mkdir(exist_ok=True)
    (HERE.parent / "test-results" / "fail_back.json").write_text(json.dumps(world.events), encoding="utf-8")
    return results(runs, world.events)


def versions() -> str:
    """Return the packages of the browsers that ran."""
    packages = ["chromium", "firefox-esr", "webkit2gtk-driver"]
    command = ["dpkg-query", "--show", "--showformat=${Package} ${Version}, ", *packages]
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout.removesuffix(", ")


def report(found: Sequence[Result], seconds: float, load_average: float) -> str:
    """The page."""
    return f"""# Fail-back in three browsers

<!-- Written by `python -m benchmarks.fail_back`. -->

{datetime.now(UTC):%Y-%m-%d}; {versions()}.
Real time, no proxy, own DNS (TTL 60 s, as aliases to CloudFront have) in a network namespace. The edge speaks HTTP/1.1
and never closes a connection. Each tab's name flips at a random moment, so the phase of polls and of the browser's own
DNS cache is any. Before and after in one run ({seconds / 60:.0f} minutes; {os.cpu_count()} processors with a load of
{load_average:.0f}). Seconds; 95 % by nearest rank.

## Tab in the foreground: from the flip to the site

| browser | page | tabs | median | 95 % | longest | never | first lookup: median | 95 % | requests a minute |
|---|---|---|---|---|---|---|---|---|---|
{table(found, background=False)}

*Never*: not within {LIMIT_SECONDS["Chromium"]} s, WebKitGTK {LIMIT_SECONDS["WebKitGTK"]} s. *First lookup*: the first
question of this browser that DNS answers with the server's address; no page can come back before.

**What cannot be cured.** Chromium and Firefox keep an address for 60 s, whatever its TTL and whatever a page asks
(tried: every cache mode of `fetch`, and a page that reloads itself; no question to DNS within 60 s). A name that flips
at a random moment is therefore first looked up 30 s later at the median and 57 s at 95 %, at the best. The page's two
gaps of 30.6 s are that best. WebKitGTK keeps an address until 5 minutes after the last connection to it.
And an abort has to reach the browser's network process within a round trip, here 20 ms: on a machine with many more
runnable processes than processors it often does not, in Firefox above all, and the next poll is 30 s later.

## Tab in the background: from when it is shown to the site

| browser | page | tabs | median | 95 % | longest | never |
|---|---|---|---|---|---|---|
{table(found, background=True)}

A background tab does not ask. These were hidden 70 s (WebKitGTK 330 s) or longer before they were shown.
"""


def main() -> None:
    """Build the network, run this program again inside it, remove it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--before", metavar="REVISION", help="whose page.js is measured beside that of this tree")
    parser.add_argument("--script", action="append", default=[], metavar="NAME=FILE", help="measure this page.js too")
    parser.add_argument(
        "--tabs", default="32+10", metavar="N+N", help="Chromium's and Firefox's, and in the background"
    )
    parser.add_argument("--webkit", default="8+3", metavar="N+N", help="of WebKitGTK")
    parser.add_argument("--engines", default=",".join(ENGINES), metavar="NAME,NAME")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--output", type=Path, default=HERE / "fail_back.md")
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
    counts = {}
    for engine in arguments.engines.split(","):
        wanted = arguments.webkit if engine == "WebKitGTK" else arguments.tabs
        foreground, _, background = wanted.partition("+")
        counts[engine] = (int(foreground), int(background or 0))
    began = time.monotonic()
    found = measure(arguments.inside, list(scripts), counts)
    text = report(found, time.monotonic() - began, os.getloadavg()[2])
    arguments.output.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
