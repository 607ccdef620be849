"""The servers by the health check's own rules, from here, and what such a check does not see."""

import errno
import json
import ssl
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

from understudy_failover.contract.health_probe import CONNECT_SECONDS
from understudy_failover.operations.finding import Finding, failed, passed, unknown, warning
from understudy_failover.operations.preflight.probe import (
    Fault,
    Healthy,
    ProbeError,
    allowed_methods,
    connect,
    probe,
)
from understudy_failover.operations.preflight.subject import Subject
from understudy_failover.settings import HealthCheck, Server
from understudy_failover.settings.hsts import directives

WORKERS = 8
HTTPS_PORT = 443
PAGE_PORTS = {80, 443}
OLD_TLS = {"TLSv1", "TLSv1.1"}
PAGE_METHODS = {"GET", "HEAD", "OPTIONS", "PUT", "PATCH", "POST", "DELETE"}
"""https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/RequestAndResponseBehaviorCustomOrigin.html"""
FIREWALL = (
    "a firewall must let in the ranges ROUTE53_HEALTHCHECKS of https://ip-ranges.amazonaws.com/ip-ranges.json, of all "
    "the check's regions"
)
SLOTS = (
    "free connection slots of the server: nginx `worker_connections`, Apache `MaxRequestWorkers`, HAProxy `maxconn`, "
    "lighttpd `server.max-connections`, Caddy its limit of open files; a port without TLS needs type HTTP"
)
TLS_1_2 = (
    "nginx `ssl_protocols TLSv1.2 TLSv1.3`, Apache `SSLProtocol -all +TLSv1.2 +TLSv1.3`, "
    "HAProxy `ssl-min-ver TLSv1.2`, Caddy `protocols tls1.2 tls1.3`, "
    'lighttpd `ssl.openssl.ssl-conf-cmd = ("MinProtocol" => "TLSv1.2")`'
)
ADVICE: Mapping[Fault, str] = {
    "server-silent": f"if only this machine is kept out: {FIREWALL}",
    "server-refuses": "start the server, or correct its address and port; the deploy gate refuses a new check "
    "that fails",
    "server-tls-silent": f"add {SLOTS}",
    "server-tls-closed": f"read the server's error log; if it is overloaded, add {SLOTS}",
    "server-tls": "give the server a certificate and a virtual host for that name; HTTPS checks need TLS 1.0 to 1.2",
    "server-tls-1.3": "allow TLS 1.2 as well, as Route 53's checkers speak nothing newer and the server would "
    "always be down: "
    f"{TLS_1_2} (lighttpd from 1.4.77 on speaks TLS 1.3 alone by default)",
    "server-client-certificate": "let the checked path do without a client certificate: nginx "
    "`ssl_verify_client optional`, "
    "Apache `SSLVerifyClient optional`, HAProxy `verify optional`, Caddy `client_auth { mode verify_if_given }`, "
    'lighttpd `ssl.verifyclient.enforce = "disable"`; and have the application refuse the other paths',
    "server-slow": "choose a path that answers sooner",
    "server-slow-body": "choose a path whose body comes sooner, or move the text to the front of the answer",
    "server-closed": "read the server's error log; if it ends connections of bots (nginx `return 444`), let "
    "checkers through",
    "server-not-http": "correct type and port of the health check",
    "server-request": "correct host_name and path of the health check",
    "server-status": "choose a path that answers 200 while the application works",
    "server-truncated": "read the error log of the server, and of a proxy before it: the answer is shorter "
    "than it says",
    "server-compresses": "switch compression off for this path, nginx `gzip off; gzip_static off`, or answer "
    "`Accept-Encoding: *` without it",
    "server-refuses-checkers": "let the User-Agent Amazon-Route53-Health-Check-Service through your bot "
    "filter, WAF or rules",
    "server-without-text": "correct search_string, or move the text to the front of the answer",
}
UNREACHABLE_HERE = {errno.ENETUNREACH, errno.EHOSTUNREACH, errno.EADDRNOTAVAIL, errno.EAFNOSUPPORT}


def servers(subject: Subject) -> Iterator[Finding]:
    """Every server; asks nobody but the servers."""
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="preflight") as workers:
        for findings in workers.map(lambda server: list(_server(subject, server)), subject.settings.servers):
            yield from findings


def _server(subject: Subject, server: Server) -> Iterator[Finding]:
    check = server.health_check
    if check.type == "TCP":
        yield warning(
            "check-only-connects",
            server.name,
            "its check only connects: a dead application behind an open port is healthy, and so is a full server",
            'type = "HTTPS" with a path and a search_string sees more',
        )
    elif not check.search_string:
        yield warning(
            "check-without-search",
            server.name,
            "the check tests only the status code: a wrong virtual host or a proxy that answers 200 counts as healthy",
            "set search_string to a text that only the working application sends",
        )
    yield from _ports(server)
    for host_name in _host_names(server):
        yield from _probed(subject, server, host_name)
    yield from _other_methods(subject, server, _host_names(server)[0])
    if server.ipv6:
        yield _over_ipv6(subject, server)


def _host_names(server: Server) -> list[str]:
    """Names that its health checks send, each once."""
    asked = (host.name if server.has_own_check(host) else server.health_check.host_name for host in server.hosts)
    return list(dict.fromkeys(asked))


