"""Whoever requests a certificate chooses names in it: they are shown escaped, and odd ones are no traceback."""

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.settings.authority import FIRST, SECOND, faults, odd, pem
from understudy_failover.settings.certificate import parse
from understudy_failover.settings.certificate_rules import CertificateFault

FOREIGN = "\x1b[2J\r\n::error::text"


def test_an_issuer_is_printable() -> None:
    certificate = odd("www.example.com", issuer=FOREIGN)
    assert parse(certificate, b"").issuer.isprintable()


def test_a_dns_name_is_printable() -> None:
    public = parse(odd("www.example.com", FOREIGN), b"")
    assert public.names[0] == "www.example.com"
    assert all(name.isprintable() for name in public.names)
    assert not public.covers(FOREIGN)


def test_the_subjects_in_a_report_are_printable() -> None:
    chain = odd("www.example.com", subject=FOREIGN)
    refused = faults(SECOND.issue_cert("www.example.com").cert_chain_pems[0].bytes(), chain + pem(FIRST))
    assert any("error" in fault.wrong for fault in refused)
    assert all(text.isprintable() for fault in refused for text in vars(fault).values())


@pytest.mark.parametrize("role", ["subject", "issuer"])
def test_a_name_that_is_no_utf_8_is_no_certificate(role: str) -> None:
    names = {"subject": "Server", "issuer": "Authority"}
    der = x509.load_pem_x509_certificate(
        odd("www.example.com", subject=names["subject"], issuer=names["issuer"])
    ).public_bytes(Encoding.DER)
    name = names[role].encode()
    broken = x509.load_der_x509_certificate(der.replace(name, b"\xff" * len(name))).public_bytes(Encoding.PEM)
    assert [fault.wrong for fault in faults(broken)] == ["holds no readable certificate, or one that is cut off"]
    refused = faults(SECOND.issue_cert("www.example.com").cert_chain_pems[0].bytes(), broken)
    assert [fault.file for fault in refused] == ["chain.pem"]


@pytest.mark.parametrize("role", ["subject", "issuer"])
def test_a_name_that_is_a_bit_string_is_no_certificate(role: str) -> None:
    names = {"subject": "Server", "issuer": "Authority"} | {role: "\x00abcdefg"}
    der = x509.load_pem_x509_certificate(
        odd("www.example.com", subject=names["subject"], issuer=names["issuer"])
    ).public_bytes(Encoding.DER)
    broken = x509.load_der_x509_certificate(der.replace(b"\x0c\x08\x00", b"\x03\x08\x00")).public_bytes(Encoding.PEM)
    assert [fault.wrong for fault in faults(broken)] == ["holds no readable certificate, or one that is cut off"]


def test_a_reference_of_cloudformation_in_a_name_is_refused() -> None:
    """The template shows names and issuer, as a property of a custom resource."""
    for certificate in (
        odd("www.example.com", "{{resolve:ssm:x}}"),
        odd("www.example.com", issuer="{{resolve:ssm:x}}"),
    ):
        assert CertificateFault(
            "certificate.pem",
            "has a name with a reference that CloudFormation puts a value in the place of",
            "names without {{resolve:…}}",
            "have it issued again; who has asked for this one?",
        ) in faults(certificate)
