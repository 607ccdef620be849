"""How long a synthesis takes, beside the least that any CDK app in Python takes, and what each further host costs.

    python -m benchmarks.synth [--runs N] [--before COMMIT]

Writes synth.md. Floor: one stack with one bucket, under the same feature flags and validation setting. With `--before`
the app of another commit runs beside this one's, in the same rounds.
"""

import argparse
import json
import os
import subprocess
import sys
import tarfile
import tempfile
from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from io import BytesIO
from pathlib import Path
from statistics import median

from benchmarks.large_settings import write_settings
from benchmarks.measure import Contender, Taken, cpu_seconds, ratio, rounds, seconds, table
from understudy_failover.operations.review.templates import stack_templates

ROOT = Path(__file__).resolve().parent.parent
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
BEFORE = "before: "
HOSTS = (1, 10, 100, 500)
GOAL_MILLISECONDS = 10
"""For each further host."""
GOAL_RATIO = 1.5
"""The sample's, to the floor."""


def main() -> None:
    """Measures, and writes the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.synth", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="counted rounds (default: 5), after one for warming up")
    parser.add_argument("--before", metavar="COMMIT", help="measure the app of this commit, too")
    arguments = parser.parse_args()
    parts = [HEAD]
    with tempfile.TemporaryDirectory(prefix="understudy-benchmark-") as name:
        folder = Path(name)
        apps = dict(_apps(folder, arguments.before))
        for validation in (False, True):
            contenders = {
                app: Contender(
                    [sys.executable, str(program)], cwd, _environment(folder / f"{app}.out", file, validation)
                )
                for app, (program, cwd, file) in apps.items()
            }
            taken = rounds(contenders, arguments.runs)
            parts += [f"## CDK's built-in validation {'on' if validation else 'off'}\n", *table(taken, FLOOR_NAME)]
            parts += ["", *_goals(taken), ""]
        parts += ["## What is made\n", *_sizes(apps, folder), "", WHERE]
    PAGE.write_text("\n".join(parts).rstrip("\n") + "\n", encoding="utf-8")
    print(PAGE.read_text(encoding="utf-8"))


HEAD = """\
# Time and size of a synthesis

<!-- Written by `python -m benchmarks.synth`. -->

`python app.py` for the shipped sample and for files of 1 to 500 hosts (benchmarks/large_settings.py: 10 hosts at a
server, half of the servers with IPv6, 25 hosts in a zone, 100 under a certificate). Medians; ratios pair by pair with
one stack that holds one bucket.
"""
WHERE = """\
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


def _apps(folder: Path, before: str | None) -> Iterator[tuple[str, tuple[Path, Path, Path | None]]]:
    """Name → program, working folder and settings file of every app."""
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
    if before:
        checkout = _checkout(before, folder / "before")
        # Its own sample: it may not know every key of this one's.
        theirs = {**files, SAMPLE: checkout / "failover.toml"}
        for name in (SAMPLE, _hosts(HOSTS[1]), _hosts(HOSTS[-1])):
            yield f"{BEFORE}{name}", (checkout / "app.py", checkout, theirs[name])
    for name, file in files.items():
        yield name, (ROOT / "app.py", ROOT, file)


def _checkout(commit: str, folder: Path) -> Path:
    archive = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, capture_output=True).stdout
    with tarfile.open(fileobj=BytesIO(archive)) as files:
        files.extractall(folder, filter="data")
    return folder


def _hosts(count: int) -> str:
    return "1 host" if count == 1 else f"{count} hosts"


def _environment(output: Path, settings: Path | None, validation: bool) -> dict[str, str]:
    context: Mapping[str, object] = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    if settings:
        context = {**context, "settings": str(settings)}
    return {
        **os.environ,
        "CDK_CONTEXT_JSON": json.dumps(context),
        "CDK_OUTDIR": str(output),
        "CDK_VALIDATION": str(validation).lower(),
    }


def _goals(taken: Mapping[str, Sequence[Taken]]) -> Iterator[str]:
    to_floor = ratio(taken[SAMPLE], taken[FLOOR_NAME], cpu_seconds)
    yield f"The sample takes {to_floor:.2f} × the CPU of the floor (goal: {GOAL_RATIO}).\n"
    small, large = HOSTS[1], HOSTS[-1]

    def each(of: Callable[[Taken], float], prefix: str = "") -> str:
        first, last = (median(map(of, taken[prefix + _hosts(count)])) for count in (small, large))
        return f"{(last - first) / (large - small) * 1_000:.1f} ms"

    earlier = f" Before: {each(seconds, BEFORE)}, {each(cpu_seconds, BEFORE)}." if BEFORE + SAMPLE in taken else ""
    yield (
        f"Each further host, with its tenth of a server: {each(seconds)}, {each(cpu_seconds)} of CPU "
        f"(from {small} to {large} hosts; goal: {GOAL_MILLISECONDS} ms).{earlier}"
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
            kinds.update(one["Type"] for one in resources.values())
            largest = max(largest, (len(resources), len(text.encode())))
        yield (
            f"| {name} | {len(templates)} | {kinds.total()} | {kinds['AWS::Route53::RecordSet']} "
            f"| {kinds['AWS::Route53::HealthCheck']} | {largest[0]} | {largest[1] / 1_000:.0f} KB |"
        )


if __name__ == "__main__":
    main()
