"""docs/threat-model.md, "What a leak gives": each sentence is tried on the embedded AWS; one without a trial fails.

Permissions are those of the deployed roles, checked by the embedded AWS itself. Everything tried is harmless.
"""

import base64
import hashlib
import json
import re
import shutil
import ssl
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager, suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import boto3
import pytest
import yaml
from botocore.config import Config
from botocore.exceptions import ClientError
from cryptography import x509
from cryptography.x509.verification import Criticality, ExtensionPolicy, PolicyBuilder, Store, VerificationError

from tests.docs.test_threat_model import ABILITIES
from tests.iam import pipeline_roles
from tests.rehearsal.faults.case import NOBODY, WWW
from tests.rehearsal.faults.health import stray_schedule
from tests.rehearsal.looking import all_on, server_named, wait
from tests.rehearsal.verifying import account_of, distribution, findings, record_added, record_changed
from tests.server_certificate.model.canary import Canary
from tests.stacks.templates import ROOT
from understudy_failover import cli
from understudy_failover.contract.switch import FOLDER
from understudy_failover.emulator.network import EDGE_IPV4
from understudy_failover.operations.bounds import switch_on_bound
from understudy_failover.operations.https_client import Response
from understudy_failover.operations.sight import OnStage
from understudy_failover.rehearsal.stage import ACCOUNT, Stage

PAGE = (ROOT / "docs" / "threat-model.md").read_text(encoding="utf-8")
SECTION = PAGE.partition("## What a leak gives\n")[2].partition("\n## ")[0]
SCRIPT = b"<script>document.title = 'changed'</script>"
DENIED = {"AccessDenied", "AccessDeniedException"}
UPLOAD, SITE_UPLOAD, MONITOR, SCHEDULES, CUTOVER = (
    f"{name}Role" for name in ("ServerCertificateUpload", "SiteUpload", "MonitorRun", "Schedules", "HandoverChange")
)
DEPLOY_ROLE = f"cdk-hnb659fds-deploy-role-{ACCOUNT}-us-east-1"
PIPELINES = ("DiffRole", "WatchRole", "DeployRole", "RenewRole")


