"""What `verify` and `status` make of a file with several of everything, against a made-up deployment."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, cast

import pytest

from tests.rehearsal.test_record_options import CERTIFIED, SETTINGS
from understudy_failover.contract.down_alarm import alarm_name
from understudy_failover.contract.route53 import CLOUDFRONT_HOSTED_ZONE_ID
from understudy_failover.contract.set_identifiers import PLACEHOLDER
from understudy_failover.contract.switch import FOR_ALL, switch_key
from understudy_failover.emulator.network import EDGE_IPV4, EDGE_IPV6
from understudy_failover.operations.finding import Finding, Verdict, table
from understudy_failover.operations.hosted_zones import RecordSet
from understudy_failover.operations.observation import Answers, HttpsProbe, ServedBy
from understudy_failover.operations.status.screen import document, screen
from understudy_failover.operations.status.snapshot import HostStatus, Snapshot, reason
from understudy_failover.operations.tls_probe import Presented
from understudy_failover.operations.verify import account, dns_answers, health, page_health, records
from understudy_failover.operations.verify.checks import Check
from understudy_failover.operations.verify.deployment import Deployment, NotThereError
from understudy_failover.rehearsal.certificates import CertificateAuthority
from understudy_failover.settings import Host, HostedZone, Server, Settings, load
from understudy_failover.settings.sharding import MAIN

Checks = Callable[[Deployment], Any]
CHECKED: tuple[Checks, ...] = (
    *(records.pairs, records.ttls, records.bypasses),
    *(health.calculated, health.servers, health.switches, page_health.checks),
)
NOON = datetime(2026, 11, 25, 12, tzinfo=UTC)
SHOP, NAMED = "one.shops.example", "named.example.com"
PAGE_OF_SHOP = f"maintenance page of shops: the SECONDARY record set of {SHOP}"
HOLD = 'profile = "fast"\nfailback_hold_minutes = 10\n'


class MadeUp(Deployment):
    """As the settings declare it, until a test changes `sets` or `checks`."""

    def __init__(self, settings: Settings) -> None:
        super().__init__(settings, cast(Any, None))
        self.sets: dict[tuple[str, str, str], dict[str, Any]] = {}
        """By name, type and half."""
        self.checks: dict[str, dict[str, Any]] = {}
        for name in settings.certificate_names:
            self._page(name)
        for server, host in self.hosts:
            self._check(server)
            for type_, values in server.record_values.items():
                self._pair(server, host, type_, values)

    def domain_name(self) -> str:
        return f"d{self._certificate or 'main'}.cloudfront.net"

    def distribution(self) -> dict[str, Any]:
        return {"Id": f"E0000{(self._certificate or 'main').upper()}"}

    def health_checks(self) -> dict[str, dict[str, Any]]:
        return self.checks

    def records(self, zone: HostedZone) -> list[RecordSet]:
        return [
            RecordSet(name, type_, "failover", {**raw, "Failover": half})
            for (name, type_, half), raw in self.sets.items()
            if name.endswith(zone.name)
        ]

    def _pair(self, server: Server, host: Host, type_: str, values: tuple[str, ...]) -> None:
        ttl = self.settings.timing.ttl_seconds
        domain_name = self.under(host.certificate).domain_name()
        self.sets[host.name, type_, "PRIMARY"] = {
            "TTL": ttl,
            "ResourceRecords": [{"Value": value} for value in values],
            "HealthCheckId": f"{server.name} combined",
        }
        self.sets[host.name, type_, "SECONDARY"] = (
            {"TTL": ttl, "ResourceRecords": [{"Value": domain_name}]}
            if type_ == "CNAME"
            else {"AliasTarget": {"DNSName": f"{domain_name}.", "HostedZoneId": CLOUDFRONT_HOSTED_ZONE_ID}}
        )
        self.sets[host.name, type_, "SECONDARY"]["HealthCheckId"] = f"reaches {domain_name}"

    def _page(self, certificate: str) -> None:
        domain_name = self.under(certificate).domain_name()
        self.checks[f"reaches {domain_name}"] = {
            "Type": "TCP",
            "FullyQualifiedDomainName": domain_name,
            "Port": 443,
            "RequestInterval": 30,
            "FailureThreshold": 3,
        }

    def _check(self, server: Server) -> None:
        timing, children = self.settings.timing, list(self.settings.switches_of(server))
        for address in server.addresses if server.health_check.per_address else server.addresses[:1]:
            endpoint = f"asks {address}"
            children.append(endpoint)
            self.checks[endpoint] = {
                "Type": server.health_check.type,
                "IPAddress": str(address),
                "Port": server.health_check.port,
                "FullyQualifiedDomainName": server.health_check.host_name,
                "ResourcePath": server.health_check.path,
                "RequestInterval": timing.request_interval_seconds,
                "FailureThreshold": timing.failure_threshold,
                "EnableSNI": server.health_check.type == "HTTPS",
            }
            if minutes := timing.failback_hold_minutes:
                children.append(f"holds {address}")
                self.checks[f"holds {address}"] = {
                    "Type": "CLOUDWATCH_METRIC",
                    "AlarmIdentifier": {
                        "Name": alarm_name(self.settings.app, endpoint, minutes),
                        "Region": "us-east-1",
                    },
                    "InsufficientDataHealthStatus": "Healthy",
                }
        for switch in self.settings.switches_of(server):
            self.checks[switch] = self._switch(switch)
        if len(children) == 1:  # nothing to calculate: the pair goes by the server's own check
            self.checks[f"{server.name} combined"] = self.checks.pop(children[0])
            return
        self.checks[f"{server.name} combined"] = {
            "Type": "CALCULATED",
            "ChildHealthChecks": children,
            "HealthThreshold": len(children),
        }

    def _switch(self, name: str) -> dict[str, Any]:
        return {
            "Type": "HTTP",
            "Inverted": True,
            "FullyQualifiedDomainName": "dmain.cloudfront.net",
            "Port": 80,
            "ResourcePath": f"/{switch_key(name)}",
            "RequestInterval": 30,
            "FailureThreshold": 1,
            "Regions": ["eu-west-1", "us-east-1", "ap-southeast-1"],
        }


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With every certificate of `SETTINGS`."""
    directory, authority = tmp_path_factory.mktemp("options"), CertificateAuthority()
    for name, names in CERTIFIED.items():
        authority.issue(names, days=90).write_public_files(directory / "certificates" / name)
    return directory


