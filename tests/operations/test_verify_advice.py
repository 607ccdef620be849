"""Findings of `verify` that need no deployment: each is gone after its advice was followed."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.conftest import ROOT
from tests.operations.recorded import record
from tests.operations.test_verify_options import MadeUp
from tests.operations.test_verify_subscriptions import OPS, TOPIC, Sns, findings_of, repair
from tests.rehearsal.faults.certificates import ended_chain
from understudy_failover.operations.connection import UnreachableError
from understudy_failover.operations.finding import Finding
from understudy_failover.operations.observation import Answers
from understudy_failover.operations.repair.plan import Plan
from understudy_failover.operations.switch import SwitchError, Switches
from understudy_failover.operations.verify import (
    account,
    answers,
    certificates,
    distribution,
    dns_answers,
    health,
    page_health,
    records,
    switches,
)
from understudy_failover.operations.verify.deployment import NotThereError
from understudy_failover.rehearsal.certificates import CertificateAuthority, IssuedCertificate
from understudy_failover.settings import Settings, load

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
Snapshot = Callable[[], list[Finding]]
Play = Callable[[Settings, pytest.MonkeyPatch, Path], Iterator[Snapshot]]
"""Yields what looks before the advice, and then what looks after it."""


@dataclass(frozen=True)
class Case:
    """`advice` is what the finding advises."""

    advice: str
    play: Play


def _checks_of(check: Callable[[Any], Any], *deployments: Any) -> Iterator[Snapshot]:
    for deployment in deployments:
        yield lambda deployment=deployment: list(check(deployment))  # type: ignore[misc]


def _clock(*dates: datetime | None) -> Play:
    def deployment(date: datetime | None) -> Any:
        headers = {"date": f"{date:%a, %d %b %Y %H:%M:%S} GMT"} if date else {}
        return SimpleNamespace(identity=lambda: {"ResponseMetadata": {"HTTPHeaders": headers}}, now=lambda: NOW)

    return lambda *_: _checks_of(account.clock, *map(deployment, dates))


def _records(check: Callable[[Any], Any], *there: list[Any]) -> Play:
    def play(settings: Settings, *_: Any) -> Iterator[Snapshot]:
        def deployment(existing: list[Any]) -> Any:
            return SimpleNamespace(
                settings=settings,
                hosts=[(server, host) for server in settings.servers for host in server.hosts],
                records=lambda zone: [known for known in existing if known.name.endswith(zone.name)],
                records_of=lambda host: [known for known in existing if known.name == host.name],
            )

        yield from _checks_of(check, *map(deployment, there))

    return play


def _nobody_notified(settings: Settings, *_: Any) -> Iterator[Snapshot]:
    yield lambda: findings_of(settings, Sns(), [])
    # In failover.toml and deployed, and its link opened.
    yield lambda: findings_of(settings, Sns((OPS, f"{TOPIC}:1")), [OPS])


def _not_confirmed(settings: Settings, *_: Any) -> Iterator[Snapshot]:
    yield lambda: findings_of(settings, Sns((OPS, "PendingConfirmation")), [OPS])
    yield lambda: findings_of(settings, Sns((OPS, f"{TOPIC}:1")), [OPS])


def _not_subscribed(settings: Settings, *_: Any) -> Iterator[Snapshot]:
    sns = Sns((OPS, "Deleted"))
    actions = repair(sns, OPS)
    yield lambda: findings_of(settings, sns, [OPS], Plan(tuple(actions)))
    for action in actions:
        action.apply()
    yield lambda: findings_of(settings, sns, [OPS])


def _unreported(check: Callable[[Any], Any]) -> Play:
    def play(settings: Settings, patch: pytest.MonkeyPatch, _: Path) -> Iterator[Snapshot]:
        deployment = MadeUp(settings)
        verdicts: list[tuple[bool | None, str]] = [(None, "")]
        for module in (health, page_health):
            patch.setattr(module, "verdict", lambda *_: verdicts[-1])
        yield from _checks_of(check, deployment)
        verdicts.append((check is not health.switch_verdicts, "8 × Success"))
        yield from _checks_of(check, deployment)

    return play


def _silent_resolver(settings: Settings, patch: pytest.MonkeyPatch, _: Path) -> Iterator[Snapshot]:
    server = settings.servers[0]
    host = server.hosts[0]
    well = Answers((str(server.ipv4),), (str(server.ipv6),))
    said = {"192.0.2.1": Answers((), (), "no answer"), "1.1.1.1": well}
    patch.setattr(dns_answers, "resolve", lambda _, asked: said[asked])

    def deployment(resolver: str) -> Any:
        part = SimpleNamespace(edge_addresses=lambda _: ())
        reach = SimpleNamespace(asked_resolvers=lambda: [resolver])
        return SimpleNamespace(reach=reach, hosts=[(server, host)], under=lambda _: part)

    yield from _checks_of(dns_answers.resolver, *map(deployment, said))


def _stacks(status: str | Exception) -> Play:
    def play(*_: Any) -> Iterator[Snapshot]:
        def deployment(answer: str | Exception) -> Any:
            def stack(_: str) -> dict[str, str]:
                if isinstance(answer, Exception):
                    raise answer
                return {"StackStatus": answer}

            return SimpleNamespace(stack_names=["app-maintenance"], stack=stack, orphaned_stacks=list)

        yield from _checks_of(distribution.stacks, deployment(status), deployment("UPDATE_COMPLETE"))

    return play


def _unread_switches(settings: Settings, patch: pytest.MonkeyPatch, _: Path) -> Iterator[Snapshot]:
    deployment = SimpleNamespace(settings=settings, client=lambda _: None, account=lambda: "1", now=lambda: NOW)

    def refused(*_: Any) -> Any:
        raise SwitchError("S3 answers 500")

    patch.setattr(Switches, "positions", refused)
    yield from _checks_of(switches.switches, deployment)
    patch.setattr(Switches, "positions", lambda _, names: dict.fromkeys(names))
    yield from _checks_of(switches.switches, deployment)


def _no_ipv6(settings: Settings, patch: pytest.MonkeyPatch, _: Path) -> Iterator[Snapshot]:
    def asked(_client: Any, _host: Any, _asked: Any, address: str) -> Any:
        if ":" in address:
            raise UnreachableError("no route")
        return SimpleNamespace(body=b"")

    patch.setattr(answers, "_asked", asked)
    patch.setattr(answers, "answer_problems", lambda *_: [])

    def deployment(*, ipv6: bool) -> Any:
        addresses = {"A": ("198.51.100.10",), "AAAA": ("2001:db8:cf::10",)}
        return SimpleNamespace(
            settings=settings,
            hosts=[(settings.servers[0], settings.servers[0].hosts[0])],
            reach=SimpleNamespace(client=lambda: None),
            ipv6=ipv6,
            edge_addresses=addresses.__getitem__,
        )

    # As --no-ipv6 has it.
    yield from _checks_of(answers.pages, deployment(ipv6=True), deployment(ipv6=False))


def _certificate(before: Callable[[tuple[str, ...]], IssuedCertificate]) -> Play:
    """Declared, then renewed and pushed."""

    def play(settings: Settings, _: pytest.MonkeyPatch, folder: Path) -> Iterator[Snapshot]:
        names, authority = settings.certificate.public.names, CertificateAuthority()
        (folder / "failover.toml").write_text((ROOT / "tests/sample/failover.toml").read_text(encoding="utf-8"))
        for issued in (before(names), authority.issue(names, days=90)):
            issued.write_public_files(folder / "certificates" / settings.certificate.name)
            declared = load(folder / "failover.toml")
            deployment = SimpleNamespace(settings=declared, now=lambda: datetime.now(UTC))
            yield from _checks_of(certificates.lifetime, deployment)

    return play


BLOG = record("blog.example.com", "CNAME", "www.example.com.")
PROMISING = record("www.example.com", "HTTPS", "1 . alpn=h2")
CASES: dict[str, Case] = {
    "clock-off": Case("set it, best by NTP", _clock(NOW - timedelta(minutes=10), NOW)),
    "clock-unknown": Case("try again", _clock(None, NOW)),
    "dependent-name": Case("or let it lead to 203.0.113.10", _records(records.dependents, [BLOG], [])),
    "https-promise": Case("delete it", _records(records.bypasses, [PROMISING], [])),
    "nobody-notified": Case("add emails to [notifications]", _nobody_notified),
    "subscription-not-confirmed": Case("open the link", _not_confirmed),
    "subscription-missing": Case("`understudy repair --apply`", _not_subscribed),
    "server-not-reported": Case("try again in a minute", _unreported(health.server_verdicts)),
    "switch-not-reported": Case("try again in a minute", _unreported(health.switch_verdicts)),
    "page-not-reported": Case("try again in a minute", _unreported(page_health.verdicts)),
    "resolver-silent": Case("--resolver names another", _silent_resolver),
    "stack-missing": Case("`cdk deploy --all`", _stacks(NotThereError("there is no stack"))),
    "stack-not-complete": Case("`cdk deploy --all`", _stacks("UPDATE_ROLLBACK_FAILED")),
    "switches-unread": Case("try again", _unread_switches),
    "page-unreachable-over-ipv6": Case("--no-ipv6", _no_ipv6),
    "certificate-refused": Case("`understudy certificate push FILES… --apply`", _certificate(ended_chain)),
    "certificate-ends-soon": Case(
        "`understudy certificate push FILES… --apply`",
        _certificate(lambda names: CertificateAuthority().issue(names, days=5, age_days=85)),
    ),
}


@pytest.mark.parametrize("identifier", CASES)
def test_a_finding_is_gone_after_its_advice_was_followed(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, tmp_path: Path, identifier: str
) -> None:
    case = CASES[identifier]
    runs = case.play(settings, monkeypatch, tmp_path)
    before = [finding for finding in next(runs)() if finding.id == identifier]
    assert before
    assert case.advice in before[0].advice
    assert [finding for finding in next(runs)() if finding.id == identifier] == []
