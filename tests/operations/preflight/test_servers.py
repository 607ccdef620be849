"""What preflight says of servers: as health checkers see them, and what such a check does not see."""

import socket
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, get_args

import pytest
import trustme

from tests.operations.servers import Answer, HttpsServer, Proxy, Serve
from tests.stacks.templates import ROOT, replaced, sample_text
from understudy_failover.contract import health_probe
from understudy_failover.operations.finding import Finding, Verdict
from understudy_failover.operations.preflight import probe, servers as module
from understudy_failover.operations.preflight.probe import Fault, Healthy, ProbeError
from understudy_failover.operations.preflight.servers import servers
from understudy_failover.operations.preflight.subject import Subject
from understudy_failover.operations.reach import Reach
from understudy_failover.settings import Settings, load

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nhealthy"
Snapshot = Callable[[HttpsServer, Settings], dict[str, list[Finding]]]


@pytest.fixture
def judge() -> Iterator[Snapshot]:
    """Findings about every server, by subject; one stands for all addresses."""
    proxies: list[Proxy] = []

    def findings(server: HttpsServer, settings: Settings) -> dict[str, list[Finding]]:
        proxies.append(Proxy(server.address))

        def nobody(_: str) -> Any:
            raise AssertionError("AWS is not asked")

        subject = Subject(settings, nobody, Path("none"), datetime.now(UTC), Reach(proxy=proxies[-1].address))
        by_subject: dict[str, list[Finding]] = {}
        for finding in servers(subject):
            by_subject.setdefault(finding.subject, []).append(finding)
        return by_subject

    yield findings
    for proxy in proxies:
        proxy.close()


def changed(folder: Path, old: str, new: str) -> Settings:
    """The sample with one change."""
    (folder / "failover.toml").write_text(replaced(sample_text(), old, new), encoding="utf-8")
    (folder / "certificates").symlink_to(ROOT / "tests/sample/certificates")
    return load(folder / "failover.toml")


def edited(folder: Path, *edits: tuple[str, str]) -> Settings:
    """The sample with these changes."""
    text = sample_text()
    for old, new in edits:
        text = replaced(text, old, new)
    folder.mkdir(exist_ok=True)
    (folder / "failover.toml").write_text(text, encoding="utf-8")
    if not (folder / "certificates").exists():
        (folder / "certificates").symlink_to(ROOT / "tests/sample/certificates")
    return load(folder / "failover.toml")


def verdicts(findings: list[Finding]) -> list[Verdict]:
    return [finding.verdict for finding in findings]


def test_a_server_that_works_passes_and_the_firewalls_ranges_are_reported(
    serve: Serve, judge: Snapshot, settings: Settings
) -> None:
    findings = judge(serve("api.example.org", answer=Answer(OK)), settings)
    (api,) = findings["api HTTPS api.example.org"]
    assert api.verdict is Verdict.PASSED
    assert "/health answers 200 with the searched text, from here" in api.text
    assert "ROUTE53_HEALTHCHECKS" in api.text
    assert verdicts(findings["web over IPv6"]) == [Verdict.PASSED]


def test_a_check_without_a_searched_text_is_warned_of_and_one_with_is_not(
    serve: Serve, judge: Snapshot, settings: Settings
) -> None:
    findings = judge(serve("api.example.org", answer=Answer(OK)), settings)
    assert verdicts(findings["web"]) == [Verdict.WARNING]
    assert "search_string" in findings["web"][0].advice
    assert "api" not in findings


def test_a_check_that_only_connects_is_warned_of(serve: Serve, judge: Snapshot, tmp_path: Path) -> None:
    text = """host_name = "api.example.org"     # sent as Host and SNI
port = 443
path = "/health"
search_string = "healthy"         # must stand in the first 5,120 bytes of the answer; default: none
"""
    settings = changed(tmp_path, text, 'host_name = "api.example.org"\n')
    tcp = (tmp_path / "failover.toml").read_text(encoding="utf-8")
    (tmp_path / "failover.toml").write_text(replaced(tcp, 'type = "HTTPS" ', 'type = "TCP" '), encoding="utf-8")
    settings = load(tmp_path / "failover.toml")
    findings = judge(serve("api.example.org", answer=Answer(OK)), settings)
    assert verdicts(findings["api"]) == [Verdict.WARNING]
    assert "only connects" in findings["api"][0].text
    assert verdicts(findings["api TCP 443"]) == [Verdict.PASSED]


