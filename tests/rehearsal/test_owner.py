"""The life of an owner's repository, from an empty folder to `cdk destroy`, by stock commands and without make."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.owner.environment import Environment
from tests.rehearsal.deployed import RATE
from tests.stacks.templates import replaced
from understudy_failover.operations.interruption import Interruption
from understudy_failover.rehearsal.bed import RehearsalBed

# Two deploys with the real CDK, and a destroy.
pytestmark = pytest.mark.timeout(600)


class Shell:
    """Commands in the owner's folder."""

    def __init__(self, environment: Environment, bed: RehearsalBed, folder: Path) -> None:
        self._environment = environment
        self.bed = bed
        self.folder = folder

    def type(self, command: str, *, code: int = 0) -> str:
        """Run a command with the options of the embedded AWS, check its exit code, and return its output."""
        world = f" {' '.join(self.bed.options())}" if re.match("understudy (preflight|verify)", command) else ""
        unattended = " --require-approval never" if command.startswith("cdk deploy") else ""
        process, printed = self._environment.run(
            f"{command}{world}{unattended}", self.folder, self.bed.aws.environment()
        )
        print(f"$ {command}\n{printed}")
        assert process == code, printed
        return printed


@pytest.fixture(scope="module")
def shell(environment: Environment, fast_settings: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Shell]:
    """An empty folder, an account with the zones and the key, and servers that work."""
    with Interruption() as interruption, RehearsalBed(fast_settings, rate=RATE, interruption=interruption) as bed:
        yield Shell(environment, bed, tmp_path_factory.mktemp("owner"))


def test_an_owner_installs_deploys_changes_and_removes_it(shell: Shell) -> None:
    shell.type("understudy init --github")
    # What the owner replaces: the example's settings and certificate by their own.
    for file in shell.bed.settings_path.parent.glob("certificates/*/*.pem"):
        (shell.folder / "certificates" / file.parent.name / file.name).write_bytes(file.read_bytes())
    settings = shell.folder / "failover.toml"
    text = shell.bed.settings_path.read_text(encoding="utf-8")
    settings.write_text(text, encoding="utf-8")

    shell.type("cdk bootstrap aws://000000000000/us-east-1")
    shell.type("cdk synth --quiet")
    assert "Number of stacks with differences: 2" in shell.type("cdk diff")
    deployed = shell.type("cdk deploy --all")
    assert "understudy-example-maintenance" in deployed
    assert "understudy-example-failover" in deployed
    assert "✔ record pairs" in shell.type("understudy verify")
    assert "Number of stacks with differences: 0" in shell.type("cdk diff")
    shell.type("cdk diff --fail")

    settings.write_text(replaced(text, '"shop.example.com"]', '"shop.example.com", "blog.example.com"]'), "utf-8")
    assert "host added: blog.example.com at server web" in shell.type("cdk synth --quiet && understudy diff")
    difference = shell.type("cdk diff --fail", code=1)
    assert "blog.example.com" in difference
    assert "Number of stacks with differences: 2" in difference
    shell.type("cdk deploy --all")
    assert re.search(r"✔ record pairs +6 of 6", shell.type("understudy verify"))
    shell.type("cdk diff --fail")

    shell.type("cdk destroy --all --force")
    assert shell.bed.leftovers() == []
