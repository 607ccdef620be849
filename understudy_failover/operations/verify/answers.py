"""What the edge answers for every host: asked at the distribution itself, past DNS, with the host's name."""

from collections.abc import Callable, Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor

from understudy_failover.operations.connection import BoundedStream, Deadline, UnreachableError, exchange, open_stream
from understudy_failover.operations.finding import Finding, failed, passed, unknown
from understudy_failover.operations.https_client import HttpsClient, Response, TlsError
from understudy_failover.operations.maintenance_response import API_CLIENT, BROWSER, PATHS, PageRequest, answer_problems
from understudy_failover.operations.observation import client_name
from understudy_failover.operations.reach import Reach
from understudy_failover.operations.repair.plan import Key, bucket_key, distribution_key, function_key, objects_key
from understudy_failover.operations.verify.certificates import cure_of_another
from understudy_failover.operations.verify.deployment import Deployment, NotThereError
from understudy_failover.page import MARKER_HEADER, page_of
from understudy_failover.settings import Host

WORKERS = 4
"""Requests at once; the embedded AWS starts a process of Node for each that it has no idle one for."""
REQUESTS = (
    PageRequest("GET", "/", BROWSER, form="page"),
    PageRequest("GET", PATHS[1], BROWSER, form="page"),
    PageRequest("GET", "/api", API_CLIENT, form="problem"),
    PageRequest("POST", "/api", API_CLIENT, form="problem"),
    PageRequest("HEAD", "/"),
)
FAMILIES = {"A": "IPv4", "AAAA": "IPv6"}
CERTIFICATE = "is the chain whole, and the name in the certificate? Compare with `understudy certificate show`"
WELL = "is the distribution deployed, and CloudFront well?"
NO_IPV6 = "has this machine IPv6? If not, --no-ipv6 says so"


def tls(deployment: Deployment) -> Iterator[Finding]:
    """Every host gets the declared certificate and chain, which cover its name."""
    address = _address(deployment, "A")
    client = deployment.reach.client()

    def check_host(host: Host) -> Finding:
        try:
            fingerprint = client.request(client_name(host), method="HEAD", address=address).certificate_sha256
        except TlsError as error:
            return failed(
                "tls-refused",
                host.name,
                str(error),
                deployment.cure(*_page_keys(deployment), otherwise=CERTIFICATE),
            )
        except UnreachableError as error:
            return unknown("edge-unreachable", host.name, f"nobody answers at {deployment.domain_name()}: {error}")
        if fingerprint != deployment.settings.certificate.public.fingerprint:
            return failed(
                "tls-other-certificate",
                host.name,
                f"not the declared certificate but {fingerprint[:23]}…",
                cure_of_another(deployment, *_page_keys(deployment)),
            )
        return passed(host.name, f"{fingerprint[:23]}…, trusted")

    yield from _for_every_host(deployment, check_host)


def pages(deployment: Deployment) -> Iterator[Finding]:
    """Every client gets 503 and the page in its format."""
    client = deployment.reach.client()
    addresses = {"A": _address(deployment, "A")}
    # A distribution without IPv6 has no such address; that is another check's business.
    if deployment.ipv6 and (found_ipv6 := deployment.edge_addresses("AAAA")):
        addresses["AAAA"] = found_ipv6[0]

    def check_host(host: Host) -> Finding:
        problems: list[str] = []
        size = 0
        for kind, address in addresses.items():
            for asked in REQUESTS if kind == "A" else REQUESTS[:1]:
                try:
                    response = _asked(client, host, asked, address)
                except TlsError:  # named by `tls`
                    return unknown(
                        "page-behind-refused-tls",
                        host.name,
                        "no TLS session that a client trusts",
                        "fix the finding of the check 'TLS' first",
                    )
                except UnreachableError as error:
                    if kind == "AAAA":
                        return unknown("page-unreachable-over-ipv6", host.name, f"over IPv6: {error}", NO_IPV6)
                    return failed(
                        "page-unreachable",
                        host.name,
                        f"{asked}: {error}",
                        "is the distribution deployed, and CloudFront well?",
                    )
                size = max(size, len(response.body))
                page = page_of(deployment.settings, client_name(host))
                problems += [
                    f"{asked} over {FAMILIES[kind]}: {text}" for text in answer_problems(asked, response, page)
                ]
        if problems:
            more = f" (and {len(problems) - 1} more)" if len(problems) > 1 else ""
            return failed(
                "page-wrong", host.name, problems[0] + more, deployment.cure(*_page_keys(deployment), otherwise=WELL)
            )
        return passed(host.name, f"{len(REQUESTS)} kinds of request, up to {size:,} bytes, over {_and(addresses)}")

    yield from _for_every_host(deployment, check_host)


def plain_http(deployment: Deployment) -> Iterator[Finding]:
    """Plain HTTP gets the same 503 and no redirect."""
    address = _address(deployment, "A")

    def check_host(host: Host) -> Finding:
        try:
            status, headers = plain_request(client_name(host), address, deployment.reach)
        except UnreachableError as error:
            return failed(
                "plain-http-unreachable",
                host.name,
                f"port 80: {error}",
                "is the distribution deployed, and CloudFront well?",
            )
        if status == 503 and MARKER_HEADER in headers:
            return passed(host.name, "503")
        where = f" to {headers['location'][:200]!a}" if "location" in headers else ""
        return failed(
            "plain-http-wrong",
            host.name,
            f"status {status}{where} instead of 503 and the page",
            deployment.cure(*_page_keys(deployment), otherwise=WELL),
        )

    yield from _for_every_host(deployment, check_host)


def _page_keys(deployment: Deployment) -> tuple[Key, ...]:
    """Everything that a response of the page is made of."""
    bucket = deployment.page_bucket()
    names = [f"{deployment.settings.app}-{event}" for event in ("viewer-request", "viewer-response")]
    own = distribution_key(str(deployment.distribution()["Id"]))
    return own, bucket_key(bucket), objects_key(bucket), *map(function_key, names)


def _address(deployment: Deployment, kind: str) -> str:
    edge_addresses = deployment.edge_addresses(kind)
    if not edge_addresses:
        raise NotThereError(f"{deployment.domain_name()} has no {FAMILIES[kind]} address")
    return edge_addresses[0]


def _asked(client: HttpsClient, host: Host, asked: PageRequest, address: str) -> Response:
    return client.request(
        client_name(host), method=asked.method, path=asked.path, headers=asked.headers, address=address
    )


def _for_every_host(deployment: Deployment, check_host: Callable[[Host], Finding]) -> Iterator[Finding]:
    with ThreadPoolExecutor(WORKERS, thread_name_prefix="verify") as workers:
        yield from workers.map(check_host, [host for _, host in deployment.hosts])


def _and(kinds: Iterable[str]) -> str:
    return " and ".join(FAMILIES[kind] for kind in kinds)


HTTP_PORT = 80


def plain_request(host: str, address: str, reach: Reach) -> tuple[int, Mapping[str, str]]:
    """Return status and headers (lower case) of `GET /` of `host` at `address`. Raise UnreachableError."""
    deadline = Deadline(reach.timeout_seconds)
    try:
        with open_stream(address, HTTP_PORT, deadline, reach.proxy) as stream:
            answer = exchange(BoundedStream(stream, deadline), host, method="GET", path="/")
    except TimeoutError:
        raise UnreachableError(f"no answer within {deadline.seconds:g} s") from None
    except OSError as error:
        raise UnreachableError(str(error) or type(error).__name__) from None
    return answer.status, answer.headers
