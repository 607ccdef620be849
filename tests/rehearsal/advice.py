"""Follows what `verify` advises, to the letter."""

import re
import shlex
import subprocess
import time
from collections.abc import Callable, Iterable, Sequence

from tests.rehearsal.verifying import account_of
from understudy_failover import cli
from understudy_failover.operations.finding import Finding, Verdict
from understudy_failover.rehearsal.bed import RehearsalBed

COMMAND = re.compile(r"`((?:understudy|cdk|aws) [^`]+)`")
READS_ONLY = re.compile(r"understudy (status|diff|certificate show)|aws route53 list-")
PLACEHOLDER = re.compile(r"\bFILES…")
SETTLED_SECONDS = 180
BY_ITSELF_NEVER = {"orphaned certificates"}


def advised(findings: Iterable[Finding]) -> list[str]:
    """Return the commands of every finding that did not pass, each once, that can be run as they stand."""
    texts = [finding.advice for finding in findings if finding.verdict is not Verdict.PASSED]
    commands = dict.fromkeys(command for text in texts for command in COMMAND.findall(text))
    return [command for command in commands if not PLACEHOLDER.search(command) and not READS_ONLY.match(command)]


def run(bed: RehearsalBed, command: str) -> None:
    """Run a command as printed, on the test bed; fail if it fails."""
    program, *words = shlex.split(command)
    if program == "understudy":
        with account_of(bed):
            assert cli.main(["--settings", str(bed.settings_path), *words]) == 0, command
    elif command == "cdk deploy --all":
        bed.cdk.deploy(print)
    elif command.startswith("cdk destroy "):
        bed.cdk.destroy(print, words[1])
    else:
        process = subprocess.run(
            [program, *words], env=bed.aws.environment(), capture_output=True, text=True, check=False
        )
        assert process.returncode == 0, command + process.stderr


def follow(bed: RehearsalBed, commands: Sequence[str], check: Callable[[], list[Finding]]) -> list[Finding]:
    """Run the commands, and those that are advised then, twice at most; what does not pass in the end."""
    results: list[Finding] = []
    for _ in range(2):
        for command in commands:
            run(bed, command)
        results = unsettled(check)
        commands = advised(results)
        if not commands:
            break
    return results


def unsettled(check: Callable[[], list[Finding]]) -> list[Finding]:
    """Return the findings that do not pass even after health checkers and the edge had time to react."""
    end = time.monotonic() + SETTLED_SECONDS
    while findings := [finding for finding in check() if finding.verdict is not Verdict.PASSED]:
        # A finding with its own advice does not disappear automatically.
        if time.monotonic() > end or any(finding.check in BY_ITSELF_NEVER for finding in findings):
            break
        time.sleep(1)
    return findings