@dataclass
class World:
    """What is deployed, and sessions of its roles."""

    stage: Stage
    sessions: Mapping[str, Mapping[str, str]]
    """Credentials that STS issued, by the name of the role in the page."""

    def client(self, role: str, service: str) -> Any:
        """Return a client with the leaked credentials of a role."""
        issued = self.sessions[role]
        return boto3.client(
            service,
            endpoint_url=self.stage.aws.endpoint_url,
            region_name="us-east-1",
            aws_access_key_id=issued["AccessKeyId"],
            aws_secret_access_key=issued["SecretAccessKey"],
            aws_session_token=issued["SessionToken"],
            config=Config(proxies={}, retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
        )

    @property
    def buckets(self) -> dict[str, str]:
        """Names by what is in them."""
        names = self.stage.aws.resources()["buckets"]
        parts = {"site": "-sitebucket", "switch": "-switch-", "logs": "-accesslogs"}
        return {what: next(name for name in names if part in name) for what, part in parts.items()}

    def ask(self, path: str = "/") -> Response:
        """Return what a browser gets from the edge, wherever the host leads now."""
        return self.stage.patient_client().request(
            WWW, path=path, address=EDGE_IPV4[0], headers={"Accept": "text/html"}
        )

    def verify(self, check: str) -> str:
        """Return what a check of `verify` says where it does not pass."""
        return " ".join(one.text for one in findings(self.stage) if one.check == check and one.verdict != "passed")

    def understudy(self, *words: str) -> None:
        """Run a command, which must end well."""
        with account_of(self.stage):
            assert cli.main(["--settings", str(self.stage.settings_path), *words]) == 0, words


@contextmanager
def permissions_checked(stage: Stage) -> Iterator[None]:
    """The embedded AWS evaluates policies meanwhile."""
    stage.aws.control.check_permissions(True)
    try:
        yield
    finally:
        stage.aws.control.check_permissions(False)


def allowed(call: Callable[[], object]) -> bool:
    """Return whether a call got past the check of permissions, whatever came of it then."""
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"] not in DENIED
    return True


@pytest.fixture(scope="module")
def world(stage: Stage) -> Iterator[World]:
    iam, sts = stage.aws.client("iam"), stage.aws.client("sts")
    zones = ",".join(f"arn:aws:route53:::hostedzone/{zone.id}" for zone in stage.settings.zones)
    parameters = {
        "AWS::AccountId": ACCOUNT,
        "App": stage.settings.app,
        "Qualifier": "hnb659fds",
        "PrivateKeySecret": stage.settings.certificate.private_key_secret,
        "HostedZoneArns": zones,
    }
    account = {"Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "sts:AssumeRole"}
    made = {**pipeline_roles(parameters), DEPLOY_ROLE: []}
    deployed = {one["RoleName"] for one in iam.list_roles()["Roles"]}
    for name, statements in made.items():
        iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Statement": [account]}))
        if statements:
            iam.put_role_policy(RoleName=name, PolicyName="Job", PolicyDocument=json.dumps({"Statement": statements}))
    parts = {UPLOAD: "ServerCertificateUpl", SITE_UPLOAD: "SiteUpload", MONITOR: "MonitorRun", SCHEDULES: "-switch"}
    names = {
        role: next(one for one in deployed if part in one) for role, part in (parts | {CUTOVER: "Handover"}).items()
    }
    assert len(deployed) == len(names), "a role that the page does not have"
    sessions = {
        role: sts.assume_role(RoleArn=f"arn:aws:iam::{ACCOUNT}:role/{name}", RoleSessionName="leaked")["Credentials"]
        for role, name in {**names, **{role: role for role in PIPELINES}}.items()
    }
    yield World(stage, sessions)
    for name, statements in made.items():
        if statements:
            iam.delete_role_policy(RoleName=name, PolicyName="Job")
        iam.delete_role(RoleName=name)


Trial = Callable[[World], None]


def by(test: str) -> Trial:
    """Return a trial that another test makes; it must be there."""
    file, _, name = test.partition("::")

    def look(_: World) -> None:
        assert re.search(rf"^def {name}\(", (ROOT / "tests" / file).read_text(encoding="utf-8"), re.MULTILINE), test

    return look


def _key(world: World) -> str:
    secret = world.stage.settings.certificate.private_key_secret
    text: str = world.stage.aws.client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"]
    return text


def _certificates(world: World) -> str:
    public = world.stage.settings.certificate.public
    return public.body_pem + public.chain_pem


def _presents_the_certificate(world: World) -> None:
    """A client that is led to a stranger with the key takes the stranger for the host."""
    file = world.stage.settings_path.parent / "leaked.pem"
    stranger = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    try:
        file.write_text(_certificates(world) + _key(world), encoding="ascii")
        stranger.load_cert_chain(file)
    finally:
        file.unlink()
    trust = ssl.create_default_context(cafile=str(world.stage.certificate_authority))
    to_client, to_server = ssl.MemoryBIO(), ssl.MemoryBIO()
    client = trust.wrap_bio(to_client, to_server, server_hostname=WWW)
    server = stranger.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(4):
        for side in (client, server):
            with suppress(ssl.SSLWantReadError):
                side.do_handshake()
    assert client.version() in {"TLSv1.2", "TLSv1.3"}


def _expires(world: World) -> None:
    leaf, *chain = x509.load_pem_x509_certificates(_certificates(world).encode())
    roots = x509.load_pem_x509_certificates(world.stage.certificate_authority.read_bytes())
    # Throwaway certificates are not made as the CA/Browser Forum wants them: dates and names are what matters here.
    any_extension = ExtensionPolicy.permit_all()
    with_names = any_extension.require_present(x509.SubjectAlternativeName, Criticality.AGNOSTIC, None)
    of_issuers = any_extension.require_present(x509.BasicConstraints, Criticality.AGNOSTIC, None)
    client = PolicyBuilder().store(Store(roots)).extension_policies(ca_policy=of_issuers, ee_policy=with_names)

    def verify(at: datetime) -> object:
        return client.time(at).build_server_verifier(x509.DNSName(WWW)).verify(leaf, chain)

    assert verify(leaf.not_valid_after_utc)
    with pytest.raises(VerificationError, match="not valid at validation time"):
        verify(leaf.not_valid_after_utc + timedelta(days=1))


def _able(world: World, call: Callable[[str], object]) -> set[str]:
    """Return the roles whose sessions get past the check of permissions."""
    with permissions_checked(world.stage):
        return {role for role in world.sessions if allowed(partial(call, role))}


def _reads_the_key(world: World, role: str) -> str:
    secret = world.stage.settings.certificate.private_key_secret
    found = world.client(role, "secretsmanager").get_secret_value(SecretId=secret)
    return str(found["SecretString"])


def _gets_the_key(world: World) -> None:
    with permissions_checked(world.stage):
        assert _reads_the_key(world, UPLOAD) == _key(world)


def _one_role_gets_the_key(world: World) -> None:
    assert _able(world, partial(_reads_the_key, world)) == {UPLOAD}


def _logs(world: World) -> str:
    client = world.stage.aws.client("logs")
    groups = [group["logGroupName"] for group in client.describe_log_groups()["logGroups"]]
    pages = [
        page for group in groups for page in client.get_paginator("filter_log_events").paginate(logGroupName=group)
    ]
    return "\n".join(event["message"] for page in pages for event in page["events"])


def _logs_name_things(world: World) -> None:
    assert world.stage.settings.app in _logs(world)


def _has_no_key(world: World, text: str) -> None:
    canary = Canary(_key(world), [_certificates(world)])
    assert canary.found_in(_key(world).encode())
    assert canary.found_in(text.encode()) == []


def _logs_have_no_key(world: World) -> None:
    _has_no_key(world, _logs(world))


def _bootstrap() -> Any:
    """The stack of `cdk bootstrap`, as the CDK's command line has it."""
    command = Path(str(shutil.which("cdk"))).resolve()
    file = command.parents[1] / "lib" / "api" / "bootstrap" / "bootstrap-template.yaml"
    return yaml.safe_load(file.read_text(encoding="utf-8"))["Resources"]


def _deploys_as_administrator(world: World) -> None:
    assert _able(world, partial(_assumes_the_deploy_role, world)) == {"DeployRole"}
    passed = json.dumps(_bootstrap()["DeploymentActionRole"])
    assert "iam:PassRole" in passed
    assert "CloudFormationExecutionRole.Arn" in passed
    assert "policy/AdministratorAccess" in json.dumps(_bootstrap()["CloudFormationExecutionRole"])


def _assumes_the_deploy_role(world: World, role: str) -> object:
    arn = f"arn:aws:iam::{ACCOUNT}:role/{DEPLOY_ROLE}"
    return world.client(role, "sts").assume_role(RoleArn=arn, RoleSessionName="further")


def _owners_policies_take_their_place(world: World) -> None:
    which = _bootstrap()["CloudFormationExecutionRole"]["Properties"]["ManagedPolicyArns"]["Fn::If"]
    assert which[:2] == ["HasCloudFormationExecutionPolicies", {"Ref": "CloudFormationExecutionPolicies"}]


def _sessions_of_pipelines_end(world: World) -> None:
    template = yaml.safe_load((ROOT / "understudy_failover/pipeline/roles.yaml").read_text(encoding="utf-8"))
    found = {
        name: one["Properties"]["MaxSessionDuration"]
        for name, one in template["Resources"].items()
        if one["Type"] == "AWS::IAM::Role"
    }
    assert found == dict.fromkeys(PIPELINES, 3600)


def _templates(world: World) -> str:
    """Every template, read with the leaked credentials."""
    with permissions_checked(world.stage):
        client = world.client("DiffRole", "cloudformation")
        names = [one["StackName"] for one in client.list_stacks()["StackSummaries"]]
        return "\n".join(json.dumps(client.get_template(StackName=name)["TemplateBody"]) for name in names)


def _reads_templates(world: World) -> None:
    text, zone = _templates(world), world.stage.settings.zones[0]
    for named_in_it in (WWW, str(server_named(world.stage, "web").ipv4), zone.id):
        assert named_in_it in text


def _lists_stacks(world: World) -> None:
    def list_stacks(role: str) -> object:
        return world.client(role, "cloudformation").list_stacks()

    assert "DiffRole" in _able(world, list_stacks)


def _templates_have_no_key(world: World) -> None:
    _has_no_key(world, _templates(world))


def _only_reads(world: World) -> None:
    statements = pipeline_roles(defaultdict(str))["DiffRole"]
    actions = {action.partition(":")[2] for one in statements for action in one["Action"]}
    assert actions
    assert all(re.match("Get|List|Describe", action) for action in actions), actions


def _puts(world: World, name: str, **content: Any) -> None:
    """An object of whoever may write the switches, among them the role of the schedules."""
    client = world.client(SCHEDULES, "s3")
    client.put_object(Bucket=world.buckets["switch"], Key=f"{FOLDER}{name}", **content)


@contextmanager
def _put(world: World, name: str, **content: Any) -> Iterator[None]:
    with permissions_checked(world.stage):
        _puts(world, name, **content)
    try:
        yield
    finally:
        world.stage.switches().remove(name)


def _shows(world: World, on_stage: OnStage) -> bool:
    web, seconds = server_named(world.stage, "web"), switch_on_bound(world.stage.settings.timing).total_seconds
    return wait(world.stage, seconds, lambda: all_on(world.stage, web, on_stage))


def _sends_clients_about(world: World) -> None:
    with _put(world, "web"):
        assert _shows(world, OnStage.PAGE)
        with permissions_checked(world.stage):
            key = f"{FOLDER}web"
            world.client(SCHEDULES, "s3").delete_object(Bucket=world.buckets["switch"], Key=key)
        assert _shows(world, OnStage.SERVER)


ODD_OBJECT = {
    "Body": SCRIPT,
    "ContentType": "text/html",
    "ContentDisposition": "attachment; filename=setup.exe",
    "Metadata": {"ends-at": "9999-99-99"},
}


def _text_is_shown(world: World) -> None:
    with _put(world, "web", **ODD_OBJECT):
        answer = world.ask(f"/{FOLDER}web")
    assert (answer.status, answer.body) == (200, SCRIPT)


def _nothing_is_run_loaded_or_saved(world: World) -> None:
    with _put(world, "web", **ODD_OBJECT):
        headers = world.ask(f"/{FOLDER}web").headers
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-disposition"] == "inline"


def _other_objects_are_not_served(world: World) -> None:
    with permissions_checked(world.stage):
        assert not allowed(lambda: _puts(world, "login.html", **ODD_OBJECT))
    where = {"Bucket": world.buckets["switch"], "Key": f"{FOLDER}login.html"}
    s3 = world.stage.aws.client("s3")
    s3.put_object(**where, **ODD_OBJECT)
    try:
        answer = world.ask(f"/{FOLDER}login.html")
    finally:
        s3.delete_object(**where)
    assert answer.status == 503
    assert SCRIPT not in answer.body


def _off_works_whatever_the_object_is(world: World) -> None:
    encrypted = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "0" * 32}
    for content in (ODD_OBJECT, encrypted):
        with _put(world, "web", **content):
            if content is encrypted:
                assert not _is_readable(world), "nobody else has the key"
            assert world.stage.switches().on(["web"]) == {"web"}
            world.understudy("maintenance", "on", "api", "--apply")
            world.understudy("maintenance", "off", "web", "api", "--apply")
            assert world.stage.switches().on(["web", "api"]) == set()


def _is_readable(world: World) -> bool:
    """Return whether the account's owner can read what is beside the object of a switch."""
    try:
        world.stage.aws.client("s3").head_object(Bucket=world.buckets["switch"], Key=f"{FOLDER}web")
    except ClientError:
        return False
    return True


def _verify_names_what_they_leave(world: World) -> None:
    s3, where = world.stage.aws.client("s3"), {"Bucket": world.buckets["switch"], "Key": f"{FOLDER}login.html"}
    s3.put_object(**where)
    try:
        with _put(world, "web", Body=b"x"), stray_schedule(world.stage):
            found = findings(world.stage)
    finally:
        s3.delete_object(**where)
    texts = " ".join(one.text for one in found if one.verdict != "passed")
    assert "login.html' is no switch" in texts
    assert "has a body of 1 bytes" in texts
    assert "belongs to no window" in texts


def _off_ends_it(world: World) -> None:
    with _put(world, "web", **ODD_OBJECT):
        assert _shows(world, OnStage.PAGE)
        world.understudy("maintenance", "off", "web", "--apply")
        assert _shows(world, OnStage.SERVER)


@contextmanager
def _page_written(world: World) -> Iterator[None]:
    """Another page of whoever may write the bucket, among them the role of the monitor."""
    where = {"Bucket": world.buckets["site"], "Key": "web/en.html"}
    s3 = world.stage.aws.client("s3")
    before = s3.get_object(**where)
    body = before["Body"].read()
    with permissions_checked(world.stage):
        # Whatever it claims to be.
        world.client(MONITOR, "s3").put_object(
            **where, Body=SCRIPT, ContentType="text/html", Metadata={"planned": "true"}
        )
    try:
        yield
    finally:
        s3.put_object(**where, Body=body, ContentType=before["ContentType"], CacheControl="no-store")


def _any_text_on_the_page(world: World) -> None:
    with _page_written(world):
        answer = world.ask()
    assert (answer.status, answer.body) == (503, SCRIPT)


def _no_script_of_theirs(world: World) -> None:
    with _page_written(world):
        policy = world.ask().headers["content-security-policy"]
    (scripts,) = re.findall("script-src ([^;]+)", policy)
    assert all(source.startswith("'sha256-") for source in scripts.split())
    digest = base64.b64encode(hashlib.sha256(SCRIPT.partition(b">")[2].partition(b"<")[0]).digest()).decode()
    assert digest not in policy


def _others_see_nothing_of_it(world: World) -> None:
    with _page_written(world):
        answer = world.stage.patient_client().request(WWW)
    assert answer.status == 200
    assert SCRIPT not in answer.body


def _contents_are_compared(world: World) -> None:
    with _page_written(world):
        assert "web/en.html" in world.verify("page objects")


def _repair_restores_the_page(world: World) -> None:
    with _page_written(world):
        world.understudy("repair", "--apply")
        assert world.verify("page objects") == ""


def _is_logged(world: World) -> None:
    buckets = world.buckets
    logging = distribution(world.stage)["DistributionConfig"]["Logging"]
    assert logging["Enabled"]
    assert logging["Bucket"].startswith(f"{buckets['logs']}.")
    for bucket in ("site", "switch"):
        found = world.stage.aws.client("s3").get_bucket_logging(Bucket=buckets[bucket])["LoggingEnabled"]
        assert found["TargetBucket"] == buckets["logs"]


def _no_role_reads_logs(world: World) -> None:
    bucket = world.buckets["logs"]

    def read(role: str) -> object:
        return world.client(role, "s3").get_object(Bucket=bucket, Key="cloudfront/E1.gz")

    assert _able(world, read) == set()


def _logs_are_deleted(world: World) -> None:
    s3, logs = world.stage.aws.client("s3"), world.stage.settings.access_logs
    assert logs
    rules = s3.get_bucket_lifecycle_configuration(Bucket=world.buckets["logs"])["Rules"]
    assert [one["Expiration"]["Days"] for one in rules if "Expiration" in one] == [logs.keep_days]


def _led_elsewhere(stage: Stage) -> AbstractContextManager[None]:
    return record_changed(stage, WWW, "A", "PRIMARY", lambda one: {**one, "ResourceRecords": [{"Value": NOBODY}]})


def _leads_hosts_anywhere(world: World) -> None:
    with _led_elsewhere(world.stage):
        assert world.stage.name_server().addresses(WWW, "A") == (NOBODY,)


def _answers_challenges(world: World) -> None:
    name = f"_acme-challenge.{WWW}"
    with record_added(world.stage, name, "TXT", '"answer"'):
        assert "answer" in str(world.stage.name_server().records(name, "TXT"))


def _the_host_is_named(world: World) -> None:
    with _led_elsewhere(world.stage):
        assert NOBODY in world.verify("record pairs")


def _repair_leads_back(world: World) -> None:
    with _led_elsewhere(world.stage):
        world.understudy("repair", "--apply")
        assert world.stage.name_server().addresses(WWW, "A") == (str(server_named(world.stage, "web").ipv4),)


def _shares_the_key(world: World) -> None:
    client = world.stage.patient_client()
    server, page = (client.request(WWW, address=one) for one in (None, EDGE_IPV4[0]))
    assert server.status == 200
    assert page.status == 503
    assert server.certificate_sha256 == page.certificate_sha256


def _no_credentials_for_servers(world: World) -> None:
    resources = world.stage.aws.client("iam")
    assert resources.list_users()["Users"] == []
    assert resources.list_instance_profiles()["InstanceProfiles"] == []
    trusts = [json.dumps(one["AssumeRolePolicyDocument"]) for one in resources.list_roles()["Roles"]]
    assert [one for one in trusts if "ec2.amazonaws.com" in one] == []


def _on_takes_its_clients(world: World) -> None:
    try:
        world.understudy("maintenance", "on", "web", "--apply")
        assert _shows(world, OnStage.PAGE)
    finally:
        world.understudy("maintenance", "off", "web", "--apply")
    assert _shows(world, OnStage.SERVER)


def _revoked_sessions_end(world: World) -> None:
    """IAM's own policy for it. https://docs.aws.amazon.com/IAM/latest/UserGuide/id_roles_use_revoke-sessions.html"""
    before = f"{datetime.now(UTC) + timedelta(seconds=1):%Y-%m-%dT%H:%M:%SZ}"
    revoked = {"Effect": "Deny", "Action": ["*"], "Resource": ["*"]}
    revoked["Condition"] = {"DateLessThan": {"aws:TokenIssueTime": before}}  # type: ignore[assignment]
    iam, where = world.stage.aws.client("iam"), {"RoleName": "DiffRole", "PolicyName": "AWSRevokeOlderSessions"}

    def list_stacks(role: str) -> object:
        return world.client(role, "cloudformation").list_stacks()

    able = _able(world, list_stacks)
    assert "DiffRole" in able
    iam.put_role_policy(**where, PolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [revoked]}))
    try:
        assert _able(world, list_stacks) == able - {"DiffRole"}
    finally:
        iam.delete_role_policy(**where)


