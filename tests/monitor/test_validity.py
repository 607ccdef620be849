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
from tests.settings.authority import FIRST, SECOND, leaf as settings_leaf, pem
from understudy_failover.settings.certificate import parse

CERTIFICATE = load("validity").certificate
LIFETIME = load("validity").lifetime
KEY = ec.generate_private_key(ec.SECP256R1())
TIMES = st.datetimes(datetime(1951, 1, 1), datetime(9999, 12, 31)).map(  # noqa: DTZ001 (UTC follows)
    lambda time: time.replace(microsecond=0, tzinfo=UTC)
)


def _der(begins: datetime, ends: datetime, *, organisation: str = "O", issuer: str = "O", serial: int = 1) -> bytes:
    names = (x509.Name([x509.NameAttribute(NameOID.ORGANIZATION_NAME, name)]) for name in (issuer, organisation))
    issuer_name, subject_name = names
    builder = x509.CertificateBuilder(
        issuer_name=issuer_name,
        subject_name=subject_name,
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
    read = CERTIFICATE(der)
    assert (read.begins, read.ends) == (leaf.not_valid_before_utc, leaf.not_valid_after_utc) == (begins, ends)
    assert read.issuer == leaf.issuer.public_bytes()
    assert read.subject == leaf.subject.public_bytes()


@given(st.binary(max_size=60))
def test_what_is_no_certificate_is_an_error_of_its_own(data: bytes) -> None:
    with pytest.raises(ValueError, match=r"certificate|time|ascii|unconverted|does not match"):
        CERTIFICATE(data)


def test_no_beginning_of_a_certificate_is_one() -> None:
    der = _der(datetime(2026, 1, 1, tzinfo=UTC), datetime(2027, 1, 1, tzinfo=UTC))
    for length in range(len(der)):
        with pytest.raises(ValueError, match="cut off"):
            CERTIFICATE(der[:length])


def _chain(*parts: tuple[str, str, int, int]) -> list[bytes]:
    """Certificates with these names of subject and issuer, valid between these days of 2026."""
    return [
        _der(START + begins * DAY, START + ends * DAY, organisation=subject, issuer=issuer)
        for subject, issuer, begins, ends in parts
    ]


START, DAY = datetime(2026, 1, 1, tzinfo=UTC), timedelta(days=1)
LEAF = ("leaf", "A", 100, 190)


@pytest.mark.parametrize(
    ("parts", "ends"),
    [
        ([LEAF], 190),
        ([LEAF, ("A", "B", 0, 1000)], 190),
        ([LEAF, ("A", "B", 0, 120)], 120),
        ([LEAF, ("A", "B", 0, 90)], 90),
        ([LEAF, ("A", "B", 0, 1000), ("B", "C", 0, 150)], 150),
        ([LEAF, ("B", "C", 0, 150), ("A", "B", 0, 1000)], 150),
        ([LEAF, ("A", "B", 0, 1000), ("B", "C", 0, 99)], 190),
        ([LEAF, ("A", "B", 0, 1000), ("B", "B", 0, 150)], 190),
        ([LEAF, ("A", "B", 0, 1000), ("X", "Y", 0, 150)], 190),
        ([LEAF, ("A", "B", 0, 1000), ("B", "A", 0, 1000)], 190),
    ],
    ids=[
        "leaf alone",
        "chain outlives the leaf",
        "intermediate ends first",
        "intermediate ended before the leaf began",
        "second intermediate ends first",
        "in another order",
        "cross-signature that clients pass over",
        "root",
        "certificate of another chain",
        "circle",
    ],
)
def test_a_chain_ends_with_the_first_certificate_that_clients_need(
    parts: list[tuple[str, str, int, int]], ends: int
) -> None:
    assert LIFETIME(_chain(*parts)) == (START + 100 * DAY, START + ends * DAY)


def test_the_same_chain_ends_at_the_same_time_for_the_watch_and_for_the_commands() -> None:
    pems = parse(settings_leaf("www.example.com"), pem(SECOND, FIRST))
    assert LIFETIME([one.public_bytes(Encoding.DER) for one in pems.path])[1] == pems.usable_until
