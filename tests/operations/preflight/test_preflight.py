"""`understudy preflight`: nothing stands against an account that is ready, and whatever does is named."""

import json
import shutil
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import boto3
import botocore.loaders
import botocore.session
import pytest
from botocore.exceptions import EndpointConnectionError

from tests.operations.preflight.conftest import Account
from understudy_failover.cli import main
from understudy_failover.emulator.quotas import DEFAULTS
from understudy_failover.operations import aws
from understudy_failover.operations.finding import Verdict
from understudy_failover.operations.preflight import command
from understudy_failover.operations.preflight.permissions import simulated
from understudy_failover.operations.preflight.subject import Subject
from understudy_failover.operations.zone_rules import ACTIVE_RECORD, ALIAS_TARGET, GUARDRAILS, IN_TRANSITION
from understudy_failover.rehearsal.bed import ACCOUNT
from understudy_failover.rehearsal.modes import Mode

COM, ORG = "Z0EXAMPLECOM00000001", "Z0EXAMPLEORG00000002"
OF_RECORDS = (ACTIVE_RECORD, ALIAS_TARGET)
OF_NS = tuple(sorted({*GUARDRAILS} - {*OF_RECORDS}))
"""Guardrails that are of no concern to record sets of hosts."""
Put = Callable[..., None]


def test_an_account_that_is_ready_passes_with_the_one_warning_that_its_settings_deserve(account: Account) -> None:
    code, findings = account.preflight()
    assert code == 0, [finding for finding in findings if finding["verdict"] == "unknown"]
    (warning,) = (finding for finding in findings if finding["verdict"] != "passed")
    assert (warning["area"], warning["subject"]) == ("server", "web")
    assert "search_string" in warning["advice"]
    assert {finding["area"] for finding in findings} == {
        *("certificate", "zone", "record", "name", "change", "alias", "quota", "permission", "server")
    }


def test_without_json_it_prints_a_table_on_stdout_and_talks_on_stderr(
    account: Account, capsys: pytest.CaptureFixture[str]
) -> None:
    capsys.readouterr()
    where = ("--settings", str(account.bed.settings_path), "--assembly", str(account.assembly))
    main(["preflight", *where, *account.bed.options()])
    printed = capsys.readouterr()
    assert "✔ record                  www.example.com: " in printed.out
    assert "checking zones" in printed.err


class TestRecords:
    def test_an_old_ttl_of_a_day_is_reported_with_how_long_it_outlives_the_change(
        self, account: Account, simple: Put
    ) -> None:
        values = {"TTL": 86_400, "ResourceRecords": [{"Value": "203.0.113.10"}]}
        simple("www.example.com", "A", **values)
        _, findings = account.preflight(only="records")
        (ttl,) = (finding for finding in findings if "TTL" in finding["text"] and "up to" in finding["text"])
        assert "up to 24 h after `import`" in ttl["text"]

    @pytest.mark.parametrize(
        "record",
        [
            ("www.example.com", "TXT", '"heritage=external-dns,external-dns/owner=default"'),
            ("www.example.com", "CAA", '0 issue "letsencrypt.org"'),
            ("shop.example.com", "MX", "10 mail.example.net."),
        ],
    )
    def test_beside_a_cname_pair_every_other_type_is_in_the_way(
        self, account: Account, simple: Put, tmp_path: Path, record: tuple[str, str, str]
    ) -> None:
        settings = _with_cname(account, tmp_path)
        simple(*record)
        name, kind, _ = record
        code, findings = account.preflight("--settings", str(settings), only="records")
        (failure,) = (finding for finding in findings if finding["verdict"] == "failed")
        assert (code, failure["subject"]) == (1, f"{name} {kind}")
        assert "DNS allows no CNAME beside" in failure["text"]
        # As adopt says, before Route 53 refuses the batch; and without cname, as advised, nothing is in the way.
        assert main(["import", name, "--settings", str(settings)]) == 1
        assert account.preflight(only="records")[0] == 0

    def test_a_placeholder_of_another_type_than_the_pairs_is_for_adopt(
        self, account: Account, simple: Put, tmp_path: Path
    ) -> None:
        simple("www.example.com", "A", "203.0.113.10", SetIdentifier="kept-by-understudy", Failover="SECONDARY")
        code, findings = account.preflight("--settings", str(_with_cname(account, tmp_path)), only="records")
        (warning,) = (finding for finding in findings if finding["verdict"] == "warning")
        assert (code, warning["advice"]) == (0, "`understudy import www.example.com --apply`")

    def test_one_that_was_adopted_is_in_nobodys_way(self, account: Account, simple: Put) -> None:
        simple("www.example.com", "A", "203.0.113.10", SetIdentifier="kept-by-understudy", Failover="SECONDARY")
        assert account.preflight(only="records")[0] == 0

    @pytest.mark.parametrize(
        ("value", "verdict"),
        [
            ("1 . alpn=h2 ipv4hint=203.0.113.10", Verdict.FAILED),
            ("0 origin.example.net.", Verdict.FAILED),
            ("1 . alpn=h3,h2", Verdict.WARNING),
        ],
    )
    def test_an_https_record_bypasses_the_failover_or_may_surprise(
        self, account: Account, simple: Put, value: str, verdict: Verdict
    ) -> None:
        simple("shop.example.com", "HTTPS", value)
        assert account.only(verdict, "records")["subject"] == "shop.example.com HTTPS"


