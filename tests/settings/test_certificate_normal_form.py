"""The same certificate gives the same bytes and digest, however its files are laid out; another one never does."""

import hashlib
import ssl
import textwrap
from base64 import b64encode

import pytest
import trustme

from tests.settings.authority import FIRST, ROOT, SECOND, leaf, pem
from understudy_failover.settings.certificate import PublicCertificate, parse

LEAF = leaf("www.example.com")
CHAIN = pem(SECOND, FIRST)
PLAIN = parse(LEAF, CHAIN)


def _other_width(content: bytes) -> bytes:
    """The same blocks with lines of 76 characters, as some tools write them."""
    blocks = content.decode().split("-----END CERTIFICATE-----\n")[:-1]
    lines = [textwrap.wrap(b64encode(ssl.PEM_cert_to_DER_cert(f"{block}{END}")).decode(), 76) for block in blocks]
    return "".join("\n".join((BEGIN, *block, END, "")) for block in lines).encode()


BEGIN, END = "-----BEGIN CERTIFICATE-----", "-----END CERTIFICATE-----"


@pytest.mark.parametrize(
    ("leaf_pem", "chain_pem"),
    [
        (LEAF.replace(b"\n", b"\r\n"), CHAIN.replace(b"\n", b"\r\n")),
        (LEAF.rstrip(), CHAIN.rstrip()),
        (b"\n\n" + LEAF + b"\n", b"\n" + CHAIN + b"\n\n"),
        (b"subject=CN = www.example.com\n" + LEAF, pem(SECOND) + b"# the next one up\n" + pem(FIRST)),
        ("Für unsere Domäne\n".encode("latin-1") + LEAF, CHAIN + b"\x00\xff"),
        (_other_width(LEAF), _other_width(CHAIN)),
        (b"\xef\xbb\xbf" + LEAF, b"\xef\xbb\xbf" + CHAIN),
        (LEAF + CHAIN, b""),
        (LEAF + CHAIN, CHAIN),
        (b"\xef\xbb\xbfBag Attributes\r\n" + (LEAF + b"# issued by:\n" + CHAIN).replace(b"\n", b"\r\n"), b"\r\n"),
    ],
    ids=[
        "CRLF",
        "no last line end",
        "blank lines",
        "notes",
        "notes that are no UTF-8",
        "other line width",
        "byte order mark",
        "bundle",
        "bundle beside its chain",
        "bundle with everything",
    ],
)
def test_line_ends_and_notes_make_no_difference(leaf_pem: bytes, chain_pem: bytes) -> None:
    assert (leaf_pem, chain_pem) != (LEAF, CHAIN)
    assert parse(leaf_pem, chain_pem) == PLAIN


def test_the_normal_form_has_lf_and_no_blank_line_and_nothing_but_the_certificates() -> None:
    parsed = parse(b"# a note\r\n" + LEAF.replace(b"\n", b"\r\n"), CHAIN.rstrip())
    assert parsed.body_pem == LEAF.decode()
    assert parsed.chain_pem == CHAIN.decode()


def test_the_normal_form_of_the_normal_form_is_itself() -> None:
    assert parse(PLAIN.body_pem.encode(), PLAIN.chain_pem.encode()) == PLAIN


@pytest.mark.parametrize(
    "other",
    [
        parse(LEAF, pem(SECOND)),
        parse(LEAF, b""),
        parse(leaf("www.example.com"), CHAIN),
        parse(leaf("www.example.com", issuer=ROOT), b""),
    ],
    ids=["shorter chain", "no chain", "leaf issued again", "leaf of another issuer"],
)
def test_another_leaf_or_chain_has_another_digest(other: PublicCertificate) -> None:
    assert other.content_digest != PLAIN.content_digest


def test_the_fingerprint_is_that_of_the_leaf_alone() -> None:
    digest = hashlib.sha256(ssl.PEM_cert_to_DER_cert(LEAF.decode())).hexdigest().upper()
    assert PLAIN.fingerprint == ":".join(textwrap.wrap(digest, 2))
    assert parse(LEAF, pem(SECOND)).fingerprint == PLAIN.fingerprint


def test_the_digest_is_64_hexadecimal_digits() -> None:
    """It goes into the name of the IAM certificate."""
    assert len(bytes.fromhex(PLAIN.content_digest)) == 32


def test_the_issuer_is_the_name_of_the_first_of_the_chain() -> None:
    named = trustme.CA(organization_name="Example CA", organization_unit_name="Unit")
    assert parse(leaf("www.example.com", issuer=named), b"").issuer == "OU=Unit,O=Example CA"
