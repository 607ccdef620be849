"""What the monitor publishes about certificates that it meets on the wire and in IAM."""

import json
import socket
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from tests.monitor.modules import load
from tests.operations.servers import Answer, HttpsServer

MONITOR = load("certificate_lifetimes")
AUTHORITY = trustme.CA()


def leaf_for(days_old: float, days_left: float, issuer: trustme.CA = AUTHORITY) -> trustme.LeafCert:
    now = datetime.now(UTC)
    return issuer.issue_cert(
        "www.example.com", not_before=now - timedelta(days=days_old), not_after=now + timedelta(days=days_left)
    )


class FakeAws:
    """A distribution, the certificates of IAM, and what was published."""

    def __init__(self) -> None:
        self.attached = "ASCAPAGE"
        self.certificates = {"other": ("ASCAOTHER", leaf_for(1, 1)), "page": ("ASCAPAGE", leaf_for(60, 30))}
        self.published: list[dict[str, Any]] = []

    def client(self, _: str) -> "FakeAws":
        return self

    def get_distribution_config(self, **wanted: str) -> dict[str, Any]:
        assert wanted == {"Id": "E1EXAMPLE"}
        return {"DistributionConfig": {"ViewerCertificate": {"IAMCertificateId": self.attached}}}

    def get_paginator(self, operation: str) -> Any:
        assert operation == "list_server_certificates"

        def paginate(**wanted: str) -> Iterator[dict[str, Any]]:
            assert wanted == {"PathPrefix": "/cloudfront/shop/"}
            for name, (identifier, _) in self.certificates.items():
                yield {
                    "ServerCertificateMetadataList": [
                        {"ServerCertificateName": name, "ServerCertificateId": identifier}
                    ]
                }

        return SimpleNamespace(paginate=paginate)

    def get_server_certificate(self, **wanted: str) -> dict[str, Any]:
        leaf = self.certificates[wanted["ServerCertificateName"]][1]
        body, *chain = (blob.bytes().decode() for blob in leaf.cert_chain_pems)
        more = {"CertificateChain": "".join(chain)} if chain else {}
        return {"ServerCertificate": {"CertificateBody": body.strip(), **more}}

    def put_metric_data(self, **data: Any) -> None:
        assert data["Namespace"] == "Understudy"
        self.published += data["MetricData"]


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> FakeAws:
    fake = FakeAws()
    monkeypatch.setattr(MONITOR, "aws_client", fake)
    monkeypatch.setattr(MONITOR, "SERVERS", tmp_path / "servers.json")
    for name, value in {"APP": "shop", "PATH_PREFIX": "/cloudfront/shop/", "DISTRIBUTION": "E1EXAMPLE"}.items():
        monkeypatch.setenv(name, value)
    _serve()
    return fake


def _serve(*targets: dict[str, Any]) -> None:
    MONITOR.SERVERS.write_text(json.dumps(targets), encoding="utf-8")


def _target(name: str, port: int) -> dict[str, Any]:
    return {"certificate": f"server {name}", "address": "127.0.0.1", "port": port, "host": "www.example.com"}


def test_the_page_s_certificate_is_the_one_that_is_attached(aws: FakeAws) -> None:
    left = MONITOR.check()["page"]
    assert left == {"DaysLeft": pytest.approx(30, abs=0.1), "LifetimeLeft": pytest.approx(100 / 3, abs=0.1)}
    assert aws.published == [
        {
            "MetricName": "LifetimeLeft",
            "Dimensions": [{"Name": "App", "Value": "shop"}],
            "Value": left["LifetimeLeft"],
            "Unit": "Percent",
        }
    ]


def test_a_servers_certificate_is_the_one_that_it_presents_though_it_is_expired_and_the_lowest_is_published(
    aws: FakeAws,
) -> None:
    server = HttpsServer(leaf_for(100, -10), Answer())
    try:
        _serve(_target("web", server.address[1]))
        left = MONITOR.check()
    finally:
        server.close()
    assert left["server web"] == {
        "DaysLeft": pytest.approx(-10, abs=0.1),
        "LifetimeLeft": pytest.approx(-100 / 9, abs=0.1),
    }
    assert [datum["Value"] for datum in aws.published] == [left["server web"]["LifetimeLeft"]]


def ending_issuer(days_left: float) -> trustme.CA:
    """An intermediate that ends before what it issues: its certificate is written again, for the same name and key."""
    issuer = AUTHORITY.create_child_ca()
    old, now = x509.load_pem_x509_certificate(issuer.cert_pem.bytes()), datetime.now(UTC)
    key = load_pem_private_key(AUTHORITY.private_key_pem.bytes(), None)
    assert isinstance(key, ec.EllipticCurvePrivateKey)
    builder = x509.CertificateBuilder(
        old.issuer, old.subject, old.public_key(), 1, now - timedelta(days=400), now + timedelta(days=days_left)
    )
    for extension in old.extensions:
        builder = builder.add_extension(extension.value, extension.critical)
    issuer._certificate = builder.sign(key, SHA256())
    return issuer


