"""Mozilla's roots come from certifi, whatever of them `cryptography` cannot read."""

import warnings
from pathlib import Path

import certifi
import pytest
from cryptography import x509
from cryptography.x509.oid import NameOID

from tests.certificates.authority import NOW, Authority, ec_key, pem
from understudy_failover.operations.certificate import trust
from understudy_failover.settings.certificate import parse


@pytest.fixture
def fresh() -> None:
    trust.mozilla_roots.cache_clear()


def test_the_list_has_a_hundred_roots_and_lets_encrypts_and_warns_of_nothing(fresh: None) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        roots = trust.mozilla_roots()
        root = Authority.make("Root", key=ec_key())
        public = parse(pem(root.leaf(ec_key())).encode(), b"")
        assert trust.trust_problem(public, "chain.pem", NOW)
    assert len(roots) > 100
    assert "CN=ISRG Root X1,O=Internet Security Research Group,C=US" in {
        anchor.subject.rfc4514_string() for anchor in roots
    }


def test_a_root_that_cannot_be_read_is_passed_over(
    fresh: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    good = Authority.make("Root", key=ec_key()).certificate
    file = tmp_path / "cacert.pem"
    file.write_text(f"# Root é\n{pem(good).replace('MII', 'MIJ')}\n{pem(good)}", encoding="utf-8")
    monkeypatch.setattr(certifi, "where", lambda: str(file))
    assert trust.mozilla_roots() == (good,)
    trust.mozilla_roots.cache_clear()


@pytest.mark.parametrize(
    ("unit", "advice"),
    [
        ("CloudFlare Origin SSL Certificate Authority", "only Cloudflare trusts it"),
        ("mkcert development CA", "only the machine that ran mkcert trusts it"),
        ("(STAGING) Riddling Rhubarb R12", "without --test-cert or --staging"),
        ("Our own CA", "--private-ca"),
    ],
)
def test_an_issuer_that_is_mistaken_for_a_public_ca_is_named_and_a_public_one_is_the_cure(
    unit: str, advice: str
) -> None:
    subject = x509.Name([x509.NameAttribute(NameOID.ORGANIZATIONAL_UNIT_NAME, unit)])
    issuer = Authority.make(subject, Authority.make("Root", key=ec_key()), key=ec_key())
    public = parse(pem(issuer.leaf(ec_key())).encode(), b"")
    problem = trust.trust_problem(public, "chain.pem", NOW)
    assert problem
    assert advice in problem.fix
    good = Authority.make("Root", key=ec_key())
    cured = parse(pem(good.leaf(ec_key())).encode(), b"")
    assert trust.trust_problem(cured, "chain.pem", NOW, [good.certificate]) is None
