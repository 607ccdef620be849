"""How long a chain of certificates is valid, read from DER: the standard library does not parse foreign certificates.

https://datatracker.ietf.org/doc/html/rfc5280#section-4.1
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

SEQUENCE, CONTEXT_0, UTC_TIME, GENERALIZED_TIME = 0x30, 0xA0, 0x17, 0x18


@dataclass(frozen=True)
class Certificate:
    """The fields of a certificate that decide the lifetime of its chain; names in DER."""

    issuer: bytes
    subject: bytes
    begins: datetime
    ends: datetime


def lifetime(chain: Sequence[bytes]) -> tuple[datetime, datetime]:
    """Return when the first certificate of a chain begins, and the earliest end among those that clients need.

    The path leads from the server's certificate, the first, through its issuers, by names alone: `certificate push`,
    preflight and synthesis check signatures. Roots and other certificates do not count. Clients ignore a
    cross-signature at its end that had expired when the certificates below it began. Raise ValueError where DER holds
    no certificate.
    """
    own, *rest = map(certificate, chain)
    path = [own]
    while issuer := next(
        (
            candidate
            for candidate in rest
            if candidate.subject == path[-1].issuer and candidate.subject != candidate.issuer
        ),
        None,
    ):
        rest.remove(issuer)
        path.append(issuer)
    while len(path) > 2 and path[-1].ends < max(certificate_.begins for certificate_ in path[:-1]):
        path.pop()
    return own.begins, min(certificate_.ends for certificate_ in path)


def certificate(der: bytes) -> Certificate:
    """Return names and validity. Raise ValueError if DER holds no certificate."""
    try:
        tbs, _ = _inner(_inner(der, SEQUENCE)[0], SEQUENCE)
        if tbs[0] == CONTEXT_0:  # the version, left out in certificates of version 1
            tbs = _rest(tbs)
        for _ in ("serialNumber", "signature"):
            tbs = _rest(tbs)
        issuer, tbs = _split(tbs)
        times, tbs = _inner(tbs, SEQUENCE)
        subject, _ = _split(tbs)
        return Certificate(issuer, subject, _time(times), _time(_rest(times)))
    except IndexError:
        raise ValueError("the certificate is cut off") from None


def _inner(data: bytes, tag: int) -> tuple[bytes, bytes]:
    """Return the content of the first element of `data`, and the bytes after it."""
    if data[0] != tag:
        raise ValueError(f"no certificate: tag {data[0]:#x} in place of {tag:#x}")
    length, start = data[1], 2
    if length & 0x80:
        start += length & 0x7F
        length = int.from_bytes(data[2:start], "big")
    if len(data) < start + length:
        raise IndexError
    return data[start : start + length], data[start + length :]


def _rest(data: bytes) -> bytes:
    return _inner(data, data[0])[1]


def _split(data: bytes) -> tuple[bytes, bytes]:
    """Return the first element of `data`, and the bytes after it."""
    rest = _rest(data)
    return data[: len(data) - len(rest)], rest


def _time(data: bytes) -> datetime:
    text = _inner(data, data[0])[0].decode("ascii")
    if data[0] == UTC_TIME:
        # Two digits mean 1950 to 2049; strptime changes the century at 1969.
        text = ("19" if text[:2] >= "50" else "20") + text
    elif data[0] != GENERALIZED_TIME:
        raise ValueError(f"no time: tag {data[0]:#x}")
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
