"""Faults that preflight finds on an account, each by the id of its finding, and how its advice is followed.

tests/operations/preflight/test_servers.py has those of servers, tests/operations/test_delegation.py those of DNS.
"""

import json
import re
import shlex
import shutil
import subprocess
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError, EndpointConnectionError

from tests.operations.preflight.conftest import BOOTSTRAP, Account, bootstrapped
from tests.operations.preflight.deployed import Distribution, MaintenanceStack
from tests.stacks.templates import replaced
from understudy_failover.cli import main
from understudy_failover.contract.documentation import documentation
from understudy_failover.operations import aws
from understudy_failover.operations.permissions import COMMANDS, DEPLOY
from understudy_failover.operations.preflight import command
from understudy_failover.rehearsal.bed import ACCOUNT

COM, ORG = "Z0EXAMPLECOM00000001", "Z0EXAMPLEORG00000002"
WWW, SHOP, API = "www.example.com", "shop.example.com", "api.example.org"
COMMAND = re.compile(r"`((?:understudy|aws) [^`]+)`")
KEPT = {"SetIdentifier": "kept-by-understudy", "Failover": "SECONDARY"}


@dataclass
class World:
    """The account, and an operator's folder of its own, in which advice is followed."""

    account: Account
    folder: Path
    patch: pytest.MonkeyPatch
    words: list[str] = field(default_factory=list)
    """Options of preflight."""
    undo: Callable[[], None] = lambda: None
    """Ends the fault, as somebody outside of this machine does it."""

    later: ExitStack = field(default_factory=ExitStack)
    """Takes back what following an advice made."""

    def __post_init__(self) -> None:
        """Copies what `import` and `certificate push` change."""
        source = self.account.bed.settings_path
        shutil.copy(source, self.settings)
        shutil.copytree(source.parent / "certificates", self.folder / "certificates")
        self.assembly = self.account.assembly

    @property
    def settings(self) -> Path:
        """The operator's failover.toml."""
        return self.folder / "failover.toml"

    def edit(self, old: str, new: str) -> None:
        """Change failover.toml in one place."""
        text = self.settings.read_text(encoding="utf-8")
        self.settings.write_text(replaced(text, old, new), encoding="utf-8")

    def findings_of(self, check: str, identifier: str) -> list[dict[str, Any]]:
        """Findings of this id."""
        words = ("--settings", str(self.settings), *self.words)
        findings = self.account.preflight(*words, only=check, assembly=self.assembly)[1]
        return [finding for finding in findings if finding["id"] == identifier]

    def follow(self, advice: str) -> None:
        """Run the commands of an advice as they stand."""
        commands = COMMAND.findall(advice)
        assert commands, advice
        for text in commands:
            program, *words = shlex.split(text)
            if program == "understudy":
                words = self._push(words) if words[:2] == ["certificate", "push"] else self._resolved(words)
                assert main([*words, "--settings", str(self.settings)]) == 0, text
            else:
                environment = self.account.bed.aws.environment()
                done = subprocess.run([program, *words], env=environment, capture_output=True, text=True, check=False)
                assert done.returncode == 0, text + done.stderr

    def _resolved(self, words: list[str]) -> list[str]:
        return [*words, "--name-server", ":".join(map(str, self.account.bed.aws.nameserver))]

    def _push(self, words: list[str]) -> list[str]:
        """With a renewed certificate in place of `FILES…`."""
        names = self.account.bed.settings.certificate.public.names
        issued = self.account.bed.authority.issue(names, days=365)
        parts = {"certificate": issued.body_pem, "chain": issued.chain_pem, "privkey": issued.private_key_pem}
        files = []
        for name, pem in parts.items():
            files.append(str(self.folder / f"{name}.pem"))
            Path(files[-1]).write_text(pem, encoding="ascii")
        where = words.index("FILES…")
        # No public CA issues for the names of a test.
        return [*words[:where], *files, *words[where + 1 :], "--private-ca"]

    def undone(self, _: str) -> None:
        """End the fault."""
        self.undo()


Fault = Callable[[World], AbstractContextManager[Any]]


@dataclass(frozen=True)
class Case:
    """One finding of the check `check`."""

    check: str
    fault: Fault
    advice: str
    """What the advice says."""
    cure: Callable[[World, str], None] = World.undone
    """Follows the advice: runs its commands, edits failover.toml, or does what it says somewhere else."""