NEW_KEY = by(
    "rehearsal/test_certificate_life.py::"
    "test_every_deploy_serves_the_pushed_certificate_and_a_refused_one_the_certificate_before"
)

TRIALS: Mapping[str, Trial] = {
    '"Revoke active sessions" of a role in IAM ends its sessions: do that first.': _revoked_sessions_end,
    "to present your certificate to clients that are led elsewhere": _presents_the_certificate,
    "clients refuse the certificate after its last day": _expires,
    'a new key: see "After the key has leaked"': NEW_KEY,
    "to get the private key": _gets_the_key,
    "of this product's roles only `ServerCertificateUploadRole` has it": _one_role_gets_the_key,
    "to read host names and ids": _logs_name_things,
    "no piece of a private key is in them": _logs_have_no_key,
    "everything that CloudFormation's execution role may: by default the whole account": _deploys_as_administrator,
    "a bootstrap with policies of your own": _owners_policies_take_their_place,
    "sessions of pipelines end after an hour": _sessions_of_pipelines_end,
    "`understudy verify` shows what differs from the settings": by(
        "rehearsal/test_verify.py::test_a_fault_is_found_and_named_and_no_other_and_its_advice_removes_it"
    ),
    "to read templates: host names, addresses, ids": _reads_templates,
    "to list all stacks in us-east-1": _lists_stacks,
    "no piece of a private key is in a template": _templates_have_no_key,
    "none of its actions writes": _only_reads,
    "to send clients to the page, and to take them off it": _sends_clients_about,
    "to have a text shown under every host name": _text_is_shown,
    "to plan windows, where `scheduler:CreateSchedule` leaked, too": by(
        "rehearsal/test_windows.py::test_a_window_begins_and_ends_by_itself_and_leaves_nothing"
    ),
    "browsers run, load and save nothing of an object": _nothing_is_run_loaded_or_saved,
    "CloudFront serves no object with another name": _other_objects_are_not_served,
    "no object keeps `maintenance off` from its work": _off_works_whatever_the_object_is,
    "`understudy verify` names bodies, other objects, and schedules that have not the name and target of a window": (
        _verify_names_what_they_leave
    ),
    "it does not read what else a schedule says, so one with the name of a window passes": by(
        "operations/test_windows.py::test_a_schedule_is_a_window_by_its_name_and_target_alone"
    ),
    "`understudy maintenance off SERVER --apply`": _off_ends_it,
    "to show clients of a host that is on the page any text and link": _any_text_on_the_page,
    "no script but the page's own runs": _no_script_of_theirs,
    "clients of a server that works see nothing of it": _others_see_nothing_of_it,
    "`understudy verify` compares the contents, whatever the objects claim to be": _contents_are_compared,
    "to read what CloudFront and S3 log: who asked the page for what": _is_logged,
    "of this product's roles none has it": _no_role_reads_logs,
    "S3 deletes logs after `keep_days`": _logs_are_deleted,
    "without `[access_logs]` there is no bucket": by(
        "stacks/test_access_logs.py::test_without_the_table_nothing_logs_and_there_is_no_bucket_for_it"
    ),
    "to lead every host anywhere": _leads_hosts_anywhere,
    "to answer the challenges of a CA": _answers_challenges,
    "`understudy verify` names the host": _the_host_is_named,
    "its private key, which is the page's where they share a certificate": _shares_the_key,
    "no server has credentials of AWS": _no_credentials_for_servers,
    "`understudy maintenance on SERVER --apply`, then a new key": _on_takes_its_clients,
    "After `understudy destroy` every host is answered with its server's addresses.": by(
        "rehearsal/test_adoption.py::test_names_in_use_go_in_and_out_and_are_answered_by_their_servers_all_the_while"
    ),
    "CloudFront gives an alternate domain name to somebody else only with a certificate that covers it.": by(
        "emulator/test_viewer_certificates.py::test_an_alias_that_the_certificate_does_not_cover_is_refused"
    ),
}
REPAIRS = "`understudy repair --apply`"
"""What ends it in two rows."""


