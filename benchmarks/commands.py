"""What a developer waits for: `cdk synth`, `cdk diff` and the unit tests, beside the same of an empty CDK app.

    python -m benchmarks.commands [--runs N]

Writes commands.md. The sample and the empty app (one stack with one bucket) are deployed to the embedded AWS first, and
their diffs find nothing. CDK's own validation is on, as it is wherever people use these commands.
"""

import argparse
import json
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

from benchmarks.measure import Contender, rounds, table
from benchmarks.synth import FLOOR, FLOOR_NAME, SAMPLE
from understudy_failover.operations.interruption import Interruption
from understudy_failover.rehearsal.cdk import UNATTENDED
from understudy_failover.rehearsal.stage import Stage

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "benchmarks" / "commands.md"
UNIT_TESTS = "unit tests"
RATE = 10
CDK = ("cdk", "--no-notices")
HEAD = """\
# What a developer waits for

<!-- Written by `python -m benchmarks.commands`. -->

The sample beside one stack with one bucket, both deployed to the embedded AWS, CDK's built-in validation on. Medians;
ratios pair by pair.
"""


def main() -> None:
    """Deploys, measures, and writes the page."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.commands", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="counted rounds (default: 5), after one for warming up")
    runs = parser.parse_args().runs
    parts = [HEAD]
    with (
        Interruption() as interruption,
        Stage(ROOT / "tests/sample/failover.toml", rate=RATE, interruption=interruption) as stage,
    ):
        environment = stage.aws.environment()
        stage.cdk.bootstrap(lambda _: None)
        stage.cdk.deploy(lambda _: None)
        folder = stage.settings_path.parent / "floor"
        _write_floor(folder)
        subprocess.run((*CDK, "deploy", *UNATTENDED), cwd=folder, env=environment, check=True, capture_output=True)
        ours = ("--context", f"settings={stage.settings_path}", "--output", str(folder / "sample.out"))
        for command in (("synth", "**", "--quiet"), ("diff", "**")):
            contenders = {
                FLOOR_NAME: Contender((*CDK, *command), folder, environment),
                SAMPLE: Contender((*CDK, *command, *ours), ROOT, environment),
            }
            parts += [f"## cdk {command[0]}\n", *table(rounds(contenders, runs), FLOOR_NAME), ""]
        tests = {
            FLOOR_NAME: Contender((*CDK, "synth", "--quiet"), folder, environment),
            UNIT_TESTS: Contender(("make", "unit"), ROOT, _of_this_process()),
        }
        parts += ["## make unit, beside cdk synth of the floor\n", *table(rounds(tests, runs), FLOOR_NAME)]
    PAGE.write_text("\n".join(parts).rstrip("\n") + "\n", encoding="utf-8")
    print(PAGE.read_text(encoding="utf-8"))


def _write_floor(folder: Path) -> None:
    """An app of the floor, under the feature flags of ours."""
    folder.mkdir()
    (folder / "app.py").write_text(FLOOR, encoding="utf-8")
    settings = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))
    (folder / "cdk.json").write_text(json.dumps({**settings, "app": f"{sys.executable} app.py"}), encoding="utf-8")


def _of_this_process() -> Mapping[str, str]:
    # What a make above this one says of its own arguments would reach pytest.
    return {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MFLAGS", "ARGS"}}


if __name__ == "__main__":
    main()
