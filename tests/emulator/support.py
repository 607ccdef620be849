"""Helpers for tests of the embedded AWS: certificates, servers, viewers, a wait with a limit."""

import asyncio
import http.client
import http.server
import json
import socket
import ssl
import threading
import time
import uuid
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from typing import Any, TypeVar
from urllib.parse import urlsplit

import h2.config
import h2.connection
import h2.events
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    PrivateFormat,
    load_pem_private_key,
)

from understudy_failover.emulator.model import ServerCertificate

LIMIT_SECONDS = 120
"""After which a wait has failed. Never what a test measures."""
RATE = 50
"""Emulated seconds per real one in the AWS that the tests share: a health check has data within a second."""

Handler = Callable[[asyncio.StreamReader, asyncio.StreamWriter], Awaitable[None]]
Value = TypeVar("Value")


def wait_until(condition: Callable[[], Value], *, limit_seconds: float = LIMIT_SECONDS) -> Value:
    """Return the first value of `condition` that is true; an error when none was in time."""
    end = time.monotonic() + limit_seconds
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise TimeoutError(f"the condition was not true within {limit_seconds} s; the last value was {value!r}")
        time.sleep(0.01)


# --- certificates


@dataclass(frozen=True)
class Issued:
    """A leaf with its chain and key, in PEM."""

    body_pem: str
    chain_pem: str
    private_key_pem: str

    @property
    def der(self) -> bytes:
        """The leaf as a TLS handshake shows it."""
        return der(self.body_pem)


class Authority:
    """A root with an intermediate below it, as real CAs have one."""

    def __init__(self) -> None:
        self.root = trustme.CA()
        self.intermediate = self.root.create_child_ca()

    def issue(self, *names: str, key_type: trustme.KeyType = trustme.KeyType.ECDSA) -> Issued:
        """Return a certificate for these DNS names, valid now."""
        return issued(self.intermediate.issue_cert(*names, key_type=key_type))

    def trusting(self, *alpn: str) -> ssl.SSLContext:
        """Return a careful client's TLS settings: this root alone, host names checked."""
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        self.root.configure_trust(context)
        if alpn:
            context.set_alpn_protocols(list(alpn))
        return context


def issued(leaf: trustme.LeafCert) -> Issued:
    """Return a trustme certificate in parts."""
    body, *chain = (blob.bytes().decode() for blob in leaf.cert_chain_pems)
    return Issued(body, "".join(chain), leaf.private_key_pem.bytes().decode())


def server_certificate(
    parts: Issued, *, identifier: str = "ASCAEXAMPLE0000000001", path: str = "/cloudfront/understudy/"
) -> ServerCertificate:
    """`parts` as IAM holds it."""
    return ServerCertificate(
        id=identifier,
        name="example",
        path=path,
        body_pem=parts.body_pem,
        chain_pem=parts.chain_pem or None,
        private_key_pem=parts.private_key_pem,
    )


def encrypted(private_key_pem: str) -> str:
    """Return the key encrypted, which IAM refuses."""
    key = load_pem_private_key(private_key_pem.encode(), None)
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, BestAvailableEncryption(b"secret")).decode()


def der(pem: str) -> bytes:
    """Return a certificate as a TLS handshake shows it."""
    return x509.load_pem_x509_certificate(pem.encode()).public_bytes(Encoding.DER)


