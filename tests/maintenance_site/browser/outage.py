"""Hosts that a test takes away from their server and gives back: a proxy on loopback, for any browser.

The edge's answers are those of the real functions in Node, over the objects that a deploy puts into the bucket. The
server's are a small site with a service worker. HTTPS over HTTP/1.1; the certificate is a throwaway one.
"""

import contextlib
import socketserver
import ssl
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import trustme

from tests.maintenance_site.edge import Edge, headers as event_headers, texts
from understudy_failover.page import SiteObject, Window, site_objects, window_objects
from understudy_failover.settings import Settings

HOST = "www.example.com"
SITE = "<!DOCTYPE html><title>Site</title><h1>Site</h1><form method=post action=/order><input name=text></form>"


@dataclass(frozen=True)
class PageRequest:
    """One request that a browser made."""

    method: str
    path: str
    fields: dict[str, str]

    @property
    def is_document(self) -> bool:
        """Whether a reader, or a reload, asked for it. https://www.w3.org/TR/fetch-metadata/"""
        return self.fields.get("sec-fetch-dest") == "document"


@dataclass(frozen=True)
class Answer:
    """Header names are lower case."""

    status: int
    headers: dict[str, str]
    body: bytes


@dataclass
class Outage:
    """The proxy's state: who serves, and what was asked."""

    port: int
    certificate_pem: str
    is_down: bool = False
    worker: str = ""
    """The server's /worker.js."""
    head_status: int = 200
    """The server's answer to HEAD."""
    asked: list[PageRequest] = field(default_factory=list)
    """All that reached the edge or the server, in turn."""
    show: Callable[[str, Window | None], None] = lambda _, __: None
    """Make the page speak one language, in planned work or, with None, in an outage."""

    @property
    def documents(self) -> list[str]:
        """Paths of the documents that browsers loaded over the network."""
        return [asked.path for asked in self.asked if asked.is_document]

    def site(self, asked: PageRequest) -> Answer:
        """The server's own answer."""
        if asked.method == "HEAD":
            return Answer(self.head_status, {"content-type": "text/html"}, b"")
        if asked.path == "/worker.js":
            return Answer(200, {"content-type": "text/javascript"}, self.worker.encode())
        if asked.method == "POST":
            return Answer(200, {"content-type": "text/html"}, b"<title>Sent</title>")
        return Answer(200, {"content-type": "text/html; charset=utf-8"}, SITE.encode())


class _EdgeAnswers:
    """viewer-request, the bucket, viewer-response."""

    def __init__(self, node: Edge, settings: Settings) -> None:
        self._node = node
        self._settings = settings
        self._lock = threading.Lock()
        self._objects: dict[str, SiteObject] = {}
        self.show("en", None)

    def show(self, language: str, window: Window | None) -> None:
        # Not by Accept-Language: WebKitGTK sends that of an installed locale alone.
        page = self._settings.page.model_copy(update={"language": language, "languages": (language,)})
        self._settings = self._settings.model_copy(update={"page": page})
        objects = (*site_objects(self._settings), *window_objects(self._settings, "web", window))
        self._objects = {site_object.key: site_object for site_object in objects}

    def answer(self, asked: PageRequest) -> Answer:
        with self._lock:  # one Node, one line at a time
            path, _, _ = asked.path.partition("?")
            edge_request = self._node.request(self._settings, method=asked.method, uri=path, headers=asked.fields)
            if "statusCode" in edge_request:
                body: str = edge_request.get("body", {}).get("data", "")
                return Answer(edge_request["statusCode"], texts(edge_request), body.encode())
            page_object = self._objects[edge_request["uri"].removeprefix("/")]
            stored = {"content-type": page_object.content_type} | {
                f"x-amz-meta-{k}": v for k, v in page_object.metadata
            }
            response = {"statusCode": 200, "headers": event_headers(stored), "cookies": {}}
            edge_response = self._node.response(self._settings, response, asked=asked.fields, uri=edge_request["uri"])
        return Answer(
            edge_response["statusCode"],
            texts(edge_response),
            edge_response.get("body", {}).get("data", page_object.body).encode(),
        )


@contextlib.contextmanager
def outage(node: Edge, settings: Settings, folder: Path) -> Iterator[Outage]:
    """A running proxy."""
    issued = trustme.CA().issue_cert(HOST)
    file = folder / "certificate.pem"
    issued.private_key_and_cert_chain_pem.write_to_path(file)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(file)
    edge = _EdgeAnswers(node, settings)

    class Connection(socketserver.StreamRequestHandler):
        """A CONNECT, and the HTTPS requests that come after it."""

        timeout = 60

        def handle(self) -> None:
            with contextlib.suppress(OSError, ValueError):
                # Browsers ask their makers, too.
                if self._read().path != f"{HOST}:443":
                    return
                self.wfile.write(b"HTTP/1.1 200 OK\r\n\r\n")
                with context.wrap_socket(self.request, server_side=True) as inside:
                    self.rfile, self.wfile = inside.makefile("rb"), inside.makefile("wb")
                    while True:
                        self._serve(self._read())

        def _read(self) -> PageRequest:
            method, target, _ = self.rfile.readline(65_536).decode("latin-1").split(" ", 2)
            fields = {}
            while line := self.rfile.readline(65_536).decode("latin-1").strip():
                name, _, value = line.partition(":")
                fields[name.lower()] = value.strip()
            self.rfile.read(int(fields.get("content-length", 0)))
            return PageRequest(method, target, fields)

        def _serve(self, asked: PageRequest) -> None:
            state.asked.append(asked)
            answer = edge.answer(asked) if state.is_down else state.site(asked)
            lines = [f"HTTP/1.1 {answer.status} -", *(f"{name}: {value}" for name, value in answer.headers.items())]
            length = len(answer.body)
            lines.append(f"content-length: {length}\r\n\r\n")
            body = b"" if asked.method == "HEAD" else answer.body
            self.wfile.write("\r\n".join(lines).encode() + body)
            self.wfile.flush()

    class Server(socketserver.ThreadingTCPServer):
        daemon_threads = True
        request_queue_size = 64

    with Server(("127.0.0.1", 0), Connection) as server:
        state = Outage(server.server_address[1], issued.cert_chain_pems[0].bytes().decode(), show=edge.show)
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        try:
            yield state
        finally:
            server.shutdown()
            thread.join()


def worker(handler: str = "") -> str:
    """A service worker that takes over at once; `handler` answers its fetch events."""
    return (
        "self.oninstall = () => self.skipWaiting();\n"
        "self.onactivate = (event) => event.waitUntil(clients.claim());\n" + handler
    )