def _fault(act: Callable[[World], Iterator[None]]) -> Fault:
    return contextmanager(act)


def _record(name: str, kind: str, *values: str, zone: str = COM, ttl: int = 300, **more: Any) -> Fault:
    """A record set more, until somebody deletes it; what `import` makes of it goes in the end."""
    record: dict[str, Any] = {"Name": name, "Type": kind, **more}
    if values:
        record |= {"TTL": ttl, "ResourceRecords": [{"Value": value} for value in values]}

    @contextmanager
    def there(world: World) -> Iterator[None]:
        world.account.change(zone, "CREATE", record)
        try:
            yield
        finally:
            pages = world.account.client("route53").list_resource_record_sets(HostedZoneId=zone)
            for entry in pages["ResourceRecordSets"]:
                if entry["Name"].replace("\\052", "*").rstrip(".") == name.rstrip("."):
                    world.account.change(zone, "DELETE", entry)

    return there


def _edited(*edits: tuple[str, str]) -> Callable[[World, str], None]:
    def cure(world: World, _: str) -> None:
        for old, new in edits:
            world.edit(old, new)

    return cure


def _edit(*edits: tuple[str, str]) -> Fault:
    @contextmanager
    def broken(world: World) -> Iterator[None]:
        text = world.settings.read_text(encoding="utf-8")
        _edited(*edits)(world, "")
        yield
        world.settings.write_text(text, encoding="utf-8")

    return broken


def _both(*faults: Fault) -> Fault:
    @contextmanager
    def broken(world: World) -> Iterator[None]:
        with ExitStack() as exits:
            for fault in faults:
                exits.enter_context(fault(world))
            yield

    return broken


def _features(**features: Any) -> Fault:
    @contextmanager
    def broken(world: World) -> Iterator[None]:
        world.account.bed.aws.control.set_zone_features(id=COM, **features)
        try:
            yield
        finally:
            world.account.bed.aws.control.set_zone_features(id=COM)

    return broken


def _client(**answers: Callable[[], Any]) -> Fault:
    """One service answers otherwise; `answers` by its name."""

    @contextmanager
    def broken(world: World) -> Iterator[None]:
        real = aws.client
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(aws, "client", lambda name, *more: answers[name]() if name in answers else real(name, *more))
            yield

    return broken


def _raising(error: Exception) -> Fault:
    def nobody(**_: Any) -> Any:
        raise error

    return _client(secretsmanager=lambda: SimpleNamespace(describe_secret=nobody))


def _distribution(*aliases: str) -> Fault:
    return lambda world: Distribution(world.account.client, *aliases)


def _in_other_account(world: World) -> Iterator[None]:
    control = world.account.bed.aws.control
    control.assign_alias(SHOP, account="444455556666")
    try:
        with Distribution(world.account.client) as identifier, MaintenanceStack(world.account.client, identifier):
            yield
    finally:
        control.assign_alias(SHOP, account="")


def _later(days: int) -> Fault:
    @contextmanager
    def broken(world: World) -> Iterator[None]:
        later = world.account.bed.settings.certificate.public.not_before + timedelta(days=days)
        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(command, "datetime", SimpleNamespace(now=lambda _: later))
            yield

    return broken


def _untrusted(world: World) -> Iterator[None]:
    without_ca = world.account.bed.options()[:-2]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(world.account.bed, "options", lambda: without_ca)
        yield


def _with_private_ca(world: World, _: str) -> None:
    world.words.append("--private-ca")


SECRET = "understudy/example/private-key"


def _secret(name: str, *tokens: str) -> Fault:
    """The settings name a secret with versions of these ids; none: there is no such secret."""

    @contextmanager
    def broken(world: World) -> Iterator[None]:
        secrets = world.account.client("secretsmanager")
        world.edit(SECRET, name)
        if tokens:
            secrets.create_secret(Name=name)
        for token in tokens:
            secrets.put_secret_value(SecretId=name, ClientRequestToken=token, SecretString="x")
        try:
            yield
        finally:
            secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)

    return broken


def _being_deleted(world: World) -> Iterator[None]:
    secrets = world.account.client("secretsmanager")
    secrets.create_secret(Name="understudy/deleted", SecretString="x")
    secrets.delete_secret(SecretId="understudy/deleted")
    world.edit(SECRET, "understudy/deleted")
    try:
        yield
    finally:
        secrets.delete_secret(SecretId="understudy/deleted", ForceDeleteWithoutRecovery=True)


