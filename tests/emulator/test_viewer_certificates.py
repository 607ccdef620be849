import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID

from tests.emulator.support import Authority, Issued, issued, server_certificate
from understudy_failover.emulator import viewer_certificates
from understudy_failover.emulator.model import Distribution, ServerCertificate
from understudy_failover.emulator.viewer_certificates import REFUSAL, CloudFrontRefusal, add_checks, check

ID = "ASCAEXAMPLE0000000001"


@pytest.fixture(scope="module")
def certificate(authority: Authority) -> ServerCertificate:
    return server_certificate(authority.issue("example.com", "www.example.com", "*.apps.example.com"), identifier=ID)


def properties(*aliases: str, certificate_id: str | None = ID) -> dict[str, Any]:
    """Of a template's AWS::CloudFront::Distribution."""
    config: dict[str, Any] = {"Enabled": True, "Aliases": list(aliases)}
    if certificate_id:
        config["ViewerCertificate"] = {"IamCertificateId": certificate_id, "SslSupportMethod": "sni-only"}
    return {"DistributionConfig": config}


def other(*aliases: str, identifier: str = "EOTHER") -> Distribution:
    return Distribution(identifier, f"{identifier.lower()}.cloudfront.net", enabled=False, aliases=aliases)


def run(
    wanted: dict[str, Any], certificate: ServerCertificate | None = None, others: tuple[Distribution, ...] = ()
) -> None:
    check(wanted, others, lambda identifier: certificate if identifier == ID else None, datetime.now(UTC))


def refusal(
    wanted: dict[str, Any], certificate: ServerCertificate | None = None, others: tuple[Distribution, ...] = ()
) -> str:
    with pytest.raises(CloudFrontRefusal) as caught:
        run(wanted, certificate, others)
    return str(caught.value)


@pytest.mark.parametrize(
    "aliases",
    [
        (),
        ("www.example.com",),
        ("example.com", "www.example.com"),
        ("WWW.Example.COM",),
        ("shop.apps.example.com", "*.apps.example.com"),
    ],
)
def test_aliases_that_the_certificate_covers_are_taken(
    aliases: tuple[str, ...], certificate: ServerCertificate
) -> None:
    run(properties(*aliases), certificate)


@pytest.mark.parametrize(
    "alias",
    [
        "shop.example.com",
        "*.example.com",
        "apps.example.com",  # a wildcard does not stand for its own parent
        "a.b.apps.example.com",  # nor for two labels
        "*.b.apps.example.com",
        "www.example.com.example.net",
    ],
)
def test_an_alias_that_the_certificate_does_not_cover_is_refused(alias: str, certificate: ServerCertificate) -> None:
    text = refusal(properties("www.example.com", alias), certificate)
    assert text.startswith("InvalidViewerCertificate: ")
    assert text.endswith(f"add: {alias}."), "it names the one, and not the other"


def test_an_alias_of_another_distribution_is_refused_and_both_are_named(certificate: ServerCertificate) -> None:
    others = (other("example.net"), other("www.example.com", identifier="ETAKEN"))
    text = refusal(properties("example.com", "www.example.com"), certificate, others)
    assert text.startswith("CNAMEAlreadyExists: ")
    assert "www.example.com (ETAKEN)" in text


def test_an_alias_is_taken_in_whatever_case(certificate: ServerCertificate) -> None:
    text = refusal(properties("WWW.example.com"), certificate, (other("www.example.com"),))
    assert text.startswith("CNAMEAlreadyExists: ")


def test_a_wildcard_of_another_distribution_leaves_the_more_specific_alias_free(
    certificate: ServerCertificate,
) -> None:
    run(properties("www.example.com"), certificate, (other("*.example.com"),))


def test_an_unknown_certificate_is_refused() -> None:
    text = refusal(properties("www.example.com"), None)
    assert text.startswith("InvalidViewerCertificate: ")
    assert "doesn't exist" in text
    assert ID in text


def test_every_alias_that_stands_in_the_way_is_named_in_the_words_of_cloudfront(certificate: ServerCertificate) -> None:
    others = other("example.com", "a.example.com", "www.example.com", identifier="ETAKEN")
    assert refusal(properties("www.example.com", "example.com"), certificate, (others,)) == (
        "CNAMEAlreadyExists: One or more of the CNAMEs you provided are already associated with a different resource: "
        "example.com, www.example.com (ETAKEN)."
    )
    assert refusal(properties("b.example.com", "www.example.com", "a.example.com"), certificate) == (
        "InvalidViewerCertificate: The certificate that is attached to your distribution doesn't cover the alternate "
        "domain name (CNAME) that you're trying to add: b.example.com, a.example.com."
    )