def claims() -> Iterator[str]:
    """Each sentence of the section: of its paragraphs, and of the cells of its table but the first of each row."""
    rows = re.findall(r"^\| (?!what leaks)(.+) \|$", SECTION, re.MULTILINE)
    for row in rows:
        for cell in row.split(" | ")[1:]:
            yield from (one for one in cell.split("; ") if one != "–")
    for paragraph in re.split(r"\n\n+", re.sub(r"(?m)^\|.*\n", "", SECTION).strip()):
        if paragraph.startswith("**No test can try** what follows."):
            continue
        text = re.sub(r"^\*\*.+?\*\* ", "", " ".join(paragraph.split()))
        yield from re.split(r"(?<=\.) (?=[A-Z\"`])", text)


def test_every_sentence_has_a_trial_and_every_trial_a_sentence() -> None:
    about_tests = {one for one in claims() if "(../tests/rehearsal/test_leaks.py)" in one}
    assert set(claims()) - about_tests == TRIALS.keys() | {REPAIRS}
    assert len(about_tests) == 1


@pytest.mark.parametrize("sentence", TRIALS)
def test_what_the_page_says_is_so(world: World, sentence: str) -> None:
    TRIALS[sentence](world)


@pytest.mark.parametrize("restored", [_repair_restores_the_page, _repair_leads_back])
def test_repair_ends_it(world: World, restored: Trial) -> None:
    restored(world)


