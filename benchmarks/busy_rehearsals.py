"""Whether a rehearsal tells the truth on a busy machine: `python -m benchmarks.busy_rehearsals [--runs 20]`.

Plays `understudy rehearse` again and again beside busy loops, and counts exit codes: each has to be 0. With
`--starved` (Linux) the machine is taken away from one rehearsal when its play begins, which has to end with the exit
code for that. Adds its rows to benchmarks/busy_rehearsals.md.
"""

import argparse
import os
import subprocess
import sys
import tempfile
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
STARVING_LOOPS = 32
HEAD = """\
# Rehearsals on a busy machine

<!-- Rows are added by `python -m benchmarks.busy_rehearsals`. -->

`understudy rehearse` with the shipped sample on a machine with that many processors, beside that many busy loops of the
same priority. Exit code 0: every hypothesis held; 1: one did not; 3: the machine could not keep up.

| processors | busy loops | load before | exit codes | seconds each |
|---|---|---|---|---|
"""


@contextmanager
def loops(count: int, *, nice: int = 0) -> Iterator[None]:
    """So many busy loops meanwhile, so much nicer than this process."""
    with ExitStack() as stack:
        for _ in range(count):
            process = subprocess.Popen(("nice", "-n", str(nice), *LOOP))
            stack.callback(process.wait)
            stack.callback(process.kill)
        yield


def rehearse(*, starved: bool = False) -> tuple[int, str]:
    """The exit code of one rehearsal, and what it printed."""
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
                for thread in _threads(process.pid):
                    # Below everything else, so that the loops need no priority that others on this machine would feel.
                    os.sched_setscheduler(thread, os.SCHED_IDLE, os.sched_param(0))
                stack.enter_context(loops(STARVING_LOOPS, nice=19))
        return process.wait(), "".join(printed)


def _threads(process: int) -> Iterator[int]:
    """Every thread of it, of the embedded AWS and of its workers."""
    for thread in Path(f"/proc/{process}/task").iterdir():
        yield int(thread.name)
        for child in (thread / "children").read_text().split():
            yield from _threads(int(child))


def main() -> int:
    """0 if every exit code is as it has to be."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--runs", type=int, default=20)
    parser.add_argument("--loops", type=int, default=4)
    parser.add_argument("--starved", action="store_true", help="one rehearsal, whose machine is taken away")
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
    beside = f"{STARVING_LOOPS}, each before the rehearsal, from its play on" if arguments.starved else arguments.loops
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