def careless(*alpn: str) -> ssl.SSLContext:
    """Return the TLS settings of a client that takes any certificate: to look at the one it is shown."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    if alpn:
        context.set_alpn_protocols(list(alpn))
    return context


# --- servers on loopback


@asynccontextmanager
async def server(handler: Handler, *, tls: ssl.SSLContext | None = None) -> AsyncIterator[tuple[str, int]]:
    """Serve `handler` on a free port of loopback for the length of the block, then ends its connections."""
    tasks: set[asyncio.Task[None]] = set()

    async def accept(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        tasks.add(task)
        try:
            await handler(reader, writer)
        except (OSError, EOFError, asyncio.CancelledError):
            pass  # the other side left, or the block ended
        finally:
            tasks.discard(task)
            writer.close()

    listener = await asyncio.start_server(accept, "127.0.0.1", 0, ssl=tls)
    address: tuple[str, int] = listener.sockets[0].getsockname()
    try:
        yield address
    finally:
        listener.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await asyncio.sleep(0)


def answering(response: bytes, *, requests: list[bytes] | None = None) -> Handler:
    """Return a handler that reads the head of a request (into `requests`) and sends `response`."""

    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = await reader.readuntil(b"\r\n\r\n")
        if requests is not None:
            requests.append(head)
        writer.write(response)
        await writer.drain()

    return handle


async def hanging(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    """Accept, send nothing, and end with the client."""
    while await reader.read(1024):
        pass


def http_response(status: int = 200, body: bytes = b"", **fields: str) -> bytes:
    lines = [f"HTTP/1.1 {status} X", f"Content-Length: {len(body)}", "Connection: close"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in fields.items()]
    return "\r\n".join([*lines, "", ""]).encode() + body


@contextmanager
def closed_port() -> Iterator[tuple[str, int]]:
    """Yield an address that refuses connections, and that no other program can use."""
    with socket.socket() as bound:
        bound.bind(("127.0.0.1", 0))
        yield bound.getsockname()


@contextmanager
def healthy_server() -> Iterator[tuple[str, int]]:
    """The address of a server that answers every GET with 200, in a thread of its own."""

    class Healthy(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Healthy) as listening:
        threading.Thread(target=listening.serve_forever, daemon=True).start()
        try:
            yield "127.0.0.1", listening.server_port
        finally:
            listening.shutdown()


# --- viewers


@dataclass(frozen=True)
class Viewed:
    """An HTTP answer and the certificate it came with (b"" without TLS)."""

    status: int
    headers: dict[str, str]
    body: bytes
    certificate_der: bytes = b""
    protocol: str | None = None
    """What ALPN agreed on."""


class Viewer:
    """One HTTP/1.1 connection of a client; Host, SNI and the address are each the test's own choice."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self._tls: ssl.SSLObject | None = writer.get_extra_info("ssl_object")

    @property
    def certificate_der(self) -> bytes:
        """Of the certificate that the handshake showed."""
        return (self._tls.getpeercert(binary_form=True) or b"") if self._tls else b""

    async def ask(self, head: str, body: bytes = b"") -> Viewed:
        """Send a head unchanged (lines without their ends); return the answer."""
        self._writer.write("\r\n".join([*head.splitlines(), "", ""]).encode("latin-1") + body)
        async with asyncio.timeout(LIMIT_SECONDS):
            answer = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            status_line, *lines = answer.removesuffix("\r\n\r\n").split("\r\n")
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            status = int(status_line.split(" ")[1])
            empty = head.startswith("HEAD ") or status in {204, 304}
            length = 0 if empty else int(headers.get("content-length", "0"))
            content = await self._reader.readexactly(length)
        alpn = self._tls.selected_alpn_protocol() if self._tls else None
        return Viewed(status, headers, content, self.certificate_der, alpn)

    async def get(self, host: str, path: str = "/", *, method: str = "GET") -> Viewed:
        """Return an ordinary request."""
        return await self.ask(f"{method} {path} HTTP/1.1\nHost: {host}")

    async def rest(self) -> bytes:
        """Return the rest until the other side closes."""
        async with asyncio.timeout(LIMIT_SECONDS):
            return await self._reader.read()


@asynccontextmanager
async def viewer(
    address: tuple[str, int], *, sni: str | None = None, tls: ssl.SSLContext | None = None
) -> AsyncIterator[Viewer]:
    """A connection to `address`; with `tls` after a handshake in which `sni` was sent (None: no name)."""
    # Without a name asyncio takes the IP address, which the ssl module never sends as SNI.
    reader, writer = await asyncio.wait_for(
        asyncio.open_connection(*address, ssl=tls, server_hostname=sni if tls else None), LIMIT_SECONDS
    )
    try:
        yield Viewer(reader, writer)
    finally:
        writer.transport.abort()
        await asyncio.sleep(0)


async def get_h2(
    address: tuple[str, int],
    host: str,
    *,
    tls: ssl.SSLContext,
    sni: str | None = None,
    method: str = "GET",
    path: str = "/",
    body: bytes = b"",
    headers: Mapping[str, str] | None = None,
) -> Viewed:
    """Return one request over HTTP/2 with the h2 library; `tls` has to offer it."""
    reader, writer = await asyncio.wait_for(
        asyncio.open_connection(*address, ssl=tls, server_hostname=sni or host), LIMIT_SECONDS
    )
    try:
        handshake: ssl.SSLObject = writer.get_extra_info("ssl_object")
        protocol = handshake.selected_alpn_protocol()
        certificate = handshake.getpeercert(binary_form=True) or b""
        connection = h2.connection.H2Connection(h2.config.H2Configuration(client_side=True, header_encoding="utf-8"))
        connection.initiate_connection()
        fields = [(":method", method), (":path", path), (":scheme", "https"), (":authority", host)]
        connection.send_headers(1, [*fields, *(headers or {}).items()], end_stream=not body)
        if body:
            connection.send_data(1, body, end_stream=True)
        answered: dict[str, str] = {}
        content = b""
        async with asyncio.timeout(LIMIT_SECONDS):
            while True:
                writer.write(connection.data_to_send())
                data = await reader.read(64 * 1024)
                assert data, "the connection ended before the answer"
                for event in connection.receive_data(data):
                    if isinstance(event, h2.events.ResponseReceived):
                        answered = {_text(name): _text(value) for name, value in event.headers or ()}
                    elif isinstance(event, h2.events.DataReceived):
                        content += event.data or b""
                    elif isinstance(event, h2.events.StreamEnded):
                        status = int(answered.pop(":status"))
                        return Viewed(status, answered, content, certificate, protocol)
    finally:
        writer.transport.abort()
        await asyncio.sleep(0)


