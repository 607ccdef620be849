"""How long a synthesis takes, beside the least that any CDK app in Python takes, and what each further host costs.

    python -m benchmarks.synth [--runs N]

Writes synth.md. Floor: one stack with one bucket, under the same feature flags and validation setting. Every round runs
every variant once, in turn, so that a machine whose speed drifts slows all of them; the ratios are pair by pair. CPU is
that of Python and of the CDK's Node together, and hardly depends on what else the machine does.
"""

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

from benchmarks.large_settings import write_settings
from operations.review.templates import stack_templates

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "benchmarks" / "synth.md"
FLOOR = """\
from aws_cdk import App, Stack, aws_s3
app = App()
aws_s3.Bucket(Stack(app, "Stack"), "Bucket")
app.synth()
"""
FLOOR_NAME = "floor: one bucket"
HOSTS = (1, 10, 100, 500)
GOAL_MILLISECONDS = 10
"""For each further host."""


@dataclass(frozen=True)
class Taken:
    """One synthesis."""

    seconds: float
    cpu_seconds: float


def main() -> None:
    """Measures, and writes the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.synth", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="counted rounds (default: 5), after one for warming up")
    runs = parser.parse_args().runs
    parts = [HEAD]
    with tempfile.TemporaryDirectory(prefix="understudy-benchmark-") as name:
        commands = dict(_commands(Path(name)))
        for validation in (False, True):
            taken = _measured(commands, Path(name), runs, validation)
            parts += [f"## CDK's built-in validation {'on' if validation else 'off'}\n", *_table(taken)]
            parts.append(f"\n{_growth(taken)}\n")
        parts += ["## What is made\n", *_sizes(commands, Path(name))]
    PAGE.write_text("\n".join(parts).rstrip("\n") + "\n", encoding="utf-8")
    print(PAGE.read_text(encoding="utf-8"))


HEAD = """\
# Time and size of a synthesis

<!-- Written by `python -m benchmarks.synth`. -->

`python app.py` for the shipped sample and for files of 1 to 500 hosts (benchmarks/large_settings.py: 10 hosts at a
server, half of the servers with IPv6, 25 hosts in a zone, 100 under a certificate). Medians; ratios pair by pair with
one stack that holds one bucket.
"""


def _measured(
    commands: Mapping[str, tuple[list[str], Path | None]], folder: Path, runs: int, validation: bool
) -> dict[str, list[Taken]]:
    taken: dict[str, list[Taken]] = {one: [] for one in commands}
    for number in range(runs + 1):
        for name, (command, settings) in commands.items():
            one = _synthesise(command, settings, folder / f"{name}.out", validation)
            if number:
                taken[name].append(one)
    return taken


def _commands(folder: Path) -> Iterator[tuple[str, tuple[list[str], Path | None]]]:
    """Name → command and settings file of every variant."""
    floor = folder / "floor.py"
    floor.write_text(FLOOR, encoding="utf-8")
    yield FLOOR_NAME, ([sys.executable, str(floor)], None)
    app = [sys.executable, str(ROOT / "app.py")]
    yield "the sample", (app, ROOT / "failover.toml")
    for count in HOSTS:
        place = folder / str(count)
        place.mkdir()
        yield _hosts(count), (app, write_settings(place, count))


def _hosts(count: int) -> str:
    return "1 host" if count == 1 else f"{count} hosts"


def _synthesise(command: list[str], settings: Path | None, output: Path, validation: bool) -> Taken:
    context: Mapping[str, object] = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    if settings:
        context = {**context, "settings": str(settings)}
    environment = {
        **os.environ,
        "CDK_CONTEXT_JSON": json.dumps(context),
        "CDK_OUTDIR": str(output),
        "CDK_VALIDATION": str(validation).lower(),
    }
    cpu_before, began_at = _cpu_seconds(), time.perf_counter()
    subprocess.run(command, env=environment, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return Taken(time.perf_counter() - began_at, _cpu_seconds() - cpu_before)


def _cpu_seconds() -> float:
    """Of all children that have ended, theirs included."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    return usage.ru_utime + usage.ru_stime


def _table(taken: Mapping[str, Sequence[Taken]]) -> Iterator[str]:
    yield "| | seconds | × floor | CPU seconds | × floor |\n|---|---|---|---|---|"
    for name, several in taken.items():
        cells = []
        for of in (lambda one: one.seconds, lambda one: one.cpu_seconds):
            cells += [f"{median(map(of, several)):.2f}", f"{_ratio(several, taken[FLOOR_NAME], of):.2f}"]
        yield f"| {name} | {' | '.join(cells)} |"


def _ratio(several: Sequence[Taken], floor: Sequence[Taken], of: Callable[[Taken], float]) -> float:
    return median(of(one) / of(least) for one, least in zip(several, floor, strict=True))


def _growth(taken: Mapping[str, Sequence[Taken]]) -> str:
    small, large = HOSTS[1], HOSTS[-1]

    def each(of: Callable[[Taken], float]) -> float:
        difference = median(map(of, taken[_hosts(large)])) - median(map(of, taken[_hosts(small)]))
        return difference / (large - small) * 1_000

    wall, cpu = each(lambda one: one.seconds), each(lambda one: one.cpu_seconds)
    return (
        f"Each further host, with its tenth of a server: {wall:.1f} ms, {cpu:.1f} ms of CPU "
        f"(from {small} to {large} hosts; goal: {GOAL_MILLISECONDS} ms)."
    )


def _sizes(commands: Mapping[str, tuple[list[str], Path | None]], folder: Path) -> Iterator[str]:
    yield "| | stacks | resources | record sets | health checks | largest stack | its template |"
    yield "|---|---|---|---|---|---|---|"
    for name, (_, settings) in commands.items():
        if settings is None:
            continue
        kinds: Counter[str] = Counter()
        largest = (0, 0)
        templates = stack_templates(folder / f"{name}.out").values()
        for file in templates:
            text = file.read_text(encoding="utf-8")
            resources = json.loads(text)["Resources"]
            kinds.update(one["Type"] for one in resources.values())
            largest = max(largest, (len(resources), len(text.encode())))
        yield (
            f"| {name} | {len(templates)} | {kinds.total()} | {kinds['AWS::Route53::RecordSet']} "
            f"| {kinds['AWS::Route53::HealthCheck']} | {largest[0]} | {largest[1] / 1_000:.0f} KB |"
        )


if __name__ == "__main__":
    main()
