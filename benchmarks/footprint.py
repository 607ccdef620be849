"""Footprint of the shipped sample: resources, bill, time to synthesize and to deploy; before and after.

    python -m benchmarks.footprint [--runs N] [--before COMMIT] [--deploys N]

Writes footprint.md. "Before" is the tree of a commit, measured in the same rounds; for deploys it is the stored release
0.1.0, which has the same resources. "Least" is the sample without alarms and without switches.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from benchmarks.large_settings import write_settings
from benchmarks.measure import (
    ROOT,
    Candidate,
    checkout,
    cpu_seconds,
    ratio,
    rounds,
    seconds,
    synthesis_environment,
)
from benchmarks.synth import FLOOR
from understudy_failover.operations.review.templates import stack_templates

PAGE = ROOT / "benchmarks" / "footprint.md"
BEFORE = "c39ff6c"
SMALL, LARGE = 10, 500
"""Hosts, between which the share of each additional host is taken."""
KINDS = """\
from aws_cdk import App, Stack, aws_cloudfront, aws_cloudfront_origins, aws_cloudwatch, aws_events, aws_events_targets
from aws_cdk import aws_iam, aws_lambda, aws_logs, aws_route53, aws_s3, aws_s3_deployment, aws_sns
app = App()
stack = Stack(app, "Stack")
bucket = aws_s3.Bucket(stack, "Bucket")
aws_s3_deployment.BucketDeployment(
    stack, "Files", destination_bucket=bucket, sources=[aws_s3_deployment.Source.data("index.html", "")]
)
function = aws_lambda.Function(
    stack,
    "Function",
    runtime=aws_lambda.Runtime.PYTHON_3_14,
    handler="index.handler",
    code=aws_lambda.Code.from_inline("def handler(event, context): pass"),
    log_group=aws_logs.LogGroup(stack, "LogGroup"),
)
function.add_to_role_policy(aws_iam.PolicyStatement(actions=["s3:ListAllMyBuckets"], resources=["*"]))
aws_events.Rule(
    stack,
    "Rule",
    schedule=aws_events.Schedule.expression("rate(1 hour)"),
    targets=[aws_events_targets.LambdaFunction(function)],
)
origin = aws_cloudfront_origins.S3BucketOrigin.with_origin_access_control(bucket)
aws_cloudfront.Distribution(stack, "Distribution", default_behavior=aws_cloudfront.BehaviorOptions(origin=origin))
aws_cloudwatch.Alarm(stack, "Alarm", metric=function.metric_errors(), threshold=1, evaluation_periods=1)
aws_sns.Topic(stack, "Topic")
aws_route53.CfnRecordSet(stack, "Record", name="www.example.com.", type="A", hosted_zone_id="Z0EXAMPLECOM00000001")
app.synth()
"""
LEAST = '[maintenance]\nswitches = "none"\n\n[monitoring]\nalarms = false\n\n[[zones]]'
RELEASE = "0.1.0"
RATE = 25.0


@dataclass(frozen=True)
class Parts:
    resources: int
    functions: int
    alarms: int
    roles: int

    @classmethod
    def of(cls, assembly: Path) -> "Parts":
        """Return the counts of a cloud assembly's templates."""
        kinds: Counter[str] = Counter()
        for file in stack_templates(assembly).values():
            kinds.update(
                resource["Type"] for resource in json.loads(file.read_text(encoding="utf-8"))["Resources"].values()
            )
        alarms = kinds["AWS::CloudWatch::Alarm"] + kinds["AWS::CloudWatch::CompositeAlarm"]
        return cls(kinds.total(), kinds["AWS::Lambda::Function"], alarms, kinds["AWS::IAM::Role"])


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.footprint", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="counted rounds of syntheses (default: 5)")
    parser.add_argument("--deploys", type=int, default=0, help="deploys of each to the embedded AWS (default: none)")
    parser.add_argument("--before", metavar="COMMIT", default=BEFORE, help=f"to compare with (default: {BEFORE})")
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="understudy-footprint-") as name:
        folder = Path(name)
        trees = {"before": checkout(arguments.before, folder / "before"), "after": ROOT}
        text = (
            page(folder, trees, arguments.runs, arguments.before)
            + _diffs(folder, arguments.runs)
            + _deploys(folder, arguments.deploys)
            + MISSED
        )
    PAGE.write_text(text, encoding="utf-8")
    print(text)