def test_a_chain_that_ends_before_the_leaf_counts_for_the_page_and_for_servers(aws: FakeAws) -> None:
    leaf = leaf_for(10, 80, ending_issuer(9))
    aws.certificates["page"] = ("ASCAPAGE", leaf)
    server = HttpsServer(leaf, Answer())
    try:
        _serve(_target("web", server.address[1]))
        left = MONITOR.check()
    finally:
        server.close()
    expected = {"DaysLeft": pytest.approx(9, abs=0.1), "LifetimeLeft": pytest.approx(100 * 9 / 19, abs=0.5)}
    assert left == {"page": expected, "server web": expected}


def test_a_server_that_does_not_answer_is_left_out_and_the_others_are_not(
    aws: FakeAws, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.socket() as closed:
        closed.bind(("127.0.0.1", 0))
        _serve(_target("web", closed.getsockname()[1]))
        assert MONITOR.check().keys() == {"page"}
    assert '"certificate": "server web", "unreachable": "ConnectionRefusedError"' in capsys.readouterr().out
    assert len(aws.published) == 1


def test_servers_that_answer_too_slowly_stop_no_other(
    aws: FakeAws, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    enough = threading.Event()

    def presented(_: str, address: str, __: int) -> list[bytes]:
        if address == "192.0.2.1":
            enough.wait()
        chain: list[bytes] = MONITOR.chains.of_pem(leaf_for(10, 80).cert_chain_pems[0].bytes().decode())
        return chain

    monkeypatch.setattr(MONITOR.chains, "presented", presented)
    monkeypatch.setattr(MONITOR, "SERVERS_LIMIT_SECONDS", 1)
    slow = [_target(f"slow{number}", 443) | {"address": "192.0.2.1"} for number in range(MONITOR.WORKERS - 1)]
    try:
        _serve(*slow, _target("web", 443))
        assert MONITOR.check().keys() == {"page", "server web"}
        _serve(*slow, slow[0], _target("web", 443))
        assert MONITOR.check().keys() == {"page"}
    finally:
        enough.set()
    assert '"certificate": "server slow0", "unreachable": "TimeoutError"' in capsys.readouterr().out


@pytest.mark.parametrize("leaf", [leaf_for(10, 80, ending_issuer(-11)), leaf_for(0, 0)], ids=["issuer", "empty"])
def test_a_certificate_that_clients_never_accepted_has_nothing_left(aws: FakeAws, leaf: trustme.LeafCert) -> None:
    """Its end lies before its begin: a share of its lifetime would be positive."""
    aws.certificates["page"] = ("ASCAPAGE", leaf)
    server = HttpsServer(leaf, Answer())
    try:
        _serve(_target("web", server.address[1]))
        left = MONITOR.check()
    finally:
        server.close()
    assert {name: values["LifetimeLeft"] for name, values in left.items()} == {"page": 0, "server web": 0}
    assert [datum["Value"] for datum in aws.published] == [0]


@pytest.mark.parametrize("der", [b"", b"\x30", b"nonsense", b"\x30\x84\xff\xff\xff\xff"])
def test_a_servers_certificate_that_cannot_be_read_stops_no_other(
    aws: FakeAws, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], der: bytes
) -> None:
    monkeypatch.setattr(MONITOR.chains, "presented", lambda *_: [der])
    _serve(_target("web", 443))
    assert MONITOR.check().keys() == {"page"}
    assert '"certificate": "server web", "unreachable": "ValueError"' in capsys.readouterr().out


def test_a_certificate_that_is_none_of_the_apps_is_an_error_and_the_servers_are_published(aws: FakeAws) -> None:
    aws.attached = "ASCAFOREIGN"
    server = HttpsServer(leaf_for(1, 89), Answer())
    try:
        _serve(_target("web", server.address[1]))
        with pytest.raises(LookupError, match="ASCAFOREIGN, which is not under /cloudfront/shop/"):
            MONITOR.check()
    finally:
        server.close()
    assert [datum["Value"] for datum in aws.published] == [pytest.approx(100 * 89 / 90, abs=0.1)]


def test_nothing_is_published_where_nothing_is_known(aws: FakeAws) -> None:
    aws.attached = "ASCAFOREIGN"
    with pytest.raises(LookupError):
        MONITOR.check()
    assert aws.published == []
