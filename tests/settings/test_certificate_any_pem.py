"""However a PEM file is laid out, the certificates in it are those that `cryptography` finds; the handler agrees."""

import textwrap
from base64 import b64encode

import pytest
import trustme
from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from hypothesis import given, settings, strategies as st

from tests.server_certificate.fake_aws import handler_module
from tests.settings.authority import FIRST, SECOND, pem
from understudy_failover.settings.certificate import parse

NAMES = (
    "www.example.com",
    "*.example.com",
    "example.com",
    "xn--bcher-kva.example",
    "*.xn--fiqs8s.example.org",
    *(f"host-{number}.example.net" for number in range(95)),
)
KINDS = {kind: SECOND.issue_cert(*NAMES, key_type=kind).cert_chain_pems[0].bytes() for kind in trustme.KeyType}
PATHS = {kind: [leaf, pem(SECOND), pem(FIRST)] for kind, leaf in KINDS.items()}

NOTES = st.text(st.characters(codec="utf-8", exclude_characters="-"), max_size=30)


def _laid_out(block: bytes, width: int, note: str, blank: int) -> str:
    der = x509.load_pem_x509_certificate(block).public_bytes(Encoding.DER)
    lines = textwrap.wrap(b64encode(der).decode(), width)
    body = "\n".join(["-----BEGIN CERTIFICATE-----", *lines, "-----END CERTIFICATE-----"])
    return f"{note}\n{body}\n" + "\n" * blank


@settings(deadline=None, max_examples=60)
@given(
    kind=st.sampled_from(list(trustme.KeyType)),
    width=st.sampled_from([60, 64, 76]),
    notes=st.lists(NOTES, min_size=3, max_size=3),
    blank=st.integers(0, 3),
    line_end=st.sampled_from(["\n", "\r\n"]),
    mark=st.booleans(),
    bundle=st.booleans(),
)
def test_the_layout_of_the_files_makes_no_difference(
    *, kind: trustme.KeyType, width: int, notes: list[str], blank: int, line_end: str, mark: bool, bundle: bool
) -> None:
    expected = parse(PATHS[kind][0], b"".join(PATHS[kind][1:]))
    # Notes may hold anything but a line end of another kind, which would not be a note but a broken line.
    texts = [_laid_out(block, width, note, blank) for block, note in zip(PATHS[kind], notes, strict=True)]
    leaf, *chain = [text.replace("\n", line_end) for text in texts]
    files = (leaf + "".join(chain), "") if bundle else (leaf, "".join(chain))
    leaf_file, chain_file = (("\ufeff" * mark + text).encode() if text else b"" for text in files)
    assert parse(leaf_file, chain_file) == expected
    digest = handler_module("public_certificate").digest(expected.body_pem, expected.chain_pem)
    assert digest == expected.content_digest


@pytest.mark.parametrize("kind", KINDS)
def test_what_is_said_of_a_certificate_is_what_cryptography_says(kind: trustme.KeyType) -> None:
    leaf = x509.load_pem_x509_certificate(KINDS[kind])
    public = parse(PATHS[kind][0], b"".join(PATHS[kind][1:]))
    assert public.names == NAMES
    assert len(public.names) == 100
    assert public.fingerprint.replace(":", "").lower() == leaf.fingerprint(SHA256()).hex()
    assert (public.not_before, public.not_after) == (leaf.not_valid_before_utc, leaf.not_valid_after_utc)
    assert public.issuer == leaf.issuer.rfc4514_string()
    assert public.covers("deep.xn--fiqs8s.example.org")
    assert not public.covers("deeper.still.example.com")
