"""DNS, an edge and a server for `benchmarks.retry_after`, in a network namespace of their own; plain HTTP.

The edge asks the functions of the revision that a host is named after, in Node. The host's second label says what of
the work is left: `pip.end.before.test`. Reads and writes JSON lines as
benchmarks.fail_back_servers does.
"""

import json
import socketserver
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from dnslib import QTYPE, RR, A, DNSRecord

from tests.maintenance_site.edge import Edge, edge, headers, request, texts

DNS, EDGE, SERVER = "10.77.0.1", "10.77.0.2", "10.77.0.3"
LEFT = {"end": timedelta(seconds=80), "long": timedelta(hours=2)}
"""Of planned work when the servers start: little, and much."""
ENDS = {name: f"{datetime.now(UTC) + left:%Y-%m-%dT%H:%M:%SZ}" for name, left in LEFT.items()}
TTL_SECONDS = 1
_printing = threading.Lock()


def say(kind: str, **values: Any) -> None:
    """Report an event."""
    with _printing:
        print(json.dumps({"at": time.monotonic(), "kind": kind, **values}), flush=True)


class World:
    """What the servers share."""

    def __init__(self, node: Edge, folder: Path) -> None:
        self.flipped: set[str] = set()
        self._node = node
        self._codes = json.loads((folder / "functions.json").read_text("utf-8"))
        self._wheel = (folder / "thing-1.0-py3-none-any.whl").read_bytes()
        self._lock = threading.Lock()

    def edge(self, host: str, method: str, path: str, fields: dict[str, str]) -> tuple[int, dict[str, str], bytes]:
        """viewer-request and viewer-response, with planned work that ends as the host says."""
        _, left, revision, _ = host.split(".")
        code = self._codes[revision]
        asked = request(method=method, uri=path, headers=fields)
        with self._lock:
            made = self._node.run(code["viewer-request.js"], {"request": asked})
            stored = {"content-type": "text/plain", "x-amz-meta-planned": "true", "x-amz-meta-ends-at": ENDS[left]}
            if made.get("uri", "").endswith(".json"):
                stored["content-type"] = "application/problem+json"
            response = {"statusCode": 200, "headers": headers(stored), "cookies": {}}
            event = {"request": asked | {"uri": made.get("uri", path)}, "response": response}
            answer = self._node.run(code["viewer-response.js"], event)
        return 503, texts(answer), answer.get("body", {}).get("data", "Down.\n").encode()

    def server(self, host: str, path: str) -> tuple[int, dict[str, str], bytes]:
        """A file, a package index and a registry, as the path asks."""
        if path.startswith("/simple/"):
            return 200, {"content-type": "text/html"}, b'<a href="/thing-1.0-py3-none-any.whl">thing</a>'
        if path.endswith(".whl"):
            return 200, {"content-type": "application/octet-stream"}, self._wheel
        if path == "/thing":
            tarball = {"tarball": f"http://{host}/thing.tgz", "shasum": "0" * 40}
            one = {"name": "thing", "version": "1.0.0", "dist": tarball}
            document = {"name": "thing", "dist-tags": {"latest": "1.0.0"}, "versions": {"1.0.0": one}}
            return 200, {"content-type": "application/json"}, json.dumps(document).encode()
        return 200, {"content-type": "text/plain"}, b"the server\n"


def main(folder: Path) -> None:
    """Serve until stdin ends."""
    with edge() as node:
        world = World(node, folder)

        class Names(socketserver.BaseRequestHandler):
            def handle(self) -> None:
                data, socket = self.request
                question = DNSRecord.parse(data)
                name = str(question.q.qname).rstrip(".").lower()
                reply = question.reply()
                if question.q.qtype == QTYPE.A and name.endswith(".test"):
                    address = SERVER if name in world.flipped else EDGE
                    reply.add_answer(RR(question.q.qname, QTYPE.A, ttl=TTL_SECONDS, rdata=A(address)))
                    say("dns", host=name)
                socket.sendto(reply.pack(), self.client_address)

        class Connection(socketserver.StreamRequestHandler):
            place = ""

            def handle(self) -> None:
                while line := self.rfile.readline(65_536).decode("latin-1").strip():
                    method, path, _ = line.split(" ", 2)
                    fields = {}
                    while header := self.rfile.readline(65_536).decode("latin-1").strip():
                        name, _, value = header.partition(":")
                        fields[name.lower()] = value.strip()
                    host = fields["host"].partition(":")[0]
                    made = world.edge(host, method, path, fields) if self.place == "edge" else world.server(host, path)
                    status, named, body = made
                    wait = named.get("retry-after", "")
                    say(self.place, host=host, path=path, connection=self.client_address[1], retry_after=wait)
                    lines = [f"HTTP/1.1 {status} -", *(f"{name}: {value}" for name, value in named.items())]
                    lines.append(f"content-length: {len(body)}\r\n\r\n")
                    self.wfile.write("\r\n".join(lines).encode() + (b"" if method == "HEAD" else body))

        class AtEdge(Connection):
            place = "edge"

        class AtServer(Connection):
            place = "server"

        socketserver.ThreadingTCPServer.daemon_threads = True
        servers = [
            socketserver.UDPServer((DNS, 53), Names),
            socketserver.ThreadingTCPServer((EDGE, 80), AtEdge),
            socketserver.ThreadingTCPServer((SERVER, 80), AtServer),
        ]
        for server in servers:
            threading.Thread(target=server.serve_forever, daemon=True).start()
        say("ready")
        for line in sys.stdin:
            world.flipped.add(json.loads(line)["flip"])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
