"""operations/permissions.py against the calls that the commands make, on the embedded AWS."""

import json
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Self

import pytest
from botocore.client import BaseClient

from tests.account import log_in
from tests.operations.preflight.deployed import Distribution, MaintenanceStack
from tests.stacks.templates import sample_text, synthesise, with_sample_certificate
from understudy_failover import cli as entry
from understudy_failover.operations import window_command
from understudy_failover.operations.help import Parser
from understudy_failover.operations.interruption import Interruption
from understudy_failover.operations.permissions import COMMANDS, DEPLOY
from understudy_failover.operations.record_import import carry_out, command as record_import
from understudy_failover.rehearsal.bed import ACCOUNT, RehearsalBed

OF_OPERATIONS = {
    "s3:HeadObject": "s3:GetObject",
    "s3:ListObjectsV2": "s3:ListBucket",
    "s3:GetBucketLifecycleConfiguration": "s3:GetLifecycleConfiguration",
}
"""IAM's name for what is called otherwise."""
WITHOUT_CALL = {"iam:PassRole"}
"""Checked by AWS when a schedule is made."""
APP = "understudy-example"
COM = "Z0EXAMPLECOM00000001"

Calls = set[str]


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory, processes: None) -> Iterator[RehearsalBed]:
    """Nothing is deployed on it, and much looks so."""
    folder = with_sample_certificate(tmp_path_factory.mktemp("permissions"))
    (folder / "failover.toml").write_text(sample_text(), encoding="utf-8")
    with (
        pytest.MonkeyPatch.context() as patch,
        Interruption() as interruption,
        RehearsalBed(folder / "failover.toml", rate=1, interruption=interruption) as prepared,
    ):
        log_in(patch, prepared.aws)
        prepared.aws.client("s3").create_bucket(Bucket=f"{APP}-switch-{ACCOUNT}")
        prepared.aws.client("scheduler").create_schedule_group(Name=APP)
        leaf = prepared.authority.issue(("www.example.com",), days=30)
        uploaded = prepared.aws.client("iam").upload_server_certificate(
            Path=f"/cloudfront/{APP}/",
            ServerCertificateName="example",
            CertificateBody=leaf.body_pem,
            CertificateChain=leaf.chain_pem,
            PrivateKey=leaf.private_key_pem,
        )["ServerCertificateMetadata"]["ServerCertificateId"]
        client = prepared.aws.client
        with Distribution(client, server_certificate_id=uploaded) as identifier, MaintenanceStack(client, identifier):
            yield prepared


@pytest.fixture
def calls(monkeypatch: pytest.MonkeyPatch) -> Calls:
    """The IAM actions of every call that a test makes from now on."""
    all_calls: Calls = set()
    original = BaseClient._make_api_call

    def recording(self: Any, operation: str, arguments: Any) -> Any:
        action = f"{self.meta.service_model.signing_name}:{operation}"
        all_calls.add(OF_OPERATIONS.get(action, action))
        return original(self, operation, arguments)

    monkeypatch.setattr(BaseClient, "_make_api_call", recording)
    return all_calls


@pytest.fixture
def run(bed: RehearsalBed) -> Callable[..., int]:
    """A command on the test bed's settings."""
    return lambda *words: entry.main(["--settings", str(bed.settings_path), *words])


def declared(name: str, *, changes: bool) -> Calls:
    """What a command needs to look, or with `changes` in all; a declared action without a call left out."""
    needs = COMMANDS[name]
    return {need.action for need in needs if changes or not need.changes} - WITHOUT_CALL


def same(calls: Calls, name: str, *, changes: bool) -> None:
    """Neither more nor less; then forgets the calls."""
    assert calls == declared(name, changes=changes), name
    calls.clear()


