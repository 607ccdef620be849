"""The life of a deployment: deploy, deploy again, renew the certificate, destroy."""

import re
import ssl
import subprocess
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.conftest import ROOT
from tests.rehearsal.deployed import bootstrapped
from tests.rehearsal.faults.certificates import ended_chain
from tests.rehearsal.verifying import findings, operations
from understudy_failover.emulator.network import EDGE_IPV4
from understudy_failover.operations.certificate.source import LIVE_FILES
from understudy_failover.operations.connection import UnreachableError
from understudy_failover.operations.finding import Verdict
from understudy_failover.operations.https_client import TlsError
from understudy_failover.rehearsal.bed import RehearsalBed
from understudy_failover.rehearsal.certificates import IssuedCertificate
from understudy_failover.rehearsal.errors import CdkError
from understudy_failover.settings import load

NO_CHANGES = 2
ENDED = "certificate 1 (CN=Ended Intermediate) expired on "


@pytest.fixture(scope="module")
def bed(fast_settings: Path) -> Iterator[RehearsalBed]:
    """The sample, deployed by the real CDK."""
    with bootstrapped(fast_settings, command_line=True) as prepared:
        prepared.cdk.deploy(print)
        yield prepared


def test_a_second_deploy_changes_nothing(bed: RehearsalBed) -> None:
    before = bed.aws.resources()
    printed = bed.cdk.deploy(print)
    assert printed.count("(no changes)") == NO_CHANGES
    assert bed.aws.resources() == before


def test_the_diff_after_a_deploy_is_empty(bed: RehearsalBed) -> None:
    printed = bed.cdk.diff(print)
    assert "Number of stacks with differences: 0" in printed
    assert _review(bed) == (0, "No changes.\n")


def _review(bed: RehearsalBed) -> tuple[int, str]:
    """Exit code and text of the review of what was synthesised last against what is deployed."""
    process = operations(ROOT, bed, "diff", str(bed.settings_path.parent / "cdk.out"), options=False)
    return process.returncode, process.stdout


def test_an_expired_intermediate_is_refused_everywhere_and_the_old_page_is_still_served(
    bed: RehearsalBed, tmp_path: Path
) -> None:
    """By `certificate push`; where its files are written by hand all the same, by a deploy and by `verify`."""
    old = bed.settings.certificate.public
    folder = bed.settings_path.parent / "certificates" / bed.settings.certificate.folder_name
    expired, secret = ended_chain(old.names), bed.settings.certificate.private_key_secret
    key = bed.aws.client("secretsmanager").get_secret_value(SecretId=secret)["SecretString"]

    refusal = _push(bed, expired, tmp_path)
    assert refusal.returncode == 1
    assert "chain.pem" in refusal.stderr
    assert ENDED in refusal.stderr
    assert (folder / "chain.pem").read_text(encoding="ascii") == old.chain_pem

    expired.write_public_files(folder)
    bed.aws.client("secretsmanager").put_secret_value(SecretId=secret, SecretString=expired.private_key_pem)
    try:
        with pytest.raises(CdkError, match="InvalidViewerCertificate"):
            bed.cdk.deploy(print)
        problems = [
            finding for finding in findings(bed, settings=load(bed.settings_path)) if finding.verdict is Verdict.FAILED
        ]
        print(*problems, sep="\n")
        assert {finding.check for finding in problems} == {"certificate lifetime", "viewer certificate", "TLS"}
        (lifetime,) = (finding for finding in problems if finding.check == "certificate lifetime")
        assert lifetime.text.startswith(f"chain.pem: {ENDED}")
        for finding in problems:  # another deploy would fail again
            assert "certificate push" in finding.advice, finding
            assert "is not what is deployed" not in finding.advice, finding
        assert _fingerprint_at_the_edge(bed) == old.fingerprint
        assert bed.patient_client().request("www.example.com", address=EDGE_IPV4[0]).status == 503
    finally:
        IssuedCertificate(old.body_pem, old.chain_pem, key).write_public_files(folder)
        bed.aws.client("secretsmanager").put_secret_value(SecretId=secret, SecretString=key)
        bed.cdk.deploy(print)


def _push(bed: RehearsalBed, issued: IssuedCertificate, folder: Path) -> subprocess.CompletedProcess[str]:
    """Return the output of `certificate push --apply` for files in a folder."""
    for name, text in zip(LIVE_FILES, (issued.body_pem, issued.chain_pem, issued.private_key_pem), strict=True):
        (folder / name).write_text(text, encoding="ascii")
    words = ("certificate", "push", "--live-directory", str(folder), "--private-ca", "--apply")
    return operations(ROOT, bed, *words, options=False)


def _fingerprint_at_the_edge(bed: RehearsalBed) -> str:
    return bed.patient_client().request("www.example.com", address=EDGE_IPV4[0]).certificate_sha256


def test_a_renewed_certificate_is_shown_in_review_and_rotates_without_a_gap(bed: RehearsalBed) -> None:
    old = bed.settings.certificate.public
    names_before = bed.aws.resources()["server certificates"]
    assert _fingerprint_at_the_edge(bed) == old.fingerprint

    bed.renew_certificate()
    new = bed.settings.certificate.public
    printed = bed.cdk.diff(print)
    for certificate, sign in ((old, "-"), (new, r"\+")):
        assert re.search(rf"\[{sign}\] {certificate.fingerprint}", printed)
        assert re.search(rf"\[{sign}\] {certificate.not_after:%Y-%m-%dT%H:%M:%SZ}", printed)

    code, text = _review(bed)
    assert code == 0
    assert f"certificate renewed: {old.fingerprint[:23]}" in text
    assert f"(until {new.not_after:%Y-%m-%d})" in text

    shown: list[str] = []
    faults: list[str] = []
    stop = threading.Event()

    def connect_in_a_loop() -> None:
        client = bed.patient_client()
        while not stop.is_set():
            try:
                shown.append(client.request("www.example.com", address=EDGE_IPV4[0]).certificate_sha256)
            except (TlsError, UnreachableError, ssl.SSLError) as error:
                faults.append(str(error))

    thread = threading.Thread(target=connect_in_a_loop)
    thread.start()
    try:
        bed.cdk.deploy(print)
    finally:
        stop.set()
        thread.join()
    assert faults == []
    assert [line for number, line in enumerate(shown) if number == 0 or shown[number - 1] != line] == [
        old.fingerprint,
        new.fingerprint,
    ]
    names_after = bed.aws.resources()["server certificates"]
    assert len(names_after) == 1
    assert names_after != names_before


def test_destroy_leaves_nothing(bed: RehearsalBed) -> None:
    bed.cdk.destroy(print)
    assert bed.leftovers() == []


def test_where_nothing_is_deployed_everything_is_added(bed: RehearsalBed) -> None:
    """Runs after the test above, which has removed everything."""
    bed.cdk.diff(print)
    code, text = _review(bed)
    assert code == 0
    heading, *lines = text.splitlines()
    assert heading == "Changes"
    assert "  + server added: api, with hosts *.example.org, api.example.org (A 203.0.113.20)" in lines
    assert {line.split()[0] for line in lines} == {"+"}
