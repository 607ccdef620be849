"""Chains of certificates in DER, from a TLS session or from PEM; the server's own certificate first."""

import re
import socket
import ssl
import sys
from typing import Any

CONNECT_LIMIT_SECONDS = 10
BLOCK = re.compile("-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


def presented(host: str, address: str, port: int) -> list[bytes]:
    """Return the unverified chain that the server at `address` presents for `host`. Raise OSError without TLS."""
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with (
        socket.create_connection((address, port), CONNECT_LIMIT_SECONDS) as stream,
        context.wrap_socket(stream, server_hostname=host) as session,
    ):
        if sys.version_info >= (3, 13):
            return list(session.get_unverified_chain())
        inner: Any = session  # older versions: in tests
        return [ssl.PEM_cert_to_DER_cert(element.public_bytes()) for element in inner._sslobj.get_unverified_chain()]


def of_pem(text: str) -> list[bytes]:
    """Return the certificates of a PEM text."""
    return [ssl.PEM_cert_to_DER_cert(block) for block in BLOCK.findall(text)]