def page(folder: Path, trees: Mapping[str, Path], runs: int, before: str) -> str:
    """Return the page without the deploys."""
    candidates: dict[str, Candidate] = {}
    for name, program in (("floor", FLOOR), ("kinds", KINDS)):
        (folder / f"{name}.py").write_text(program, encoding="utf-8")
        command = [sys.executable, str(folder / f"{name}.py")]
        candidates[name] = Candidate(command, folder, synthesis_environment(folder / name))
    for tree, root in trees.items():
        for hosts, settings in _settings(folder / f"{tree}-settings", root, least=tree == "after").items():
            environment = synthesis_environment(folder / f"{tree} {hosts}", settings, root=root)
            candidates[f"{tree} {hosts}"] = Candidate([sys.executable, str(root / "app.py")], root, environment)
    durations = rounds(candidates, runs)
    parts = {name: Parts.of(folder / name) for name in candidates if name not in {"floor", "kinds"}}

    def each(tree: str) -> tuple[float, float]:
        grown = parts[f"{tree} {LARGE}"].resources - parts[f"{tree} {SMALL}"].resources
        first, last = (min(map(cpu_seconds, durations[f"{tree} {count}"])) for count in (SMALL, LARGE))
        return grown / (LARGE - SMALL), (last - first) * 1_000 / (LARGE - SMALL)

    old, new, least = parts["before sample"], parts["after sample"], parts["after least"]
    bills = {tree: _bill(root) for tree, root in trees.items()}
    rows = [
        ("resources", old.resources, f"{new.resources}; least {least.resources}", "75; 45"),
        ("Lambda functions", old.functions, f"{new.functions}; least {least.functions}", "5; 3"),
        ("alarms", old.alarms, f"{new.alarms}; least {least.alarms}", "10"),
        ("IAM roles", old.roles, f"{new.roles}; least {least.roles}", ""),
        *(
            (f"USD a month, `{profile}`", bills["before"][profile], bills["after"][profile], target)
            for profile, target in (("standard", "18–26"), ("economy", "9–15"))
        ),
        ("USD a month, `standard`, least", "", bills["after"]["least"], "14"),
        *(
            (
                f"`python app.py`, × one bucket, {what}",
                *(f"{ratio(durations[f'{tree} sample'], durations['floor'], unit):.2f}" for tree in trees),
                target,
            )
            for what, unit, target in (("CPU", cpu_seconds, "1.6"), ("clock", seconds, ""))
        ),
        (
            "one construct of each of the sample's kinds, × one bucket, CPU",
            "",
            f"{ratio(durations['kinds'], durations['floor'], cpu_seconds):.2f}",
            "",
        ),
        *(
            (f"each additional host: {what}", *(f"{each(tree)[at]:.1f}" for tree in trees), target)
            for at, what, target in ((0, "resources", "3"), (1, "ms of CPU", "7"))
        ),
    ]
    head = HEAD.format(before=before)
    return head + "\n".join(f"| {what} | {was} | {becomes} | {target} |" for what, was, becomes, target in rows) + "\n"


HEAD = """\
# Footprint

<!-- Written by `python -m benchmarks.footprint`. -->

The shipped sample: 2 servers, 5 hosts. Before is commit {before}; least is the sample with `[monitoring] alarms =
false` and `[maintenance] switches = "none"`. Targets are upper limits. CPU and clock are ratios within the same rounds,
CDK's built-in validation off.

| | before | after | target |
|---|---|---|---|
"""


MISSED = """
## What misses its target, and why

- **`economy`**: the two servers' checks (HTTPS, one of them with text to search for), the secret and a million DNS
  answers are 8.30 USD of it. With `[maintenance] switches = "one"` it is 8.61–13.12.
- **CPU of a synthesis**: an app with one construct of each kind that the sample has is above the target, too: for the
  first Lambda function aws-cdk-lib loads `aws_ec2` and more. Before, the garbage collector rested, which hid 0.3 s.
- **Deploy**: the CDK's command line asks CloudFormation every 5 s and deploys two stacks, before and now.
- **Resources of each additional host**: 3.0 of them are its record sets (half of the servers have IPv6), the rest is
  its tenth of a server, of a stack and of a certificate. A host at an existing server adds 2 resources, or 4 with
  IPv6; before 3 or 5. Fewer than a resource for each record set would need `RecordSetGroup`
  ([why not](../docs/decisions/0017-footprint.md)).
"""