def test_adopt_and_release(
    bed: RehearsalBed, calls: Calls, run: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(carry_out, "POLL_SECONDS", 0.01)
    # Where the zone's own name server is looked for; that there is none here is no matter.
    here = SimpleNamespace(getaddrinfo=lambda *_: [(0, 0, 0, "", ("127.0.0.1", 53))], AF_INET=2, SOCK_DGRAM=2)
    monkeypatch.setattr(record_import, "socket", here)
    record = {"Name": "www.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "203.0.113.10"}]}
    route53 = bed.aws.client("route53")

    def change(action: str, need: dict[str, Any]) -> None:
        batch = {"Changes": [{"Action": action, "ResourceRecordSet": need}]}
        route53.change_resource_record_sets(HostedZoneId=COM, ChangeBatch=batch)

    change("CREATE", record)
    for name in ("import", "detach"):
        calls.clear()
        assert run(name) == 0
        same(calls, name, changes=False)
        assert run(name, "--apply") == 1
        same(calls, name, changes=True)
        assert run(name, "--apply", "--unchecked") == 0
    change("DELETE", record)


def test_certificate_show(bed: RehearsalBed, calls: Calls, run: Callable[..., int]) -> None:
    run("certificate", "show", *bed.options())
    same(calls, "certificate show", changes=True)


def test_certificate_push(bed: RehearsalBed, calls: Calls, tmp_path: Path) -> None:
    text = sample_text().replace("understudy/example/private-key", "understudy/pushed")
    (tmp_path / "failover.toml").write_text(text, encoding="utf-8")
    names = tuple(bed.settings.certificate.public.names)
    issued = [bed.authority.issue(names, days=90) for _ in range(2)]

    def push(number: int, *words: str) -> None:
        files = [tmp_path / name for name in ("cert.pem", "chain.pem", "privkey.pem")]
        statement = issued[number]
        for file, content in zip(
            files, (statement.body_pem, statement.chain_pem, statement.private_key_pem), strict=True
        ):
            file.write_text(content, encoding="ascii")
        where = ("--settings", str(tmp_path / "failover.toml"))
        assert entry.main(["certificate", "push", "--private-ca", *map(str, files), *where, *words]) == 0

    push(0)
    same(calls, "certificate push", changes=False)
    # A new secret, a new version, and the first one again.
    for number in (0, 1, 0):
        push(number, "--apply")
    same(calls, "certificate push", changes=True)


def test_maintenance_on_off_and_status(calls: Calls, run: Callable[..., int]) -> None:
    # What is beside an object is read of a switch that is on alone.
    assert run("maintenance", "on", "--all", "--apply") == 0
    calls.clear()
    for action in ("on", "off"):
        assert run("maintenance", action, "web") == 0
    same(calls, "maintenance on, off", changes=False)
    for action in ("on", "off"):
        assert run("maintenance", action, "web", "--apply") == 0
    same(calls, "maintenance on, off", changes=True)
    assert run("maintenance", "status") == 0
    same(calls, "maintenance status", changes=True)
    assert run("maintenance", "off", "--all", "--apply") == 0


def test_maintenance_windows(calls: Calls, run: Callable[..., int], monkeypatch: pytest.MonkeyPatch) -> None:
    base = (datetime.now(UTC) + timedelta(days=1)).replace(minute=0, second=0, microsecond=0)

    class InTheMiddle(datetime):
        """When the first window has begun."""

        @classmethod
        def now(cls, tz: tzinfo | None = None) -> Self:
            assert tz
            return cls.fromisoformat((base + timedelta(hours=1)).isoformat())

    def window(start: int, end: int) -> tuple[str, ...]:
        times = [(base + timedelta(hours=hours)).isoformat() for hours in (start, end)]
        return ("schedule", "web", "--from", times[0], "--to", times[1])

    for words in (window(0, 3), ("windows",), ("cancel", "web")):
        assert run("maintenance", *words) == 0
    same(calls, "maintenance schedule, windows, cancel", changes=False)
    assert run("maintenance", *window(0, 3), "--apply") == 0
    monkeypatch.setattr(window_command, "datetime", InTheMiddle)
    assert run("maintenance", *window(2, 5), "--apply") == 0
    assert run("maintenance", "cancel", "web", "--apply") == 0
    same(calls, "maintenance schedule, windows, cancel", changes=True)


def test_preflight(
    bed: RehearsalBed, calls: Calls, tmp_path: Path, run: Callable[..., int], monkeypatch: pytest.MonkeyPatch
) -> None:
    synthesise(bed.settings_path, tmp_path / "cdk.out")
    role = "arn:aws:sts::000000000000:assumed-role/operator/session"
    bed.aws.client("iam").create_role(RoleName="operator", AssumeRolePolicyDocument=json.dumps({}))
    calls.clear()
    with monkeypatch.context() as patch:
        recording = BaseClient._make_api_call

        def as_a_role(self: Any, operation: str, arguments: Any) -> Any:
            answer = recording(self, operation, arguments)
            return answer | {"Arn": role} if operation == "GetCallerIdentity" else answer

        patch.setattr(BaseClient, "_make_api_call", as_a_role)
        run("preflight", "--assembly", str(tmp_path / "cdk.out"), *bed.options())
    same(calls, "preflight", changes=True)


def test_review(bed: RehearsalBed, calls: Calls, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    synthesise(bed.settings_path, tmp_path / "cdk.out")
    entry.main(["diff", str(tmp_path / "cdk.out")])
    same(calls, "diff, gate, destroy", changes=True)


def test_every_command_that_asks_aws_is_declared() -> None:
    commands = Parser().add_subparsers()
    for command in entry.COMMANDS:
        command.add_parser(commands)
    first_words = {word.partition(" ")[0] for name in COMMANDS for word in name.split(", ")}
    # What `renew` needs is a role of its own: understudy_failover/pipeline/roles.py. `confirm` needs an administrator.
    names = {command.prog.split()[-1] for command in commands.choices.values()}  # an alias has the same parser
    assert names <= first_words | {"renew", "confirm"}


def test_every_wildcard_has_its_reason() -> None:
    for need in (*DEPLOY, *(need for needs in COMMANDS.values() for need in needs)):
        assert bool(need.reason) == bool({"*", "?"} & set(need.resource)), need
        assert "*" not in need.action
