"""What programs do with Retry-After in planned work: `python -m benchmarks.retry_after --before REVISION --got FOLDER`.

Needs root, iproute2, curl, pip, npm, Debian's apt, and a folder in which `npm install got` was run. Two scenes, each
with the edge functions of both revisions, in real time and side by side: the last minute of a window, with a server
that is back after 5 s; and a window of two hours. Writes retry_after.md; takes about eleven minutes.
"""

import argparse
import io
import json
import os
import subprocess
import sys
import tarfile
import tempfile
import threading
import time
import zipfile
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from itertools import pairwise
from pathlib import Path

from benchmarks.fail_back import HERE, ROOT, World, network

PROGRAMS, WORLD = "retry-programs", "retry-world"
"""Network namespaces."""
SCENES = ("end", "long")
BACK_SECONDS = 5
LIMIT_SECONDS = 640
"""A little more than the ten minutes that a program waits at most."""
FUNCTIONS = """
import json, pathlib, sys
from understudy_failover.page import edge_function
from understudy_failover.settings import load
settings = load(next(filter(pathlib.Path.is_file, map(pathlib.Path, ("tests/sample/failover.toml", "failover.toml")))))
print(json.dumps({name: edge_function(name, settings) for name in ("viewer-request.js", "viewer-response.js")}))
"""
GOT = "import got from 'got'; console.log(await got(process.argv[1], {retry: {limit: 3}}).text())"


def command(client: str, host: str, folder: Path) -> list[str]:
    """A program that asks the host, told to try again."""
    url = f"http://{host}/file"
    index = ["--index-url", f"http://{host}/simple/", "--trusted-host", host]
    return {
        "curl --retry 3": ["curl", "--silent", "--show-error", "--retry", "3", url],
        "curl --fail --retry 3": ["curl", "--silent", "--show-error", "--fail", "--retry", "3", url],
        "pip": [sys.executable, "-m", "pip", "download", "--no-deps", "--no-cache-dir", "--quiet", *index, "thing"],
        "got": ["node", "--input-type=module", "-e", GOT, url],
        "apt": ["/usr/lib/apt/apt-helper", "download-file", url, str(folder / "file"), "-o", "Acquire::Retries=3"],
        "npm": ["npm", "view", "thing", "version", "--registry", f"http://{host}/", "--cache", str(folder / "npm")],
    }[client]


CLIENTS = ("curl --retry 3", "curl --fail --retry 3", "pip", "got", "apt", "npm")


@dataclass(frozen=True)
class Seen:
    """One program in one scene."""

    client: str
    scene: str
    revision: str
    seconds: float | None
    """Until it ended; None where it did not within the limit."""
    waits: list[float]
    """Between its requests to the edge."""
    told: str
    """The first Retry-After."""
    came_through: bool

    @property
    def outcome(self) -> str:
        """In words."""
        if self.scene == "long":
            first = (
                f"{self.waits[0]:.0f} s" if self.waits else f"more than {LIMIT_SECONDS} s" if not self.seconds else "–"
            )
            return f"{self.told} → {first}"
        end = "the server" if self.came_through else "**the page**"
        after = f" after {self.seconds:.0f} s" if self.seconds else f": not within {LIMIT_SECONDS} s"
        return f"{self.told} → {end}{after}"


def play(client: str, scene: str, revision: str, world: World, got: Path) -> Seen:
    """Run one program."""
    host = f"{''.join(filter(str.isalpha, client))}.{scene}.{revision}.test"
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        began = time.monotonic()
        if scene == "end":
            threading.Thread(target=bring_back, args=(host, world), daemon=True).start()
        hidden = {name: value for name, value in os.environ.items() if "proxy" not in name.lower()}
        where = got if client == "got" else folder
        with (folder / "out").open("wb") as output:
            process = subprocess.Popen(
                command(client, host, folder), cwd=where, env=hidden, stdout=output, stderr=output
            )
            try:
                process.wait(LIMIT_SECONDS)
                seconds: float | None = time.monotonic() - began
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
                seconds = None
    own = [event for event in world.events if event.get("host") == host]
    edge = [event for event in own if event["kind"] == "edge"]
    waits = [later["at"] - earlier["at"] for earlier, later in pairwise(edge)]
    told = edge[0]["retry_after"] if edge else "not asked"
    through = any(event["kind"] == "server" for event in own)
    return Seen(client, scene, revision, seconds, waits, told, through)


def bring_back(host: str, world: World) -> None:
    """Lead the name to the server, a little after the host was first asked."""
    while not any(event["kind"] == "edge" and event["host"] == host for event in list(world.events)):
        time.sleep(0.2)
    time.sleep(BACK_SECONDS)
    world.flip(host)


