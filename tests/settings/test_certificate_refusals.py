"""Certificates that CloudFront, IAM or a browser would refuse later, refused before anything is deployed."""

import re
import ssl
from collections.abc import Callable
from dataclasses import replace

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.asymmetric.types import CertificateIssuerPrivateKeyTypes
from cryptography.hazmat.primitives.serialization import Encoding

from tests.certificates.inputs import INPUTS
from tests.settings.authority import FIRST, ROOT, SECOND, faults, leaf, odd, pem
from understudy_failover.settings.certificate import CertificateError, parse
from understudy_failover.settings.certificate_rules import CertificateFault, Sources

MakeKey = Callable[[], CertificateIssuerPrivateKeyTypes]

LEAF = leaf("www.example.com")


def _subject(authority: trustme.CA) -> str:
    return x509.load_pem_x509_certificate(authority.cert_pem.bytes()).subject.rfc4514_string()


def _line_of_authorities(count: int) -> list[trustme.CA]:
    """A root and `count` intermediates, each issued by the one before it."""
    line = [ROOT]
    for _ in range(count):
        line.append(line[-1].create_child_ca())
    return line


@pytest.mark.parametrize(
    ("make_key", "key_type"),
    [
        (lambda: ec.generate_private_key(ec.SECP256R1()), "EC P-256"),
        (lambda: rsa.generate_private_key(65_537, 2048), "RSA 2048"),
    ],
)
def test_an_allowed_kind_of_key_is_accepted(make_key: MakeKey, key_type: str) -> None:
    assert parse(odd("www.example.com", key=make_key()), b"").key_type == key_type


@pytest.mark.parametrize(
    ("make_key", "key_type"),
    [
        (lambda: ec.generate_private_key(ec.SECP384R1()), "EC secp384r1"),
        (lambda: ec.generate_private_key(ec.SECP256K1()), "EC secp256k1"),
        (ed25519.Ed25519PrivateKey.generate, "Ed25519"),
        (lambda: rsa.generate_private_key(65_537, 1024), "RSA 1024"),  # noqa: S505 - too small on purpose
    ],
)
def test_any_other_kind_of_key_is_refused(make_key: MakeKey, key_type: str) -> None:
    """https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/cnames-and-https-requirements.html"""
    [fault] = faults(odd("www.example.com", key=make_key()))
    assert (fault.file, fault.allowed) == ("certificate.pem", "RSA 2048, RSA 3072, RSA 4096, EC P-256")
    assert fault.wrong == f"has a key of type {key_type}, which CloudFront does not accept"
    assert fault.fix == "have it issued again for a new key; RSA 2048 is the safest choice"


@pytest.mark.parametrize("name", ["tool_openssl_rsa_pss_key", "tool_openssl_ecparam_explicit"])
def test_a_key_in_a_form_that_clients_refuse_is_refused(name: str) -> None:
    files, kind = INPUTS[name](), "RSA 2048" if "rsa" in name else "EC P-256"
    assert faults(files.leaf, files.chain) == (
        CertificateFault(
            "certificate.pem",
            f"has its {kind} key in a form that clients refuse: RSA-PSS, or a curve with explicit parameters",
            "a plain RSA key, or an EC key of a named curve",
            "have it issued again for a new key (openssl genrsa -out privkey.pem 2048)",
        ),
    )


def test_the_certificate_of_a_ca_is_refused_as_the_leaf() -> None:
    [fault] = faults(odd("www.example.com", extension=x509.BasicConstraints(ca=True, path_length=None)))
    assert (fault.file, fault.wrong) == ("certificate.pem", "is the certificate of a CA (CN=Server)")
    assert fault.allowed == "the server's own certificate"
    assert fault.fix == "put it there; are certificate.pem and chain.pem swapped?"


def test_swapped_files_are_noticed() -> None:
    assert "swapped" in faults(pem(SECOND), LEAF)[0].fix


def test_a_self_signed_certificate_is_refused() -> None:
    [fault] = faults(odd("www.example.com", issuer="Server"))
    assert (fault.file, fault.wrong) == ("certificate.pem", "is self-signed")
    assert fault.allowed == (
        "a certificate issued by a CA that browsers trust; CloudFront refuses host names otherwise"
    )
    assert fault.fix == "have one issued, for example by Let's Encrypt"


def test_a_certificate_without_host_names_is_refused() -> None:
    [fault] = faults(odd())
    assert (fault.file, fault.wrong) == ("certificate.pem", "names no host")
    assert fault.allowed == "host names as DNS entries of the subject alternative name extension"
    assert fault.fix == "have it issued again with every host name"