def _probed(subject: Subject, server: Server, host_name: str) -> Iterator[Finding]:
    check = server.health_check
    what = f"{server.name} {check.type} {host_name}" if check.type != "TCP" else f"{server.name} TCP {check.port}"
    try:
        healthy = probe(check, host_name, str(server.ipv4), subject.reach.proxy)
    except ProbeError as error:
        # Silence may be a firewall that knows us no more than it should.
        make = unknown if error.fault == "server-silent" else failed
        yield make(error.fault, what, str(error), ADVICE[error.fault])
        return
    yield passed(what, _described(check, healthy) + f", from here; {FIREWALL}")
    if healthy.location:
        yield warning(
            "check-redirected",
            what,
            f"{check.path} redirects to {healthy.location}: healthy to Route 53, which does not follow it",
            "choose a path that needs the application and answers 200",
        )
    yield from _weak_tls(what, healthy)
    yield from _compared_hsts(subject, what, check, healthy)
    if healthy.not_after and healthy.not_after < subject.now:
        yield warning(
            "server-certificate-expired",
            what,
            f"the server's own certificate has expired on {healthy.not_after:%Y-%m-%d}",
            "renew it: health checks do not look at certificates, clients do",
        )


def _weak_tls(what: str, healthy: Healthy) -> Iterator[Finding]:
    """Checkers accept TLS that clients refuse, and AWS does not document their ciphers."""
    version, cipher = healthy.tls or ("", "")
    if version in OLD_TLS:
        yield warning(
            "server-tls-old",
            what,
            f"speaks {version} at most: healthy to Route 53, but browsers refuse it",
            f"allow TLS 1.2: {TLS_1_2}",
        )
    elif cipher and cipher not in {known["name"] for known in ssl.create_default_context().get_ciphers()}:
        yield warning(
            "server-cipher-undocumented",
            what,
            f"agrees on the cipher {cipher}: AWS does not document whether health checkers have it",
            "allow ciphers with ECDHE and AES-GCM: nginx `ssl_ciphers`, Apache `SSLCipherSuite`, HAProxy "
            "`ssl-default-bind-ciphers`, Caddy `ciphers`, lighttpd `ssl.openssl.ssl-conf-cmd` with `CipherString`",
        )


def _compared_hsts(subject: Subject, what: str, check: HealthCheck, healthy: Healthy) -> Iterator[Finding]:
    """Browsers obey the last header that they saw, from whichever of the two."""
    page, server = subject.settings.page.strict_transport_security, healthy.strict_transport_security
    if check.type != "HTTPS" or not page or _directives(page) == _directives(server):
        return
    if server:
        text = f"sends Strict-Transport-Security: {server}, and the page {page}: browsers obey the last one they saw"
        advice = f"write strict_transport_security = {json.dumps(server)} in [page]"
    else:
        text = f"sends no Strict-Transport-Security at {check.path}, and the page {page}: browsers obey that afterwards"
        advice = "remove strict_transport_security from [page], unless other paths send it"
    yield warning("hsts-differs", what, text, advice)


def _directives(header: str) -> dict[str, str] | None:
    try:
        return directives(header)
    except ValueError:
        return None


def _ports(server: Server) -> Iterator[Finding]:
    if server.health_check.port not in PAGE_PORTS:
        yield warning(
            "port-without-page",
            f"{server.name} port {server.health_check.port}",
            "is checked, but the page answers at ports 80 and 443 alone: in a failover this port does not answer",
            "check port 443 if clients use that; other ports and protocols get no page (README, limits)",
        )


def _other_methods(subject: Subject, server: Server, host_name: str) -> Iterator[Finding]:
    """CloudFront answers seven methods; WebDAV and CalDAV need more."""
    check = server.health_check
    if check.type == "TCP":
        return
    methods = sorted(allowed_methods(check, host_name, str(server.ipv4), subject.reach.proxy) - PAGE_METHODS)
    if methods:
        yield warning(
            "method-without-page",
            f"{server.name} {host_name}",
            f"takes {', '.join(methods)}: CloudFront refuses these methods with its own 403, not with the page",
            "nothing, if no client depends on it (README, limits); synchronization clients may report an error",
        )


def _described(check: HealthCheck, healthy: Healthy) -> str:
    if healthy.status is None:
        return f"takes connections at port {check.port}"
    return f"{check.path} answers {healthy.status}" + (" with the searched text" if check.search_string else "")


def _over_ipv6(subject: Subject, server: Server) -> Finding:
    """Health checks ask the IPv4 address alone, but AAAA records go by the same verdict."""
    what = f"{server.name} over IPv6"
    try:
        connect(str(server.ipv6), HTTPS_PORT, CONNECT_SECONDS, subject.reach.proxy).close()
    except ProbeError as error:
        cause = error.__cause__
        if isinstance(cause, OSError) and cause.errno in UNREACHABLE_HERE:
            return warning(
                "no-ipv6-here", what, "this machine has no IPv6 to try it with", f"elsewhere: curl -6 {server.ipv6}"
            )
        make = unknown if error.fault == "server-silent" else failed
        return make(
            "ipv6-unreachable",
            what,
            str(error),
            "fix it, or leave ipv6 out: the health check asks the IPv4 address and would not notice",
        )
    return passed(what, f"takes connections at port {HTTPS_PORT}")
