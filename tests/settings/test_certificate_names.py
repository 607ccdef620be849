"""Which host names a certificate covers."""

import ssl

import pytest
import trustme
from hypothesis import given, strategies as st

from tests.settings.authority import ROOT, certificate_for, odd
from tests.settings.properties import repeatable
from understudy_failover.settings.certificate import PublicCertificate, parse

LABELS = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,20}[a-z0-9])?", fullmatch=True)


@pytest.fixture(scope="module")
def certificate() -> PublicCertificate:
    return certificate_for("example.com", "*.example.org", "*.dev.example.net", "www.example.net")


@repeatable
@given(LABELS)
def test_a_wildcard_covers_every_name_one_label_below_and_no_other(certificate: PublicCertificate, label: str) -> None:
    assert certificate.covers(f"{label}.example.org")
    assert not certificate.covers(f"{label}.{label}.example.org")
    assert not certificate.covers(f"{label}example.org")


@pytest.mark.parametrize(
    ("host_name", "covered"),
    [
        ("example.com", True),
        ("EXAMPLE.com", True),
        ("www.example.com", False),
        ("example.org", False),
        ("*.example.org", True),
        ("*.example.com", False),
        ("*.a.example.org", False),
        ("dev.example.net", False),
        ("a.dev.example.net", True),
        ("*.dev.example.net", True),
        ("*.example.net", False),
        ("org", False),
    ],
)
def test_the_apex_and_wildcard_hosts_need_a_name_of_their_own(
    certificate: PublicCertificate, host_name: str, covered: bool
) -> None:
    assert certificate.covers(host_name) is covered


@pytest.mark.parametrize(
    "host_name",
    ["example.com", "www.example.com", "example.org", "a.example.org", "a.b.example.org", "aexample.org", "org"],
)
def test_a_name_is_covered_exactly_when_a_tls_client_accepts_the_certificate_for_it(host_name: str) -> None:
    names = ("example.com", "*.example.org")
    assert certificate_for(*names).covers(host_name) is _handshake_succeeds(ROOT.issue_cert(*names), host_name)


def _handshake_succeeds(certificate: trustme.LeafCert, host_name: str) -> bool:
    server_context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    certificate.configure_cert(server_context)
    client_context = ssl.create_default_context()
    ROOT.configure_trust(client_context)
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    server = server_context.wrap_bio(to_server, to_client, server_side=True)
    client = client_context.wrap_bio(to_client, to_server, server_hostname=host_name)
    for end in (client, server, client):
        try:
            end.do_handshake()
        except ssl.SSLWantReadError:
            continue
        except ssl.SSLCertVerificationError as error:
            assert "ostname mismatch" in error.verify_message  # noqa: PT017 - no other fault may pass for this one
            return False
    return True


def test_names_keep_the_order_of_the_certificate_in_lower_case() -> None:
    assert parse(odd("B.example.com", "a.example.com", "*.EXAMPLE.org"), b"").names == (
        "b.example.com",
        "a.example.com",
        "*.example.org",
    )


def test_a_name_that_stands_in_the_subject_alone_covers_nothing() -> None:
    """Browsers have not read it for years."""
    issued = ROOT.issue_cert("www.example.com", common_name="cn.example.com")
    certificate = parse(issued.cert_chain_pems[0].bytes(), b"")
    assert (certificate.covers("www.example.com"), certificate.covers("cn.example.com")) == (True, False)
