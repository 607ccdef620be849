"""What a new user waits for and stores: from a clone to the first synthesis, of 0.1.0's way and of today's, in one run.

    python -m benchmarks.setup [--runs 2]

Writes benchmarks/setup.md. Downloads from the package registries, so nothing else does it: no test, no CI.
"""

import argparse
import os
import resource
import shutil
import statistics
import subprocess
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PAGE = Path(__file__).with_suffix(".md")
BEFORE = "c39ff6c"
"""The last commit at which an owner forked the repository."""
STEPS = {
    "before: clone, `make setup`, `make synth`": (
        f"git -c advice.detachedHead=false clone --quiet {ROOT} clone && git -C clone checkout --quiet {BEFORE}",
        "make -C clone synth",
    ),
    "this repository: clone, `make setup`, `make synth`": (f"git clone --quiet {ROOT} clone", "make -C clone synth"),
    "an owner's: environment, `understudy init`, `pip install`, `npm ci`, `cdk synth`": (
        "python3 -m venv .venv && .venv/bin/pip install --quiet --no-deps {wheel}",
        # init needs what the package depends on; the requirements are the same for everybody.
        ".venv/bin/pip install --quiet --no-deps --requirement {requirements} && .venv/bin/understudy init owner",
        "cd owner && {node}/node {npm} ci --silent",
        'cd owner && PATH="$PWD/../.venv/bin:$PWD/node_modules/.bin:{node}:$PATH" cdk --no-notices synth --quiet',
    ),
}
HEAD = """\
# From nothing to the first synthesis

<!-- Written by `python -m benchmarks.setup`. Do not edit. -->

Every way in the same run, one after the other, {runs} times, with empty caches of pip, uv and npm. Seconds depend on
the machine and its registries; ratios count. An owner's Node.js is there already and not counted.

| way | wall, s | CPU, s | installed, MB | wall | CPU | installed |
|---|---|---|---|---|---|---|
"""


@dataclass(frozen=True)
class Cost:
    """Of one way, once."""

    wall_seconds: float
    cpu_seconds: float
    megabytes: float


def main() -> None:
    """Measures, and writes the page."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=2)
    runs = parser.parse_args().runs
    with tempfile.TemporaryDirectory() as name:
        wheel, requirements = _built(Path(name))
        costs: dict[str, list[Cost]] = {way: [] for way in STEPS}
        for _ in range(runs):
            for way, steps in STEPS.items():
                costs[way].append(_measured(steps, wheel, requirements))
                print(way, costs[way][-1], flush=True)
    PAGE.write_text(HEAD.format(runs=runs) + "".join(_rows(costs)), encoding="utf-8")


def _built(folder: Path) -> tuple[Path, Path]:
    """The wheel, and the locked requirements of an owner without it."""
    subprocess.run(
        ["python", "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)], cwd=ROOT, check=True
    )
    (wheel,) = folder.glob("*.whl")
    requirements = folder / "requirements.txt"
    shutil.copy(ROOT / "requirements.txt", requirements)
    return wheel, requirements


def _measured(steps: tuple[str, ...], wheel: Path, requirements: Path) -> Cost:
    node = Path(shutil.which("node") or "node").resolve().parent
    npm = node.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    with tempfile.TemporaryDirectory() as name:
        caches = {f"{tool}_CACHE_DIR": f"{name}/cache/{tool}" for tool in ("PIP", "UV")}
        environment = {
            **os.environ,
            **caches,
            "npm_config_cache": f"{name}/cache/npm",
            "CDK_DISABLE_CLI_TELEMETRY": "1",
        }
        environment.pop("VIRTUAL_ENV", None)
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        for step in steps:
            command = step.format(wheel=wheel, requirements=requirements, node=node, npm=npm) if "{" in step else step
            subprocess.run(["bash", "-ec", command], cwd=name, env=environment, check=True, capture_output=True)
        wall, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        shutil.rmtree(f"{name}/cache", ignore_errors=True)
        size = int(subprocess.check_output(["du", "-sm", name], text=True).split()[0])
        cpu = (after.ru_utime + after.ru_stime) - (before.ru_utime + before.ru_stime)
        return Cost(wall, cpu, size)


def _rows(costs: dict[str, list[Cost]]) -> list[str]:
    floor = _median(next(iter(costs.values())))
    rows = []
    for way, found in costs.items():
        one = _median(found)
        ratios = (one.wall_seconds / floor.wall_seconds, one.cpu_seconds / floor.cpu_seconds)
        rows.append(
            f"| {way} | {one.wall_seconds:.0f} | {one.cpu_seconds:.0f} | {one.megabytes:.0f} | "
            f"{ratios[0]:.2f} × | {ratios[1]:.2f} × | {one.megabytes / floor.megabytes:.2f} × |\n"
        )
    return rows


def _median(found: list[Cost]) -> Cost:
    return Cost(
        statistics.median(one.wall_seconds for one in found),
        statistics.median(one.cpu_seconds for one in found),
        statistics.median(one.megabytes for one in found),
    )


if __name__ == "__main__":
    main()
