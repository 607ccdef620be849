"""Validity of chains as the monitor reads it from DER, beside what `cryptography` reads."""

import socket
import ssl
import threading
from datetime import UTC, datetime

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding

from tests.certificates.authority import Authority, ec_key, name, pem
from tests.certificates.der import element, elements, inner
from tests.monitor.modules import load

CHAINS, VALIDITY = load("chains"), load("validity")
ROOT = Authority.make("Root", key=ec_key())
UTC_TIME = 0x17


def _der(certificate: x509.Certificate) -> bytes:
    return certificate.public_bytes(Encoding.DER)


def _valid(begins: datetime, ends: datetime) -> x509.Certificate:
    builder = x509.CertificateBuilder(name("A"), name("B"), ROOT.key.public_key(), 1, begins, ends)
    return builder.sign(ROOT.key, SHA256())


CERTIFICATE = _valid(datetime(2026, 1, 2, tzinfo=UTC), datetime(2026, 4, 2, 23, 59, 59, tzinfo=UTC))


@pytest.mark.parametrize(
    "year", [1950, 1968, 1969, 1999, 2000, 2049, 2050, 9999], ids=lambda year: f"from or until {year}"
)
def test_names_and_times_are_those_of_the_certificate(year: int) -> None:
    """UTCTime has two digits, and stands for 1950 to 2049; later years are GeneralizedTime. RFC 5280, 4.1.2.5"""
    begins = datetime(min(year, 2026), 1, 2, 3, 4, 5, tzinfo=UTC)
    ends = datetime(max(year, 2026), 12, 31, 23, 59, 59, tzinfo=UTC)
    certificate = _valid(begins, ends)
    assert VALIDITY.certificate(_der(certificate)) == VALIDITY.Certificate(
        certificate.issuer.public_bytes(), certificate.subject.public_bytes(), begins, ends
    )


def test_a_certificate_of_version_1_is_read() -> None:
    """It has no version, as in roots of the nineties."""
    signed, *rest = elements(inner(_der(CERTIFICATE)))
    _, *fields = elements(inner(signed))
    old = element(0x30, element(0x30, *fields), *rest)
    assert VALIDITY.certificate(old) == VALIDITY.certificate(_der(CERTIFICATE))


def test_a_certificate_that_is_cut_off_anywhere_is_none() -> None:
    der = _der(CERTIFICATE)
    for length in range(len(der)):
        with pytest.raises(ValueError, match=r"^the certificate is cut off$"):
            VALIDITY.certificate(der[:length])


def test_what_is_no_certificate_is_named() -> None:
    with pytest.raises(ValueError, match=r"^no certificate: tag 0x31 in place of 0x30$"):
        VALIDITY.certificate(b"\x31" + _der(CERTIFICATE)[1:])
    text = _der(CERTIFICATE).replace(bytes([UTC_TIME, 13]), bytes([0x0C, 13]), 1)
    with pytest.raises(ValueError, match=r"^no time: tag 0xc$"):
        VALIDITY.certificate(text)


def _issuer(*days: float, parent: Authority = ROOT, subject: str = "Intermediate") -> Authority:
    return Authority.make(subject, parent, key=ec_key(), days=(days[0], days[1]))


def _lifetime(*chain: x509.Certificate) -> tuple[datetime, datetime]:
    begins, ends = VALIDITY.lifetime([_der(element) for element in chain])
    return begins, ends


def test_a_chain_lives_from_the_leafs_begin_to_the_first_end_whatever_its_order() -> None:
    upper = _issuer(-400, 30, subject="Upper")
    lower = _issuer(-400, 60, parent=upper)
    leaf = lower.leaf(ec_key())
    expected = (leaf.not_valid_before_utc, upper.certificate.not_valid_after_utc)
    assert _lifetime(leaf, lower.certificate, upper.certificate) == expected
    assert _lifetime(leaf, upper.certificate, lower.certificate) == expected


def test_strangers_and_roots_in_a_chain_do_not_count() -> None:
    ended_root = Authority.make("Ended Root", key=ec_key(), days=(-400, -2))
    stranger = _issuer(-400, -2, subject="Stranger")
    issuer = Authority.make("Intermediate", ended_root, key=ec_key())
    leaf = issuer.leaf(ec_key(), age=30)
    expected = (leaf.not_valid_before_utc, leaf.not_valid_after_utc)
    assert _lifetime(leaf, issuer.certificate, stranger.certificate, ended_root.certificate) == expected


def test_an_expired_cross_signature_at_the_end_is_passed_over_as_clients_do() -> None:
    """It ended before a certificate below it began; the leaf's own issuer is never passed over."""
    old = _issuer(-800, -450, subject="Cross-signed")
    issuer = _issuer(-400, 900, parent=old)
    leaf = issuer.leaf(ec_key())
    expected = (leaf.not_valid_before_utc, leaf.not_valid_after_utc)
    assert _lifetime(leaf, issuer.certificate, old.certificate) == expected
    early = issuer.leaf(ec_key(), age=500, days=900)  # of the intermediate before its renewal
    assert _lifetime(early, issuer.certificate, old.certificate)[1] == early.not_valid_after_utc
    ended = _issuer(-400, -2)
    leaf = ended.leaf(ec_key())
    assert _lifetime(leaf, ended.certificate)[1] == ended.certificate.not_valid_after_utc


def test_an_issuer_that_has_ended_since_its_certificates_began_counts() -> None:
    upper = _issuer(-800, -1, subject="Upper")
    issuer = _issuer(-400, 900, parent=upper)
    leaf = issuer.leaf(ec_key(), age=30)
    assert _lifetime(leaf, issuer.certificate, upper.certificate)[1] == upper.certificate.not_valid_after_utc


def test_the_blocks_of_a_pem_text_are_its_certificates() -> None:
    text = f"a note\n{pem(ROOT.certificate)}another\n{pem(CERTIFICATE)}"
    assert CHAINS.of_pem(text) == [_der(ROOT.certificate), _der(CERTIFICATE)]


def test_a_server_is_asked_for_its_host_and_gives_its_chain_though_nobody_trusts_it() -> None:
    authority = trustme.CA().create_child_ca()
    leaf = authority.issue_cert("www.example.com")
    names: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    leaf.configure_cert(context)
    context.sni_callback = lambda _session, host, _context: names.append(host)
    with socket.create_server(("127.0.0.1", 0)) as listener:

        def answer() -> None:
            connection, _ = listener.accept()
            with context.wrap_socket(connection, server_side=True) as session:
                session.recv(1)

        thread = threading.Thread(target=answer)
        thread.start()
        chain = CHAINS.presented("www.example.com", *listener.getsockname())
        thread.join()
    assert names == ["www.example.com"]
    assert chain == [ssl.PEM_cert_to_DER_cert(pem.bytes().decode()) for pem in leaf.cert_chain_pems]
