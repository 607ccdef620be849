"""From when until when a certificate is valid, read from its DER: the standard library parses no foreign one.

https://datatracker.ietf.org/doc/html/rfc5280#section-4.1
"""

from datetime import UTC, datetime

SEQUENCE, CONTEXT_0, UTC_TIME, GENERALIZED_TIME = 0x30, 0xA0, 0x17, 0x18


def validity(der: bytes) -> tuple[datetime, datetime]:
    """notBefore and notAfter.

    Raises:
        ValueError: this is no certificate.
    """
    try:
        tbs, _ = _inner(_inner(der, SEQUENCE)[0], SEQUENCE)
        if tbs[0] == CONTEXT_0:  # the version, left out in certificates of version 1
            tbs = _rest(tbs)
        for _ in ("serialNumber", "signature", "issuer"):
            tbs = _rest(tbs)
        times, _ = _inner(tbs, SEQUENCE)
        return _time(times), _time(_rest(times))
    except IndexError:
        raise ValueError("the certificate is cut off") from None


def _inner(data: bytes, tag: int) -> tuple[bytes, bytes]:
    """Content of the element that `data` begins with, and what follows it."""
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


def _time(data: bytes) -> datetime:
    text = _inner(data, data[0])[0].decode("ascii")
    if data[0] == UTC_TIME:
        # Two digits mean 1950 to 2049; strptime turns over at 1969.
        text = ("19" if text[:2] >= "50" else "20") + text
    elif data[0] != GENERALIZED_TIME:
        raise ValueError(f"no time: tag {data[0]:#x}")
    return datetime.strptime(text, "%Y%m%d%H%M%SZ").replace(tzinfo=UTC)
