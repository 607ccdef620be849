"""Whole processes, timed: every round runs every contender once, in turn.

So a machine whose speed drifts slows all of them, and ratios are taken pair by pair. CPU seconds are those of a process
and all its children together, and hardly depend on what else the machine does.
"""

import resource
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median


@dataclass(frozen=True)
class Contender:
    """A command, where it runs, and in what environment."""

    command: Sequence[str]
    cwd: Path
    environment: Mapping[str, str]


@dataclass(frozen=True)
class Taken:
    """One run."""

    seconds: float
    cpu_seconds: float


def rounds(contenders: Mapping[str, Contender], runs: int) -> dict[str, list[Taken]]:
    """`runs` counted rounds, after one for warming up.

    Raises:
        RuntimeError: a contender failed, with what it printed.
    """
    taken: dict[str, list[Taken]] = {name: [] for name in contenders}
    for number in range(runs + 1):
        for name, contender in contenders.items():
            one = _run(contender)
            if number:
                taken[name].append(one)
    return taken


def table(taken: Mapping[str, Sequence[Taken]], floor: str) -> Iterator[str]:
    """Markdown: medians, and the ratio to the contender called `floor`."""
    yield "| | seconds | × floor | CPU seconds | × floor |\n|---|---|---|---|---|"
    for name, several in taken.items():
        cells = []
        for of in (seconds, cpu_seconds):
            cells += [f"{median(map(of, several)):.2f}", f"{ratio(several, taken[floor], of):.2f}"]
        yield f"| {name} | {' | '.join(cells)} |"


def seconds(taken: Taken) -> float:
    """By the clock."""
    return taken.seconds


def cpu_seconds(taken: Taken) -> float:
    """Of the processor."""
    return taken.cpu_seconds


def ratio(several: Sequence[Taken], floor: Sequence[Taken], of: Callable[[Taken], float]) -> float:
    """The median of the ratios of what was taken in the same rounds."""
    return median(of(one) / of(least) for one, least in zip(several, floor, strict=True))


def _run(contender: Contender) -> Taken:
    cpu_before, began_at = _cpu_seconds(), time.perf_counter()
    done = subprocess.run(
        contender.command,
        env=dict(contender.environment),
        cwd=contender.cwd,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    if done.returncode:
        raise RuntimeError(f"{' '.join(contender.command)} failed:\n{done.stdout}")
    return Taken(time.perf_counter() - began_at, _cpu_seconds() - cpu_before)


def _cpu_seconds() -> float:
    """Of all children that have ended, theirs included."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
