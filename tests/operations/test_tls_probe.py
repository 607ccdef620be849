"""What a server presents, its chain included."""

from datetime import UTC, datetime

import pytest

from tests.monitor.test_certificate_lifetimes import AUTHORITY, ending_issuer, leaf_for
from tests.operations.servers import Answer, HttpsServer
from understudy_failover.operations.tls_probe import presented


@pytest.mark.parametrize(("issuer_days", "days"), [(9, 9), (900, 80)])
def test_a_chain_is_usable_until_its_first_certificate_ends(issuer_days: float, days: float) -> None:
    server = HttpsServer(leaf_for(10, 80, ending_issuer(issuer_days)), Answer())
    try:
        certificate = presented("www.example.com", server.address[0], port=server.address[1])
    finally:
        server.close()
    assert (certificate.not_after - datetime.now(UTC)).total_seconds() / 86_400 == pytest.approx(80, abs=0.1)
    assert (certificate.usable_until - datetime.now(UTC)).total_seconds() / 86_400 == pytest.approx(days, abs=0.1)


def test_a_leaf_without_a_chain_is_usable_until_its_own_end() -> None:
    server = HttpsServer(leaf_for(10, 80, AUTHORITY), Answer())
    try:
        certificate = presented("www.example.com", server.address[0], port=server.address[1])
    finally:
        server.close()
    assert certificate.usable_until == certificate.not_after