def functions(revision: str | None) -> dict[str, str]:
    """The edge functions of a revision, or of this tree."""
    with tempfile.TemporaryDirectory() as folder:
        where = ROOT
        if revision:
            packed = subprocess.run(["git", "archive", revision], cwd=ROOT, capture_output=True, check=True).stdout
            with tarfile.open(fileobj=io.BytesIO(packed)) as archive:
                archive.extractall(folder, filter="data")
            where = Path(folder)
        done = subprocess.run([sys.executable, "-c", FUNCTIONS], cwd=where, capture_output=True, text=True, check=True)
        found: dict[str, str] = json.loads(done.stdout)
        return found


def write_files(folder: Path, before: str) -> None:
    """Write what the servers need."""
    codes = {"before": functions(before), "after": functions(None)}
    (folder / "functions.json").write_text(json.dumps(codes), encoding="utf-8")
    with zipfile.ZipFile(folder / "thing-1.0-py3-none-any.whl", "w") as wheel:
        wheel.writestr("thing.py", "")
        wheel.writestr("thing-1.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: thing\nVersion: 1.0\n")
        wheel.writestr("thing-1.0.dist-info/WHEEL", "Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
        wheel.writestr("thing-1.0.dist-info/RECORD", "")


def versions(got: Path) -> str:
    """The programs that ran."""
    commands = (["curl", "--version"], [sys.executable, "-m", "pip", "--version"], ["apt", "--version"])
    said = [" ".join(subprocess.check_output(one, text=True).split()[:2]) for one in commands]
    package = json.loads((got / "node_modules" / "got" / "package.json").read_text("utf-8"))
    npm = subprocess.check_output(["npm", "--version"], text=True).strip()
    return ", ".join([*said, f"npm {npm}", f"got {package['version']}"])


def report(seen: list[Seen], got: Path) -> str:
    """The page."""
    by_key = {(one.client, one.scene, one.revision): one.outcome for one in seen}
    keys = [(scene, revision) for scene in ("end", "long") for revision in ("before", "after")]
    rows = [" | ".join([client, *(by_key[client, *key] for key in keys)]) for client in CLIENTS]
    table = "\n".join(f"| {row} |" for row in rows)
    return f"""# Programs and Retry-After in planned work

<!-- Written by `python -m benchmarks.retry_after`. -->

{datetime.now(UTC):%Y-%m-%d}; {versions(got)}.
Real time; own DNS with a TTL of 1 s, so that no resolver plays a part; the edge never closes a connection. Before and
after in one run.

*Last minute*: planned work ends in a minute, and the name leads to the server {BACK_SECONDS} s after the first request.
Shown are the first `Retry-After` and where the program ends. *Two hours left*: the name stays, shown are the
first `Retry-After` and how long the program waits, in silence, before it asks again ("–": it does not ask again).

| program | last minute, before | after | two hours left, before | after |
|---|---|---|---|---|
{table}

`curl --retry` needs 120 s: libcurl leaves a connection that was idle for 118 s. Told less, it comes back on the same
connection to the page, which by then has another 120 s to say. apt and npm do not read the header; pip keeps its
connection however long it waits (urllib3 has no limit), so no value of the header leads it back.
"""


def main() -> None:
    """Build the network, run this program again inside it, remove it."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--before", required=True, metavar="REVISION")
    parser.add_argument("--got", required=True, type=Path, metavar="FOLDER", help="where `npm install got` was run")
    parser.add_argument("--inside", type=Path, help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if not arguments.inside:
        with network(PROGRAMS, WORLD), tempfile.TemporaryDirectory() as folder:
            write_files(Path(folder), arguments.before)
            again = ["ip", "netns", "exec", PROGRAMS, sys.executable, "-m", "benchmarks.retry_after", *sys.argv[1:]]
            raise SystemExit(subprocess.run([*again, "--inside", folder], check=False, cwd=ROOT).returncode)
    serve = ["ip", "netns", "exec", WORLD, sys.executable, "-m", "benchmarks.retry_after_servers"]
    with subprocess.Popen(
        [*serve, str(arguments.inside)], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=ROOT
    ) as process:
        world = World(process)
        scenes = [
            (client, scene, revision) for client in CLIENTS for scene in SCENES for revision in ("before", "after")
        ]
        with ThreadPoolExecutor(len(scenes)) as workers:
            seen = list(workers.map(lambda one: play(one[0], one[1], one[2], world, arguments.got.resolve()), scenes))
        process.terminate()
    text = report(seen, arguments.got)
    (HERE / "retry_after.md").write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