def test_a_certificate_that_is_missing_or_elsewhere_is_refused_in_the_words_of_cloudfront(authority: Authority) -> None:
    assert refusal(properties("www.example.com", certificate_id=None)) == (
        "InvalidViewerCertificate: To add an alternate domain name (CNAME) to a CloudFront distribution, you must "
        "attach a trusted certificate that validates your authorization to use the domain name."
    )
    assert refusal(properties("www.example.com")) == f"{REFUSAL.removesuffix('.')}: {ID}."
    outside = server_certificate(authority.issue("www.example.com"), identifier=ID, path="/elsewhere/")
    assert refusal(properties("www.example.com"), outside) == (
        "InvalidViewerCertificate: The certificate's path is /elsewhere/; it must begin with /cloudfront/."
    )


def test_a_certificate_without_names_covers_no_alias() -> None:
    authority = trustme.CA()
    key = authority.private_key_pem.bytes().decode()
    root = server_certificate(Issued(authority.cert_pem.bytes().decode(), "", key), identifier=ID)
    assert "(Its chain is invalid: " in refusal(properties("www.example.com"), root)


@pytest.mark.parametrize(("bits", "accepted"), [(2048, True), (2056, False)])
def test_an_rsa_key_may_be_as_large_as_cloudfront_says(
    monkeypatch: pytest.MonkeyPatch, bits: int, accepted: bool
) -> None:
    """With a limit of 2048 bits, as keys of 4096 take long to make."""
    assert viewer_certificates.MAX_RSA_BITS == 4096
    monkeypatch.setattr(viewer_certificates, "MAX_RSA_BITS", 2048)
    certificate = _issued_by(key=rsa.generate_private_key(65_537, bits))
    if accepted:
        run(properties("www.example.com"), certificate)
    else:
        assert refusal(properties("www.example.com"), certificate) == (
            f"{REFUSAL} (Its key is of a kind or size that CloudFront does not support.)"
        )


DAY = timedelta(days=1)


def _issued_by(*extensions: x509.ExtensionType, key: Any = None, start: int = -10, end: int = 10) -> ServerCertificate:
    """Return a certificate of www.example.com whose issuer has these extensions and days of validity."""
    now, issuer_key = datetime.now(UTC), ec.generate_private_key(ec.SECP256R1())
    key = key or ec.generate_private_key(ec.SECP256R1())
    root_key = ec.generate_private_key(ec.SECP256R1())
    root, issuer, subject = (
        x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)]) for name in ("Root", "Issuer", "www.example.com")
    )
    instance = x509.CertificateBuilder(root, issuer, issuer_key.public_key(), 1, now + start * DAY, now + end * DAY)
    for extension in extensions or (CA,):
        instance = instance.add_extension(extension, critical=True)
    leaf = x509.CertificateBuilder(issuer, subject, key.public_key(), 2, now - DAY, now + 5 * DAY)
    names = x509.SubjectAlternativeName([x509.DNSName("www.example.com")])
    leaf = leaf.add_extension(names, critical=False)
    chain, body = instance.sign(root_key, SHA256()), leaf.sign(issuer_key, SHA256())
    pem = [entry.public_bytes(Encoding.PEM).decode() for entry in (body, chain)]
    return server_certificate(Issued(pem[0], pem[1], ""), identifier=ID)


CA = x509.BasicConstraints(ca=True, path_length=None)


def test_a_chain_that_is_valid_now_is_accepted() -> None:
    run(properties("www.example.com"), _issued_by())


@pytest.mark.parametrize(("start", "end"), [(-10, -1), (1, 10)], ids=["expired", "not valid yet"])
def test_an_intermediate_that_is_not_valid_now_is_refused(start: int, end: int) -> None:
    text = refusal(properties("www.example.com"), _issued_by(start=start, end=end))
    assert text == f"{REFUSAL} (CN=Issuer is not valid at this time.)"


def test_an_issuer_that_is_no_ca_is_refused() -> None:
    text = refusal(properties("www.example.com"), _issued_by(x509.BasicConstraints(ca=False, path_length=None)))
    assert text.startswith(f"{REFUSAL} (Its chain is invalid: ")


def test_an_issuer_whose_name_constraints_exclude_the_host_is_refused() -> None:
    constraints = x509.NameConstraints([x509.DNSName("example.org")], None)
    text = refusal(properties("www.example.com"), _issued_by(CA, constraints))
    assert text.startswith(f"{REFUSAL} (Its chain is invalid: ")


@pytest.mark.parametrize("curve", [ec.SECP384R1(), ec.SECP256K1()])
def test_a_key_that_cloudfront_does_not_document_is_refused(curve: ec.EllipticCurve) -> None:
    text = refusal(properties("www.example.com"), _issued_by(key=ec.generate_private_key(curve)))
    assert text == f"{REFUSAL} (Its key is of a kind or size that CloudFront does not support.)"


