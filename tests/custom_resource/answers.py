"""CloudFormation's end of a custom resource: a pre-signed address on loopback that takes the answer."""

import json
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread
from typing import Any, Self

SIGNATURE = "0badc0ffee"


@dataclass
class Answers:
    """Takes PUTs at `url`; the next ones are refused with the statuses in `refuses`, 0 being no HTTP at all."""

    refuses: list[int] = field(default_factory=list)
    taken: list[dict[str, Any]] = field(default_factory=list)
    """Documents that were accepted."""
    bodies: list[bytes] = field(default_factory=list)
    types: list[str | None] = field(default_factory=list)
    """Content types of all that came."""

    def __enter__(self) -> Self:
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        # Joined at the end: a connection that outlived its test would be reported in another one.
        self._server.daemon_threads = False
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """As a ResponseURL: whoever knows it can answer."""
        return f"http://127.0.0.1:{self._server.server_port}/bucket/answer?X-Amz-Signature={SIGNATURE}"


def _handler(answers: Answers) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_PUT(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            answers.types.append(self.headers["Content-Type"])
            answers.bodies.append(body)
            status = answers.refuses.pop(0) if answers.refuses else 200
            if not status:
                self.wfile.write(b"nonsense\r\n\r\n")
                self.close_connection = True
                return
            if status == 200:
                answers.taken.append(json.loads(body))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            """Silent."""

    return Handler
