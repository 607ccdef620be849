"""How long a synthesis takes, beside a minimal CDK app in Python, and what each additional host costs.

    python -m benchmarks.synth [--runs N]

Writes synth.md. Floor: one stack with one bucket, with the same feature flags and validation setting.
"""

import argparse
import json
import sys
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from statistics import median

from benchmarks.large_settings import write_settings
from benchmarks.measure import (
    ROOT,
    Candidate,
    Duration,
    cpu_seconds,
    ratio,
    rounds,
    seconds,
    synthesis_environment,
    table,
)
from understudy_failover.operations.review.templates import stack_templates

PAGE = ROOT / "benchmarks" / "synth.md"
FLOOR = """\
from aws_cdk import App, Stack, aws_s3
app = App()
aws_s3.Bucket(Stack(app, "Stack"), "Bucket")
app.synth()
"""
WITH_FUNCTION = """\
from aws_cdk import App, Stack, aws_lambda as lambda_, aws_s3
app = App()
stack = Stack(app, "Stack")
aws_s3.Bucket(stack, "Bucket")
lambda_.Function(
    stack, "Function", runtime=lambda_.Runtime.PYTHON_3_14, handler="x.y", code=lambda_.Code.from_asset("edge")
)
app.synth()
"""
FLOOR_NAME = "floor: one bucket"
SAMPLE = "the sample"
HOSTS = (1, 10, 100, 500)
GOAL_MILLISECONDS = 10
"""For each additional host."""
GOAL_RATIO = 1.5
"""The sample's, to the floor."""


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.synth", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="counted rounds (default: 5), after one to warm up")
    arguments = parser.parse_args()
    parts = [HEAD]
    with tempfile.TemporaryDirectory(prefix="understudy-benchmark-") as name:
        folder = Path(name)
        apps = dict(_apps(folder))
        for validation in (False, True):
            candidates = {
                app: Candidate(
                    [sys.executable, str(program)],
                    cwd,
                    synthesis_environment(folder / f"{app}.out", file, validation=validation),
                )
                for app, (program, cwd, file) in apps.items()
            }
            durations = rounds(candidates, arguments.runs)
            parts += [f"## CDK's built-in validation {'on' if validation else 'off'}\n", *table(durations, FLOOR_NAME)]
            parts += ["", *_goals(durations), ""]
        parts += ["## What is synthesized\n", *_sizes(apps, folder), "", PROFILE]
    PAGE.write_text("\n".join(parts).rstrip("\n") + "\n", encoding="utf-8")
    print(PAGE.read_text(encoding="utf-8"))


HEAD = """\
# Time and size of a synthesis

<!-- Written by `python -m benchmarks.synth`. -->

`python app.py` for the shipped sample and for files of 1 to 500 hosts (benchmarks/large_settings.py: 10 hosts per
server, half of the servers with IPv6, 25 hosts per zone, 100 per certificate). Medians; ratios pair by pair with one
stack that holds one bucket.
"""
PROFILE = """\
## Where the time goes

Profiled on 29 November 2026 (Python 3.11, Node 24, validation off), the sample above the floor:

- Python reads classes of aws-cdk-lib and of pydantic, 0.3 s; a fifth of it is `aws_ec2`, which `aws_lambda` brings.
- Some 500 questions to Node, 0.5 s: each crosses two pipes and costs about 0.3 ms before Node does anything.
- Node loads further modules, resolves references and writes two templates, 0.2 s.

Changed since 0.1.0: the garbage collector rests (0.3 s of the sample), there is no construct tree and no stack trace,
which held no line of Python (a tenth of 500 hosts), and a quarter fewer questions lead to the same templates.

One Lambda function alone takes an app to about the goal of 1.5, validated or not. The sample has ten, for custom
resources, watches and uploads. Declared as plain `CfnResource`s, 150 resources cost next to nothing, but then neither
the CDK nor mypy would check a property. That price is too high for a second.
"""


def _apps(folder: Path) -> Iterator[tuple[str, tuple[Path, Path, Path | None]]]:
    """Yield name, program, working folder and settings file of every app."""
    (folder / "edge").mkdir()
    (folder / "edge" / "x.py").write_text("", encoding="utf-8")
    for name, text in ((FLOOR_NAME, FLOOR), ("the floor and one Lambda function", WITH_FUNCTION)):
        program = folder / f"{name.replace(' ', '-')}.py"
        program.write_text(text, encoding="utf-8")
        yield name, (program, folder, None)
    files = {SAMPLE: ROOT / "tests/sample/failover.toml"}
    for count in HOSTS:
        place = folder / str(count)
        place.mkdir()
        files[_hosts(count)] = write_settings(place, count)
    for name, file in files.items():
        yield name, (ROOT / "app.py", ROOT, file)


def _hosts(count: int) -> str:
    return "1 host" if count == 1 else f"{count} hosts"


def _goals(durations: Mapping[str, Sequence[Duration]]) -> Iterator[str]:
    to_floor = ratio(durations[SAMPLE], durations[FLOOR_NAME], cpu_seconds)
    yield f"The sample takes {to_floor:.2f} × the CPU of the floor (goal: {GOAL_RATIO}).\n"
    small, large = HOSTS[1], HOSTS[-1]

    def each(unit: Callable[[Duration], float]) -> str:
        first, last = (median(map(unit, durations[_hosts(count)])) for count in (small, large))
        return f"{(last - first) / (large - small) * 1_000:.1f} ms"

    yield (
        f"Each additional host, with its tenth of a server: {each(seconds)}, {each(cpu_seconds)} of CPU "
        f"(from {small} to {large} hosts; goal: {GOAL_MILLISECONDS} ms)."
    )


def _sizes(apps: Mapping[str, tuple[Path, Path, Path | None]], folder: Path) -> Iterator[str]:
    yield "| | stacks | resources | record sets | health checks | largest stack | its template |"
    yield "|---|---|---|---|---|---|---|"
    for name, (_, _, settings) in apps.items():
        if settings is None:
            continue
        kinds: Counter[str] = Counter()
        largest = (0, 0)
        templates = stack_templates(folder / f"{name}.out").values()
        for file in templates:
            text = file.read_text(encoding="utf-8")
            resources = json.loads(text)["Resources"]
            kinds.update(resource["Type"] for resource in resources.values())
            largest = max(largest, (len(resources), len(text.encode())))
        yield (
            f"| {name} | {len(templates)} | {kinds.total()} | {kinds['AWS::Route53::RecordSet']} "
            f"| {kinds['AWS::Route53::HealthCheck']} | {largest[0]} | {largest[1] / 1_000:.0f} KB |"
        )


if __name__ == "__main__":
    main()