def test_a_certificate_too_long_for_iam_is_refused() -> None:
    """https://docs.aws.amazon.com/IAM/latest/APIReference/API_UploadServerCertificate.html"""
    [fault] = faults(odd(*(f"host-{number}.{'long' * 12}.example.com" for number in range(200))))
    assert fault.file == "certificate.pem"
    assert re.fullmatch(r"is 1\d,\d{3} characters long", fault.wrong)
    assert fault.fix == "have it issued with fewer host names, or with wildcards"
    assert fault.allowed == "at most 16,384 (a limit of IAM)"


def test_a_bundle_that_says_otherwise_than_the_chain_is_refused() -> None:
    [fault] = faults(LEAF + pem(SECOND, FIRST), pem(SECOND))
    assert fault.file == "certificate.pem"
    assert fault.wrong == "holds 3 certificates, and those behind the first are others than those of chain.pem"
    assert fault.allowed == "the server's own certificate alone, or with the very chain"
    assert fault.fix == "leave the first (the server's own) there and its issuers in chain.pem"


def test_a_bundle_of_cas_alone_is_no_swap_of_files() -> None:
    with pytest.raises(CertificateError) as refusal:
        parse(pem(SECOND, FIRST), b"", Sources("bundle.pem", "bundle.pem"))
    assert (refusal.value.faults[0].file, refusal.value.faults[0].fix) == ("bundle.pem", "put it first")


@pytest.mark.parametrize("bundle", [LEAF + pem(FIRST), LEAF + leaf("b.example"), pem(SECOND)])
def test_a_bundle_must_lead_up_from_the_leaf(bundle: bytes) -> None:
    assert faults(bundle)


@pytest.mark.parametrize(
    ("key_type", "said"), [("RSA 2048", False), ("RSA 3072", True), ("RSA 4096", True), ("EC P-256", True)]
)
def test_what_is_unconfirmed_of_a_key_type_is_said(key_type: str, said: bool) -> None:
    public = replace(parse(LEAF, pem(SECOND, FIRST)), key_type=key_type)
    assert (f"a key of type {key_type}. CloudFront documents it for certificates in ACM" in public.unconfirmed) is said
    assert bool(public.unconfirmed) is said


def test_the_chain_leads_upwards_from_the_issuer_of_the_leaf() -> None:
    accepted = parse(LEAF, pem(SECOND, FIRST))
    assert x509.load_pem_x509_certificates(accepted.chain_pem.encode()) == x509.load_pem_x509_certificates(
        pem(SECOND, FIRST)
    )


def test_the_chain_may_stop_on_its_way_up() -> None:
    assert parse(LEAF, pem(SECOND)).chain_pem == pem(SECOND).decode()


def test_a_leaf_of_a_root_needs_no_chain() -> None:
    assert parse(leaf("www.example.com", issuer=ROOT), b"\n").chain_pem == ""


@pytest.mark.parametrize(
    ("chain", "position"),
    [(pem(FIRST), 1), (pem(SECOND, SECOND), 2), (pem(trustme.CA(organization_name="Another").create_child_ca()), 1)],
    ids=["one left out", "twice", "of another certificate"],
)
def test_a_chain_that_does_not_lead_up_from_the_leaf_is_refused(chain: bytes, position: int) -> None:
    wrong = [fault for fault in faults(LEAF, chain) if f"certificate {position} (" in fault.wrong]
    assert [fault.file for fault in wrong] == ["chain.pem"]
    assert " did not issue the one before it (" in wrong[0].wrong
    assert wrong[0].allowed == "the issuer of the server's certificate first, then the issuer of each one before"
    assert wrong[0].fix == f"put first the certificate of {_subject(SECOND)}, then its issuer, and so on"


@pytest.mark.parametrize("chain", [pem(SECOND, FIRST, ROOT), pem(ROOT, SECOND, FIRST)])
def test_a_root_in_the_chain_is_left_out_with_a_word(chain: bytes) -> None:
    parsed = parse(LEAF, chain)
    assert parsed == parse(LEAF, pem(SECOND, FIRST))
    assert parsed.notes == (
        f"chain.pem holds a root certificate ({_subject(ROOT)}); it was left out, as clients have their own.",
    )