def _made_up(folder: Path, text: str) -> MadeUp:
    (folder / "failover.toml").write_text(text, encoding="utf-8")
    return MadeUp(load(folder / "failover.toml"))


@pytest.fixture
def deployment(folder: Path) -> MadeUp:
    """Held back for ten minutes."""
    return _made_up(folder, SETTINGS.replace('profile = "fast"\n', HOLD))


def _wrong(deployment: MadeUp) -> list[str]:
    findings: list[Finding] = [finding for check in CHECKED for finding in check(deployment)]
    assert findings
    return [f"{finding.subject}: {finding.text}" for finding in findings if finding.verdict is not Verdict.PASSED]


def test_nothing_is_found_that_is_not_there(deployment: MadeUp) -> None:
    assert _wrong(deployment) == []


def test_nor_without_a_hold_and_with_one_check_for_all_addresses(folder: Path) -> None:
    text = SETTINGS.replace(", per_address = true", "")
    assert text != SETTINGS
    assert _wrong(_made_up(folder, text)) == []


@pytest.mark.parametrize("switches", ["one", "none"])
@pytest.mark.parametrize("has_hold", [True, False])
def test_nor_with_one_switch_or_none(folder: Path, switches: str, has_hold: bool) -> None:
    text = SETTINGS.replace('profile = "fast"\n', HOLD) if has_hold else SETTINGS
    text = text.replace("[[zones]]", f'[maintenance]\nswitches = "{switches}"\n\n[[zones]]', 1)
    assert _wrong(_made_up(folder, text)) == []


def test_without_a_switch_a_pair_that_still_goes_by_a_calculated_check_is_named(folder: Path) -> None:
    text = SETTINGS.replace("[[zones]]", '[maintenance]\nswitches = "none"\n\n[[zones]]', 1)
    with_fault = _made_up(folder, text)
    with_fault.checks["named combined"] = {"Type": "CALCULATED", "ChildHealthChecks": [], "HealthThreshold": 0}
    assert any(
        line.startswith("named: ") and "Type is CALCULATED instead of HTTPS" in line for line in _wrong(with_fault)
    )


def test_a_switch_that_is_asked_in_another_way_is_named(deployment: MadeUp) -> None:
    deployment.checks[FOR_ALL].update(Type="HTTPS", Port=443, RequestInterval=10, Regions=["us-east-1"])
    (line,) = _wrong(deployment)
    for text in ("Type is HTTPS instead of HTTP", "Port is 443 instead of 80", "RequestInterval is 10 instead of 30"):
        assert text in line
    assert "Regions is" in line