def test_a_redirect_is_reported_with_where_it_leads(serve: Serve, judge: Snapshot, settings: Settings) -> None:
    answer = Answer(b"HTTP/1.1 302 Found\r\nLocation: /login\r\nContent-Length: 7\r\n\r\nhealthy")
    findings = judge(serve("www.example.com", answer=answer), settings)
    passed, warning = findings["web HTTPS example.com"]
    assert (passed.verdict, warning.verdict) == (Verdict.PASSED, Verdict.WARNING)
    assert "/ redirects to /login" in warning.text


def test_an_expired_certificate_of_the_server_is_reported_though_checkers_do_not_mind(
    judge: Snapshot, authority: trustme.CA, settings: Settings
) -> None:
    day = timedelta(days=1)
    now = datetime.now(UTC)
    server = HttpsServer(authority.issue_cert("example.com", not_before=now - 2 * day, not_after=now - day), Answer(OK))
    try:
        findings = judge(server, settings)
    finally:
        server.close()
    assert verdicts(findings["web HTTPS example.com"]) == [Verdict.PASSED, Verdict.WARNING]
    assert "has expired" in findings["web HTTPS example.com"][1].text


def test_each_host_with_a_check_of_its_own_is_asked_for_by_its_name(
    serve: Serve, judge: Snapshot, tmp_path: Path
) -> None:
    settings = changed(
        tmp_path,
        'host_name = "example.com"   #',
        'per_host = true\nhost_name = "example.com"   #',
    )
    findings = judge(serve("example.com", answer=Answer(OK)), settings)
    names = {"example.com", "www.example.com", "shop.example.com"}
    assert {f"web HTTPS {name}" for name in names} <= findings.keys()


@pytest.mark.parametrize("fault", ["server-silent", "server-refuses", "server-tls-1.3"])
def test_only_silence_may_be_a_firewall_that_keeps_this_machine_out(
    serve: Serve, judge: Snapshot, settings: Settings, monkeypatch: pytest.MonkeyPatch, fault: Any
) -> None:
    def failing(*_: object) -> Any:
        raise ProbeError(fault, "as given")

    monkeypatch.setattr(module, "probe", failing)
    (finding,) = judge(serve("example.com"), settings)["web HTTPS example.com"]
    assert finding.verdict is (Verdict.UNKNOWN if fault == "server-silent" else Verdict.FAILED)
    assert (finding.text, finding.advice) == ("as given", module.ADVICE[fault])


@pytest.mark.parametrize(
    ("tls", "words"),
    [
        (("TLSv1", "ECDHE-RSA-AES256-SHA"), "speaks TLSv1 at most"),
        (("TLSv1.1", "ECDHE-RSA-AES256-SHA"), "speaks TLSv1.1 at most"),
        (("TLSv1.2", "AES256-SHA"), "agrees on the cipher AES256-SHA"),
        (("TLSv1.2", "ECDHE-RSA-AES128-GCM-SHA256"), ""),
        (None, ""),
    ],
)
def test_tls_that_aws_may_accept_and_clients_do_not_is_warned_of(
    serve: Serve,
    judge: Snapshot,
    settings: Settings,
    monkeypatch: pytest.MonkeyPatch,
    *,
    tls: tuple[str, str] | None,
    words: str,
) -> None:
    monkeypatch.setattr(module, "probe", lambda *_: Healthy(200, tls=tls))
    _, *warnings = judge(serve("example.com"), settings)["web HTTPS example.com"]
    assert [words in warning.text for warning in warnings] == [True] * bool(words)


def test_every_fault_has_its_advice() -> None:
    faults = {fault for literal in get_args(Fault) for fault in get_args(literal)}
    assert faults == module.ADVICE.keys()


