"""`certificate show` judges leaf and chain as declared; the life in tests/rehearsal has the rest."""

import json
import sys
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from tests.certificates.authority import Authority, ec_key, pem, rsa_key
from understudy_failover.cli import main
from understudy_failover.operations import aws, lookups
from understudy_failover.operations.connection import UnreachableError

MODULE = sys.modules["understudy_failover.operations.certificate.show"]
"""The package has the function under this name."""
ROOT = Authority.make("Root", key=ec_key())


def _issuer(**more: Any) -> Authority:
    return Authority.make("Issuer", ROOT, key=ec_key(), **more)


@pytest.mark.parametrize(
    ("issuer", "age", "state"),
    [
        (_issuer, 1, "example.com, *.example.com, *.example.org"),
        (lambda: _issuer(days=(-400, -1)), 30, "EXPIRED"),
        (lambda: _issuer(days=(1, 400)), 30, "REFUSED: CN=Issuer is valid only from "),
        (_issuer, 100, "EXPIRED"),
    ],
    ids=["good", "expired chain", "chain that is not valid yet", "expired leaf"],
)
def test_the_declared_certificate_is_judged_with_its_chain(  # noqa: PLR0917 (fixtures)
    owner: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    issuer: Callable[[], Authority],
    age: int,
    state: str,
) -> None:
    authority = issuer()
    folder = owner / "certificates" / "example"
    folder.mkdir(parents=True)
    (folder / "certificate.pem").write_text(pem(authority.leaf(rsa_key(), age=age)), encoding="ascii")
    (folder / "chain.pem").write_text(pem(authority.certificate), encoding="ascii")
    monkeypatch.setattr(lookups, "stack", lambda *_: None)
    monkeypatch.setattr(lookups, "server_certificates", lambda *_: [])
    assert main(["certificate", "show", "--json"]) == 1  # as nothing is deployed
    declared = json.loads(capsys.readouterr().out)[0]
    assert declared["state"].startswith(state)
    assert declared["wrong"] is (state in {"EXPIRED"} or state.startswith("REFUSED"))


def test_a_place_that_cannot_be_reached_is_no_mismatch(
    owner: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """Nothing is known of its certificate: exit code 3, as of every command that could not see everything."""
    authority = _issuer()
    folder = owner / "certificates" / "example"
    folder.mkdir(parents=True)
    leaf = authority.leaf(rsa_key(), age=1)
    (folder / "certificate.pem").write_text(pem(leaf), encoding="ascii")
    (folder / "chain.pem").write_text(pem(authority.certificate), encoding="ascii")

    def presented(*_: object, **__: object) -> Any:
        raise UnreachableError("Connection refused")

    outputs = {"DistributionId": "E1", "DistributionDomainName": "d1.cloudfront.net"}
    config = {"DistributionConfig": {"ViewerCertificate": {"IAMCertificateId": "ASCA1"}}}
    client = SimpleNamespace(get_distribution_config=lambda **_: config)
    monkeypatch.setattr(aws, "client", lambda _: client)
    monkeypatch.setattr(lookups, "stack", lambda *_: {})
    monkeypatch.setattr(lookups, "outputs", lambda _: outputs)
    metadata = {"ServerCertificateId": "ASCA1", "ServerCertificateName": "name"}
    monkeypatch.setattr(lookups, "server_certificates", lambda *_: [metadata])
    monkeypatch.setattr(lookups, "certificate_path", lambda *_: [leaf, authority.certificate])
    monkeypatch.setattr(MODULE, "presented", presented)
    assert main(["certificate", "show", "--json"]) == 3
    printed = capsys.readouterr()
    unreached = [place for place in json.loads(printed.out) if place["unreached"]]
    assert [place["where"] for place in unreached] == ["edge", "server web", "server api"]
    assert not any(place["wrong"] for place in json.loads(printed.out))
    assert "Not as declared" not in printed.err
    assert "warning: not reached, so nothing is known of its certificate: edge, server web, server api" in printed.err
