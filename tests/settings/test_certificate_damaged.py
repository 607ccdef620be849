"""Certificate files that are damaged: each is read, or refused in words that can be printed."""

import base64
import random
from collections.abc import Iterator

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from tests.settings.authority import FIRST, SECOND, pem
from understudy_failover.settings.certificate import CertificateError, parse

BODY = SECOND.issue_cert("www.example.com", "*.example.com").cert_chain_pems[0].bytes()
CHAIN = pem(SECOND) + pem(FIRST)
SEED, EACH = 158, 200


def _der(content: bytes) -> bytes:
    return x509.load_pem_x509_certificate(content).public_bytes(Encoding.DER)


def _as_pem(der: bytes) -> bytes:
    text = base64.encodebytes(der)
    return b"-----BEGIN CERTIFICATE-----\n" + text + b"-----END CERTIFICATE-----\n"


def _damaged(content: bytes) -> Iterator[bytes]:
    """Cut off, with bytes that are others, more or fewer: of the text, and of what the text encodes."""
    chance = random.Random(SEED)  # noqa: S311 (the same files every time)
    first = content[: content.index(b"-----END") + 26]
    for source, finish in ((content, bytes), (_der(first), _as_pem)):
        for _ in range(EACH):
            place, length = chance.randrange(len(source)), chance.choice([0, 1, 1, 1, 4, 40])
            put = chance.choice([b"", chance.randbytes(1), chance.randbytes(length), b"\x1b[2J", b"\xff" * length])
            cut = chance.choice([source[place + length :], source[place + length :], b""])
            yield finish(source[:place] + put + cut)
    yield from (b"", b"\0" * 1_000, b"\xff\xfe", content * 50, content[::-1], content.replace(b"\n", b"\r"))
    yield from (content.replace(b"-", b"\xe2\x80\x94"), content.decode().encode("utf-16"), b"\n" * 100_000 + content)


@pytest.mark.parametrize("file", ["body", "chain"])
def test_damaged_certificates_are_read_or_refused(file: str) -> None:
    assert parse(BODY, CHAIN).names
    refusals, tried = [], 0
    for content in _damaged(BODY if file == "body" else CHAIN):
        tried += 1
        try:
            parse(*((content, CHAIN) if file == "body" else (BODY, content)))
        except CertificateError as error:
            refusals.append(str(error))
    print(f"{tried} files, {len(refusals)} refused")
    assert all(text.replace("\n", "").isprintable() for text in refusals)
    assert tried == 2 * EACH + 9
    assert len(refusals) > tried / 2