@pytest.mark.parametrize(("intermediates", "accepted"), [(4, True), (5, False)])
def test_a_certificate_with_its_chain_has_five_certificates_at_most(intermediates: int, accepted: bool) -> None:
    issuer = trustme.CA()
    for _ in range(intermediates):
        issuer = issuer.create_child_ca()
    long = server_certificate(issued(issuer.issue_cert("www.example.com")), identifier=ID)
    if accepted:
        run(properties("www.example.com"), long)
    else:
        text = refusal(properties("www.example.com"), long)
        assert text == f"{REFUSAL} (It has 6 certificates; CloudFront allows 5.)"


@pytest.mark.parametrize("path", ["/", "/elsewhere/", "/cloudfront", "/x/cloudfront/"])
def test_a_certificate_outside_the_cloudfront_path_is_refused(path: str, authority: Authority) -> None:
    outside = server_certificate(authority.issue("www.example.com"), identifier=ID, path=path)
    text = refusal(properties("www.example.com"), outside)
    assert text.startswith("InvalidViewerCertificate: ")
    assert f"path is {path}" in text


@pytest.mark.parametrize("path", ["/cloudfront/", "/cloudfront/understudy/example/"])
def test_a_certificate_anywhere_below_the_cloudfront_path_is_taken(path: str, authority: Authority) -> None:
    run(properties("www.example.com"), server_certificate(authority.issue("www.example.com"), path=path))


def test_aliases_without_a_certificate_are_refused() -> None:
    text = refusal(properties("www.example.com", certificate_id=None))
    assert text.startswith("InvalidViewerCertificate: ")


def test_a_distribution_with_neither_is_taken() -> None:
    run(properties(certificate_id=None))
    run({"DistributionConfig": {"Enabled": True}})
    run({})


class Recorder:
    """A provisioner that only notes what reaches it."""

    def __init__(self) -> None:
        self.calls: list[tuple[Any, ...]] = []

    def provisioner(self) -> dict[str, Any]:
        return {
            "create": lambda *arguments: self.calls.append(("create", *arguments)),
            "update": lambda *arguments: self.calls.append(("update", *arguments)),
            "delete": lambda *arguments: self.calls.append(("delete", *arguments)),
        }


def test_a_refused_distribution_is_neither_created_nor_updated(certificate: ServerCertificate) -> None:
    recorder = Recorder()
    others = (other("www.example.com"),)
    guarded = add_checks(recorder.provisioner(), lambda: others, lambda _: certificate, time.time)
    with pytest.raises(CloudFrontRefusal):
        guarded["create"]("Distribution", properties("www.example.com"), "stack")
    with pytest.raises(CloudFrontRefusal):
        guarded["update"]("EMINE", properties(), properties("www.example.com"), "stack")
    assert recorder.calls == []


def test_what_nobody_documents_refuses_every_distribution_without_a_reason(certificate: ServerCertificate) -> None:
    recorder = Recorder()
    guarded = add_checks(recorder.provisioner(), lambda: (), lambda _: certificate, time.time, lambda: True)
    with pytest.raises(CloudFrontRefusal) as created:
        guarded["create"]("Distribution", properties("www.example.com"), "stack")
    with pytest.raises(CloudFrontRefusal) as updated:
        guarded["update"]("EMINE", properties(), properties("www.example.com"), "stack")
    assert str(created.value) == str(updated.value) == REFUSAL
    assert recorder.calls == []


def test_a_distribution_is_judged_at_the_emulated_time(certificate: ServerCertificate) -> None:
    recorder = Recorder()
    guarded = add_checks(recorder.provisioner(), lambda: (), lambda _: certificate, lambda: 0.0)
    with pytest.raises(CloudFrontRefusal, match="is not valid at this time"):
        guarded["create"]("Distribution", properties("www.example.com"), "stack")


def test_a_good_distribution_reaches_the_provisioner_as_it_is(certificate: ServerCertificate) -> None:
    recorder = Recorder()
    guarded = add_checks(recorder.provisioner(), lambda: (), lambda _: certificate, time.time)
    old, new = properties(), properties("www.example.com")
    guarded["create"]("Distribution", new, "stack")
    guarded["update"]("EMINE", old, new, "stack")
    guarded["delete"]("EMINE", new)
    assert recorder.calls == [
        ("create", "Distribution", new, "stack"),
        ("update", "EMINE", old, new, "stack"),
        ("delete", "EMINE", new),
    ]


def test_a_distribution_is_not_in_its_own_way_when_it_is_updated(certificate: ServerCertificate) -> None:
    recorder = Recorder()
    itself = (other("www.example.com", identifier="EMINE"),)
    guarded = add_checks(recorder.provisioner(), lambda: itself, lambda _: certificate, time.time)
    guarded["update"]("EMINE", properties(), properties("www.example.com"), "stack")
    assert len(recorder.calls) == 1
