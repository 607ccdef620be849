"""The rules of a Route 53 health checker, as a state machine without sockets and without a clock of its own.

`understudy preflight` and the embedded AWS's health checkers both run it, so that they cannot disagree. Its source is
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html; what that
page leaves open is marked "assumed".
"""

import re
import ssl
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Literal

from understudy_failover.contract.printable import printable

CONNECT_SECONDS = 4.0
"""Until the connection is established, its TLS handshake included."""
STATUS_SECONDS = 2.0
"""From then until the status and its headers have come."""
BODY_SECONDS = 2.0
"""From then until the searched text has come, however many pieces it comes in."""
TCP_SECONDS = 10.0
SEARCHED_BYTES = 5_120
HEAD_BYTES = 256 * 1024
"""The most that is read of status lines and headers. Assumed."""
CHUNK_LINE_BYTES = 1_024
CHECKER: Mapping[str, str] = {
    "User-Agent": "Amazon-Route53-Health-Check-Service (ref 00000000-0000-0000-0000-000000000000; report "
    "http://amzn.to/1vsZADi)",
    "Accept-Encoding": "*",
}
"""Headers that checkers send, as server logs published in 2020 and 2021 show them; AWS does not document them."""
CIPHERS = "ALL:!aNULL:@SECLEVEL=0"
"""AWS does not document the checkers' ciphers. Assumed: every cipher that authenticates the server."""
READ_BYTES = 16_384

ALERT, HANDSHAKE = 21, 22
"""Content types of TLS records: https://www.rfc-editor.org/rfc/rfc5246#appendix-A.1"""
CERTIFICATE_REQUEST = 13
"""A handshake message: https://www.rfc-editor.org/rfc/rfc5246#section-7.4"""
PROTOCOL_VERSION = 70
"""An alert: https://www.rfc-editor.org/rfc/rfc5246#appendix-A.3"""
PLAIN_BYTES = 256 * 1024
"""The most of a handshake that is kept to explain its failure."""

STATUS_LINE = re.compile(rb"HTTP/1\.\d +(\d{3})(?: .*)?")
END_OF_HEAD = re.compile(rb"\r?\n\r?\n")
"""Bare line feeds count: https://www.rfc-editor.org/rfc/rfc9112#section-2.2-3"""
CHUNK_LINE = re.compile(rb"[ \t]*([0-9A-Fa-f]{1,15})[ \t]*(?:;.*)?\r?\n")
TARGET = re.compile(r"[\x21-\x7e]+")
HOST = re.compile(r"[\x21-\x7e]+")
LENGTH = re.compile(r"\d{1,15}")
WITHOUT_BODY = {204, 304}

Fault = Literal[
    "server-tls-silent",
    "server-tls-closed",
    "server-tls-1.3",
    "server-tls",
    "server-client-certificate",
    "server-request",
    "server-slow",
    "server-closed",
    "server-not-http",
    "server-status",
    "server-slow-body",
    "server-truncated",
    "server-compresses",
    "server-without-text",
]
"""Why a checker calls a server unhealthy that accepted the connection."""
TIME_OUTS = frozenset({"server-tls-silent", "server-slow", "server-slow-body"})


@dataclass(frozen=True)
class Question:
    """The request of a health check of type HTTP or HTTPS."""

    tls: bool
    host: str
    path: str = "/"
    search_string: str | None = None
    server_name: str | None = None
    """The name in TLS (SNI); None: no SNI."""
    headers: Mapping[str, str] = field(default_factory=lambda: CHECKER)


@dataclass(frozen=True)
class Verdict:
    """The judgment of one probe; it is healthy where `fault` is None."""

    fault: Fault | None = None
    text: str = ""
    """Why it is unhealthy; printable."""
    status: int | None = None
    """Of the final answer, if its headers came."""
    headers: Mapping[str, str] = field(default_factory=dict)
    """By lower-case name."""


