"""nginx as it stands in Debian, in the configurations that health checkers refuse, and with the advice followed."""

import asyncio
import os
import socket
import ssl
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import trustme

from tests.real_tools import real_tool
from understudy_failover.emulator import probe as emulated
from understudy_failover.emulator.clock import Clock
from understudy_failover.emulator.model import HealthCheck as EmulatedCheck
from understudy_failover.emulator.network import Network
from understudy_failover.operations.preflight.probe import Healthy, ProbeError, probe
from understudy_failover.operations.preflight.servers import ADVICE
from understudy_failover.settings import HealthCheck

HOST = "www.example.com"
BACKEND = "BACKEND"
"""Stands for the address of a backend that never answers."""

Start = Callable[..., int]


@pytest.fixture(scope="module")
def nginx(tmp_path_factory: pytest.TempPathFactory, processes: None) -> Iterator[Start]:
    """Starts nginx with these directives of a server, and returns its port."""
    path = real_tool("nginx", "Debian: apt install nginx")
    folder = tmp_path_factory.mktemp("nginx")
    authority = trustme.CA()
    leaf = authority.issue_cert(HOST, key_type=trustme.KeyType.RSA)
    leaf.private_key_and_cert_chain_pem.write_to_path(folder / "server.pem")
    authority.cert_pem.write_to_path(folder / "ca.pem")
    (folder / "page.gz").write_bytes(b"\x1f\x8b\x08\x00")
    (folder / "page").write_text("healthy", encoding="ascii")
    running: list[subprocess.Popen[bytes]] = []

    def start(directives: str, connections: int = 64) -> int:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port: int = free.getsockname()[1]
        file = folder / f"{port}.conf"
        file.write_text(_configuration(folder, port, directives, connections), encoding="utf-8")
        running.append(subprocess.Popen([path, "-e", "stderr", "-p", str(folder), "-c", str(file)]))
        for _ in range(500):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
            except ConnectionRefusedError:
                assert running[-1].poll() is None, "nginx refuses its configuration"
                time.sleep(0.02)
            else:
                return port
        raise AssertionError("nginx does not listen")

    yield start
    for process in running:
        process.terminate()
        process.wait()


def _configuration(folder: Path, port: int, directives: str, connections: int) -> str:
    # Its workers would run as somebody who may not read the test's folder.
    user = "user root;" if os.geteuid() == 0 else ""
    return f"""{user} daemon off; worker_processes 1; pid {folder}/{port}.pid; error_log stderr crit;
events {{ worker_connections {connections}; }}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/fastcgi;
  uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  server {{
    listen 127.0.0.1:{port} ssl;
    server_name {HOST};
    ssl_certificate {folder}/server.pem; ssl_certificate_key {folder}/server.pem;
    ssl_client_certificate {folder}/ca.pem;
    root {folder};
    {directives}
  }}
}}
"""


def judged(port: int) -> Healthy | ProbeError:
    """Return what preflight's probe finds, which a health checker of the embedded AWS has to agree with."""
    values: Any = {"host_name": HOST, "port": port, "path": "/page", "search_string": "healthy"}
    network = Network()
    network.route("203.0.113.10", 443, ("127.0.0.1", port))
    check = EmulatedCheck(
        "check",
        "HTTPS_STR_MATCH",
        ip_address="203.0.113.10",
        port=443,
        fully_qualified_domain_name=HOST,
        resource_path="/page",
        enable_sni=True,
        search_string="healthy",
    )

    async def by_emulator() -> emulated.Result:
        return await emulated.probe(check, network, Clock())

    result = asyncio.run(by_emulator())
    try:
        healthy = probe(HealthCheck.model_validate(values), HOST, "127.0.0.1")
    except ProbeError as error:
        judgement: Healthy | ProbeError = error
    else:
        judgement = healthy
    assert result.healthy is isinstance(judgement, Healthy), (judgement, result)
    return judgement


@pytest.mark.parametrize(
    ("directives", "fault", "cure"),
    [
        ("ssl_protocols TLSv1.3;", "server-tls-1.3", "ssl_protocols TLSv1.2 TLSv1.3"),
        ("ssl_verify_client on;", "server-client-certificate", "ssl_verify_client optional"),
        ("gzip_static always;", "server-compresses", "gzip off; gzip_static off"),
        ("return 444;", "server-closed", None),
        ('if ($http_user_agent ~ "Route53") { return 403; }', "server-refuses-checkers", None),
    ],
)
def test_a_refused_configuration_is_named_and_cured_by_the_directive_of_the_advice(
    nginx: Start, directives: str, fault: Any, cure: str | None
) -> None:
    error = judged(nginx(directives))
    assert isinstance(error, ProbeError)
    assert error.fault == fault
    if cure:
        assert f"nginx `{cure}`" in ADVICE[fault]
    cured = judged(nginx(f"{cure};" if cure else ""))
    assert isinstance(cured, Healthy)
    assert cured.status == 200


@pytest.mark.parametrize(
    ("directives", "agreed"),
    [
        ("ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers ECDHE-RSA-AES128-SHA;", ("TLSv1.2", "ECDHE-RSA-AES128-SHA")),
        ("ssl_protocols TLSv1.2; ssl_ciphers AES128-GCM-SHA256;", ("TLSv1.2", "AES128-GCM-SHA256")),
        ("ssl_protocols TLSv1.2; ssl_ciphers AES256-SHA;", ("TLSv1.2", "AES256-SHA")),
        ("ssl_protocols TLSv1 TLSv1.1; ssl_ciphers ALL:@SECLEVEL=0;", ("TLSv1.1", None)),
        ("ssl_protocols TLSv1; ssl_ciphers ALL:@SECLEVEL=0;", ("TLSv1", None)),
    ],
)
def test_old_versions_and_ciphers_are_healthy(nginx: Start, directives: str, agreed: tuple[str, str | None]) -> None:
    healthy = judged(nginx(directives))
    assert isinstance(healthy, Healthy)
    assert healthy.tls is not None
    assert healthy.tls[0] == agreed[0]
    assert agreed[1] in {None, healthy.tls[1]}


def test_a_server_without_free_slots_is_said_to_be_overloaded(nginx: Start) -> None:
    """F7: nginx accepts, and resets, when every one of its connections has a running request."""
    with socket.create_server(("127.0.0.1", 0)) as backend:
        host, port = backend.getsockname()
        hanging = f"location /hang {{ proxy_pass http://{host}:{port}; }}"
        full, roomy = nginx(hanging, connections=6), nginx(hanging, connections=64)
        for port, faulty in ((full, True), (roomy, False)):
            open_connections = [_hanging(port) for _ in range(4)]
            judgement = judged(port)
            for connection in open_connections:
                connection.close()
            assert isinstance(judgement, ProbeError if faulty else Healthy), judgement
            if isinstance(judgement, ProbeError):
                assert judgement.fault == "server-tls-closed"
                assert "nginx `worker_connections`" in ADVICE[judgement.fault]


def _hanging(port: int) -> socket.socket:
    """A connection with a request that the backend never answers."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    connection = socket.create_connection(("127.0.0.1", port))
    try:
        connection = context.wrap_socket(connection, server_hostname=HOST)
        connection.sendall(f"GET /hang HTTP/1.1\r\nHost: {HOST}\r\n\r\n".encode())
    except OSError:  # full already
        pass
    return connection
