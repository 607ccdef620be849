"""A resolver that keeps a failure, on the wire: what a client says of it, and that another resolver is the cure."""

import asyncio
import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from types import SimpleNamespace
from typing import Any, cast

import pytest
from dnslib import QTYPE, RCODE, RR, DNSRecord

from understudy_failover.emulator.nameserver import Nameserver
from understudy_failover.operations import https_client
from understudy_failover.operations.cached_failure import ANOTHER_RESOLVER, cached_failure
from understudy_failover.operations.connection import UnreachableError, UnresolvedError
from understudy_failover.operations.https_client import OWN_RESOLVER, HttpsClient
from understudy_failover.operations.name_server import NameServer
from understudy_failover.operations.observation import ServedBy, probe_https
from understudy_failover.operations.reach import Address, Reach
from understudy_failover.operations.status import snapshot as snapshot_module
from understudy_failover.operations.status.command import exit_code
from understudy_failover.operations.verify import dns_answers
from understudy_failover.settings import Settings


def servfail(request: DNSRecord) -> DNSRecord:
    reply = request.reply(aa=0, ra=1)
    reply.header.rcode = RCODE.SERVFAIL
    return reply


def served(request: DNSRecord) -> DNSRecord:
    """Every host at the first server's addresses of the sample file."""
    reply = request.reply(aa=0, ra=1)
    address = {"A": "203.0.113.10", "AAAA": "2001:db8::10"}[QTYPE.get(request.q.qtype)]
    reply.add_answer(*RR.fromZone(f"{request.q.qname} 30 IN {QTYPE.get(request.q.qtype)} {address}"))
    return reply


@contextmanager
def listening(*answers: Any) -> Iterator[list[Address]]:
    """Name servers on loopback, in a thread of their own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    servers = [Nameserver(answer) for answer in answers]

    def run(what: Any) -> Any:
        return asyncio.run_coroutine_threadsafe(what, loop).result(10)

    try:
        yield [run(server.start()) for server in servers]
    finally:
        for server in servers:
            run(server.stop())
        run(asyncio.sleep(0))
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """To what the client would have connected: nothing answers there."""
    targets: list[str] = []

    def refuse(target: str, *_: Any) -> socket.socket:
        targets.append(target)
        raise ConnectionRefusedError("refused")

    monkeypatch.setattr(https_client, "open_stream", refuse)
    return targets


def test_the_client_goes_where_the_named_resolver_leads_and_nowhere_if_it_fails(connected: list[str]) -> None:
    with listening(servfail, served) as (failing, working):
        with pytest.raises(UnresolvedError, match=f"127.0.0.1 port {failing[1]} gives no answer: .* SERVFAIL"):
            Reach(resolvers=(failing,)).client().request("www.example.com")
        assert connected == []
        with pytest.raises(UnreachableError, match="refused"):
            Reach(resolvers=(failing, working)).client().request("www.example.com")
    assert connected == ["203.0.113.10", "2001:db8::10"]


def test_an_address_and_a_proxy_need_no_resolver(connected: list[str]) -> None:
    with listening(servfail) as (failing,):
        for reach, address in ((Reach(resolvers=(failing,)), "192.0.2.1"), (Reach(None, (failing,), failing), None)):
            with pytest.raises(UnreachableError, match="refused"):
                reach.client().request("www.example.com", address=address)
    assert connected == ["192.0.2.1", "www.example.com"]


@pytest.mark.parametrize(
    ("code", "resolver"), [(socket.EAI_AGAIN, OWN_RESOLVER), (socket.EAI_NONAME, "")], ids=["SERVFAIL", "NXDOMAIN"]
)
def test_only_a_failure_of_this_machines_resolver_is_one(
    monkeypatch: pytest.MonkeyPatch, settings: Settings, code: int, resolver: str
) -> None:
    def fail(*_: Any) -> socket.socket:
        raise socket.gaierror(code, "no answer")

    monkeypatch.setattr(https_client, "open_stream", fail)
    client = HttpsClient(ssl.create_default_context(), timeout_seconds=1)
    probe = probe_https(settings.servers[0].hosts[0], client)
    assert (probe.served_by, probe.unresolved_by) == (ServedBy.NOBODY, resolver)


def verified(settings: Settings, resolver: Address, name_server: Address) -> Mapping[str, tuple[str, ...]]:
    """What `verify` says of the first server's hosts."""
    server = settings.servers[0]
    deployment = SimpleNamespace(
        reach=Reach(resolvers=(resolver,)),
        hosts=[(server, host) for host in server.hosts],
        name_servers=lambda _: [NameServer(*name_server)],
        under=lambda _: SimpleNamespace(edge_addresses=lambda _: ()),
    )
    findings = dns_answers.resolver(cast(Any, deployment))
    return {finding.subject: (str(finding.verdict), finding.text, finding.advice, finding.id) for finding in findings}


def test_verify_advises_another_resolver_and_that_cures_it(settings: Settings) -> None:
    hosts = {host.name for host in settings.servers[0].hosts}
    with listening(servfail, served) as (failing, working):
        findings = verified(settings, failing, working)
        text = cached_failure(f"127.0.0.1 port {failing[1]}")
        assert findings == dict.fromkeys(hosts, ("unknown", text, ANOTHER_RESOLVER, "resolver-keeps-failure"))
        assert {verdict for verdict, *_ in verified(settings, working, working).values()} == {"passed"}


def test_verify_does_not_blame_a_resolver_where_the_name_servers_fail_too(settings: Settings) -> None:
    with listening(servfail) as (failing,):
        for verdict, text, *_ in verified(settings, failing, failing).values():
            assert (verdict, text.endswith("SERVFAIL")) == ("unknown", True)


@pytest.mark.parametrize("is_cured", [False, True])
def test_status_advises_another_resolver_and_with_that_judges_the_hosts(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, connected: list[str], *, is_cured: bool
) -> None:
    for name in ("_positions", "_windows"):
        monkeypatch.setattr(snapshot_module, name, lambda _: {})
    monkeypatch.setattr(snapshot_module, "joined", lambda _: [])
    monkeypatch.setattr(snapshot_module, "presented", refuse_to_present)
    monkeypatch.setattr(Reach, "has_network", True)
    with listening(servfail, served) as (failing, working):
        deployment = SimpleNamespace(
            now=lambda: datetime(2026, 11, 30, tzinfo=UTC),
            settings=settings,
            whole=settings,
            reach=Reach(resolvers=(working if is_cured else failing,)),
            hosts=[(settings.servers[0], host) for host in settings.servers[0].hosts],
            name_servers=lambda _: [NameServer(*working)],
        )
        snapshot = snapshot_module.take_snapshot(cast(Any, deployment))
        fault = f"{cached_failure(f'127.0.0.1 port {failing[1]}')}; {ANOTHER_RESOLVER}"
    assert snapshot.unseen == []
    assert [fault.text for fault in snapshot.local_faults] == ([] if is_cured else [fault])
    assert {host.served_by for host in snapshot.hosts} == {"nobody" if is_cured else "unknown"}
    assert exit_code(snapshot) == (1 if is_cured else 3)
    assert bool(connected) == is_cured


def refuse_to_present(*_: Any, **__: Any) -> None:
    raise UnreachableError("refused")
