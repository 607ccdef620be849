"""Whether a rehearsal is correct on a busy machine: `python -m benchmarks.busy_rehearsals [--runs 20]`.

Runs `understudy rehearse` repeatedly beside busy loops, and counts exit codes: each has to be 0. With `--starved`
(Linux) one rehearsal gets almost no CPU from the first outage on, and has to end with the exit code for a slow machine.
Adds rows to benchmarks/busy_rehearsals.md.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

from understudy_failover.rehearsal.command import TOO_SLOW

ROOT = Path(__file__).resolve().parent.parent
PAGE = Path(__file__).with_suffix(".md")
LOOP = (sys.executable, "-c", "while True: pass")
PLAY_BEGINS = "every host answers from its server"
STARVING_LOOPS = 16
STARVING_SECONDS = 60
HEAD = """\
# Rehearsals on a busy machine

<!-- Rows are added by `python -m benchmarks.busy_rehearsals`. -->

`understudy rehearse` with the shipped sample beside busy loops. Exit code 0: every hypothesis held; 1: one did not; 3:
the machine could not keep up.

| processors | busy loops | load before | exit codes | seconds each |
|---|---|---|---|---|
"""


@contextmanager
def loops(count: int, *, weight: int = 0) -> Iterator[None]:
    """Run busy loops, each in a new session: Linux shares processors between sessions first."""
    with ExitStack() as stack:
        for _ in range(count):
            process = subprocess.Popen(LOOP, start_new_session=True)
            stack.callback(process.wait)
            stack.callback(process.kill)
            if weight:
                _be_nice(process.pid, weight)
        yield


def _be_nice(process: int, value: int) -> None:
    """Set the nice value of a process's session: https://man7.org/linux/man-pages/man7/sched.7.html (autogroup)."""
    Path(f"/proc/{process}/autogroup").write_text(str(value))


def rehearse(*, starved: bool = False) -> tuple[int, str]:
    with ExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        process = subprocess.Popen(
            [sys.executable, "-u", "-m", "understudy_failover", "rehearse", "--report", folder],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            start_new_session=True,
        )
        assert process.stdout
        printed = []
        for line in process.stdout:
            printed.append(line)
            if starved and PLAY_BEGINS in line:
                starved = False
                for member in (process.pid, *_children(process.pid)):
                    _be_nice(member, 19)
                starving = stack.enter_context(ExitStack())
                starving.enter_context(loops(STARVING_LOOPS, weight=5))
                # It has ended its play by then; starved, its clean-up would take more than an hour.
                threading.Timer(STARVING_SECONDS, starving.close).start()
        return process.wait(), "".join(printed)


def _children(parent: int) -> list[int]:
    """Return the child processes, such as the embedded AWS, which have sessions of their own."""
    return [
        int(child)
        for thread in Path(f"/proc/{parent}/task").iterdir()
        for child in (thread / "children").read_text().split()
    ]


def main() -> int:
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--loops", type=int, default=4)
    parser.add_argument("--starved", action="store_true", help="one rehearsal with almost no CPU")
    arguments = parser.parse_args()
    load = os.getloadavg()[0]
    codes: Counter[int] = Counter()
    seconds = []
    with loops(0 if arguments.starved else arguments.loops):
        for _ in range(1 if arguments.starved else arguments.runs):
            began_at = time.monotonic()
            code, printed = rehearse(starved=arguments.starved)
            codes[code] += 1
            seconds.append(time.monotonic() - began_at)
            print(f"exit code {code} after {seconds[-1]:.0f} s", flush=True)
            if code != (TOO_SLOW if arguments.starved else 0):
                print(printed, flush=True)
    beside = (
        f"{STARVING_LOOPS}, each with 20 times the weight of the rehearsal, from its play on"
        if arguments.starved
        else arguments.loops
    )
    counted = ", ".join(f"{count} × {code}" for code, count in sorted(codes.items()))
    if not PAGE.exists():
        PAGE.write_text(HEAD, encoding="utf-8")
    with PAGE.open("a", encoding="utf-8") as page:
        page.write(
            f"| {os.cpu_count()} | {beside} | {load:.1f} | {counted} | {min(seconds):.0f} to {max(seconds):.0f} |\n"
        )
    return 0 if set(codes) == {TOO_SLOW if arguments.starved else 0} else 1


if __name__ == "__main__":
    sys.exit(main())