def _replaces_the_key(world: World, role: str) -> object:
    """By the one that is there already."""
    secret = world.stage.settings.certificate.private_key_secret
    there = world.stage.aws.client("secretsmanager").get_secret_value(SecretId=secret)
    return world.client(role, "secretsmanager").put_secret_value(
        SecretId=secret, SecretString=there["SecretString"], ClientRequestToken=there["VersionId"]
    )


def _s3(operation: str, bucket: str, key: str) -> Callable[[World, str], object]:
    # S3 looks at the digest after the permission: nothing is written.
    content = {"Body": b"x", "ContentMD5": base64.b64encode(b"0" * 16).decode()} if operation == "put_object" else {}
    return lambda world, role: getattr(world.client(role, "s3"), operation)(
        Bucket=world.buckets[bucket], Key=key, **content
    )


def _changes_the_distribution(world: World, role: str) -> object:
    there = distribution(world.stage)
    return world.client(role, "cloudfront").update_distribution(
        Id=there["Id"], IfMatch="another", DistributionConfig=there["DistributionConfig"]
    )


def _changes_a_function(world: World, role: str) -> object:
    return world.client(role, "cloudfront").delete_function(Name=f"{world.stage.settings.app}-none", IfMatch="another")


def _changes_a_role(world: World, role: str) -> object:
    return world.client(role, "iam").delete_role_policy(
        RoleName=f"{world.stage.settings.app}-switch", PolicyName="none"
    )


