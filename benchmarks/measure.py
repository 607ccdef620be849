"""Time whole processes: every round runs each candidate once, in turn.

A machine whose speed drifts therefore slows all of them, and ratios are taken pair by pair. CPU seconds are those of a
process and all its children; they hardly depend on the load of the machine.
"""

import json
import os
import resource
import subprocess
import tarfile
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from io import BytesIO
from operator import attrgetter
from pathlib import Path
from statistics import median

ROOT = Path(__file__).resolve().parent.parent

# Where containers set it, each process would compile the libraries again, which takes longer than what is measured.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)


@dataclass(frozen=True)
class Candidate:
    """A command, its working folder, and its environment."""

    command: Sequence[str]
    cwd: Path
    environment: Mapping[str, str]


@dataclass(frozen=True)
class Duration:
    """The duration of one run: wall clock and CPU."""

    seconds: float
    cpu_seconds: float


def rounds(candidates: Mapping[str, Candidate], runs: int) -> dict[str, list[Duration]]:
    """Return the durations of `runs` rounds, after one round to warm up.

    Raise RuntimeError: a candidate failed; with its output.
    """
    durations: dict[str, list[Duration]] = {name: [] for name in candidates}
    for number in range(runs + 1):
        for name, candidate in candidates.items():
            duration = _run(candidate)
            if number:
                durations[name].append(duration)
    return durations


def table(durations: Mapping[str, Sequence[Duration]], floor: str) -> Iterator[str]:
    """Return the lines of a Markdown table: medians, and the ratio to the candidate called `floor`."""
    yield "| | seconds | × floor | CPU seconds | × floor |\n|---|---|---|---|---|"
    for name, runs in durations.items():
        cells = []
        for unit in (seconds, cpu_seconds):
            cells += [f"{median(map(unit, runs)):.2f}", f"{ratio(runs, durations[floor], unit):.2f}"]
        yield f"| {name} | {' | '.join(cells)} |"


seconds: Callable[[Duration], float] = attrgetter("seconds")
cpu_seconds: Callable[[Duration], float] = attrgetter("cpu_seconds")


def ratio(runs: Sequence[Duration], floor: Sequence[Duration], unit: Callable[[Duration], float]) -> float:
    """Return the median of the ratios of runs in the same round."""
    return median(unit(run) / unit(least) for run, least in zip(runs, floor, strict=True))


def checkout(commit: str, folder: Path) -> Path:
    """Write the tree of a commit to `folder`; return it."""
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=BytesIO(archive)) as files:
        files.extractall(folder, filter="data")
    return folder


def synthesis_environment(
    output: Path, settings: Path | None = None, *, root: Path = ROOT, validation: bool = False
) -> dict[str, str]:
    """Return the environment in which `python app.py` of the tree `root` synthesizes to `output`."""
    context = json.loads((root / "cdk.json").read_text(encoding="utf-8"))["context"]
    if settings:
        context = {**context, "settings": str(settings)}
    return {
        **os.environ,
        "CDK_CONTEXT_JSON": json.dumps(context),
        "CDK_OUTDIR": str(output),
        "CDK_VALIDATION": str(validation).lower(),
    }


def _run(candidate: Candidate) -> Duration:
    cpu_before, began_at = _cpu_seconds(), time.perf_counter()
    process = subprocess.run(
        candidate.command,
        env=dict(candidate.environment),
        cwd=candidate.cwd,
        check=False,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        encoding="utf-8",
    )
    if process.returncode:
        raise RuntimeError(f"{' '.join(candidate.command)} failed:\n{process.stdout}")
    return Duration(time.perf_counter() - began_at, _cpu_seconds() - cpu_before)


def _cpu_seconds() -> float:
    """Return the CPU seconds of all children that have ended, and of their children."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime
