"""What a developer waits for: tests and rehearsal of another commit and of this one, in one run.

    python -m benchmarks.suite [--before c39ff6c] [--only unit rehearse]

Writes benchmarks/suite.md. `test` takes tens of minutes for each commit.
"""

import argparse
import os
import resource
import subprocess
import tempfile
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = Path(__file__).with_suffix(".md")
BEFORE = "c39ff6c"
"""The last commit before tests shared what they deploy."""
COMMANDS = {
    "rehearse": ("fresh clone to the end of `make rehearse`", "`make rehearse` after set-up"),
    "unit": ("", "`make unit` after set-up"),
    "test": ("", "`make test` after set-up"),
}
"""Make target → what its first run in a clone is called, where it counts, and its second."""
HEAD = """\
# Tests and rehearsal: seconds of two commits in one run

<!-- Written by `python -m benchmarks.suite`. Do not edit. -->

Before: `{before}`. {processors} processors, load {load:.1f} at the start. Seconds depend on the machine; ratios count.

| | before: wall, s | CPU, s | now: wall, s | CPU, s | wall | CPU |
|---|---|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Cost:
    """Of one command, with its exit code."""

    wall_seconds: float
    cpu_seconds: float
    code: int


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--before", default=BEFORE)
    parser.add_argument("--only", nargs="+", choices=COMMANDS, default=list(COMMANDS))
    arguments = parser.parse_args()
    load = os.getloadavg()[0]
    costs: dict[str, dict[str, Cost]] = {}
    with tempfile.TemporaryDirectory() as name:
        clones = {"before": _clone(Path(name) / "before", arguments.before), "now": _clone(Path(name) / "now", "HEAD")}
        for target in arguments.only:
            first, second = COMMANDS[target]
            if first:
                costs[first] = _measured(clones, lambda clone, target=target: _run(clone, target))  # type: ignore[misc]
            else:
                for clone in clones.values():
                    _run(clone, "develop")
            costs[second] = _measured(clones, lambda clone, target=target: _run(clone, target))  # type: ignore[misc]
    head = HEAD.format(before=arguments.before, processors=os.cpu_count(), load=load)
    PAGE.write_text(head + "".join(map(_row, costs, costs.values())), encoding="utf-8")


def _clone(folder: Path, commit: str) -> Path:
    subprocess.run(["git", "clone", "--quiet", str(ROOT), str(folder)], check=True)
    subprocess.run(["git", "-C", str(folder), "checkout", "--quiet", commit], check=True)
    return folder


def _measured(clones: Mapping[str, Path], run: Callable[[Path], Cost]) -> dict[str, Cost]:
    costs = {name: run(clone) for name, clone in clones.items()}
    print(costs, flush=True)
    return costs


def _run(clone: Path, target: str) -> Cost:
    usage, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
    done = subprocess.run(["make", "-C", str(clone), target], stdout=subprocess.DEVNULL, check=False)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    cpu = after.ru_utime + after.ru_stime - usage.ru_utime - usage.ru_stime
    return Cost(time.monotonic() - began, cpu, done.returncode)


def _row(what: str, costs: Mapping[str, Cost]) -> str:
    before, now = costs["before"], costs["now"]
    failed = [f"; exit code {cost.code} {name}" for name, cost in costs.items() if cost.code]
    return (
        f"| {what}{''.join(failed)} | {before.wall_seconds:.0f} | {before.cpu_seconds:.0f} "
        f"| {now.wall_seconds:.0f} | {now.cpu_seconds:.0f} "
        f"| {now.wall_seconds / before.wall_seconds:.2f} × | {now.cpu_seconds / before.cpu_seconds:.2f} × |\n"
    )


if __name__ == "__main__":
    main()