def _without_key(world: World) -> Iterator[None]:
    # The embedded AWS gives every secret a version; of AWS's own an empty one has none.
    empty = SimpleNamespace(describe_secret=lambda **_: {"VersionIdsToStages": {}})
    with _secret("understudy/empty", "0" * 64)(world), _client(secretsmanager=lambda: empty)(world):
        yield


def _pushed_after_undo(world: World, advice: str) -> None:
    world.undo()
    world.follow(advice)


def _unready(version: int) -> Fault:
    @contextmanager
    def broken(world: World) -> Iterator[None]:
        if version:
            bootstrapped(world.account, version)
        else:
            world.account.client("ssm").delete_parameter(Name=BOOTSTRAP)
        try:
            yield
        finally:
            bootstrapped(world.account, 30)

    return broken


def _bootstrap(world: World, _: str) -> None:
    # What `cdk bootstrap` leaves to be seen; every deploy of tests/rehearsal begins with the real one.
    bootstrapped(world.account, 30)


CALLER = "operator-of-advice"


def _caller(arn: str) -> Fault:
    return _client(
        sts=lambda: SimpleNamespace(get_caller_identity=lambda: {"Arn": arn, "Account": ACCOUNT}),
    )


def _user(world: World) -> Iterator[None]:
    iam = world.account.client("iam")
    arn = iam.create_user(UserName=CALLER)["User"]["Arn"]
    try:
        with _caller(arn)(world):
            yield
    finally:
        iam.delete_user_policy(UserName=CALLER, PolicyName="advised")
        iam.delete_user(UserName=CALLER)


def _given_all(world: World, _: str) -> None:
    """The actions of docs/permissions.md, which is written from these."""
    actions = sorted({need.action for needs in (DEPLOY, *COMMANDS.values()) for need in needs})
    statement = {"Effect": "Allow", "Action": actions, "Resource": "*"}
    world.account.client("iam").put_user_policy(
        UserName=CALLER,
        PolicyName="advised",
        PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [statement]}),
    )


def _as_a_role(world: World, _: str) -> None:
    world.undo()
    iam = world.account.client("iam")
    iam.create_role(RoleName="advised", AssumeRolePolicyDocument="{}")
    statement = {"Effect": "Allow", "Action": "*", "Resource": "*"}
    document = json.dumps({"Version": "2012-10-17", "Statement": [statement]})
    iam.put_role_policy(RoleName="advised", PolicyName="all", PolicyDocument=document)
    world.later.callback(iam.delete_role, RoleName="advised")
    world.later.callback(iam.delete_role_policy, RoleName="advised", PolicyName="all")
    identity = {"Arn": f"arn:aws:sts::{ACCOUNT}:assumed-role/advised/session", "Account": ACCOUNT}
    real = world.account.client
    stub = SimpleNamespace(get_caller_identity=lambda: identity)
    world.patch.setattr(aws, "client", lambda name, *more: stub if name == "sts" else real(name, *more))


def _quota(world: World) -> Iterator[None]:
    world.account.bed.aws.control.set_quota("health checks", 6)
    try:
        yield
    finally:
        world.account.bed.aws.control.set_quota("health checks", 200)


def _raised(world: World, advice: str) -> None:
    wanted = re.match(r"ask for (\d+) or more: Service Quotas", advice)
    assert wanted
    world.account.bed.aws.control.set_quota("health checks", int(wanted[1]))


def _no_templates(world: World) -> Iterator[None]:
    world.assembly = world.folder / "cdk.out"
    yield


def _synthesised(world: World, _: str) -> None:
    shutil.copytree(world.account.assembly, world.folder / "cdk.out")


def _zone_of(name: str, **more: Any) -> Fault:
    """The settings name this hosted zone as that of example.org."""

    @contextmanager
    def broken(world: World) -> Iterator[None]:
        route53 = world.account.client("route53")
        zone_id = route53.create_hosted_zone(Name=name, CallerReference=name, **more)["HostedZone"]["Id"]
        identifier = zone_id.removeprefix("/hostedzone/")
        world.edit(ORG, identifier)
        try:
            yield
        finally:
            route53.delete_hosted_zone(Id=identifier)

    return broken


