"""A certificate authority, and settings to drill with."""

import ssl
from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from tests.operations.servers import Answer, HttpsServer, Serve
from understudy_failover.settings import Settings, load


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """Trusted by the tests' clients alone."""
    return trustme.CA()


@pytest.fixture(scope="session")
def trust(authority: trustme.CA) -> ssl.SSLContext:
    """What a careful client trusts."""
    context = ssl.create_default_context()
    authority.configure_trust(context)
    return context


@pytest.fixture
def serve(authority: trustme.CA) -> Iterator[Serve]:
    """Starts an HTTPS server with a certificate for these names; it ends with the test."""
    started: list[HttpsServer] = []

    def start(*names: str, answer: Answer | None = None) -> HttpsServer:
        started.append(HttpsServer(authority.issue_cert(*names), answer or Answer()))
        return started[-1]

    yield start
    for server in started:
        server.close()


@pytest.fixture(scope="session")
def settings(root: Path) -> Settings:
    """The shipped sample: web has IPv6, api has not."""
    return load(root / "tests/sample/failover.toml")