def _diffs(folder: Path, runs: int) -> str:
    """Return the row of `cdk diff` that finds nothing, beside that of one stack with one bucket, both deployed."""
    # Imported here: for the other rows, no emulator is needed.
    from understudy_failover.operations.interruption import Interruption  # noqa: PLC0415
    from understudy_failover.rehearsal.bed import RehearsalBed  # noqa: PLC0415
    from understudy_failover.rehearsal.cdk import UNATTENDED  # noqa: PLC0415

    floor = folder / "floor-app"
    floor.mkdir()
    (floor / "app.py").write_text(FLOOR, encoding="utf-8")
    config = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))
    (floor / "cdk.json").write_text(json.dumps({**config, "app": f"{sys.executable} app.py"}), encoding="utf-8")
    with Interruption() as interruption, RehearsalBed(_sample(ROOT), rate=RATE, interruption=interruption) as bed:
        environment = bed.aws.environment()
        bed.cdk.bootstrap(lambda _: None)
        bed.cdk.deploy(lambda _: None)
        deploy = ("cdk", "--no-notices", "deploy", *UNATTENDED)
        subprocess.run(deploy, cwd=floor, env=environment, check=True, capture_output=True)
        diff = ("cdk", "--no-notices", "diff", "--fail", "**")
        settings = ("--context", f"settings={bed.settings_path}", "--output", str(folder / "diff.out"))
        candidates = {
            "floor": Candidate(diff, floor, environment),
            "sample": Candidate((*diff, *settings), ROOT, environment),
        }
        durations = rounds(candidates, runs)
    cpu, clock = (ratio(durations["sample"], durations["floor"], unit) for unit in (cpu_seconds, seconds))
    return f"| `cdk diff`, × one bucket, clock; CPU | 1.70; 1.80 (another run) | {clock:.2f}; {cpu:.2f} | 1.35 |\n"


def _deploys(folder: Path, count: int) -> str:
    if not count:
        return ""
    # Imported here: without deploys, no emulator is needed.
    from tests.upgrade.kept import Kept  # noqa: PLC0415
    from tools.stored_authority import StoredAuthority  # noqa: PLC0415
    from understudy_failover.operations.interruption import Interruption  # noqa: PLC0415
    from understudy_failover.rehearsal.bed import RehearsalBed  # noqa: PLC0415

    deploys: dict[str, list[float]] = {"before": [], "after": []}
    for number in range(count):
        for name, runs in deploys.items():
            release = Kept(RELEASE, "sample")
            settings = release.settings(folder / f"{name}-{number}")
            with (
                Interruption() as interruption,
                RehearsalBed(
                    settings, rate=RATE, interruption=interruption, authority=StoredAuthority(), synthesize=True
                ) as bed,
            ):
                bed.cdk.bootstrap(lambda _: None)
                now = bed.synthesis.assembly()
                assembly = release.assembly(folder / f"assembly-{number}") if name == "before" else now
                began = time.monotonic()
                bed.cdk.deploy_assembly(assembly, lambda _: None)
                runs.append(time.monotonic() - began)
    before, after = (min(runs) for runs in deploys.values())
    return (
        f"| deploy of a synthesized sample to the embedded AWS, s | {before:.0f} ({RELEASE}) | {after:.0f}, "
        f"{after / before:.2f} × | 0.6 × |\n"
    )


def _settings(folder: Path, root: Path, *, least: bool) -> dict[str, Path]:
    """Return settings files by name: the tree's own sample, files of few and many hosts, and the least."""
    files = {"sample": _sample(root)}
    for count in (SMALL, LARGE):
        place = folder / str(count)
        place.mkdir(parents=True)
        files[str(count)] = write_settings(place, count)
    if least:
        (folder / "certificates").symlink_to(_sample(root).parent / "certificates")
        text = _sample(root).read_text(encoding="utf-8").replace("[[zones]]", LEAST, 1)
        files["least"] = folder / "failover.toml"
        files["least"].write_text(text, encoding="utf-8")
    return files


def _sample(tree: Path) -> Path:
    """Return the sample of a tree; older trees have it at their root."""
    sample = tree / "tests" / "sample" / "failover.toml"
    return sample if sample.is_file() else tree / "failover.toml"


def _bill(root: Path) -> dict[str, str]:
    """Return the range of `understudy estimate` of a tree, by profile."""
    module = "understudy_failover" if (root / "understudy_failover").is_dir() else "operations"
    command = [sys.executable, "-m", module, "estimate", "--clients", "1000", "--json"]
    run = subprocess.run(command, cwd=root, env=os.environ, check=True, capture_output=True, text=True)
    document = json.loads(run.stdout)
    bills = {profile["name"]: profile for profile in document["contenders"]}
    if "choices" in document:
        bills["least"] = document["choices"][-1]
    return {name: f"{bill['low_usd']:.2f}–{bill['high_usd']:.2f}" for name, bill in bills.items()}


if __name__ == "__main__":
    main()
