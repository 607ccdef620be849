import datetime
from dataclasses import replace

import pytest
import trustme
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from tests.emulator.support import Authority, Issued, encrypted, issued, server_certificate
from understudy_failover.emulator.certificate_content import CertificateContentError, check_content, expiration
from understudy_failover.emulator.model import ServerCertificate

NOW = datetime.datetime(2026, 6, 1, 12, tzinfo=datetime.UTC)
FIRST = datetime.datetime(2026, 1, 1, tzinfo=datetime.UTC)
LAST = datetime.datetime(2026, 12, 1, tzinfo=datetime.UTC)
SECOND = datetime.timedelta(seconds=1)


@pytest.fixture(scope="module")
def parts(authority: Authority) -> Issued:
    return issued(authority.intermediate.issue_cert("www.example.com", not_before=FIRST, not_after=LAST))


@pytest.fixture(scope="module")
def good(parts: Issued) -> ServerCertificate:
    return server_certificate(parts)


def code_of(certificate: ServerCertificate, now: datetime.datetime = NOW) -> str:
    with pytest.raises(CertificateContentError) as caught:
        check_content(certificate, now)
    assert str(caught.value)
    return caught.value.code


def refusal(certificate: ServerCertificate, now: datetime.datetime = NOW) -> tuple[str, str]:
    with pytest.raises(CertificateContentError) as caught:
        check_content(certificate, now)
    return caught.value.code, str(caught.value)


def rewritten(private_key_pem: str, form: PrivateFormat) -> str:
    key = load_pem_private_key(private_key_pem.encode(), None)
    return key.private_bytes(Encoding.PEM, form, NoEncryption()).decode()


BODY = "Unable to parse certificate. Please ensure it is in PEM format."
CHAIN = "Unable to parse certificate chain. Please ensure it is in PEM format."
KEY = "Unable to parse key. Please ensure it is in PEM format and not encrypted."
NONE = "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n"
NO_KEY = "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n"


@pytest.mark.parametrize(
    ("field", "text", "code", "message"),
    [
        ("body_pem", "", "ValidationError", "The specified value for certificateBody is invalid."),
        ("chain_pem", "", "ValidationError", "The specified value for certificateChain is invalid."),
        ("private_key_pem", "", "ValidationError", "The specified value for privateKey is invalid."),
        ("body_pem", "none", "MalformedCertificate", BODY),
        ("chain_pem", "none", "MalformedCertificate", CHAIN),
        ("private_key_pem", "none", "MalformedCertificate", KEY),
        ("body_pem", NONE, "MalformedCertificate", BODY),
        ("chain_pem", NONE, "MalformedCertificate", CHAIN),
        ("private_key_pem", NO_KEY, "MalformedCertificate", KEY),
    ],
)
def test_a_field_is_refused_in_the_words_of_iam(
    good: ServerCertificate, field: str, text: str, code: str, message: str
) -> None:
    assert refusal(replace(good, **{field: text})) == (code, message)


def test_a_certificate_is_refused_in_the_words_of_iam(good: ServerCertificate, authority: Authority) -> None:
    other = authority.issue("www.example.com")
    assert refusal(replace(good, body_pem=good.body_pem * 2)) == (
        "MalformedCertificate",
        "The certificate body must be one certificate.",
    )
    assert refusal(good, LAST + SECOND) == (
        "MalformedCertificate",
        "Certificate is not valid at this time: it has expired, or is not yet valid.",
    )
    assert refusal(replace(good, private_key_pem=other.private_key_pem)) == (
        "KeyPairMismatch",
        "The public key certificate and the private key do not match.",
    )
    assert refusal(replace(good, chain_pem=trustme.CA().cert_pem.bytes().decode())) == (
        "MalformedCertificate",
        "Unable to validate certificate chain. The certificate chain must start with the immediate signing "
        "certificate, followed by any intermediaries in order. The index within the chain of the invalid "
        "certificate is: -1",
    )