def checker_tls() -> ssl.SSLContext:
    """Return TLS as health checkers speak it: 1.0 to 1.2, certificates are not verified."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    # The least that OpenSSL has, which is TLS 1.0: Python calls its name deprecated.
    context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
    context.maximum_version = ssl.TLSVersion.TLSv1_2
    context.set_ciphers(CIPHERS)
    return context


class Probe:
    """One probe over a connection that was established at `at`, of an attempt that began at `began`.

    The caller sends `to_send()`, reports each event, and calls `expire` when its clock passes `deadline`, until there
    is a `verdict`. All times are seconds of the caller's clock.
    """

    def __init__(self, question: Question, *, began: float, at: float) -> None:
        self.question = question
        self.verdict: Verdict | None = None
        self.deadline = began + CONNECT_SECONDS
        self.certificate: bytes | None = None
        """Of the server, in DER."""
        self.tls: tuple[str, str] | None = None
        """Version and cipher of the session."""
        self.asked_at = at
        """When the connection was established, its TLS handshake included."""
        self._outgoing = b""
        self._incoming = bytearray()
        self._status: int | None = None
        self._headers: dict[str, str] = {}
        self._body: _Body | None = None
        self._session: _Session | None = None
        if not question.tls:
            self._ask(at)
            return
        try:
            self._session = _Session(question.server_name)
        except ValueError:  # a name that TLS cannot send
            self._fail("server-request", f"{question.server_name!r} cannot be asked for")
        else:
            self._shake_hands(at)

    def to_send(self) -> bytes:
        """Return the bytes to send now, each once."""
        plain, self._outgoing = self._outgoing, b""
        return self._session.sent(plain) if self._session else plain

    def receive(self, data: bytes, at: float) -> None:
        """Judge bytes that came at `at`; none: the server ended its side."""
        if self.verdict:
            return
        if at > self.deadline:
            self.expire()
        elif not data:
            self.lose("the server ended it")
        elif self._session is None:
            self._hear(data, at)
        else:
            self._session.receive(data)
            if not self._session.open:
                self._shake_hands(at)
            if self._session.open and not self.verdict:
                self._decrypt(at)

    def lose(self, reason: str) -> None:
        """Judge the end of the connection: by the server, or by a reset."""
        if self.verdict:
            return
        if self._session and not self._session.open:
            if self._session.wants_certificate():
                self._lack_certificate(reason)
            else:
                self._fail("server-tls-closed", f"ends the connection during the TLS handshake: {reason}")
        elif self._body is None:
            self._fail("server-closed", f"ends the connection before its headers end: {reason}")
        else:
            self._body.end()
            self._search(ended=True)

    def expire(self) -> None:
        """Judge that nothing more came until `deadline`."""
        if self.verdict:
            return
        if self._session and not self._session.open:
            self._fail(
                "server-tls-silent", f"accepts the connection, but no TLS handshake within {CONNECT_SECONDS:g} s"
            )
        elif self._body is None:
            self._fail("server-slow", f"no status within {STATUS_SECONDS:g} s")
        else:
            self._fail(
                "server-slow-body",
                f'"{self.question.search_string}" did not come within {BODY_SECONDS:g} s after the status',
            )

    def _shake_hands(self, at: float) -> None:
        assert self._session is not None
        try:
            if not self._session.shake_hands():
                return
        except ssl.SSLError as error:
            if self._session.alert() == PROTOCOL_VERSION:
                self._fail("server-tls-1.3", "speaks TLS 1.3 alone")
            elif self._session.wants_certificate():
                self._lack_certificate(error.reason or str(error))
            else:
                self._fail("server-tls", f"TLS fails: {error.reason or error}")
            return
        self.certificate, self.tls = self._session.certificate(), self._session.agreed()
        self._ask(at)

    def _lack_certificate(self, reason: str) -> None:
        self._fail("server-client-certificate", f"demands a client certificate, which checkers do not have: {reason}")

    def _ask(self, at: float) -> None:
        self.asked_at, self.deadline = at, at + STATUS_SECONDS
        host, path = self.question.host, self.question.path
        if not (TARGET.fullmatch(path) and HOST.fullmatch(host)):
            self._fail("server-request", f"{path!r} at {host!r} cannot be asked for")
            return
        fields = {"Host": host, "Connection": "close", **self.question.headers}
        head = "".join(f"{name}: {value}\r\n" for name, value in fields.items())
        self._outgoing = f"GET {path} HTTP/1.1\r\n{head}\r\n".encode("ascii")

    def _decrypt(self, at: float) -> None:
        assert self._session is not None
        try:
            while not self.verdict and (data := self._session.read()) is not None:
                if not data:
                    self.lose("the server ended it")
                    return
                self._hear(data, at)
        except ssl.SSLError as error:
            self.lose(error.reason or str(error))

    def _hear(self, data: bytes, at: float) -> None:
        if self._body is None:
            self._incoming += data
            self._read_heads(at)
        else:
            self._body.add(data)
        if self._body is not None and not self.verdict:
            self._search(ended=False)

    def _read_heads(self, at: float) -> None:
        """Read status line and headers of the final answer; those of 1xx before it do not count. Assumed."""
        while self._body is None:
            begins = bytes(self._incoming[:7])
            if not b"HTTP/1.".startswith(begins[:7]):
                self._fail("server-not-http", f"does not answer in HTTP/1: {begins!r}")
                return
            end = END_OF_HEAD.search(self._incoming)
            if len(self._incoming[: end.start() if end else None]) > HEAD_BYTES:
                self._fail("server-not-http", f"sends more than {HEAD_BYTES // 1_024} KiB of headers")
                return
            if end is None:
                return
            head, rest = bytes(self._incoming[: end.start()]), bytes(self._incoming[end.end() :])
            line, *fields = re.split(rb"\r?\n", head)
            status = STATUS_LINE.fullmatch(line)
            if status is None:
                self._fail("server-not-http", f"does not answer in HTTP/1: {line!r}")
                return
            self._incoming[:] = rest
            if status[1].startswith(b"1") and status[1] != b"101":
                continue
            self._status, self._headers = int(status[1]), _headers(fields)
            self._judge_status(at)
            self._body = _Body(self._status, self._headers)
            self._body.add(rest)

    def _judge_status(self, at: float) -> None:
        assert self._status is not None
        self.deadline = at + BODY_SECONDS
        if 200 <= self._status < 400:
            if not self.question.search_string:
                self.verdict = Verdict(None, "", self._status, self._headers)
        elif self._session and self._session.wants_certificate():
            self._lack_certificate(f"{self.question.path} answers {self._status}")
        else:
            self._fail("server-status", f"{self.question.path} answers {self._status}; 2xx and 3xx are healthy")

    def _search(self, *, ended: bool) -> None:
        assert self._body is not None
        wanted, body = self.question.search_string or "", bytes(self._body.content[:SEARCHED_BYTES])
        if wanted.encode() in body:
            self.verdict = Verdict(None, "", self._status, self._headers)
        elif self._body.complete or self._body.broken or len(body) == SEARCHED_BYTES or ended:
            encoding = self._headers.get("content-encoding", "identity")
            if not self._body.complete and len(body) < SEARCHED_BYTES:
                self._fail("server-truncated", f'its body ends too early, after {len(body):,} bytes without "{wanted}"')
            elif encoding.strip().lower() != "identity":
                self._fail(
                    "server-compresses", f"its answer is compressed ({encoding}), and checkers search it as it comes"
                )
            else:
                self._fail(
                    "server-without-text", f'"{wanted}" is not in the first {SEARCHED_BYTES:,} bytes of the body'
                )

    def _fail(self, fault: Fault, text: str) -> None:
        self.verdict = Verdict(fault, printable(text), self._status, self._headers)


class _Session:
    """TLS over bytes in memory; keeps what of the handshake is not encrypted, to explain its failure."""

    def __init__(self, server_name: str | None) -> None:
        self.open = False
        self._in, self._out = ssl.MemoryBIO(), ssl.MemoryBIO()
        self._tls = checker_tls().wrap_bio(self._in, self._out, server_hostname=server_name)
        self._plain = bytearray()

    def receive(self, data: bytes) -> None:
        if not self.open and len(self._plain) < PLAIN_BYTES:
            self._plain += data
        self._in.write(data)

    def sent(self, plain: bytes) -> bytes:
        if plain:
            self._tls.write(plain)
        return self._out.read()

    def shake_hands(self) -> bool:
        """Return whether the handshake is over. Raises SSLError: it failed."""
        try:
            self._tls.do_handshake()
        except ssl.SSLWantReadError:
            return False
        self.open = True
        return True

    def read(self) -> bytes | None:
        """Return decrypted bytes; empty: the server ended the session; None: more has to come."""
        try:
            return self._tls.read(READ_BYTES)
        except ssl.SSLWantReadError:
            return None
        except ssl.SSLZeroReturnError:
            return b""

    def certificate(self) -> bytes | None:
        return self._tls.getpeercert(binary_form=True)

    def agreed(self) -> tuple[str, str]:
        cipher = self._tls.cipher()
        return self._tls.version() or "", cipher[0] if cipher else ""

    def alert(self) -> int | None:
        """Return the description of the server's first alert, if it came before encryption."""
        for kind, payload in self._records():
            if kind == ALERT and len(payload) == 2:
                return payload[1]
        return None

    def wants_certificate(self) -> bool:
        """Return whether the server asked for a client certificate."""
        messages = b""
        for kind, payload in self._records():
            if kind != HANDSHAKE:  # an alert, or the change to encrypted records
                break
            messages += payload
        while len(messages) >= 4:
            if messages[0] == CERTIFICATE_REQUEST:
                return True
            messages = messages[4 + int.from_bytes(messages[1:4]) :]
        return False

    def _records(self) -> list[tuple[int, bytes]]:
        records, rest = [], bytes(self._plain)
        while len(rest) >= 5:
            length = int.from_bytes(rest[3:5])
            records.append((rest[0], rest[5 : 5 + length]))
            rest = rest[5 + length :]
        return records


