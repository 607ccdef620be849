"""The pipelines that `understudy init` writes, and their steps run as a runner does."""

import re
import subprocess
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).resolve().parents[2]
GITHUB = ROOT / "understudy_failover" / "owner" / "templates" / "github.yml"
GITLAB = GITHUB.with_name("gitlab.yml")
EXPRESSION = re.compile(r"\$\{\{\s*(.+?)\s*\}\}")
CREDENTIALS = "aws-actions/configure-aws-credentials"
PREPARATIONS = {"actions/checkout", "actions/setup-python"}
INSTALLS = re.compile(r"pip install |npm ci|bin/pip")
"""Of a step that downloads packages, which tests have already."""
IDENTITY = re.compile(r"AWS_ID_TOKEN\"|AWS_WEB_IDENTITY_TOKEN_FILE")
"""Of a line that brings credentials on GitLab; on GitHub an action does."""


@dataclass(frozen=True)
class Step:
    """Either runs a script, or uses an action."""

    run: str
    uses: str
    environment: Mapping[str, str]
    condition: str


def workflow(file: Path = GITHUB) -> dict[str, Any]:
    """One of GitHub's."""
    document: dict[Any, Any] = yaml.safe_load(file.read_text(encoding="utf-8"))
    # YAML 1.1 takes the key `on` for a truth.
    return {"on" if key is True else key: value for key, value in document.items()}


def steps(job: str) -> list[Step]:
    """Of one job of GitHub's."""
    return [
        Step(
            run=step.get("run", ""),
            uses=step.get("uses", "").partition("@")[0],
            environment=step.get("env", {}),
            condition=step.get("if", ""),
        )
        for step in workflow()["jobs"][job]["steps"]
    ]


def gitlab() -> dict[str, Any]:
    """The whole file."""
    document: dict[str, Any] = yaml.safe_load(GITLAB.read_text(encoding="utf-8"))
    return document


def commands(script: Sequence[Any]) -> list[str]:
    """What a job runs besides installing packages, without the places of temporary files."""
    lines = [line for step in script for line in ([step] if isinstance(step, str) else step)]
    text = "\n".join(lines)
    left_out = re.compile(rf"{INSTALLS.pattern}|-m venv|requirements node|{IDENTITY.pattern}")
    kept = [line for line in text.splitlines() if line and not left_out.search(line)]
    return [re.sub(r"'?\"?(\$RUNNER_TEMP|/tmp)(/[\w./]+)\"?'?", r"TMP\2", line) for line in kept]


@dataclass(frozen=True)
class Done:
    """One step that ran."""

    run: str
    code: int
    output: str


def play(
    job: Sequence[Step],
    checkout: Path,
    *,
    runner: Mapping[str, str],
    expressions: Mapping[str, str],
    credentials: Mapping[str, str],
    arguments: Mapping[str, str],
) -> Iterator[Done]:
    """Runs a job's steps in order until one fails; `runner` is the whole environment of a runner.

    `credentials` is the environment after the action that brings them, `arguments` what a command wants besides
    what the step says, as it does not speak to the real AWS. Later steps run only where their condition says so.
    """
    environment = {"CI": "true", **runner}
    failed = False
    for step in job:
        if step.uses in PREPARATIONS or INSTALLS.search(step.run):
            continue
        if step.uses:
            assert step.uses == CREDENTIALS, f"what does {step.uses} do here?"
            environment |= credentials
            continue
        if failed and "!cancelled()" not in step.condition:
            continue
        own = {name: _worked_out(text, expressions) for name, text in step.environment.items()}
        assert not EXPRESSION.search(step.run), "what GitHub puts into a script, its author can use to run another"
        done = subprocess.run(
            ["bash", "-e", "-c", f"{step.run} {arguments.get(step.run, '')}"],
            cwd=checkout,
            env=environment | own,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            check=False,
        )
        print(f"$ {step.run}\n{done.stdout}")
        failed = failed or done.returncode != 0
        yield Done(step.run, done.returncode, done.stdout)


def _worked_out(text: str, expressions: Mapping[str, str]) -> str:
    return EXPRESSION.sub(lambda match: expressions[match[1]], text)