def _text(value: str | bytes) -> str:
    return value.decode() if isinstance(value, bytes) else value


def fetch(
    gateway: tuple[str, int],
    url: str,
    *,
    tls: ssl.SSLContext | None = None,
    method: str = "GET",
    headers: Mapping[str, str] | None = None,
) -> Viewed:
    """Return one request through the gateway, by Python's own HTTP client; https with `tls` alone."""
    address = urlsplit(url)
    assert address.hostname is not None
    target = f"{address.path or '/'}{f'?{address.query}' if address.query else ''}"
    certificate = b""
    connection: http.client.HTTPConnection
    if address.scheme == "https":
        connection = http.client.HTTPSConnection(*gateway, timeout=LIMIT_SECONDS, context=tls)
        connection.set_tunnel(address.hostname, address.port or 443)
    else:
        connection = http.client.HTTPConnection(*gateway, timeout=LIMIT_SECONDS)
        target = url
    try:
        connection.request(method, target, headers=headers or {})
        if isinstance(connection.sock, ssl.SSLSocket):
            certificate = connection.sock.getpeercert(binary_form=True) or b""
        response = connection.getresponse()
        fields = {name.lower(): value for name, value in response.getheaders()}
        return Viewed(response.status, fields, response.read(), certificate)
    finally:
        connection.close()


# --- AWS


def distribution_config(
    *aliases: str,
    certificate_id: str | None = None,
    bucket: str = "nowhere",
    **changes: Any,
) -> dict[str, Any]:
    """Return CloudFront's DistributionConfig for boto3: one S3 origin, every viewer protocol."""
    viewer_certificate: dict[str, Any] = (
        {
            "IAMCertificateId": certificate_id,
            "SSLSupportMethod": "sni-only",
            "MinimumProtocolVersion": "TLSv1.2_2021",
        }
        if certificate_id
        else {"CloudFrontDefaultCertificate": True}
    )
    return {
        "CallerReference": uuid.uuid4().hex,
        "Comment": "",
        "Enabled": True,
        "Aliases": {"Quantity": len(aliases), "Items": list(aliases)},
        "Origins": {
            "Quantity": 1,
            "Items": [
                {
                    "Id": "site",
                    "DomainName": f"{bucket}.s3.us-east-1.amazonaws.com",
                    "S3OriginConfig": {"OriginAccessIdentity": ""},
                }
            ],
        },
        "DefaultCacheBehavior": {
            "TargetOriginId": "site",
            "ViewerProtocolPolicy": "allow-all",
            # "CachingDisabled", one of CloudFront's own.
            "CachePolicyId": "4135ea2d-6df8-44a3-9df3-4b5a84be39ad",
        },
        "ViewerCertificate": viewer_certificate,
        **changes,
    }


class Stack:
    """A CloudFormation stack of a test; `deploy` creates or updates it."""

    def __init__(self, cloudformation: Any) -> None:
        self._cloudformation = cloudformation
        self.name = f"test-{uuid.uuid4().hex[:8]}"
        self._exists = False

    def deploy(self, **resources: dict[str, Any]) -> str:
        """Create or update the stack; return its final status."""
        operation = self._cloudformation.update_stack if self._exists else self._cloudformation.create_stack
        operation(StackName=self.name, TemplateBody=json.dumps({"Resources": resources}))
        self._exists = True
        return self._rest()

    def delete(self) -> str:
        self._cloudformation.delete_stack(StackName=self.name)
        return self._rest()

    def physical_id(self, logical_id: str) -> str:
        """Of a resource that exists."""
        result = self._cloudformation.describe_stack_resources(StackName=self.name, LogicalResourceId=logical_id)
        identifier: str = result["StackResources"][0]["PhysicalResourceId"]
        return identifier

    def reasons(self) -> str:
        """Return the reasons of failed events."""
        events = self._cloudformation.describe_stack_events(StackName=self.name)["StackEvents"]
        return "\n".join(event.get("ResourceStatusReason", "") for event in events)

    def _rest(self) -> str:
        def status() -> str:
            try:
                result = self._cloudformation.describe_stacks(StackName=self.name)["Stacks"][0]["StackStatus"]
            except self._cloudformation.exceptions.ClientError:
                return "DELETE_COMPLETE"
            return "" if result.endswith("_IN_PROGRESS") else result

        return wait_until(status)