def _right_id(world: World, _: str) -> None:
    text = world.settings.read_text(encoding="utf-8")
    world.settings.write_text(re.sub(r'(name = "example.org"\nid = )".*"', rf'\1"{ORG}"', text), encoding="utf-8")


def _delegated(world: World, _: str) -> None:
    route53 = world.account.client("route53")
    zone_id = route53.create_hosted_zone(Name=SHOP, CallerReference="advised")["HostedZone"]["Id"]
    world.later.callback(route53.delete_hosted_zone, Id=zone_id)
    identifier = zone_id.removeprefix("/hostedzone/")
    world.edit(
        '[[servers]]\nname = "web"', f'[[zones]]\nname = "{SHOP}"\nid = "{identifier}"\n\n[[servers]]\nname = "web"'
    )


def _listed_and_removed(world: World, _: str) -> None:
    world.edit('"*.example.org"]', '"*.example.org", "old.example.org"]')
    world.undo()


def _listed_and_adopted(world: World, advice: str) -> None:
    world.edit('"shop.example.com"]', '"shop.example.com", "blog.example.com"]')
    world.follow(advice)


def _simple_then_adopted(world: World, advice: str) -> None:
    (record,) = (
        candidate
        for candidate in world.account.client("route53").list_resource_record_sets(HostedZoneId=COM)[
            "ResourceRecordSets"
        ]
        if candidate["Name"] == f"{WWW}."
    )
    simple = {key: value for key, value in record.items() if key not in {"SetIdentifier", "Weight"}}
    world.account.change(COM, "DELETE", record)
    world.account.change(COM, "CREATE", simple)
    world.follow(advice)


def _denied(operation: str) -> Fault:
    @contextmanager
    def broken(world: World) -> Iterator[None]:
        control = world.account.bed.aws.control
        control.plan_fault(operation=operation, kind="access-denied", times=10)
        try:
            yield
        finally:
            control.clear_faults()

    return broken


WITH_CNAME = _edit(
    ('ipv6 = "2001:db8::10"', 'cname = "web.origin.example.edu"  #'),
    ('"example.com", "www', '"www'),
    ('host_name = "example.com"', 'host_name = "www.example.com"'),
)
GUARDED = {"tier": "ADVANCED"}