def test_values_in_another_order_and_with_a_final_dot_are_the_same(deployment: MadeUp) -> None:
    deployment.sets[SHOP, "A", "PRIMARY"]["ResourceRecords"].reverse()
    deployment.sets[NAMED, "CNAME", "PRIMARY"]["ResourceRecords"] = [{"Value": "Named.Origin.example.net."}]
    assert _wrong(deployment) == []


def _child_gone(name: str) -> Callable[[MadeUp], None]:
    def remove(deployment: MadeUp) -> None:
        check = deployment.checks["several combined"]
        check["ChildHealthChecks"].remove(name)
        check["HealthThreshold"] -= 1

    return remove


def _set(name: str, type_: str, half: str, **values: Any) -> Callable[[MadeUp], None]:
    return lambda deployment: deployment.sets[name, type_, half].update(values)


def _checked(name: str, **values: Any) -> Callable[[MadeUp], None]:
    return lambda deployment: deployment.checks[name].update(values)


@pytest.mark.parametrize(
    ("break_it", "said"),
    [
        (_child_gone("holds 203.0.113.32"), "several: does not watch the hold of several at 203.0.113.32"),
        (_child_gone("asks 203.0.113.32"), "several: does not watch server several at 203.0.113.32"),
        (
            lambda deployment: deployment.checks.pop("holds 203.0.113.35"),
            "hold of named: the check is deleted; holds 203.0.113.35 does not exist",
        ),
        (
            _checked("holds 203.0.113.35", AlarmIdentifier={"Name": "old", "Region": "us-east-1"}),
            "hold of named: AlarmIdentifier is old of us-east-1 instead of "
            "options-down-asks 203.0.113.35-11min of us-east-1",
        ),
        (
            _checked("holds 2001:db8::31", InsufficientDataHealthStatus="Unhealthy"),
            "hold of several at 2001:db8::31: InsufficientDataHealthStatus is Unhealthy instead of Healthy",
        ),
        (
            _checked("asks 203.0.113.32", IPAddress="203.0.113.99"),
            "several at 203.0.113.32: IPAddress is 203.0.113.99 instead of 203.0.113.32",
        ),
        (
            _set(SHOP, "A", "PRIMARY", ResourceRecords=[{"Value": "203.0.113.31"}]),
            f"{SHOP}: A: the primary half leads to 203.0.113.31 instead of 203.0.113.31, 203.0.113.32",
        ),
        (
            _set(SHOP, "AAAA", "SECONDARY", AliasTarget={"DNSName": "dmain.cloudfront.net."}),
            f"{SHOP}: AAAA: the SECONDARY record set leads to dmain.cloudfront.net instead of dshops.cloudfront.net",
        ),
        (
            _set(NAMED, "CNAME", "SECONDARY", ResourceRecords=[{"Value": "delsewhere.cloudfront.net"}]),
            f"{NAMED}: CNAME: the SECONDARY record set leads to delsewhere.cloudfront.net "
            "instead of dmain.cloudfront.net",
        ),
        (_set(NAMED, "CNAME", "SECONDARY", TTL=300), f"{NAMED}: CNAME of the secondary 300 s instead of 10 s"),
        (
            _set(SHOP, "A", "SECONDARY", SetIdentifier=PLACEHOLDER, AliasTarget={}),
            f"{SHOP}: A: the SECONDARY record set is the placeholder of an unfinished `import` or deploy, and leads to "
            "the server",
        ),
        (
            _set(SHOP, "AAAA", "SECONDARY", HealthCheckId=None),
            f"{PAGE_OF_SHOP} AAAA has no health check, so that with server and page both down the page would be "
            "answered",
        ),
        (
            _set(SHOP, "A", "SECONDARY", HealthCheckId="gone"),
            f"{PAGE_OF_SHOP} A goes by health check gone, which does not exist, so that "
            "with server and page both down the page would be answered",
        ),
        (
            _set(SHOP, "A", "SECONDARY", HealthCheckId="reaches dmain.cloudfront.net"),
            f"{PAGE_OF_SHOP} A goes by health check reaches dmain.cloudfront.net, whose "
            "FullyQualifiedDomainName is dmain.cloudfront.net instead of dshops.cloudfront.net",
        ),
        (
            _checked("reaches dmain.cloudfront.net", Inverted=True, Regions=["eu-west-1"]),
            "maintenance page of main: the SECONDARY record set of example.com A and 2 more goes by health check "
            "reaches "
            'dmain.cloudfront.net, whose Inverted is true instead of false, Regions is ["eu-west-1"] instead of '
            '["ap-northeast-1", "ap-southeast-1", "ap-southeast-2", "eu-west-1", "sa-east-1", "us-east-1", '
            '"us-west-1", "us-west-2"]',
        ),
    ],
)
def test_what_is_not_as_declared_is_named_and_nothing_else(
    deployment: MadeUp, break_it: Callable[[MadeUp], Any], said: str
) -> None:
    break_it(deployment)
    assert _wrong(deployment) == [said]