def test_a_leaf_with_its_key_and_chain_is_taken(good: ServerCertificate) -> None:
    check_content(good, NOW)


@pytest.mark.parametrize("key_type", list(trustme.KeyType))
def test_rsa_and_ec_keys_are_taken(authority: Authority, key_type: trustme.KeyType) -> None:
    check_content(server_certificate(authority.issue("www.example.com", key_type=key_type)), NOW)


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_a_key_is_taken_in_pkcs_8_and_in_its_own_form(good: ServerCertificate, form: PrivateFormat) -> None:
    check_content(replace(good, private_key_pem=rewritten(good.private_key_pem, form)), NOW)


def test_a_self_signed_certificate_needs_no_chain(authority: Authority) -> None:
    root = authority.root
    alone = Issued(root.cert_pem.bytes().decode(), "", root.private_key_pem.bytes().decode())
    check_content(server_certificate(alone), NOW)


def test_the_root_may_end_the_chain(good: ServerCertificate, authority: Authority) -> None:
    assert good.chain_pem is not None
    check_content(replace(good, chain_pem=good.chain_pem + authority.root.cert_pem.bytes().decode()), NOW)


def test_windows_line_ends_are_taken(good: ServerCertificate) -> None:
    assert good.chain_pem is not None
    check_content(
        replace(
            good,
            body_pem=good.body_pem.replace("\n", "\r\n"),
            chain_pem=good.chain_pem.replace("\n", "\r\n"),
            private_key_pem=good.private_key_pem.replace("\n", "\r\n"),
        ),
        NOW,
    )


def test_the_key_of_another_certificate_is_a_key_pair_mismatch(good: ServerCertificate, authority: Authority) -> None:
    other = authority.issue("www.example.com")
    assert code_of(replace(good, private_key_pem=other.private_key_pem)) == "KeyPairMismatch"


def test_the_key_of_another_kind_is_a_key_pair_mismatch(good: ServerCertificate, authority: Authority) -> None:
    other = authority.issue("www.example.com", key_type=trustme.KeyType.RSA)
    assert code_of(replace(good, private_key_pem=other.private_key_pem)) == "KeyPairMismatch"


@pytest.mark.parametrize("now", [FIRST, LAST])
def test_a_certificate_is_taken_from_its_first_to_its_last_second(
    good: ServerCertificate, now: datetime.datetime
) -> None:
    check_content(good, now)


@pytest.mark.parametrize("now", [FIRST - SECOND, LAST + SECOND])
def test_a_certificate_that_is_not_valid_now_is_malformed(good: ServerCertificate, now: datetime.datetime) -> None:
    assert code_of(good, now) == "MalformedCertificate"


def test_a_chain_that_does_not_begin_with_the_issuer_is_malformed(good: ServerCertificate) -> None:
    other = trustme.CA().create_child_ca().cert_pem.bytes().decode()
    assert code_of(replace(good, chain_pem=other)) == "MalformedCertificate"


def test_a_chain_out_of_order_is_malformed(good: ServerCertificate, authority: Authority) -> None:
    assert good.chain_pem is not None
    root = authority.root.cert_pem.bytes().decode()
    assert code_of(replace(good, chain_pem=root + good.chain_pem)) == "MalformedCertificate"


def test_a_chain_that_leaves_one_out_is_malformed(good: ServerCertificate, authority: Authority) -> None:
    assert code_of(replace(good, chain_pem=authority.root.cert_pem.bytes().decode())) == "MalformedCertificate"


def test_a_chain_that_repeats_the_leaf_is_malformed(good: ServerCertificate) -> None:
    assert code_of(replace(good, chain_pem=good.body_pem + (good.chain_pem or ""))) == "MalformedCertificate"


