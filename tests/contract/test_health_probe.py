"""The rules of health checkers: preflight and the embedded AWS judge every answer alike.

Rows F1 to F12 are answers that preflight or the embedded AWS judged wrongly until 2026-11-29. The servers named there
were measured with these configurations; here a script sends the bytes that they sent.
tests/operations/preflight/test_real_server.py has the rows of nginx with nginx itself.
"""

import ssl
from typing import Any

import pytest
import trustme
from hypothesis import given, settings, strategies as st

from tests.contract.scripted_server import HOST, Event, Script, Server, judged
from understudy_failover.contract.health_probe import HEAD_BYTES, Probe, Question

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 7\r\n\r\nhealthy"
EARLY = b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n"
PROCESSING = b"HTTP/1.1 102 Processing\r\n\r\n"
CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
HEAD_8 = b"HTTP/1.1 200 OK\r\nContent-Length: 8\r\n\r\n"
HEAD_100 = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"
CHUNKS = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
END = b""
RESET = ConnectionResetError("Connection reset by peer")


def at_once(*pieces: Event) -> Script:
    return [(0, piece) for piece in pieces]


@pytest.mark.parametrize(
    ("answer", "search", "fault"),
    [
        # F1, HAProxy: `http-request early-hint Link "</a.css>; rel=preload"`.
        pytest.param(at_once(EARLY + OK), "healthy", None, id="F1 103 and the answer at once"),
        pytest.param([(0, EARLY), (1.5, OK)], None, None, id="F1 103 and the answer later"),
        pytest.param(at_once(PROCESSING, CONTINUE, EARLY, OK), "healthy", None, id="F1 102, 100 and 103"),
        pytest.param([(1.5, EARLY), (1.5, OK)], None, "server-slow", id="F1 103 gives no more time"),
        pytest.param(at_once(EARLY + b"HTTP/1.1 503 No\r\n\r\n"), None, "server-status", id="F1 103 before a failure"),
        pytest.param(at_once(EARLY, END), None, "server-closed", id="F1 103 and nothing more"),
        pytest.param(
            at_once(b"HTTP/1.1 101 Switching Protocols\r\n\r\n"), None, "server-status", id="101 is a final answer"
        ),
        # F2
        pytest.param(
            [(0, HEAD_8), (1.5, b"x"), (1.5, b"healthy")], "healthy", "server-slow-body", id="F2 body too slow"
        ),
        pytest.param([(0, HEAD_8), (0.9, b"x"), (0.9, b"healthy")], "healthy", None, id="F2 body in time"),
        pytest.param([(1.9, HEAD_8), (1.9, b".healthy")], "healthy", None, id="F2 status and body have their own time"),
        pytest.param([(0, HEAD_8), (9, b".healthy")], None, None, id="F2 nobody waits for a body without a search"),
        # F9
        pytest.param(at_once(b"HTTP/1.1 200 OK\r\nConte", END), None, "server-closed", id="F9 headers end too early"),
        pytest.param(
            at_once(b"HTTP/1.1 200 OK\r\nConte", RESET), None, "server-closed", id="F9 reset within the headers"
        ),
        pytest.param(at_once(b"HTTP/1.1 200 OK\r\nConte"), None, "server-slow", id="F9 headers never end"),
        # F10
        pytest.param(at_once(HEAD_100 + b"healthy", END), "healthy", None, id="F10 searched text, then the end"),
        pytest.param(at_once(HEAD_100 + b"healthy", RESET), "healthy", None, id="F10 searched text, then a reset"),
        pytest.param(
            at_once(HEAD_100 + b"health", END), "healthy", "server-truncated", id="F10 the end within the text"
        ),
        pytest.param(at_once(HEAD_100, RESET), "healthy", "server-truncated", id="F10 reset before the text"),
        pytest.param(
            at_once(CHUNKS + b"7\r\nheal", END), "healthy", "server-truncated", id="F10 the end within a chunk"
        ),
        pytest.param(at_once(CHUNKS + b"7\r\nhealthy", END), "healthy", None, id="F10 searched text in a chunk"),
        # F12, nginx: `gzip_static always`.
        pytest.param(
            at_once(b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 4\r\n\r\n\x1f\x8b\x08\x00"),
            "healthy",
            "server-compresses",
            id="F12 compressed",
        ),
        pytest.param(
            at_once(b"HTTP/1.1 200 OK\r\nContent-Encoding: identity\r\nContent-Length: 4\r\n\r\nsick"),
            "healthy",
            "server-without-text",
            id="F12 identity is no compression",
        ),
        # Judged rightly before, and so they stay.
        pytest.param(at_once(b"HTTP/1.0 200 OK\r\n\r\nhealthy", END), "healthy", None, id="HTTP/1.0"),
        pytest.param(
            at_once(b"HTTP/1.0 200 OK\r\n\r\nsick", END),
            "healthy",
            "server-without-text",
            id="HTTP/1.0 without the text",
        ),
        pytest.param(at_once(b"HTTP/1.1 200\n\nhealthy", END), "healthy", None, id="bare line feeds, no reason"),
        pytest.param(
            at_once(b"HTTP/1.1 204 No Content\r\n\r\n"), "healthy", "server-without-text", id="204 has no body"
        ),
        pytest.param(at_once(b"HTTP/1.1 200 OK\r\nX: " + b"." * 20_000 + b"\r\n\r\n"), None, None, id="20 KB"),
        pytest.param(
            at_once(b"HTTP/1.1 200 OK\r\nX: " + b"." * HEAD_BYTES), None, "server-not-http", id="endless header"
        ),
        pytest.param(at_once(CHUNKS + b"3;x=y\r\nhea\r\n4\r\nlthy\r\n0\r\n\r\n"), "healthy", None, id="chunks"),
        pytest.param(
            at_once(CHUNKS + b"4\r\nsick\r\n0\r\n\r\n"), "healthy", "server-without-text", id="chunks without the text"
        ),
        pytest.param(at_once(CHUNKS + b"xyz\r\nhealthy"), "healthy", "server-truncated", id="no chunks, as it says"),
        pytest.param(at_once(b"HTTP/2 200\r\n\r\n"), None, "server-not-http", id="HTTP/2 in text"),
        pytest.param(at_once(b"220 smtp.example.com ESMTP\r\n"), None, "server-not-http", id="SMTP"),
        pytest.param(at_once(END), None, "server-closed", id="closed without a word, as nginx' return 444"),
        pytest.param([], None, "server-slow", id="silence"),
    ],
)
def test_an_answer_is_judged_alike_by_both(answer: Script, search: str | None, fault: str | None) -> None:
    assert judged(Server(answer), search=search) == fault


@pytest.mark.parametrize("answer", [OK, EARLY + OK, CHUNKS + b"3\r\nhea\r\n4\r\nlthy\r\n0\r\n\r\n"])
def test_an_answer_is_judged_alike_however_it_is_cut(answer: bytes) -> None:
    for cut in range(1, len(answer)):
        assert judged(Server(at_once(answer[:cut], answer[cut:], END)), search="healthy") is None
        assert judged(Server(at_once(answer[:cut], answer[cut:], END)), search="unhealthy") == "server-without-text"


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


def serving(authority: trustme.CA, **values: Any) -> ssl.SSLContext:
    """TLS of a server."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    authority.issue_cert(HOST, key_type=trustme.KeyType.RSA).configure_cert(context)
    authority.configure_trust(context)
    if "ciphers" in values:
        context.set_ciphers(values.pop("ciphers"))
    for name, value in values.items():
        setattr(context, name, value)
    return context


@pytest.mark.parametrize(
    ("tls", "fault"),
    [
        # F3, Apache `SSLVerifyClient require` and `openssl s_server -Verify 1`.
        pytest.param(
            {"verify_mode": ssl.CERT_REQUIRED}, "server-client-certificate", id="F3 demands a client certificate"
        ),
        pytest.param({"verify_mode": ssl.CERT_OPTIONAL}, None, id="F3 asks for a client certificate"),
        # F4, nginx `ssl_protocols TLSv1.2 TLSv1.3; ssl_ciphers ECDHE-RSA-AES128-SHA;`.
        pytest.param({"ciphers": "ECDHE-RSA-AES128-SHA"}, None, id="F4 one old cipher beside TLS 1.3"),
        # F5
        pytest.param({"ciphers": "AES128-GCM-SHA256"}, None, id="F5 AES128-GCM-SHA256"),
        pytest.param({"ciphers": "AES256-SHA"}, None, id="F5 AES256-SHA"),
        pytest.param(
            {"maximum_version": ssl.TLSVersion.TLSv1_2, "ciphers": "ECDHE-RSA-AES128-SHA"}, None, id="F5 TLS 1.2 alone"
        ),
        pytest.param({"minimum_version": ssl.TLSVersion.TLSv1_3}, "server-tls-1.3", id="TLS 1.3 alone"),
    ],
)
def test_tls_is_judged_alike_by_both(authority: trustme.CA, tls: dict[str, Any], fault: str | None) -> None:
    server = Server(at_once(OK), tls=serving(authority, **tls))
    assert judged(server, tls=True, search="healthy") == fault


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
@pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")
def test_tls_1_0_and_1_1_are_healthy(authority: trustme.CA, version: ssl.TLSVersion) -> None:
    """F5, nginx `ssl_protocols TLSv1 TLSv1.1; ssl_ciphers ALL:@SECLEVEL=0`."""
    context = serving(authority, ciphers="ALL:@SECLEVEL=0")
    context.minimum_version = context.maximum_version = version
    assert judged(Server(at_once(OK), tls=context), tls=True, search="healthy") is None


@pytest.mark.parametrize(
    ("greeting", "fault"),
    [
        # F6: Caddy and nginx without descriptors, Apache with all workers busy, lighttpd at max-connections.
        pytest.param([], "server-tls-silent", id="F6 silence"),
        pytest.param([(4.1, END)], "server-tls-silent", id="F6 silence and the end"),
        # F7: nginx at its worker_connections.
        pytest.param(at_once(RESET), "server-tls-closed", id="F7 reset"),
        pytest.param(at_once(END), "server-tls-closed", id="F7 end"),
        pytest.param(at_once(b"\x15\x03\x01\x00\x02\x02\x28"), "server-tls", id="handshake failure"),
        pytest.param(at_once(b"\x15\x03\x01\x00\x02\x02\x70"), "server-tls", id="Caddy: unrecognized name"),
        pytest.param(at_once(b"\x15\x03\x01\x00\x02\x02\x46"), "server-tls-1.3", id="lighttpd from 1.4.77 on"),
        pytest.param(at_once(b"HTTP/1.1 400 Bad Request\r\n\r\n"), "server-tls", id="HTTP without TLS"),
    ],
)
def test_the_beginning_of_a_handshake_is_judged_alike_by_both(greeting: Script, fault: str) -> None:
    assert judged(Server(greeting=greeting), tls=True) == fault


def test_a_page_of_an_error_that_wants_a_client_certificate_is_explained_by_it(authority: trustme.CA) -> None:
    """As nginx answers with `ssl_verify_client on`."""
    refusal = b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n"
    asking = Server(at_once(refusal), tls=serving(authority, verify_mode=ssl.CERT_OPTIONAL))
    assert judged(asking, tls=True) == "server-client-certificate"
    assert judged(Server(at_once(refusal), tls=serving(authority)), tls=True) == "server-status"


def test_a_verdict_is_final() -> None:
    state = Probe(Question(tls=False, host=HOST), began=0, at=0)
    state.receive(OK, 1)
    verdict = state.verdict
    assert verdict is not None
    assert verdict.fault is None
    state.receive(b"more", 9)
    state.lose("reset")
    state.expire()
    assert state.verdict is verdict


def test_bytes_after_the_deadline_are_too_late() -> None:
    state = Probe(Question(tls=False, host=HOST), began=0, at=3)
    assert state.deadline == 5
    state.receive(OK, 5.1)
    assert state.verdict is not None
    assert state.verdict.fault == "server-slow"


@pytest.mark.parametrize("name", ["", ".example.com", "a" * 64 + ".example.com"])
def test_a_name_that_tls_cannot_send_is_no_error(name: str) -> None:
    state = Probe(Question(tls=True, host=HOST, server_name=name), began=0, at=0)
    assert state.verdict is not None
    assert state.verdict.fault == "server-request"


SECONDS = st.integers(0, 9).map(lambda tenths: 0.3 * tenths)
"""Their sums never fall on a deadline of whole seconds but one of 0."""
PIECES: st.SearchStrategy[bytes] = st.sampled_from(
    [
        *(
            OK,
            EARLY,
            PROCESSING,
            HEAD_8,
            HEAD_100,
            CHUNKS,
            END,
            b"\r\n",
            b"\r\n\r\n",
            b"\n\n",
            b"healthy",
            b"heal",
            b"thy",
        ),
        *(b"HTTP/1.1 ", b"HTTP/1.1 200 OK\r\n", b"HTTP/1.1 404 Not Found\r\n\r\n", b"HTTP/1.0 301\r\n\r\n"),
        *(b"Content-Encoding: gzip\r\n", b"Content-Length: 7\r\n", b"Transfer-Encoding: chunked\r\n", b"no header\r\n"),
        *(
            b"7\r\nhealthy\r\n",
            b"0\r\n\r\n",
            b"fffffff\r\n",
            b"." * 5_115,
            b"\x00\xff",
            b"\x15\x03\x01\x00\x02\x02\x28",
        ),
    ]
) | st.binary(max_size=20)
SCRIPTS = st.lists(st.tuples(SECONDS, PIECES | st.just(RESET)), max_size=8)


@pytest.mark.lengthy
@settings(max_examples=500, deadline=None)
@given(script=SCRIPTS, search=st.sampled_from([None, "healthy"]), tls=st.booleans(), greets=st.booleans())
def test_preflight_and_the_embedded_aws_never_disagree(
    authority: trustme.CA, script: list[tuple[float, Event]], search: str | None, tls: bool, greets: bool
) -> None:
    if tls and greets:
        server = Server(greeting=script)
    else:
        server = Server(script, tls=SESSION.setdefault("tls", serving(authority)) if tls else None)
    judged(server, tls=tls, search=search)


SESSION: dict[str, ssl.SSLContext] = {}
