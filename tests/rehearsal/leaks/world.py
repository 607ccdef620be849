"""What is deployed, sessions of its roles, and what the trials share."""

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.rehearsal.faults.case import WWW
from tests.rehearsal.looking import all_on, server_named, wait
from tests.rehearsal.verifying import account_of, findings
from tests.stacks.templates import ROOT
from understudy_failover import cli
from understudy_failover.emulator.network import EDGE_IPV4
from understudy_failover.operations.bounds import switch_on_bound
from understudy_failover.operations.https_client import Response
from understudy_failover.operations.observation import ServedBy
from understudy_failover.rehearsal.bed import ACCOUNT, RehearsalBed

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

    bed: RehearsalBed
    sessions: Mapping[str, Mapping[str, str]]
    """Credentials that STS issued, by the name of the role in the page."""

    def client(self, role: str, service: str) -> Any:
        """Return a client with the leaked credentials of a role."""
        issued = self.sessions[role]
        return boto3.client(
            service,
            endpoint_url=self.bed.aws.endpoint_url,
            region_name="us-east-1",
            aws_access_key_id=issued["AccessKeyId"],
            aws_secret_access_key=issued["SecretAccessKey"],
            aws_session_token=issued["SessionToken"],
            config=Config(proxies={}, retries={"total_max_attempts": 1}, s3={"addressing_style": "path"}),
        )

    @property
    def buckets(self) -> dict[str, str]:
        """Names by what is in them."""
        names = self.bed.aws.resources()["buckets"]
        parts = {"site": "-sitebucket", "switch": "-switch-", "logs": "-accesslogs"}
        return {what: next(name for name in names if part in name) for what, part in parts.items()}

    def ask(self, path: str = "/") -> Response:
        """Return what a browser gets from the edge, wherever the host leads now."""
        return self.bed.patient_client().request(WWW, path=path, address=EDGE_IPV4[0], headers={"Accept": "text/html"})

    def verify(self, check: str) -> str:
        """Return what a check of `verify` says where it does not pass."""
        return " ".join(
            finding.text for finding in findings(self.bed) if finding.check == check and finding.verdict != "passed"
        )

    def understudy(self, *words: str) -> None:
        """Run a command, which must end well."""
        with account_of(self.bed):
            assert cli.main(["--settings", str(self.bed.settings_path), *words]) == 0, words


@contextmanager
def permissions_checked(bed: RehearsalBed) -> Iterator[None]:
    """The embedded AWS evaluates policies meanwhile."""
    bed.aws.control.check_permissions(True)
    try:
        yield
    finally:
        bed.aws.control.check_permissions(False)


def allowed(call: Callable[[], object]) -> bool:
    """Return whether a call got past the check of permissions, whatever came of it then."""
    try:
        call()
    except ClientError as error:
        return error.response["Error"]["Code"] not in DENIED
    return True


Trial = Callable[[World], None]


def by(test: str) -> Trial:
    """Return a trial that another test makes; it must be there."""
    file, _, name = test.partition("::")

    def no_action(_: World) -> None:
        assert re.search(rf"^def {name}\(", (ROOT / "tests" / file).read_text(encoding="utf-8"), re.MULTILINE), test

    return no_action


def roles_able_to(world: World, call: Callable[[str], object]) -> set[str]:
    """Return the roles whose sessions get past the check of permissions."""
    with permissions_checked(world.bed):
        return {role for role in world.sessions if allowed(partial(call, role))}


def shows(world: World, served_by: ServedBy) -> bool:
    web, seconds = server_named(world.bed, "web"), switch_on_bound(world.bed.settings.timing).total_seconds
    return wait(world.bed, seconds, lambda: all_on(world.bed, web, served_by))