def test_a_hold_that_the_settings_do_not_want_is_named(folder: Path, deployment: MadeUp) -> None:
    without = _made_up(folder, SETTINGS)
    without.checks = deployment.checks
    assert [text for text in _wrong(without) if text.startswith("named: ")] == [
        "named: watches check holds 203.0.113.35, of which the settings know nothing"
    ]


def test_a_check_of_each_certificate_goes_on_after_one_that_it_cannot_see(deployment: MadeUp) -> None:
    def unreachable(part: Deployment) -> list[Finding]:
        if part.domain_name() == "dmain.cloudfront.net":
            raise NotThereError("there is no such distribution")
        return [Finding("", name, Verdict.PASSED, "") for name in part.settings.host_names]

    findings = list(Check("any", unreachable, per_certificate=True).findings(deployment))
    assert [(finding.subject, finding.verdict) for finding in findings] == [("options", "unknown"), (SHOP, "passed")]
    assert deployment.settings.host_names == ("example.com", SHOP, NAMED), "the whole stays the whole"


@pytest.mark.parametrize(("whose", "verdict"), [("*****SHOPS", "passed"), ("*****OTHER", "failed")])
def test_what_another_distribution_of_ones_own_has_is_no_conflict(
    deployment: MadeUp, monkeypatch: pytest.MonkeyPatch, whose: str, verdict: str
) -> None:
    conflict = {"Domain": "example.com", "ResourceId": whose, "AccountId": "******000000"}

    class CloudFront:
        def get_paginator(self, _: str) -> Any:
            return self

        def paginate(self, *, Domain: str, **_: Any) -> list[dict[str, Any]]:  # noqa: N803
            return [{"DomainConflicts": [conflict] if Domain == "example.com" else []}]

    main = deployment.under(MAIN)
    monkeypatch.setattr(main, "client", lambda _: CloudFront())
    by_subject = {finding.subject: str(finding.verdict) for finding in account.conflicting_aliases(main)}
    assert by_subject == {"example.com": verdict, NAMED: "passed"}


def test_every_stack_is_looked_at_under_its_own_name(deployment: MadeUp) -> None:
    assert deployment.stack_names == [
        *("options-maintenance", "options-maintenance-shops"),
        *("options-failover", "options-failover-b"),
    ]


class CloudWatch:
    """Knows one health check that is unhealthy."""

    def __init__(self, unhealthy: str) -> None:
        self._unhealthy = unhealthy

    def get_metric_statistics(self, *, Dimensions: list[dict[str, str]], **_: Any) -> dict[str, Any]:  # noqa: N803
        healthy = Dimensions[0]["Value"] != self._unhealthy
        return {"Datapoints": [{"Timestamp": NOON, "Minimum": float(healthy)}]}


@pytest.mark.parametrize(
    ("health_of_second", "since", "why"),
    [
        (True, NOON, "its server is healthy again; the fail-back hold lasts until it has been healthy for 10 min"),
        (False, None, "the server is down at 203.0.113.32: 8 × Failure"),
        (None, None, "why cannot be seen"),
    ],
)
def test_status_says_why_a_host_of_several_addresses_is_on_the_page(
    deployment: MadeUp,
    monkeypatch: pytest.MonkeyPatch,
    health_of_second: bool | None,
    since: datetime | None,
    why: str,
) -> None:
    monkeypatch.setattr(deployment, "client", lambda _: CloudWatch("holds 203.0.113.32"))
    snapshot = Snapshot(
        NOON,
        health={
            "several at 203.0.113.31": (True, ""),
            "several at 203.0.113.32": (health_of_second, "8 × Failure"),
            "several at 2001:db8::31": (True, ""),
        },
    )
    server = deployment.settings.servers[0]
    checks = health.joined(deployment)
    probe = HttpsProbe(ServedBy.PAGE, "503")
    assert reason(deployment, snapshot, checks, server=server, host=server.hosts[0], probe=probe) == (since, why)