def test_a_chain_out_of_order_is_refused_with_the_index_of_the_certificate_that_it_breaks_at(
    good: ServerCertificate, authority: Authority
) -> None:
    """https://github.com/mprahl/ansible-role-lets-encrypt-route-53/issues/52 has -1 for the server's own."""
    other = trustme.CA().cert_pem.bytes().decode()
    for chain, index in ((other, -1), ((good.chain_pem or "") + other, 0)):
        with pytest.raises(CertificateContentError, match=rf"invalid certificate is: {index}$"):
            check_content(replace(good, chain_pem=chain), NOW)


@pytest.mark.parametrize("field", ["body_pem", "chain_pem", "private_key_pem"])
@pytest.mark.parametrize("pattern", ["a note\n{}", "{}a note\n", "Bag Attributes\n    friendlyName: a\n{}"])
def test_text_around_the_blocks_is_malformed(good: ServerCertificate, field: str, pattern: str) -> None:
    assert code_of(replace(good, **{field: pattern.format(getattr(good, field))})) == "MalformedCertificate"


def test_two_certificates_in_the_body_are_malformed(good: ServerCertificate) -> None:
    assert code_of(replace(good, body_pem=good.body_pem + (good.chain_pem or ""))) == "MalformedCertificate"


def test_an_encrypted_key_is_malformed(good: ServerCertificate) -> None:
    key = encrypted(good.private_key_pem)
    assert code_of(replace(good, private_key_pem=key)) == "MalformedCertificate"


@pytest.mark.parametrize("field", ["body_pem", "chain_pem", "private_key_pem"])
@pytest.mark.parametrize(
    "text",
    [
        "not PEM",
        "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n",
        "-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n",
    ],
)
def test_what_is_no_pem_of_its_kind_is_malformed(good: ServerCertificate, field: str, text: str) -> None:
    assert code_of(replace(good, **{field: text})) == "MalformedCertificate"


@pytest.mark.parametrize("field", ["body_pem", "private_key_pem"])
def test_certificate_and_key_in_each_others_place_are_malformed(good: ServerCertificate, field: str) -> None:
    swapped = {"body_pem": good.private_key_pem, "private_key_pem": good.body_pem}
    assert code_of(replace(good, **{field: swapped[field]})) == "MalformedCertificate"


@pytest.mark.parametrize("field", ["body_pem", "chain_pem", "private_key_pem"])
@pytest.mark.parametrize("text", ["", "\N{EM DASH}", "\x00"], ids=["empty", "beyond Latin 1", "control character"])
def test_what_iam_allows_in_no_field_is_a_validation_error(good: ServerCertificate, field: str, text: str) -> None:
    assert code_of(replace(good, **{field: text})) == "ValidationError"


@pytest.mark.parametrize(
    ("field", "limit"), [("body_pem", 16_384), ("private_key_pem", 16_384), ("chain_pem", 2_097_152)]
)
def test_a_field_may_be_as_long_as_iam_says_and_not_longer(good: ServerCertificate, field: str, limit: int) -> None:
    text = getattr(good, field)
    check_content(replace(good, **{field: text + "\n" * (limit - len(text))}), NOW)
    assert code_of(replace(good, **{field: text + "\n" * (limit - len(text) + 1)})) == "ValidationError"


def test_no_refusal_shows_the_private_key(good: ServerCertificate, authority: Authority) -> None:
    other = authority.issue("www.example.com").private_key_pem
    for key in (other, other[:-40], encrypted(other), other + "\N{EM DASH}"):
        with pytest.raises(CertificateContentError) as caught:
            check_content(replace(good, private_key_pem=key), NOW)
        secret_line = key.splitlines()[1]
        assert secret_line not in str(caught.value)


def test_the_expiration_is_the_leafs(good: ServerCertificate) -> None:
    assert expiration(good) == LAST


def test_a_stored_certificate_does_not_print_its_key(good: ServerCertificate) -> None:
    assert good.private_key_pem.splitlines()[1] not in repr(good)
