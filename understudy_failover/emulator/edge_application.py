"""The edge's ASGI application: it finds the distribution for a viewer's request, and sends its response."""

import html
import logging
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from urllib.parse import unquote

from understudy_failover.emulator.asgi import BodyTooLargeError, Receive, Scope, Send, read_body
from understudy_failover.emulator.health_metrics import Reading
from understudy_failover.emulator.model import Distribution, Metric, ServeViewer, ViewerRequest, ViewerResponse
from understudy_failover.emulator.tls import server_name

logger = logging.getLogger(__name__)

_BODY_LIMIT_BYTES = 16 * 1024 * 1024
_CONNECTION_HEADERS = {"connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade", "te"}
"""Belong to one connection and must not be forwarded: RFC 9110 7.6.1, RFC 9113 8.2.2."""


def find_distribution(distributions: Iterable[Distribution], host: str) -> Distribution | None:
    """Return the enabled distribution that serves `host` (lower case, without port), or None.

    The distribution's own name and exact aliases come before wildcards; of several wildcards the most
    specific one wins. A wildcard stands for any number of labels.
    https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/CNAMEs.html
    """
    best: tuple[int, Distribution] | None = None
    for distribution in distributions:
        if not distribution.enabled:
            continue
        if host == distribution.domain_name or host in distribution.aliases:
            return distribution
        for alias in distribution.aliases:
            if alias.startswith("*.") and host.endswith(alias[1:]) and len(host) > len(alias[1:]):
                best = max(best or (0, distribution), (len(alias), distribution), key=lambda candidate: candidate[0])
    return best[1] if best else None


class EdgeApplication:
    """Answers viewers over HTTP/1.1 and HTTP/2; it answers a WebSocket handshake as a GET."""

    def __init__(self, distributions: Callable[[], Sequence[Distribution]], serve: ServeViewer) -> None:
        self._distributions = distributions
        self._serve = serve
        self._requests: Counter[str] = Counter()
        """By the distribution's id, since the last call of `readings`."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "lifespan":
            await _complete_lifespan(receive, send)
            return
        if scope["type"] not in {"http", "websocket"}:
            return
        is_websocket = scope["type"] == "websocket"
        if is_websocket:
            scope = {**scope, "method": "GET", "scheme": {"ws": "http", "wss": "https"}[scope["scheme"]]}
        try:
            body = b"" if is_websocket else await read_body(receive, _BODY_LIMIT_BYTES)
            response = await self._answer(scope, body)
        except BodyTooLargeError:
            response = _refusal(413, "The request's body is too large.")
        await _send(send, scope["method"], response, prefix="websocket.http" if is_websocket else "http")

    def readings(self) -> list[Reading]:
        """Return the number of viewers' requests since the last call, for each distribution with any.

        https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/programming-cloudwatch-metrics.html
        """
        requests, self._requests = self._requests, Counter()
        return [
            Reading(
                Metric("AWS/CloudFront", "Requests", frozenset({("DistributionId", name), ("Region", "Global")})),
                float(count),
                "None",
            )
            for name, count in requests.items()
        ]

    async def _answer(self, scope: Scope, body: bytes) -> ViewerResponse:
        headers = _merged(scope["headers"])
        host = _host_name(headers.get("host", ""))
        if not host:
            return _refusal(400, "Bad request: it names no host.")
        distributions = self._distributions()
        distribution = find_distribution(distributions, host)
        if distribution is None:
            return _refusal(403, f"No enabled distribution has the alternate domain name {host}.")
        self._requests[distribution.id] += 1
        sni = server_name.get() if scope["scheme"] == "https" else None
        sni_distribution = find_distribution(distributions, sni) if sni else None
        if sni_distribution is not None and sni_distribution.id != distribution.id:
            return _refusal(421, f"The TLS connection was made for {sni}, the request is for {host}.")
        if scope["method"] == "GET" and body:
            # .../DeveloperGuide/RequestAndResponseBehaviorS3Origin.html#ResponseS3GETRequestsWithBody
            return _refusal(403, "A GET request with a body is refused.")
        raw_path = scope["raw_path"].decode("latin-1")
        request = ViewerRequest(
            method=scope["method"],
            scheme=scope["scheme"],
            path=unquote(raw_path),
            raw_path=raw_path,
            query_string=scope["query_string"].decode("latin-1"),
            headers=headers,
            body=body,
            client_ip=(scope.get("client") or ("127.0.0.1", 0))[0],
        )
        try:
            return await self._serve(distribution.id, request)
        except Exception:
            logger.exception("distribution %s could not serve %s %s", distribution.id, request.method, raw_path)
            return _refusal(500, "The embedded AWS failed to run this request; its log says why.")


def _host_name(host: str) -> str:
    return host.strip().lower().rsplit("]", 1)[-1].split(":", 1)[0].rstrip(".")


def _merged(headers: Iterable[tuple[bytes, bytes]]) -> dict[str, str]:
    """Return one value per lower-case name: RFC 9110 5.2; HTTP/2 splits cookies, RFC 9113 8.2.3."""
    merged: dict[str, str] = {}
    for raw_name, raw_value in headers:
        name, value = raw_name.decode("latin-1").lower(), raw_value.decode("latin-1")
        separator = "; " if name == "cookie" else ", "
        merged[name] = f"{merged[name]}{separator}{value}" if name in merged else value
    return merged


async def _send(send: Send, method: str, response: ViewerResponse, *, prefix: str) -> None:
    no_content = response.status in {204, 304} or 100 <= response.status < 200
    fields = [
        (name.lower().encode("latin-1"), value.encode("latin-1", "replace"))
        for name, value in response.headers
        if name.lower() not in _CONNECTION_HEADERS and not (no_content and name.lower() == "content-length")
    ]
    if not no_content and not any(name == b"content-length" for name, _ in fields):
        fields.append((b"content-length", str(len(response.body)).encode()))
    await send({"type": f"{prefix}.response.start", "status": response.status, "headers": fields})
    body = b"" if no_content or method == "HEAD" else response.body
    await send({"type": f"{prefix}.response.body", "body": body, "more_body": False})


def _refusal(status: int, why: str) -> ViewerResponse:
    """Return CloudFront's own answer where no distribution answers: an HTML page and its usual header fields."""
    page = (
        "<!DOCTYPE html><title>ERROR: The request could not be satisfied</title>"
        f"<h1>{status} ERROR</h1><h2>The request could not be satisfied.</h2><p>{html.escape(why)}</p>"
        "<p>Generated by the embedded AWS in place of cloudfront (CloudFront)</p>\n"
    ).encode()
    fields = (
        ("content-type", "text/html; charset=utf-8"),
        ("server", "CloudFront"),
        ("x-cache", "Error from cloudfront"),
    )
    return ViewerResponse(status, fields, page)


async def _complete_lifespan(receive: Receive, send: Send) -> None:
    while True:
        message = await receive()
        await send({"type": f"{message['type']}.complete"})
        if message["type"] == "lifespan.shutdown":
            return