def _with_cname(account: Account, folder: Path) -> Path:
    """Settings whose server web has a name of its own, and no host at the apex."""
    text = account.bed.settings_path.read_text(encoding="utf-8")
    text = text.replace('ipv6 = "2001:db8::10"', 'cname = "web.origin.example.edu"  #').replace(
        '"example.com", "www', '"www'
    )
    text = text.replace('host_name = "example.com"', 'host_name = "www.example.com"')
    (folder / "failover.toml").write_text(text, encoding="utf-8")
    (folder / "certificates").symlink_to(account.bed.settings_path.parent / "certificates")
    return folder / "failover.toml"


class TestZones:
    @pytest.mark.parametrize(
        ("servers", "verdict"),
        [
            (("ns1.example.net.", "ns2.example.net."), Verdict.FAILED),
            (("ns-1.awsdns-1.com.", "ns2.example.net."), Verdict.WARNING),
        ],
    )
    def test_name_servers_that_are_not_the_zones(
        self, account: Account, servers: tuple[str, ...], verdict: Verdict
    ) -> None:
        pages = account.client("route53").list_resource_record_sets(HostedZoneId=ORG)["ResourceRecordSets"]
        (own,) = (record for record in pages if record["Type"] == "NS")
        account.change(ORG, "UPSERT", own | {"ResourceRecords": [{"Value": name} for name in servers]})
        try:
            finding = account.only(verdict, "zones")
        finally:
            account.change(ORG, "UPSERT", own)
        assert finding["subject"] == "example.org"
        assert "ns2.example.net" in finding["text"]

    @pytest.mark.parametrize(
        ("features", "verdict", "words"),
        [
            *(({"recovery": state}, Verdict.FAILED, state) for state in sorted(IN_TRANSITION)),
            ({"recovery": "ENABLE_FAILED"}, Verdict.WARNING, "ENABLE_FAILED"),
            ({"recovery": "DISABLE_FAILED"}, Verdict.WARNING, "DISABLE_FAILED"),
            ({"recovery": "ENABLED"}, Verdict.PASSED, "STANDARD"),
            ({"protections": [("www.example.com.", "A", "of the shop")]}, Verdict.FAILED, "of the shop"),
            ({"protections": [("mail.example.com.", "A", "")]}, Verdict.PASSED, "refuses no change"),
            *(({"guardrails": [guardrail], "tier": "ADVANCED"}, Verdict.PASSED, guardrail) for guardrail in OF_RECORDS),
            *(
                ({"guardrails": [guardrail], "tier": "ADVANCED"}, Verdict.PASSED, "refuses no change")
                for guardrail in OF_NS
            ),
        ],
    )
    def test_what_a_zone_refuses(
        self, account: Account, features: dict[str, Any], verdict: Verdict, words: str
    ) -> None:
        account.bed.aws.control.set_zone_features(id=COM, **features)
        try:
            if verdict is not Verdict.PASSED:
                assert words in account.only(verdict, "zones")["text"]
            code, findings = account.preflight(only="zones")
            assert any(words in finding["text"] for finding in findings)
            assert code == {Verdict.FAILED: 1}.get(verdict, 0)
        finally:
            account.bed.aws.control.set_zone_features(id=COM)

    def test_a_boto3_that_does_not_know_the_rules_says_unknown(
        self, account: Account, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(aws, "NEWER_APIS", "/nowhere")
        # Not the loader that all tests share, which has been there.
        monkeypatch.setattr(botocore.session, "create_loader", botocore.loaders.create_loader)
        monkeypatch.setattr(boto3, "DEFAULT_SESSION", None)
        code, findings = account.preflight(only="zones")
        unknown = [finding for finding in findings if finding["verdict"] == "unknown"]
        assert (code, len(unknown)) == (3, 2 * len(account.bed.settings.zones))


class TestQuotas:
    @pytest.mark.parametrize(
        ("quota", "value", "text", "code"),
        [
            ("health checks", 6, "8 of 6 health checks", "L-ACB674F3"),
            ("Distributions per AWS account", 0, "1 of 0 distributions", "L-24B04930"),
            ("Alternate domain names (CNAMEs) per distribution", 4, "5 of 4 alternate domain names", "domain names"),
        ],
    )
    def test_one_that_must_be_raised_is_named_with_both_numbers(
        self, account: Account, quota: str, value: int, text: str, code: str
    ) -> None:
        control = account.bed.aws.control
        control.set_quota(quota, value)
        try:
            finding = account.only(Verdict.FAILED, "quotas")
        finally:
            control.set_quota(quota, DEFAULTS[quota])
        assert text in finding["text"]
        assert "Service Quotas" in finding["advice"]
        assert code in finding["advice"]

    def test_records_are_counted_for_each_zone(self, account: Account) -> None:
        account.bed.aws.control.set_quota("records per zone", 13)
        code, findings = account.preflight(only="quotas")
        account.bed.aws.control.set_quota("records per zone", 10_000)
        assert code == 1
        (only_finding,) = (finding for finding in findings if finding["verdict"] != "passed")
        # Twelve of the pairs of three hosts with IPv6, beside the zone's own two.
        assert (only_finding["subject"], only_finding["text"]) == ("example.com", "14 of 13 record sets (2 today)")

    def test_a_quota_that_cannot_be_read_is_the_one_that_every_account_has(self, account: Account) -> None:
        account.bed.aws.control.plan_fault(operation="ListServiceQuotas", kind="access-denied", times=2)
        assert account.preflight(only="quotas")[0] == 0


class TestCertificate:
    def test_an_issuer_that_browsers_do_not_trust_is_meant_or_refused(
        self, account: Account, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The options of the test bed say that its CA is trusted; without them it is one of nobody's."""
        without_ca = account.bed.options()[:-2]
        monkeypatch.setattr(account.bed, "options", lambda: without_ca)
        finding = account.only(Verdict.FAILED, "certificate")
        assert "which is none of Mozilla's root certificates" in finding["text"]
        assert "--private-ca" in finding["advice"]
        code, (accepted,) = account.preflight("--private-ca", only="certificate")
        assert (code, accepted["verdict"]) == (0, "passed")

    @pytest.mark.parametrize(
        ("days", "verdict", "text"),
        [
            (100, Verdict.FAILED, "expired on"),
            (80, Verdict.WARNING, "days are left"),
            (-1, Verdict.FAILED, "only from"),
        ],
    )
    def test_a_certificate_by_the_clock(
        self, account: Account, monkeypatch: pytest.MonkeyPatch, days: int, verdict: Verdict, text: str
    ) -> None:
        later = account.bed.settings.certificate.public.not_before + timedelta(days=days)
        monkeypatch.setattr(command, "datetime", SimpleNamespace(now=lambda _: later))
        _, findings = account.preflight(only="certificate")
        (only_finding,) = (finding for finding in findings if text in finding["text"])
        assert only_finding["verdict"] == verdict


class TestPermissions:
    def test_the_bootstrap_of_another_qualifier_is_the_one_that_the_assembly_names(
        self, account: Account, tmp_path: Path
    ) -> None:
        assembly = shutil.copytree(account.assembly, tmp_path / "cdk.out")
        for manifest in assembly.rglob("manifest.json"):
            manifest.write_text(manifest.read_text(encoding="utf-8").replace("hnb659fds", "corp"), encoding="utf-8")
        code, (finding,) = account.preflight(only="bootstrap", assembly=assembly)
        assert (code, finding["verdict"]) == (1, "failed")
        assert "--qualifier corp" in finding["advice"]
        account.client("ssm").put_parameter(Name="/cdk-bootstrap/corp/version", Value="30", Type="String")
        try:
            assert account.preflight(only="bootstrap", assembly=assembly)[0] == 0
        finally:
            account.client("ssm").delete_parameter(Name="/cdk-bootstrap/corp/version")

    def test_of_a_user_every_missing_action_is_named_with_its_resource(self, account: Account) -> None:
        iam = account.client("iam")
        arn = iam.create_user(UserName="operator")["User"]["Arn"]
        statements = [
            {"Effect": "Allow", "Action": action, "Resource": "*"}
            for action in ("sts:*", "s3:*", "route53:Get*", "route53:List*", "cloudformation:GetTemplate")
        ]
        policy = json.dumps({"Version": "2012-10-17", "Statement": statements})
        iam.put_user_policy(UserName="operator", PolicyName="some", PolicyDocument=policy)
        subject = Subject(account.bed.settings, account.client, account.assembly, datetime.now(UTC))
        by_subject = {finding.subject: finding for finding in simulated(subject, arn, ACCOUNT)}
        assert {name for name, finding in by_subject.items() if finding.verdict is Verdict.PASSED} == {
            *("deploy", "maintenance on, off", "maintenance status")
        }
        assert by_subject["import"].text == (
            "the caller may not route53:ChangeResourceRecordSets on arn:aws:route53:::hostedzone/Z0EXAMPLECOM00000001; "
            "route53:ChangeResourceRecordSets on arn:aws:route53:::hostedzone/Z0EXAMPLEORG00000002"
        )
        assert arn in by_subject["import"].advice

    def test_of_a_role_it_is_the_roles_own_policies_that_count(self, account: Account) -> None:
        iam = account.client("iam")
        iam.create_role(RoleName="deployer", AssumeRolePolicyDocument="{}")
        policy = {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Action": "*", "Resource": "*"}]}
        iam.put_role_policy(RoleName="deployer", PolicyName="all", PolicyDocument=json.dumps(policy))
        subject = Subject(account.bed.settings, account.client, account.assembly, datetime.now(UTC))
        caller = f"arn:aws:sts::{ACCOUNT}:assumed-role/deployer/session"
        assert {finding.verdict for finding in simulated(subject, caller, ACCOUNT)} == {Verdict.PASSED}


class TestServers:
    @pytest.mark.parametrize(
        ("mode", "verdict", "text"),
        [
            (Mode.REFUSES, "failed", "no connection to 203.0.113.20 port 443"),
            (Mode.ANSWERS_500, "failed", "/health answers 500"),
            (Mode.BREAKS_TLS, "failed", "TLS fails"),
            (Mode.HANGS, "failed", "no TLS handshake within 4 s"),
        ],
    )
    def test_a_server_that_fails_is_seen_as_a_health_checker_sees_it(
        self, account: Account, mode: Mode, verdict: str, text: str
    ) -> None:
        server = account.bed.servers["api"]
        server.play(mode)
        try:
            _, findings = account.preflight(only="servers")
        finally:
            server.play(Mode.WELL)
        (only_finding,) = (finding for finding in findings if finding["verdict"] not in {"passed", "warning"})
        assert only_finding["subject"] == "api HTTPS api.example.org"
        assert only_finding["verdict"] == verdict
        assert text in only_finding["text"]


class TestPartialFailure:
    @pytest.mark.parametrize(
        ("operation", "times", "skip", "unknown"),
        [
            # The first such call is for protections; the zones ask for record sets, too, and leave it to the records.
            ("GET /2013-04-01/hostedzone/Z0EXAMPLECOM00000001/rrset", 2, 1, "records"),
            ("GET /2020-05-31/distribution", 1, 0, "aliases"),
            ("DescribeSecret", 1, 0, "secret"),
        ],
    )
    def test_an_api_that_refuses_leaves_an_answer_about_the_rest(
        self, account: Account, operation: str, times: int, skip: int, unknown: str
    ) -> None:
        account.bed.aws.control.plan_fault(operation=operation, kind="access-denied", times=times, skip=skip)
        code, findings = account.preflight()
        account.bed.aws.control.clear_faults()
        assert code == 3
        (only_finding,) = (finding for finding in findings if finding["verdict"] == "unknown")
        assert only_finding["area"] == unknown
        assert only_finding["advice"] == "what preflight needs: `understudy docs permissions`"
        assert {finding["area"] for finding in findings} >= {"zone", "quota", "server"}

    def test_without_any_answer_of_aws_the_servers_are_still_looked_at(
        self, account: Account, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        class Unreachable:
            def __getattr__(self, operation: str) -> Any:
                raise EndpointConnectionError(endpoint_url="https://api.example")

        monkeypatch.setattr(aws, "client", lambda *_: Unreachable())
        code, findings = account.preflight()
        assert code == 3
        assert {finding["area"] for finding in findings if finding["verdict"] == "passed"} == {"certificate", "server"}
