"""A client that keeps its connection: one for all requests, another when that ends."""

import ssl
from collections.abc import Iterator
from typing import Any, cast

import pytest

from tests.operations.servers import Answer, HttpsServer, Proxy, Serve
from understudy_failover.operations.connection import HttpAnswer, UnreachableError
from understudy_failover.operations.https_client import HttpsClient, TlsError
from understudy_failover.operations.observation import HttpsProbe, ServedBy
from understudy_failover.operations.pooled_client import PooledClient
from understudy_failover.page import MARKER_HEADER
from understudy_failover.settings import Settings

PAGE = HttpAnswer(503, {MARKER_HEADER: "1"}, b"page", True)
SERVER = HttpAnswer(200, {}, b"", True)
LAST = HttpAnswer(503, {MARKER_HEADER: "1", "connection": "close"}, b"page", True)
CLOSED = UnreachableError("Remote end closed connection without response")


class Script:
    """Connections that give these answers in turn, and then are closed."""

    def __init__(self, *connections: list[HttpAnswer] | UnreachableError) -> None:
        self._connections = iter(connections)
        self.closed = 0

    def open(self, host: str) -> "Script":
        self.host = host
        answers = next(self._connections)
        if isinstance(answers, UnreachableError):
            raise answers
        self._answers = iter(answers)
        return self

    def ask(self, path: str) -> HttpAnswer:
        answer = next(self._answers, None)
        if answer is None:
            raise CLOSED
        return answer

    def close(self) -> None:
        self.closed += 1


@pytest.mark.parametrize("first", [[PAGE, PAGE, PAGE], [PAGE, PAGE, LAST, PAGE]])
def test_all_requests_go_on_one_connection_until_it_ends(settings: Settings, first: list[HttpAnswer]) -> None:
    script = Script(first, [SERVER])
    pooled = PooledClient(settings.servers[0].hosts[0], cast(Any, script))
    assert [str(pooled.probe_https()) for _ in range(3)] == ["maintenance page (503)"] * 3
    assert pooled.connections == 1
    assert str(pooled.probe_https()) == "server (200)"
    assert (pooled.connections, script.closed, script.host) == (2, 1, "example.com")


def test_what_cannot_be_connected_to_is_nobody_and_tried_again(settings: Settings) -> None:
    script = Script(UnreachableError("refused"), TlsError("TLS: expired"), [PAGE])
    pooled = PooledClient(settings.servers[0].hosts[0], cast(Any, script))
    assert [pooled.probe_https() for _ in range(2)] == [
        HttpsProbe(ServedBy.NOBODY, "refused"),
        HttpsProbe(ServedBy.NOBODY, "TLS: expired", trusted=False),
    ]
    assert pooled.probe_https().served_by is ServedBy.PAGE
    pooled.close()
    assert script.closed == 1


@pytest.fixture
def led_to(trust: ssl.SSLContext) -> Iterator[Any]:
    """Returns a client whose proxy leads to a server."""
    proxies: list[Proxy] = []

    def lead(server: HttpsServer) -> HttpsClient:
        proxies.append(Proxy(server.address, b""))
        return HttpsClient(trust, timeout_seconds=5, proxy=proxies[-1].address)

    yield lead
    for proxy in proxies:
        proxy.close()


def test_over_tls_a_connection_that_the_server_closes_is_replaced(
    serve: Serve, led_to: Any, settings: Settings
) -> None:
    server = serve("example.com", answer=Answer())
    pooled = PooledClient(settings.servers[0].hosts[0], led_to(server))
    # That server closes every connection after one answer, and says nothing of it.
    assert [pooled.probe_https().status for _ in range(3)] == [200, 200, 200]
    pooled.close()
    assert pooled.connections == 3
    assert b"Connection: keep-alive" in server.answer.heads[0]