def test_the_leaf_in_the_chain_is_left_out_with_a_word() -> None:
    parsed = parse(LEAF, LEAF + pem(SECOND, FIRST))
    assert parsed == parse(LEAF, pem(SECOND, FIRST))
    assert parsed.notes == ("chain.pem repeats the server's own certificate; it was left out of the chain.",)


@pytest.mark.parametrize(
    ("leaf_pem", "chain_pem", "file"),
    [
        (LEAF, pem(FIRST, SECOND), "chain.pem"),
        (LEAF + pem(FIRST, SECOND), b"", "certificate.pem"),
        (pem(FIRST) + LEAF + pem(SECOND), b"", "certificate.pem"),
    ],
)
def test_a_whole_chain_in_another_order_is_sorted_with_a_word(leaf_pem: bytes, chain_pem: bytes, file: str) -> None:
    parsed = parse(leaf_pem, chain_pem)
    assert parsed == parse(LEAF, pem(SECOND, FIRST))
    assert parsed.notes == (f"{file} holds the chain in another order than from issuer to issuer; it was sorted.",)


def test_what_is_in_order_is_taken_without_a_word() -> None:
    assert parse(LEAF, pem(SECOND, FIRST)).notes == parse(LEAF + pem(SECOND), b"").notes == ()


def test_an_issuer_of_the_same_name_but_another_key_did_not_issue_the_leaf() -> None:
    [fault] = faults(odd("www.example.com", issuer="Authority"), odd(subject="Authority", issuer="Root"))
    assert "did not issue the one before it" in fault.wrong


@pytest.mark.parametrize("intermediates", [4, 5])
def test_cloudfront_takes_five_certificates_and_no_more(intermediates: int) -> None:
    line = _line_of_authorities(intermediates)
    pems = leaf("www.example.com", issuer=line[-1]), pem(*reversed(line[1:]))
    if intermediates == 4:
        assert parse(*pems).chain_pem.count("BEGIN") == 4
        return
    [fault] = faults(*pems)
    assert (fault.file, fault.wrong) == ("chain.pem", "holds 5 certificates of CAs")
    assert fault.allowed == "at most 4 (CloudFront accepts 5 with the server's own)"
    assert fault.fix == "remove those that do not lead from the server's certificate to its root"


def test_all_faults_of_leaf_and_chain_come_at_once() -> None:
    key = ec.generate_private_key(ec.SECP384R1())
    refused = faults(odd(key=key, issuer="Server"), pem(SECOND))
    assert [(fault.file, fault.wrong.partition(" (")[0]) for fault in refused] == [
        ("certificate.pem", "is self-signed"),
        ("certificate.pem", "names no host"),
        ("certificate.pem", "has a key of type EC secp384r1, which CloudFront does not accept"),
        ("chain.pem", "certificate 1"),
    ]


@pytest.mark.parametrize("file", ["certificate.pem", "chain.pem"])
@pytest.mark.parametrize(
    "content",
    [
        b"no certificate",
        b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
        LEAF.replace(b"MII", b"MIJ"),
        LEAF.replace(b"MII", b"M!II"),
        LEAF[: len(LEAF) // 2],
        pem(SECOND) + pem(FIRST)[:200],
    ],
    ids=["text", "empty block", "damaged", "not base64", "cut off", "second cut off"],
)
def test_what_holds_no_whole_certificate_is_refused(file: str, content: bytes) -> None:
    """Also half of a chain: browsers that do not know the missing certificate would warn of the page."""
    [fault] = faults(content, pem(SECOND)) if file == "certificate.pem" else faults(LEAF, content)
    assert (fault.file, fault.wrong) == (file, "holds no readable certificate, or one that is cut off")
    assert fault.allowed == "PEM: blocks from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----"
    assert fault.fix == "copy the file again from your CA"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (b"\xa0\x03\x02\x01\x02", b"\xa0\x03\x02\x01\x05"),
        (b"\x82\x0fwww.example.com", b"\xa3\x0fwww.example.com"),
        (b"\x82\x0fwww.example.com", b"\x82\x0fwww.example.\xff\xfe\xfd"),
    ],
    ids=["version 6", "X.400 name", "name that is no ASCII"],
)
def test_what_is_no_certificate_of_today_inside_is_refused(before: bytes, after: bytes) -> None:
    der = x509.load_pem_x509_certificate(LEAF).public_bytes(Encoding.DER)
    assert before in der
    [fault] = faults(ssl.DER_cert_to_PEM_cert(der.replace(before, after)).encode())
    assert fault.wrong == "holds no readable certificate, or one that is cut off"
