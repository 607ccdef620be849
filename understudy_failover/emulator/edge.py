"""The CloudFront edge: TLS by SNI, the distribution by Host, HTTP/1.1 and HTTP/2.

`serve`, a `model.ServeViewer`, processes a request by the distribution's behaviors, functions and origin; it is awaited
in the event loop of `start()`. The Host of the request is the viewer's, as CloudFront Functions see it on AWS.
MiniStack's ASGI application cannot serve viewers: it finds a distribution only by the Host `dXXXX.cloudfront.net`.
"""

import asyncio
import logging
import socket
import ssl
from collections.abc import Callable, Sequence
from typing import Any, cast

from hypercorn.asyncio import serve as serve_with_hypercorn
from hypercorn.config import Config
from hypercorn.typing import Framework

from understudy_failover.emulator.edge_application import EdgeApplication, find_distribution
from understudy_failover.emulator.health_metrics import Reading
from understudy_failover.emulator.model import Distribution, ServerCertificate, ServeViewer
from understudy_failover.emulator.tls import ViewerCertificates

logger = logging.getLogger(__name__)

_STOP_LIMIT_SECONDS = 5.0


class _EdgeConfig(Config):
    """Hypercorn's configuration with our own TLS context instead of certificate files."""

    def __init__(self, https: socket.socket, http: socket.socket, context: ssl.SSLContext) -> None:
        super().__init__()
        self._context = context
        # Hypercorn closes the descriptors.
        self.bind = [f"fd://{https.detach()}"]
        self.insecure_bind = [f"fd://{http.detach()}"]
        self.errorlog = logger
        self.include_server_header = False
        self.graceful_timeout = 1.0
        self.keep_alive_timeout = 60
        # URLs of up to 8,192 bytes are allowed, and the header fields come on top.
        # https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cloudfront-limits.html
        self.h11_max_incomplete_size = 64 * 1024

    @property
    def ssl_enabled(self) -> bool:
        return True

    def create_ssl_context(self) -> ssl.SSLContext:
        return self._context


class Edge:
    """The edge on two free loopback ports.

    `distributions()` and `server_certificate(id)` are called at every handshake and request, so a change in the control
    plane takes effect at once. `server_certificate` returns None for an id that IAM does not have.
    `default_certificate_pem` replaces CloudFront's certificate for *.cloudfront.net; its CA follows.
    """

    https: tuple[str, int]
    http: tuple[str, int]

    def __init__(
        self,
        distributions: Callable[[], Sequence[Distribution]],
        server_certificate: Callable[[str], ServerCertificate | None],
        serve: ServeViewer,
    ) -> None:
        self._application = EdgeApplication(distributions, serve)
        self._certificates = ViewerCertificates(
            lambda host: find_distribution(distributions(), host), server_certificate
        )
        self.default_certificate_pem = self._certificates.default_certificate_pem
        self._stopping = asyncio.Event()
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Listen; set `https` and `http` to the (host, port) to connect to."""
        https, http = _listener(), _listener()
        self.https, self.http = https.getsockname(), http.getsockname()
        config = _EdgeConfig(https, http, self._certificates.context)
        self._stopping.clear()
        self._task = asyncio.create_task(
            serve_with_hypercorn(
                cast(Framework, self._application), config, shutdown_trigger=cast(Any, self._stopping.wait)
            ),
            name="edge",
        )

    def readings(self) -> list[Reading]:
        """Return the metrics of the requests since the last call."""
        return self._application.readings()

    async def stop(self) -> None:
        """Close listeners and connections; requests in progress have a second to end."""
        if self._task is None:
            return
        self._stopping.set()
        await asyncio.wait({self._task}, timeout=_STOP_LIMIT_SECONDS)
        self._task.cancel()
        await asyncio.gather(self._task, return_exceptions=True)
        self._task = None


def _listener() -> socket.socket:
    """Return a listening socket on a free port: connections queue up even before Hypercorn accepts them."""
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    return listener