CASES: dict[str, Case] = {
    "alias-taken": Case("aliases", _distribution(WWW), "remove it there"),
    "alias-more-specific-elsewhere": Case(
        "aliases", _distribution("old.example.org"), "list these names as hosts", _listed_and_removed
    ),
    "alias-in-other-account": Case("aliases", _fault(_in_other_account), "remove it there"),
    "certificate-refused": Case("certificate", _fault(_untrusted), "repeat with --private-ca", _with_private_ca),
    "certificate-ends-soon": Case("certificate", _later(80), "certificate push", World.follow),
    "secret-missing": Case("secret", _secret("understudy/missing"), "certificate push", World.follow),
    "secret-being-deleted": Case("secret", _fault(_being_deleted), "restore-secret", World.follow),
    "secret-without-key": Case("secret", _fault(_without_key), "certificate push", _pushed_after_undo),
    "secret-of-other-certificate": Case(
        "secret", _secret("understudy/other", "0" * 64, "1" * 64), "certificate push", World.follow
    ),
    "secret-not-read": Case(
        "secret", _secret("understudy/by-hand", "b" * 36, "c" * 36), "certificate push", World.follow
    ),
    "api-denied": Case(
        "secret",
        _raising(ClientError({"Error": {"Code": "AccessDeniedException"}}, "DescribeSecret")),
        documentation("permissions"),
    ),
    "api-fails": Case(
        "secret", _raising(ClientError({"Error": {"Code": "Throttling"}}, "DescribeSecret")), "try again later"
    ),
    "api-unreachable": Case("secret", _raising(EndpointConnectionError(endpoint_url="https://x")), "check the network"),
    "assembly-missing": Case("quotas", _fault(_no_templates), "`cdk synth --quiet`", _synthesised),
    "bootstrap-missing": Case("bootstrap", _unready(0), "`cdk bootstrap`", _bootstrap),
    "bootstrap-old": Case("bootstrap", _unready(5), "`cdk bootstrap`", _bootstrap),
    "caller-not-simulated": Case(
        "permissions", _caller(f"arn:aws:sts::{ACCOUNT}:federated-user/somebody"), "try with a role", _as_a_role
    ),
    "permission-missing": Case("permissions", _fault(_user), documentation("permissions"), _given_all),
    "quota-unread": Case("quotas", _denied("GET /2013-04-01/accountlimit"), "compare with Service Quotas"),
    "quota-exceeded": Case("quotas", _fault(_quota), "ask for 8 or more", _raised),
    "dependent-name": Case(
        "names", _record("blog.example.com", "CNAME", f"{WWW}."), "to the hosts of web, then", _listed_and_adopted
    ),
    "ipv6-bypass": Case(
        "records",
        _record(API, "AAAA", "2001:db8::20", zone=ORG),
        "give the server its ipv6",
        _edited(('ipv4 = "203.0.113.20"', 'ipv4 = "203.0.113.20"\nipv6 = "2001:db8::20"')),
    ),
    "beside-cname": Case(
        "records",
        _both(WITH_CNAME, _record(WWW, "TXT", '"heritage=external-dns"')),
        "leave out cname",
        _edited(('cname = "web.origin.example.edu"', "")),
    ),
    "long-ttl": Case(
        "records",
        _record(WWW, "A", "203.0.113.10", ttl=86_400),
        "wait that long after `import`",
        lambda world, _: world.follow(f"`understudy import {WWW} --apply`"),
    ),
    "record-in-the-way": Case(
        "records", _record("*.example.org", "A", "203.0.113.20", zone=ORG), "understudy import '*", World.follow
    ),
    "failover-record-in-the-way": Case(
        "records",
        _record(WWW, "A", "203.0.113.10", SetIdentifier="theirs", Failover="SECONDARY"),
        "understudy import",
        World.follow,
    ),
    "routing-policy-in-the-way": Case(
        "records",
        _record(WWW, "A", "203.0.113.10", SetIdentifier="one", Weight=1),
        "by a simple one",
        _simple_then_adopted,
    ),
    "other-installation": Case(
        "records",
        _record(WWW, "A", "203.0.113.10", SetIdentifier="maintenance-page", Failover="SECONDARY"),
        "or from this one",
        _edited((f'"{WWW}", ', "")),
    ),
    "https-bypass": Case("records", _record(SHOP, "HTTPS", "0 origin.example.net."), "delete it"),
    "https-promise": Case("records", _record(SHOP, "HTTPS", "1 . alpn=h3,h2"), "delete it"),
    "delegated-away": Case(
        "records", _record(SHOP, "NS", "ns1.example.net", "ns2.example.net"), "[[zones]]", _delegated
    ),
    "zone-missing": Case("zones", _edit((ORG, "Z0OTHER")), "copy the id", _right_id),
    "zone-of-other-name": Case("zones", _zone_of("example.net"), "correct its name or its id", _right_id),
    "zone-private": Case(
        "zones",
        _zone_of("example.org", VPC={"VPCRegion": "us-east-1", "VPCId": "vpc-1"}),
        "name the public hosted zone",
        _right_id,
    ),
    "zone-rules-unread": Case(
        "zones", _denied(f"GET /2013-04-01/hostedzone/{COM}/rrsetprotection"), documentation("permissions")
    ),
    "zone-locked": Case("zones", _features(recovery="ENABLING"), "wait some minutes"),
    "recovery-failed": Case("zones", _features(recovery="ENABLE_FAILED"), "FailureReasons"),
    "record-protected": Case(
        "zones",
        _features(protections=[(f"{WWW}.", "A", "of the shop")]),
        "aws route53 delete-resource-record-set-protections",
    ),
    "active-record-guardrail": Case(
        "zones",
        _both(
            _record(WWW, "CNAME", "elsewhere.example.net."), _features(guardrails=["ACTIVE_RECORD_CHECK"], **GUARDED)
        ),
        "aws route53 update-hosted-zone-features",
    ),
    "alias-target-guardrail": Case(
        "zones",
        _both(
            _record(WWW, "CNAME", "elsewhere.example.net."),
            _record(
                "old.example.com",
                "CNAME",
                AliasTarget={"HostedZoneId": COM, "DNSName": f"{WWW}.", "EvaluateTargetHealth": False},
            ),
            _features(guardrails=["ALIAS_TARGET_CHECK"], **GUARDED),
        ),
        "aws route53 update-hosted-zone-features",
    ),
}
