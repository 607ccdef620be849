"""Who asks a site that is down, what they send, and what they must get: the rows of docs/maintenance-response.md."""

from collections.abc import Mapping
from dataclasses import dataclass, field

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"


@dataclass(frozen=True)
class Client:
    """One kind of client, with the header fields that matter."""

    who: str
    method: str
    path: str
    sends: Mapping[str, str] = field(default_factory=dict)
    status: int = 503
    content_type: str = "text/plain; charset=utf-8"
    """Empty where there is no body, and so no type."""
    holds: str = ""
    """Stands in the body; empty for an answer without one."""
    gets: str = ""
    """The answer in words."""
    why: str = ""


CLIENTS = (
    Client(
        "a reader in Germany",
        "GET",
        "/shop/item?id=7",
        {"Accept": BROWSER, "Accept-Language": "de-AT,de;q=0.9,en;q=0.7"},
        content_type="text/html; charset=utf-8",
        holds='<html lang="de" dir="ltr">',
        gets="the page in German",
        why="the best match of Accept-Language among twelve languages",
    ),
    Client(
        "a reader in Cairo",
        "GET",
        "/",
        {"Accept": BROWSER, "Accept-Language": "ar-EG"},
        content_type="text/html; charset=utf-8",
        holds='<html lang="ar" dir="rtl">',
        gets="the page in Arabic, from right to left",
    ),
    Client(
        "a reader of Swedish",
        "GET",
        "/",
        {"Accept": BROWSER, "Accept-Language": "sv"},
        content_type="text/html; charset=utf-8",
        holds='<html lang="en" dir="ltr">',
        gets="the page in its own language",
        why="none of the reader's languages is offered",
    ),
    Client(
        "a search engine's crawler",
        "GET",
        "/",
        {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8", "User-Agent": "Googlebot/2.1"},
        content_type="text/html; charset=utf-8",
        holds="<h1>Temporarily unavailable</h1>",
        gets="the page",
        why="503 says to come back; no address drops out of the index",
    ),
    Client(
        "the same, for robots.txt",
        "GET",
        "/robots.txt",
        {"User-Agent": "Googlebot/2.1"},
        holds="Service Unavailable\n",
        gets="one line",
        why="404 would allow everything and 200 could forbid it; 503 stops the crawl for now",
    ),
    Client(
        "a browser, for an icon",
        "GET",
        "/favicon.ico",
        {"Accept": "image/*"},
        holds="Service Unavailable\n",
        gets="one line",
    ),
    Client(
        "a certificate authority (ACME HTTP-01)",
        "GET",
        "/.well-known/acme-challenge/token",
        holds="Service Unavailable\n",
        gets="one line",
        why="use DNS-01 to be independent of it",
    ),
    Client(
        "an app, by fetch or axios",
        "GET",
        "/api/orders",
        {"Accept": "application/json, text/plain, */*", "Origin": "https://app.example.net"},
        content_type="application/problem+json",
        holds='"retry_after":120',
        gets="RFC 9457 problem details, readable across origins",
    ),
    Client(
        "a browser before such a request (CORS preflight)",
        "OPTIONS",
        "/api/orders",
        {
            "Origin": "https://app.example.net",
            "Access-Control-Request-Method": "PUT",
            "Access-Control-Request-Headers": "authorization, content-type",
        },
        status=204,
        content_type="",
        gets="leave to ask, kept for no time at all",
        why="only after a 2xx does the browser send the request that gets the 503",
    ),
    Client(
        "anybody else with OPTIONS",
        "OPTIONS",
        "/api/orders",
        holds="Temporarily unavailable\n\nNothing was sent. Go back to keep your text.\n",
        gets="plain text",
    ),
    Client(
        "a webhook sender",
        "POST",
        "/hooks/payment",
        {"Content-Type": "application/json", "Accept": "*/*"},
        content_type="application/problem+json",
        holds='"status":503',
        gets="problem details",
        why="who sends JSON and takes anything is an API client",
    ),
    Client(
        "a form of the site, sent by a reader in Japan",
        "POST",
        "/order",
        {"Accept": BROWSER, "Accept-Language": "ja", "Content-Type": "application/x-www-form-urlencoded"},
        content_type="text/html; charset=utf-8",
        holds="一時的にご利用いただけません",
        gets="a short page in Japanese",
        why="CloudFront never caches it and S3 is not asked",
    ),
    Client(
        "gRPC-Web, or gRPC over HTTP/1.1",
        "POST",
        "/package.Service/Method",
        {"Content-Type": "application/grpc"},
        holds="Temporarily unavailable",
        gets="plain text",
        why="503 without a grpc-status is UNAVAILABLE, as is a connection without HTTP/2",
    ),
    Client(
        "curl, a script, a monitor",
        "GET",
        "/health",
        {"Accept": "*/*", "User-Agent": "curl/8"},
        holds="Temporarily unavailable\n\nSomething has gone wrong",
        gets="the page as plain text",
        why="HTML only for those who name it",
    ),
    Client("a monitor, with HEAD", "HEAD", "/", {"Accept": "*/*"}, gets="the header alone"),
    Client(
        "a cache that revalidates",
        "GET",
        "/",
        {"If-None-Match": '"abc"', "If-Modified-Since": "Thu, 01 Jan 2099 00:00:00 GMT"},
        holds="Temporarily unavailable",
        gets="the whole answer",
        why="304 would show what was there before",
    ),
    Client(
        "a download that goes on",
        "GET",
        "/file.iso",
        {"Range": "bytes=4096-"},
        holds="Temporarily",
        gets="the whole answer",
        why="206 would be appended",
    ),
    Client(
        "a WebSocket",
        "GET",
        "/socket",
        {"Sec-WebSocket-Version": "13", "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ=="},
        holds="Temporarily unavailable",
        gets="plain text in place of the handshake",
    ),
)