def test_a_machine_without_ipv6_only_says_so(
    serve: Serve, judge: Snapshot, settings: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    def without(*_: object) -> Any:
        raise ProbeError("server-refuses", "no way") from OSError(101, "Network is unreachable")

    monkeypatch.setattr(module, "connect", without)
    (finding,) = judge(serve("example.com", answer=Answer(OK)), settings)["web over IPv6"]
    assert finding.verdict is Verdict.WARNING
    assert "this machine has no IPv6" in finding.text


def _answer(*headers: str) -> Answer:
    lines = ["HTTP/1.1 200 OK", "Content-Length: 7", *headers, "", "healthy"]
    return Answer("\r\n".join(lines).encode())


HSTS = "max-age=63072000; includeSubDomains; preload"


@pytest.mark.parametrize(
    ("headers", "text"),
    [
        ((HSTS, HSTS.replace("; ", ";").lower()), ""),
        (("max-age=31536000", HSTS), f"sends Strict-Transport-Security: {HSTS}"),
        (("max-age=31536000", ""), "sends no Strict-Transport-Security"),
        (("", HSTS), ""),
    ],
)
def test_the_pages_hsts_header_is_compared_with_the_servers_own(
    serve: Serve, judge: Snapshot, tmp_path: Path, headers: tuple[str, str], text: str
) -> None:
    page, server = headers
    settings = changed(tmp_path, "[page]\n", f'[page]\nstrict_transport_security = "{page}"\n')
    own = [f"Strict-Transport-Security: {server}"] if server else []
    findings = judge(serve("example.com", answer=_answer(*own)), settings)["web HTTPS example.com"]
    hsts_findings = [finding for finding in findings if "Strict-Transport" in finding.text]
    assert [text in finding.text for finding in hsts_findings] == ([True] if text else [])
    if server and hsts_findings:
        assert hsts_findings[0].advice == f'write strict_transport_security = "{server}" in [page]'


def test_a_server_that_takes_webdav_gets_a_warning_of_what_the_page_answers(
    serve: Serve, judge: Snapshot, settings: Settings
) -> None:
    (finding,) = judge(serve("example.com", answer=_answer("Allow: GET, PROPFIND", "DAV: 1, 2")), settings)[
        "web example.com"
    ]
    assert finding.verdict is Verdict.WARNING
    assert "takes PROPFIND: CloudFront refuses" in finding.text


def test_a_check_at_another_port_shows_that_the_page_does_not_answer_there(
    serve: Serve, judge: Snapshot, tmp_path: Path
) -> None:
    settings = changed(tmp_path, 'host_name = "example.com"   #', 'port = 8443\nhost_name = "example.com"   #')
    (finding,) = judge(serve("example.com", answer=Answer(OK)), settings)["web port 8443"]
    assert finding.verdict is Verdict.WARNING
    assert "ports 80 and 443 alone" in finding.text


class Filtering(Answer):
    """Refuses Route 53's checkers alone."""

    @property
    def raw(self) -> bytes:
        refused = b"Amazon-Route53" in self.heads[-1]
        return b"HTTP/1.1 403 Forbidden\r\nContent-Length: 0\r\n\r\n" if refused else OK

    @raw.setter
    def raw(self, _: bytes) -> None:
        pass


Edits = tuple[tuple[str, str], ...]
Start = Callable[[Answer, dict[str, Any]], tuple[str, int]]
WEB, SEARCHED = 'host_name = "example.com"   #', 'search_string = "healthy"         #'
TCP: Edits = (('type = "HTTPS" ', 'type = "TCP" '), ("port = 443\npath", "# path"), (SEARCHED, "#"))
SEARCHING = (WEB, f'search_string = "healthy"\n{WEB}')
NOTHING: Edits = ()
GOOD = Answer(OK)


def _status(line: bytes, *headers: bytes, body: bytes = b"healthy") -> Answer:
    length = f"Content-Length: {len(body)}".encode()
    return Answer(b"\r\n".join((b"HTTP/1.1 " + line, length, *headers, b"", body)))


@dataclass(frozen=True)
class Case:
    """Before and after the advice: what the servers answer, and how failover.toml differs from the sample."""

    advice: str
    answer: Answer = GOOD
    edits: Edits = NOTHING
    cured: Answer = GOOD
    cured_edits: Edits = NOTHING
    server: dict[str, Any] = field(default_factory=dict)
    """How the servers are otherwise before: `gone`, `silent`, `expired`, `newest` (TLS), `first` (sent without TLS)."""
    patches: dict[str, Any] = field(default_factory=dict)
    """Of the probe."""


CASES: dict[str, Case] = {
    "server-status": Case("choose a path that answers 200", _status(b"404 Not Found")),
    "server-without-text": Case(
        "correct search_string",
        _status(b"200 OK", body=b"all well"),
        cured=_status(b"200 OK", body=b"all well"),
        cured_edits=((SEARCHED, 'search_string = "all well"         #'),),
    ),
    "server-compresses": Case(
        "switch compression off", _status(b"200 OK", b"Content-Encoding: br", body=b"\x01\x02\x03\x04")
    ),
    "server-not-http": Case("correct type and port", Answer(b"SSH-2.0-server\r\n")),
    "server-slow": Case(
        "choose a path that answers sooner",
        Answer(b"HTTP/1.1 ", again=b"2", pause_seconds=0.05),
        patches={"STATUS_SECONDS": 0.3},
    ),
    "server-slow-body": Case(
        "choose a path whose body comes sooner",
        Answer(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\n", again=b"x", pause_seconds=0.05),
        (SEARCHING,),
        cured_edits=(SEARCHING,),
        patches={"BODY_SECONDS": 0.3},
    ),
    "server-closed": Case("let checkers through", Answer(b"")),
    "server-truncated": Case(
        "the answer is shorter than it says",
        Answer(b"HTTP/1.1 200 OK\r\nContent-Length: 5000\r\n\r\nnothing"),
        (SEARCHING,),
        cured_edits=(SEARCHING,),
    ),
    "server-tls": Case("give the server a certificate", server={"first": b"This is no TLS.\r\n"}),
    "server-tls-1.3": Case("allow TLS 1.2 as well", server={"newest": True}),
    "server-refuses": Case("start the server", server={"gone": True}),
    "server-silent": Case("a firewall must let in", server={"silent": True}, patches={"CONNECT_SECONDS": 0.3}),
    "server-refuses-checkers": Case("through your bot filter", Filtering()),
    "check-only-connects": Case('type = "HTTPS" with a path and a search_string', edits=TCP),
    "check-without-search": Case("set search_string", cured_edits=((WEB, f'search_string = "healthy"\n{WEB}'),)),
    "check-redirected": Case("choose a path", _status(b"302 Found", b"Location: /login")),
    "server-certificate-expired": Case("renew it", server={"expired": True}),
    "hsts-differs": Case(
        f'write strict_transport_security = "{HSTS}" in [page]',
        _status(b"200 OK", f"Strict-Transport-Security: {HSTS}".encode()),
        (("[page]\n", '[page]\nstrict_transport_security = "max-age=31536000"\n'),),
        _status(b"200 OK", f"Strict-Transport-Security: {HSTS}".encode()),
        (("[page]\n", f'[page]\nstrict_transport_security = "{HSTS}"\n'),),
    ),
    "port-without-page": Case("check port 443", edits=((WEB, f"port = 8443\n{WEB}"),)),
    "ipv6-unreachable": Case("leave ipv6 out", server={"gone": True}, cured_edits=(('ipv6 = "2001:db8::10"', ""),)),
}


@pytest.fixture
def start(authority: trustme.CA) -> Iterator[Start]:
    """Start a server that stands for every server, and return the address of the proxy that leads to it."""
    with ExitStack() as exits:

        def begin(answer: Answer, otherwise: dict[str, Any]) -> tuple[str, int]:
            now, day = datetime.now(UTC), timedelta(days=1)
            if otherwise.get("gone"):
                proxy = Proxy(("127.0.0.1", 9), b"HTTP/1.1 502 Bad Gateway\r\n\r\nrefused")
                exits.callback(proxy.close)
                return proxy.address
            if otherwise.get("silent"):
                # Connections wait in the backlog of a socket that never accepts them.
                listener = exits.enter_context(socket.create_server(("127.0.0.1", 0)))
                address: tuple[str, int] = listener.getsockname()
                return address
            ends = now - day if otherwise.get("expired") else now + day
            certificate = authority.issue_cert("example.com", not_before=now - 2 * day, not_after=ends)
            server = HttpsServer(certificate, answer)
            exits.callback(server.close)
            if otherwise.get("newest"):
                server.require_newest_tls()
            if "first" in otherwise:
                server.speak_without_tls(otherwise["first"])
            proxy = Proxy(server.address)
            exits.callback(proxy.close)
            return proxy.address

        yield begin


@pytest.mark.parametrize("identifier", CASES)
def test_a_finding_is_gone_after_its_advice_was_followed(
    start: Start,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    identifier: str,
) -> None:
    case = CASES[identifier]

    def findings(answer: Answer, otherwise: dict[str, Any], edits: Edits) -> list[Finding]:
        reach = Reach(proxy=start(answer, otherwise))
        subject = Subject(edited(tmp_path, *edits), lambda _: None, Path("none"), datetime.now(UTC), reach)
        return [finding for finding in servers(subject) if finding.id == identifier]

    for name, value in case.patches.items():
        for place in (probe, health_probe, module):
            monkeypatch.setattr(place, name, value, raising=False)
    before = findings(case.answer, case.server, case.edits)
    assert before
    assert case.advice in before[0].advice
    assert findings(case.cured, {}, case.cured_edits) == []
