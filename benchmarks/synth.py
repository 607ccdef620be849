"""How long a synthesis takes, beside the least that any CDK app in Python takes.

    python -m benchmarks.synth [--runs N]

Floor: one stack with one bucket, under the same feature flags and validation setting. Every round runs every
variant once, in turn, so that a machine whose speed drifts slows all of them; the ratios are pair by pair.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

ROOT = Path(__file__).resolve().parent.parent
FLOOR = """\
from aws_cdk import App, Stack, aws_s3
app = App()
aws_s3.Bucket(Stack(app, "Stack"), "Bucket")
app.synth()
"""
HOSTS = (10, 90)
"""Host names of the two sizes from which the cost of one more is computed."""


def main() -> None:
    """Prints a table: median seconds, and the median ratio to the floor."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.synth", description=__doc__)
    parser.add_argument("--runs", type=int, default=5, help="counted rounds (default: 5), after one for warming up")
    runs = parser.parse_args().runs
    console = Console()
    for validation in (False, True):
        with tempfile.TemporaryDirectory(prefix="understudy-benchmark-") as name:
            commands = dict(_commands(Path(name)))
            seconds: dict[str, list[float]] = {one: [] for one in commands}
            for number in range(runs + 1):
                for one, (command, settings) in commands.items():
                    taken = _seconds(command, settings, Path(name) / "cdk.out", validation)
                    if number:
                        seconds[one].append(taken)
        console.print(_table(seconds, validation))
        small, large = (median(seconds[f"{count} hosts"]) for count in HOSTS)
        console.print(f"each further host: {(large - small) / (HOSTS[1] - HOSTS[0]) * 1_000:.1f} ms\n")


def _commands(folder: Path) -> Iterator[tuple[str, tuple[list[str], Path | None]]]:
    """Name → command and settings file of every variant."""
    floor = folder / "floor.py"
    floor.write_text(FLOOR, encoding="utf-8")
    yield "floor: one bucket", ([sys.executable, str(floor)], None)
    app = [sys.executable, str(ROOT / "app.py")]
    yield "the sample", (app, ROOT / "failover.toml")
    for count in HOSTS:
        yield f"{count} hosts", (app, _settings(folder / str(count), count))


def _settings(folder: Path, count: int) -> Path:
    """The sample with `count` hosts under one wildcard, half of them with IPv6."""
    folder.mkdir()
    (folder / "certificates").symlink_to(ROOT / "certificates")
    sample = (ROOT / "failover.toml").read_text(encoding="utf-8")
    head = sample[: sample.index("[[servers]]")]
    servers = (
        f'[[servers]]\nname = "{name}"\nipv4 = "203.0.113.10"\n{ipv6}hosts = {json.dumps(hosts)}\n'
        for name, ipv6, hosts in (
            ("web", 'ipv6 = "2001:db8::10"\n', [f"a{number}.example.com" for number in range(count // 2)]),
            ("api", "", [f"b{number}.example.org" for number in range(count - count // 2)]),
        )
    )
    path = folder / "failover.toml"
    path.write_text(head + "\n".join(servers), encoding="utf-8")
    return path


def _seconds(command: list[str], settings: Path | None, output: Path, validation: bool) -> float:
    context: Mapping[str, object] = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))["context"]
    if settings:
        context = {**context, "settings": str(settings)}
    environment = {
        **os.environ,
        "CDK_CONTEXT_JSON": json.dumps(context),
        "CDK_OUTDIR": str(output),
        "CDK_VALIDATION": str(validation).lower(),
    }
    began_at = time.perf_counter()
    subprocess.run(command, env=environment, cwd=ROOT, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    return time.perf_counter() - began_at


def _table(seconds: Mapping[str, list[float]], validation: bool) -> Table:
    title = f"python app.py, CDK's built-in validation {'on' if validation else 'off'}"
    table = Table("variant", "median s", "× floor", title=title, title_justify="left")
    floor = seconds["floor: one bucket"]
    for name, taken in seconds.items():
        ratio = median(one / least for one, least in zip(taken, floor, strict=True))
        table.add_row(name, f"{median(taken):.2f}", f"{ratio:.2f}")
    return table


if __name__ == "__main__":
    main()
