"""The certificate that a host presents over TLS, trusted or not."""

import ssl
import sys
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.hashes import SHA256

from understudy_failover.operations.connection import Deadline, UnreachableError, open_stream
from understudy_failover.operations.https_client import HTTPS_PORT
from understudy_failover.settings.certificate_path import needed, ordered
from understudy_failover.settings.certificate_pem import PARSE_ERRORS

ENCODING_DER = 2
"""`_ssl.ENCODING_DER`."""


@dataclass(frozen=True)
class Presented:
    fingerprint: str
    """SHA-256: `AB:CD:…`."""
    not_before: datetime
    not_after: datetime
    usable_until: datetime
    """When the first certificate expires of those in the presented chain that clients need."""
    speaks_http2: bool = False
    """Whether HTTP/2 was agreed on; the client offers it beside HTTP/1.1."""


def presented(
    host: str, target: str, *, port: int = HTTPS_PORT, timeout_seconds: float = 10, proxy: tuple[str, int] | None = None
) -> Presented:
    """Return the certificate that `target`, a name or an address, presents for `host`. Raise UnreachableError.

    Nothing is verified, so that expired and foreign certificates are shown.
    """
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    context.set_alpn_protocols(["h2", "http/1.1"])
    deadline = Deadline(timeout_seconds)
    try:
        with open_stream(target, port, deadline, proxy) as stream:
            session = context.wrap_socket(stream, server_hostname=host, do_handshake_on_connect=False)
            with session:
                deadline.wait(session, session.do_handshake)
                presented_chain = _presented_chain(session)
                speaks_http2 = session.selected_alpn_protocol() == "h2"
    except TimeoutError:
        raise UnreachableError(f"no answer within {timeout_seconds:g} s") from None
    except OSError as error:  # of which SSLError is one
        raise UnreachableError(getattr(error, "reason", None) or error.strerror or str(error)) from None
    if not presented_chain:
        raise UnreachableError("no certificate")
    try:
        chain = [x509.load_der_x509_certificate(der) for der in presented_chain]
        leaf = chain[0]
        return Presented(
            leaf.fingerprint(SHA256()).hex(":").upper(),
            leaf.not_valid_before_utc,
            leaf.not_valid_after_utc,
            min(certificate.not_valid_after_utc for certificate in needed(ordered(leaf, chain))),
            speaks_http2,
        )
    except PARSE_ERRORS:
        raise UnreachableError("the certificate cannot be read") from None


def _presented_chain(session: ssl.SSLSocket) -> list[bytes]:
    """Return the certificates as the server sent them, in DER; Python before 3.13 has them in a private object."""
    if sys.version_info >= (3, 13):
        return list(session.get_unverified_chain())
    inner: Any = session
    return [certificate.public_bytes(ENCODING_DER) for certificate in inner._sslobj.get_unverified_chain() or ()]