class _Body:
    """The body of an answer, decoded from its chunks."""

    def __init__(self, status: int, headers: Mapping[str, str]) -> None:
        self.content = bytearray()
        self.complete = False
        self.broken = False
        """Its chunks cannot be read."""
        length = headers.get("content-length", "")
        self._chunked = headers.get("transfer-encoding", "").lower().endswith("chunked")
        self._length = int(length) if LENGTH.fullmatch(length) and not self._chunked else None
        """None: until the connection ends, or by chunks."""
        if status in WITHOUT_BODY:
            self._length, self._chunked = 0, False
        self._raw = bytearray()
        self._left_of_chunk = 0

    def add(self, data: bytes) -> None:
        if self.complete or self.broken:
            return
        if self._chunked:
            self._raw += data
            self._decode()
        else:
            self.content += data
        if self._length is not None and len(self.content) >= self._length:
            del self.content[self._length :]
            self.complete = True

    def end(self) -> None:
        """The connection ended, which ends a body of unknown length as well."""
        self.complete = self.complete or (self._length is None and not self._chunked)

    def _decode(self) -> None:
        while self._raw and not self.complete:
            if self._left_of_chunk:
                piece = bytes(self._raw[: self._left_of_chunk])
                del self._raw[: len(piece)]
                self.content += piece
                self._left_of_chunk -= len(piece)
                continue
            # The line end after the last chunk stands before the next one's length.
            self._raw[:] = self._raw.lstrip(b"\r\n")
            line = CHUNK_LINE.match(self._raw)
            if line is None:
                self.broken = b"\n" in self._raw or len(self._raw) > CHUNK_LINE_BYTES
                return
            self._left_of_chunk = int(line[1], 16)
            del self._raw[: line.end()]
            self.complete = self._left_of_chunk == 0


def _headers(lines: list[bytes]) -> dict[str, str]:
    """Return headers by lower-case name, several of one name joined; lines that are none are left out. Assumed."""
    headers: dict[str, str] = {}
    for line in lines:
        name, colon, value = line.decode("latin-1").partition(":")
        if colon:
            name, value = name.strip().lower(), value.strip()
            headers[name] = f"{headers[name]}, {value}" if name in headers else value
    return headers
