"""The deployed page in a browser, with the real edge functions, at `http://HOST.localhost:PORT/`.

Browsers resolve names that end in .localhost to this machine; the ending is removed here, so that the functions get the
real host.
"""

import http.client
import re
import threading
from collections.abc import Sequence
from contextlib import ExitStack, suppress
from datetime import UTC, datetime, timedelta
from html import escape
from http.server import BaseHTTPRequestHandler, HTTPServer, ThreadingHTTPServer
from pathlib import Path
from typing import Any, NoReturn, cast

from understudy_failover.contract.printable import printable
from understudy_failover.contract.switch import FOR_ALL
from understudy_failover.emulator.network import EDGE_IPV4
from understudy_failover.operations.interruption import Interruption
from understudy_failover.operations.observation import client_name
from understudy_failover.operations.switch_command import NO_SWITCH
from understudy_failover.rehearsal.bed import RehearsalBed
from understudy_failover.rehearsal.display import display
from understudy_failover.rehearsal.errors import RehearsalError

ENDING = ".localhost"
OWN_NAMES = {"localhost", "127.0.0.1"}
LIMIT_SECONDS = 10
LIMIT_BYTES = 16 * 1024 * 1024
"""Of a request's body, as at the embedded AWS's edge."""
LENGTH = re.compile(r"[0-9]{1,10}")
CONNECTION_FIELDS = {"connection", "transfer-encoding", "content-length", "keep-alive", "date", "server"}


def preview(settings_path: Path, *, port: int, planned_minutes: int | None) -> NoReturn:
    """Deploy the maintenance stack to the embedded AWS and serve it until Ctrl-C.

    With `planned_minutes`, every server has planned maintenance that ends after that time.

    Raises:
        SettingsError, RehearsalError, CdkError: the port is not free, or it could not be deployed.
        Interrupted: a signal came.
    """
    with ExitStack() as exits:
        interruption = exits.enter_context(Interruption())
        server = exits.enter_context(_server(port))
        bed = RehearsalBed(settings_path, rate=1, interruption=interruption)
        with display() as view:
            with view.step("embedded AWS, throwaway certificate"):
                exits.enter_context(bed)
            with view.step("cdk bootstrap") as progress:
                bed.cdk.bootstrap(progress)
            with view.step("cdk deploy of the page") as progress:
                bed.cdk.deploy(progress, stacks="Maintenance")
        if planned_minutes is not None:
            if not bed.settings.has_switches:
                raise RehearsalError(NO_SWITCH)
            bed.switches().put(FOR_ALL, datetime.now(UTC) + timedelta(minutes=planned_minutes))
        hosts = [client_name(host) for server in bed.settings.servers for host in server.hosts]
        server.RequestHandlerClass = handler(bed.aws.gateway, hosts)
        # In a thread, because this one handles signals.
        threading.Thread(target=server.serve_forever, daemon=True).start()
        exits.callback(server.shutdown)
        print(f"http://localhost:{server.server_port}/ until Ctrl-C", flush=True)
        while True:
            interruption.sleep(None)


def _server(port: int) -> ThreadingHTTPServer:
    """Return a server that has the port, before minutes of deploying."""
    try:
        return ThreadingHTTPServer(("127.0.0.1", port), BaseHTTPRequestHandler)
    except OSError as error:
        raise RehearsalError(f"--port {port}: {error.strerror}; pass another, or none for one that is free") from None


def handler(gateway: tuple[str, int], hosts: Sequence[str]) -> type[BaseHTTPRequestHandler]:
    """Return a handler that serves an index of `hosts` at this machine's names, and each host through the gateway."""
    served = {f"{host}{ENDING}" for host in hosts}

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def log_message(self, *_: object) -> None:
            """Silent."""

        def handle(self) -> None:
            with suppress(ConnectionError):  # the page's script aborts requests
                super().handle()

        def __getattr__(self, name: str) -> Any:
            if name.startswith("do_"):  # any method
                return self._serve
            raise AttributeError(name)

        def _serve(self) -> None:
            length = self.headers.get("Content-Length") or "0"
            if not LENGTH.fullmatch(length) or int(length) > LIMIT_BYTES:
                self._refuse(400, f"Content-Length: a number up to {LIMIT_BYTES} is allowed")
                return
            body = self.rfile.read(int(length))
            name = self.headers.get("Host", "").partition(":")[0].lower()
            port = cast(HTTPServer, self.server).server_port
            if name in OWN_NAMES:
                self._send(200, [("content-type", "text/html; charset=utf-8")], _index(hosts, port))
                return
            if name not in served:
                # Otherwise a foreign page could point its own name to this machine, and read the answers.
                text = f"unknown host; allowed are those that http://localhost:{port}/ lists\n"
                self._send(421, [("content-type", "text/plain; charset=utf-8")], text.encode())
                return
            connection = http.client.HTTPConnection(*gateway, timeout=LIMIT_SECONDS)
            connection.set_tunnel(EDGE_IPV4[0], 80)
            try:
                connection.putrequest(self.command, self.path, skip_host=True, skip_accept_encoding=True)
                connection.putheader("Host", name.removesuffix(ENDING))
                for field, value in self.headers.items():
                    if field.lower() != "host":  # under whatever case the client wrote
                        connection.putheader(field, value)
                connection.endheaders(body or None)
                answer = connection.getresponse()
                content = answer.read()
            except (OSError, ValueError, http.client.HTTPException) as error:
                self._refuse(502, f"the request cannot be forwarded: {error}")
                return
            finally:
                connection.close()
            self._send(answer.status, answer.getheaders(), content)

        def _refuse(self, status: int, why: str) -> None:
            self.close_connection = True
            self._send(status, [("content-type", "text/plain; charset=utf-8")], f"{printable(why)}\n".encode())

        def _send(self, status: int, fields: Sequence[tuple[str, str]], body: bytes) -> None:
            self.send_response(status)
            for name, value in fields:
                if name.lower() not in CONNECTION_FIELDS:
                    self.send_header(name, value)
            if status != 204:
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(b"" if self.command == "HEAD" else body)

    return Handler


def _index(hosts: Sequence[str], port: int) -> bytes:
    links = "".join(f'<li><a href="http://{host}{ENDING}:{port}/">{host}</a>\n' for host in map(escape, hosts))
    head = '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><meta name="color-scheme" content="light dark">'
    return f"{head}<title>Preview</title><h1>Hosts</h1><ul>\n{links}</ul></html>\n".encode()
