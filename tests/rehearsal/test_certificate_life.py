"""A certificate's whole life with the real tools, and no piece of any of its keys anywhere but where it belongs.

push, deploy, push, deploy, a deploy that CloudFront refuses, deploy, destroy: `certificate push`, the real CDK, the
real responder and the real handler, on the embedded AWS.
"""

import json
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from tests.rehearsal.deployed import bootstrapped
from tests.server_certificate.model.canary import Canary
from understudy_failover.emulator.network import EDGE_IPV4
from understudy_failover.rehearsal.bed import RehearsalBed
from understudy_failover.rehearsal.certificates import IssuedCertificate
from understudy_failover.rehearsal.errors import CdkError

# Four deploys with the real CDK, beside whatever else a machine of two cores does.
pytestmark = pytest.mark.timeout(900)

STACKS = ("understudy-example-maintenance", "understudy-example-failover")


class Life:
    """What happened, step by step, and everything that was said about it."""

    def __init__(self, bed: RehearsalBed) -> None:
        self.bed = bed
        self.outputs: dict[str, bytes] = {}
        self.keys: list[str] = []
        self.public: list[str] = []
        self.diffs: list[str] = []
        self.served: list[str] = []
        self.certificates: list[list[str]] = []
        self.refusal = ""
        self.shown: subprocess.CompletedProcess[str] | None = None

    def tool(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        """`understudy certificate …`, as its owner runs it."""
        done = subprocess.run(
            [
                sys.executable,
                "-m",
                "understudy_failover",
                "certificate",
                *arguments,
                "--settings",
                str(self.bed.settings_path),
            ],
            env=self.bed.aws.environment(),
            capture_output=True,
            text=True,
            check=False,
        )
        self._record(f"operations {arguments[0]}", done.stdout + done.stderr)
        return done

    def push(self) -> IssuedCertificate:
        """A new certificate from the CA, by way of files that are gone afterwards."""
        issued = self.bed._issue(days=90 + len(self.keys))
        self.keys.append(issued.private_key_pem)
        self.public.append(issued.body_pem + issued.chain_pem)
        inbox = self.bed.settings_path.parent / "inbox"
        inbox.mkdir()
        try:
            for name, text in (
                ("cert.pem", issued.body_pem),
                ("chain.pem", issued.chain_pem),
                ("privkey.pem", issued.private_key_pem),
            ):
                (inbox / name).write_text(text, encoding="ascii")
            pushed = self.tool("push", "--live-directory", str(inbox), "--private-ca", "--apply")
            assert pushed.returncode == 0, pushed.stderr
        finally:
            for file in inbox.iterdir():
                file.unlink()
            inbox.rmdir()
        return issued

    def deploy(self) -> None:
        """`cdk deploy`, and a probe of the result."""
        try:
            self._record("cdk deploy", self.bed.cdk.deploy(print))
        except CdkError as error:
            self.refusal = str(error)
            self._record("cdk deploy", str(error))
        self._probe()

    def diff(self) -> None:
        """`cdk diff`."""
        self.diffs.append(self.bed.cdk.diff(print))
        self._record("cdk diff", self.diffs[-1])

    def _probe(self) -> None:
        client = self.bed.client()
        self.served.append(client.request("www.example.com", address=EDGE_IPV4[0]).certificate_sha256)
        self.certificates.append(self.bed.aws.resources()["server certificates"])
        cloudformation, logs = self.bed.aws.client("cloudformation"), self.bed.aws.client("logs")
        for stack in STACKS:
            self._record("template", str(cloudformation.get_template(StackName=stack)["TemplateBody"]))
            events = cloudformation.describe_stack_events(StackName=stack)["StackEvents"]
            self._record("events", json.dumps(events, default=str))
        for group in logs.describe_log_groups()["logGroups"]:
            for page in logs.get_paginator("filter_log_events").paginate(logGroupName=group["logGroupName"]):
                self._record("Lambda logs", "\n".join(event["message"] for event in page["events"]))

    def finish(self) -> None:
        """`cdk destroy`, and whatever lies about."""
        self._record("cdk destroy", self.bed.cdk.destroy(print))
        self._record("request log of the embedded AWS", self.bed.aws.log())
        for file in self.bed.settings_path.parent.rglob("*"):
            if file.is_file() and not file.is_symlink():
                self.outputs[f"file {file.name}"] = self.outputs.get(f"file {file.name}", b"") + file.read_bytes()

    def _record(self, where: str, text: str) -> None:
        self.outputs[where] = self.outputs.get(where, b"") + text.encode() + b"\n"


@pytest.fixture(scope="module")
def life(fast_settings: Path) -> Iterator[Life]:
    """Lived once; the tests look back on it."""
    with bootstrapped(fast_settings, command_line=True) as bed:
        lived = Life(bed)
        lived.push()
        lived.deploy()
        lived.push()
        lived.diff()
        lived.deploy()
        lived.push()
        bed.aws.control.plan_fault(operation="AWS::CloudFront::Distribution", kind="access-denied")
        lived.deploy()
        bed.aws.control.clear_faults()
        lived.deploy()
        lived.shown = lived.tool("show", "--proxy", "{}:{}".format(*bed.aws.gateway))
        lived.finish()
        yield lived


def _fingerprint(pem: str) -> str:
    return x509.load_pem_x509_certificate(pem.encode()).fingerprint(SHA256()).hex(":").upper()


def test_every_deploy_serves_the_pushed_certificate_and_a_refused_one_the_certificate_before(life: Life) -> None:
    first, second, third = map(_fingerprint, life.public)
    assert life.served == [first, second, second, third]
    assert "InvalidViewerCertificate" in life.refusal


def test_there_is_never_more_than_the_one_certificate_after_a_deploy(life: Life) -> None:
    assert [len(names) for names in life.certificates] == [1, 1, 1, 1]
    first, second, rolled_back, third = (names[0] for names in life.certificates)
    assert second == rolled_back
    assert len({first, second, third}) == 3


def test_the_diff_of_a_renewal_fits_on_a_screen_and_says_what_changes(life: Life) -> None:
    (diff,) = life.diffs
    lines = diff[diff.index("[~] Custom::ServerCertificate") :].split("\n\n")[0].splitlines()
    print("\n".join(lines))
    assert len(lines) <= 30
    assert max(map(len, lines)) <= 160
    for pem, sign in zip(life.public[:2], "-+", strict=True):
        own = [line for line in lines if f"[{sign}]" in line]
        assert [line for line in own if _fingerprint(pem) in line]
        assert [line for line in own if "example.com, *.example.com, *.example.org, until 20" in line]


def test_show_says_that_page_and_edge_have_the_declared_certificate_and_the_servers_another(life: Life) -> None:
    shown = life.shown
    assert shown
    print(shown.stdout)
    lines = {line[:28].strip(): line for line in shown.stdout.splitlines()}
    attached = [
        line for line in shown.stdout.splitlines() if line.endswith("as declared, attached to the distribution")
    ]
    assert [line.partition(" ")[0] for line in attached] == ["IAM"]
    assert lines["edge"].endswith("as declared")
    assert lines["server web"].endswith("DIFFERENT")
    assert lines["server api"].endswith("DIFFERENT")
    assert shown.returncode == 0, shown.stderr


def test_destroy_leaves_no_certificate(life: Life) -> None:
    assert life.bed.leftovers() == []


def test_no_piece_of_any_key_is_anywhere(life: Life) -> None:
    print({where: len(content) for where, content in sorted(life.outputs.items())})
    for key in life.keys:
        canary = Canary(key, life.public)
        assert {where: leaks for where, text in life.outputs.items() if (leaks := canary.found_in(text))} == {}


def test_the_search_looked_where_a_key_would_be(life: Life) -> None:
    assert (
        b'"message": "deleted an orphan"' in life.outputs["Lambda logs"]
        or b"REPORT RequestId" in life.outputs["Lambda logs"]
    )
    assert b"Custom::ServerCertificate" in life.outputs["template"]
    assert b"ROLLBACK" in life.outputs["events"]
    assert b"UploadServerCertificate -> 200" in life.outputs["request log of the embedded AWS"]
    assert any(where.startswith("file ") and b"BEGIN CERTIFICATE" in text for where, text in life.outputs.items())
    canary, key = Canary(life.keys[0], life.public), life.keys[0].encode()
    middle = len(key) // 2  # An RSA key begins with its public half.
    assert canary.found_in(b"x" + key[middle : middle + 20])


def test_no_log_has_the_url_that_answers_cloudformation(life: Life) -> None:
    """Whoever has it can answer in our name."""
    assert b"cfn-response" not in life.outputs["Lambda logs"]
    assert b"ResponseURL" not in life.outputs["Lambda logs"]
