"""Every command of README.md, docs/certificates.md and docs/operating.md, by an owner on an empty embedded AWS.

A command that is new there is run, or stands below with the reason why it is not.
"""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.docs.markdown import ROOT, Code, code
from tests.owner.environment import Environment
from tests.rehearsal.deployed import RATE
from tests.rehearsal.newcomer import Newcomer
from tests.rehearsal.test_record_import import BEFORE
from understudy_failover.operations.interruption import Interruption
from understudy_failover.rehearsal.bed import RehearsalBed

pytestmark = pytest.mark.timeout(1800)

README, CERTIFICATES, OPERATING = ROOT / "README.md", ROOT / "docs/certificates.md", ROOT / "docs/operating.md"
RUN_WHERE_THEY_ARE_SPOKEN_OF = {
    "cdk diff",
    "cdk deploy --all",
    "understudy destroy",
    "certificate show",
    "understudy certificate show",
    "understudy estimate",
    "understudy origin www.example.com",
    "understudy page pages.out",
}
"""In sentences; blocks are run anyway."""
NOT_RUN = {
    "make rehearse TIMING=real": "takes as long as AWS does; tests/rehearsal/test_two_commands.py runs the quick one",
    "make rehearse": "tests/rehearsal/test_two_commands.py",
    "make up": "tests/rehearsal/test_two_commands.py",
    "make test": "this is one of its tests",
    "make wheel": "tests/owner builds it",
    "make help": "in the checkout, not in the owner's folder",
    "mkdir ../failover && cd ../failover && git init -b main && python3 -m venv .venv && . .venv/bin/activate": (
        "the fixture"
    ),
    "pip install ../understudy/dist/understudy_failover-*.whl": "likewise",
    'pip install -r requirements.txt && npm ci && export PATH="$PWD/node_modules/.bin:$PATH"': "downloads",
    "cdk deploy --all --context accept_outage=true": "needs an outage: tests/rehearsal/test_gate.py",
    "understudy status --watch": "ends with Ctrl-C: tests/rehearsal/test_status.py",
    "understudy detach --apply": "run at the end, after `understudy destroy`",
    "understudy detach old.example.com --apply": "likewise",
    "understudy destroy -- --force": "as the README's, where there is no terminal",
    "git revert COMMIT": "git's own",
    "understudy repair --apply": "tests/rehearsal/test_repair.py",
    "understudy repair": "likewise",
    "understudy status": "tests/rehearsal/test_status.py",
    "understudy preview": "tests/rehearsal/test_preview.py",
    "cdk synth --quiet && understudy diff": "both are run by themselves",
    "understudy maintenance on web --apply": "the README's own, with --until",
    "understudy maintenance on web --until TIME --apply": "likewise",
    "understudy certificate push": "the name of the command",
    "certificate push": "the name of the command",
    "certificate push CERTIFICATE CHAIN KEY": "its form; tests/operations/certificate/test_push.py runs it",
    "certificate push FULLCHAIN KEY": "likewise",
    "printf '%s' \"$PRIVATE_KEY\" | understudy certificate push new/cert.pem new/chain.pem - --apply --json": (
        "a CI's secret store: tests/operations/certificate/test_push.py gives the key through stdin"
    ),
}
COMMAND = re.compile(
    r"#!|(make|aws|cdk|curl|git|mkdir|pip|printf|release|understudy) |certificate (push|show)|understudy$"
)


def _commands(piece: Code) -> list[str]:
    """Return the lines of a block of commands, without comments; a script, or a call with its answer, is one."""
    text = re.sub(r" +# .*", "", piece.text.replace("\\\n", ""))
    if not piece.is_block or text.startswith(("#!", "curl")):
        return [text]
    return text.splitlines()


def _all(page: Path) -> list[tuple[str, bool]]:
    """Return every command of a page, and whether it is to be run in this place."""
    return [
        (command, piece.is_block or command in RUN_WHERE_THEY_ARE_SPOKEN_OF)
        for piece in code(page)
        for command in _commands(piece)
        if COMMAND.match(command)
    ]


def test_every_command_is_run_or_stands_here_with_the_reason() -> None:
    every = _all(README) + _all(CERTIFICATES) + _all(OPERATING)
    run = {part for command, here in every if here for part in (command, *command.split(" && "))}
    named = {command for command, _ in every}
    assert len(run) > 25
    assert named - run - NOT_RUN.keys() == set()
    assert (NOT_RUN.keys() | RUN_WHERE_THEY_ARE_SPOKEN_OF) - named == set(), "is gone"


@pytest.fixture(scope="module")
def newcomer(root: Path, environment: Environment, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Newcomer]:
    folder = tmp_path_factory.mktemp("newcomer") / "failover"
    folder.mkdir()
    settings = root / "tests/sample/failover.toml"
    with Interruption() as interruption, RehearsalBed(settings, rate=RATE, interruption=interruption) as bed:
        for zone, record in BEFORE:
            batch: dict[str, Any] = {"Changes": [{"Action": "CREATE", "ResourceRecordSet": record}]}
            bed.aws.client("route53").change_resource_record_sets(HostedZoneId=zone, ChangeBatch=batch)
        yield Newcomer(environment, bed, folder)


def test_the_readme_can_be_typed_from_top_to_bottom(newcomer: Newcomer) -> None:
    results: set[str] = set()
    for command, here in _all(README):
        if command == "understudy destroy":
            _renew(newcomer, results)
            _operate(newcomer, results)
        if here and command not in NOT_RUN and command not in results:
            _type(newcomer, command, results)
        if command.startswith("understudy init"):
            newcomer.described()
    _type(newcomer, "understudy detach --apply", results)
    assert len(results) > 20


def _renew(newcomer: Newcomer, done: set[str]) -> None:
    newcomer.renewed()
    for piece in filter(lambda piece: piece.is_block, code(CERTIFICATES)):
        for command in _commands(piece):
            if command.startswith("#!"):  # certbot's hook, at the next renewal
                newcomer.renewed()
            if COMMAND.match(command) and command not in NOT_RUN:
                _type(newcomer, command, done)


def _operate(newcomer: Newcomer, done: set[str]) -> None:
    newcomer.adds_a_host()
    for piece in code(OPERATING):
        for command in filter(COMMAND.match, _commands(piece)):
            if command not in NOT_RUN and (piece.is_block or command in RUN_WHERE_THEY_ARE_SPOKEN_OF - done):
                _type(newcomer, command, done)


def _type(newcomer: Newcomer, command: str, done: set[str]) -> None:
    call, *answer = command.split("\n") if command.startswith("curl") else (command,)
    code_, printed = newcomer.type(call)
    assert code_ == 0, f"{newcomer.written(call)}\n{printed}"
    printed_lines = iter(printed.lower().splitlines())
    for line in answer:
        assert line == "…" or any(line.lower() in entry for entry in printed_lines), printed
    done.add(command)