CALLS: Mapping[str, Callable[[World, str], object]] = {
    "read the private key": _reads_the_key,
    "replace the private key": _replaces_the_key,
    "write pages": _s3("put_object", "site", "web/none.html"),
    "delete pages": _s3("delete_object", "site", "web/none.html"),
    "read pages": _s3("get_object", "site", "web/en.html"),
    "turn switches on": _s3("put_object", "switch", f"{FOLDER}web"),
    "turn switches off": _s3("delete_object", "switch", f"{FOLDER}web"),
    "read switches": _s3("get_object", "switch", f"{FOLDER}web"),
    "put other objects beside the switches": _s3("put_object", "switch", f"{FOLDER}login.html"),
    "read access logs": _s3("get_object", "logs", "cloudfront/E1.gz"),
    "delete access logs": _s3("delete_object", "logs", "cloudfront/E1.gz"),
    "change distributions": _changes_the_distribution,
    "change edge functions": _changes_a_function,
    "change roles": _changes_a_role,
    "read templates": lambda world, role: world.client(role, "cloudformation").get_template(
        StackName=f"{world.stage.settings.app}-failover"
    ),
    "read every CDK asset of the account": lambda world, role: world.client(role, "s3").get_object(
        Bucket=f"cdk-hnb659fds-assets-{ACCOUNT}-us-east-1", Key="none.zip"
    ),
    "deploy as the bootstrap's roles may": _assumes_the_deploy_role,
}
"""Each does nothing where it is allowed."""
BY_RULES = {
    "delete certificates of this app",
    "upload certificates of this app",
    "delete certificates of other apps",
    "change the addresses of the hosts",
    "change other record sets",
    "change mail records",
    "answer challenges of a CA",
    "publish false metrics",
}
"""Those for which MiniStack has no condition key, or not the path of the resource: tests/docs/test_threat_model.py."""


def test_every_ability_is_tried_here_or_by_the_rules_alone() -> None:
    assert CALLS.keys() | BY_RULES == ABILITIES.keys()
    assert not CALLS.keys() & BY_RULES


def test_sessions_of_each_role_can_what_the_page_says_and_nothing_else(world: World) -> None:
    said = {
        role: set(cell.split("; ")) & CALLS.keys()
        for role, cell in re.findall(r"^\| `(\w+)` \| (.+?) \| [^|]+ \|$", PAGE, re.M)
    }
    able: dict[str, set[str]] = {role: set() for role in world.sessions}
    for ability, call in CALLS.items():
        for role in _able(world, partial(call, world)):
            able[role].add(ability)
    assert able == said
