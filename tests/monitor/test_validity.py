"""The validity that the monitor reads is the one that `cryptography` reads."""

from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from hypothesis import given, settings, strategies as st

from tests.monitor.modules import load

VALIDITY = load("validity").validity
KEY = ec.generate_private_key(ec.SECP256R1())
TIMES = st.datetimes(datetime(1951, 1, 1), datetime(9999, 12, 31)).map(  # noqa: DTZ001 (UTC follows)
    lambda time: time.replace(microsecond=0, tzinfo=UTC)
)


def _der(begins: datetime, ends: datetime, *, organisation: str = "O", serial: int = 1) -> bytes:
    name = x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, organisation)])
    builder = x509.CertificateBuilder(
        issuer_name=name,
        subject_name=name,
        public_key=KEY.public_key(),
        serial_number=serial,
        not_valid_before=begins,
        not_valid_after=ends,
    )
    return builder.sign(KEY, SHA256()).public_bytes(Encoding.DER)


@settings(deadline=None)
@given(
    TIMES,
    st.integers(0, 20_000),
    st.text("abcdefghij ", min_size=1, max_size=60),
    st.integers(1, 2**158),
)
def test_it_reads_what_cryptography_reads(begins: datetime, days: int, organisation: str, serial: int) -> None:
    ends = begins + timedelta(days=min(days, (datetime.max.replace(tzinfo=UTC) - begins).days))
    der = _der(begins, ends, organisation=organisation, serial=serial)
    leaf = x509.load_der_x509_certificate(der)
    assert VALIDITY(der) == (leaf.not_valid_before_utc, leaf.not_valid_after_utc) == (begins, ends)


@given(st.binary(max_size=60))
def test_what_is_no_certificate_is_an_error_of_its_own(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"certificate|time|ascii|unconverted|does not match"):
        VALIDITY(data)


def test_no_beginning_of_a_certificate_is_one() -> None:
    der = _der(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    for length in range(len(der)):
        with pytest.raises(ValueError, match="cut off"):
            VALIDITY(der[:length])