@pytest.mark.parametrize(
    ("served_by", "page", "why"),
    [
        (ServedBy.NOBODY, False, "; the maintenance page cannot be reached either, so DNS answers the server"),
        (ServedBy.NOBODY, True, ""),
        (ServedBy.NOBODY, None, ""),
        (ServedBy.PAGE, False, ""),
    ],
)
def test_status_says_why_a_server_that_is_down_is_answered(
    deployment: MadeUp, monkeypatch: pytest.MonkeyPatch, served_by: ServedBy, page: bool | None, why: str
) -> None:
    monkeypatch.setattr(deployment, "client", lambda _: CloudWatch("asks 203.0.113.35"))
    snapshot = Snapshot(NOON, health={"named": (False, "8 × Failure"), "maintenance page of main": (page, "")})
    (server,) = (candidate for candidate in deployment.settings.servers if candidate.name == "named")
    (host,) = server.hosts
    probe, checks = HttpsProbe(served_by, ""), health.joined(deployment)
    _, text = reason(deployment, snapshot, checks, server=server, host=host, probe=probe)
    assert text == f"the server is down: 8 × Failure{why}"


def test_status_shows_each_certificate_and_whose_page_has_another(deployment: MadeUp) -> None:
    settings = deployment.settings
    main, shops = settings.certificate.public, settings.certificates[0].public
    snapshot = Snapshot(NOON, positions={}, windows=[])
    for server, host in deployment.hosts:
        alias = server.cname or ""
        # Under main's certificate, whatever its own is.
        shown = Presented(main.fingerprint, main.not_before, main.not_after, main.usable_until)
        answers = Answers((), (), alias=alias) if alias else Answers(("198.51.100.10",), ())
        resolved = {"192.0.2.1": Answers(("203.0.113.35",), (), alias=alias) if alias else answers}
        probe = HttpsProbe(ServedBy.PAGE, "503")
        snapshot.hosts.append(HostStatus(host, server, probe, answers, resolved, shown))
    lines = [line for line in screen(snapshot, settings).splitlines() if line.startswith("certificate")]
    assert [line.partition(", until")[0] for line in lines] == [
        f"certificate  main: {main.fingerprint[:23]}…",
        f"certificate  shops: {shops.fingerprint[:23]}…",
    ]
    assert [line.partition("; ")[2] for line in lines] == ["", f"NOT the one of {SHOP}"]
    assert "DNS: named.origin.example.net\n" in screen(snapshot, settings), (
        "the resolver goes on from there, and agrees"
    )
    printed = document(snapshot, settings)
    assert [certificate["fingerprint"] for certificate in printed["certificates"]] == [
        main.fingerprint,
        shops.fingerprint,
    ]


class OnPage:
    """Every name server leads everybody to the page."""

    def addresses(self, name: str, kind: str) -> tuple[str, ...]:
        return EDGE_IPV4 if kind == "A" else EDGE_IPV6

    def answer(self, name: str, kind: str) -> tuple[tuple[str, ...], str]:
        return self.addresses(name, kind), name


@pytest.mark.parametrize(
    ("holding", "healthy", "wanted"),
    [(True, True, Verdict.PASSED), (False, True, Verdict.FAILED), (True, False, Verdict.FAILED)],
)
def test_a_hold_that_is_holding_is_reported_and_is_no_failure(
    deployment: MadeUp, monkeypatch: pytest.MonkeyPatch, holding: bool, healthy: bool, wanted: Verdict
) -> None:
    holds = "holds 203.0.113.31" if holding else "none"
    monkeypatch.setattr(deployment, "client", lambda _: CloudWatch(holds))
    monkeypatch.setattr(deployment, "name_servers", lambda _: [OnPage()])
    monkeypatch.setattr(health, "verdict", lambda *_: (healthy, "8 × Success"))
    findings = [
        finding
        for finding in Check("serving", dns_answers.serving).findings(deployment)
        if finding.subject in {"example.com", SHOP}
    ]
    assert len(findings) == 2
    assert {finding.verdict for finding in findings} == {wanted}
    shown = table(findings)
    assert ("held back for 10 min" in shown) is (wanted is Verdict.PASSED)
    assert all(f"{finding.subject}: {finding.text}\n" in shown for finding in findings)
