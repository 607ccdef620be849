"""Certificates at the edge, selected by SNI from IAM's.

They are selected at each handshake: an updated distribution presents its new certificate from the next connection on,
and open connections continue.
"""

import logging
import ssl
import tempfile
from collections import OrderedDict
from collections.abc import Callable
from contextvars import ContextVar

import trustme

from understudy_failover.emulator.model import Distribution, ServerCertificate

logger = logging.getLogger(__name__)

_CACHED_CONTEXTS = 64
_HTTP_1_ONLY = {"http1.1", "http3"}
"""Values of a distribution's HttpVersion without HTTP/2; there is no HTTP/3 here."""

server_name: ContextVar[str | None] = ContextVar("server_name", default=None)
"""The SNI of the connection that is served.

Set during the handshake: all callbacks of a connection run in one context, which asyncio copies for the task that
serves it.
"""


class ViewerCertificates:
    """The edge's TLS configuration: `context` is for the listener; its SNI callback selects the certificate.

    `distribution_for` returns the enabled distribution of a host name; `server_certificate` an IAM certificate by its
    id, None while IAM does not (yet) return it.
    """

    def __init__(
        self,
        distribution_for: Callable[[str], Distribution | None],
        server_certificate: Callable[[str], ServerCertificate | None],
    ) -> None:
        self._distribution_for = distribution_for
        self._server_certificate = server_certificate
        self._contexts: OrderedDict[tuple[str, bool], ssl.SSLContext] = OrderedDict()
        # CloudFront's own certificate for *.cloudfront.net, here of a throwaway CA.
        authority = trustme.CA()
        default = authority.issue_cert("*.cloudfront.net", "cloudfront.net")
        certificates = (*default.cert_chain_pems, authority.cert_pem)
        self.default_certificate_pem = b"".join(blob.bytes() for blob in certificates).decode()
        private_key_pem = default.private_key_pem.bytes().decode()
        self.context = _context(self.default_certificate_pem, private_key_pem, http_versions="http2")
        self._default_http_1 = _context(self.default_certificate_pem, private_key_pem, http_versions="http1.1")
        self.context.sni_callback = self._select

    def _select(self, connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> int | None:
        """Return None to continue the handshake, or the number of the TLS alert that ends it."""
        host = (name or "").lower().rstrip(".")
        server_name.set(host or None)
        try:
            distribution = self._distribution_for(host) if host else None
            if distribution is None:
                # CloudFront presents *.cloudfront.net to a viewer without SNI, or with an unknown name.
                return None
            context = self._context_of(distribution, host)
            if context is not None:
                connection.context = context
        except Exception:
            logger.exception("no certificate could be selected for %s", host)
            return ssl.ALERT_DESCRIPTION_INTERNAL_ERROR
        return None

    def _context_of(self, distribution: Distribution, host: str) -> ssl.SSLContext | None:
        identifier = distribution.server_certificate_id
        if identifier is None or host == distribution.domain_name:
            return self._default_http_1 if distribution.http_versions in _HTTP_1_ONLY else None
        key = (identifier, distribution.http_versions in _HTTP_1_ONLY)
        if key in self._contexts:
            self._contexts.move_to_end(key)
            return self._contexts[key]
        certificate = self._server_certificate(identifier)
        if certificate is None:
            logger.warning(
                "distribution %s has server certificate %s, which IAM does not have", distribution.id, identifier
            )
            return None
        context = _context(
            certificate.body_pem.rstrip("\n") + "\n" + (certificate.chain_pem or ""),
            certificate.private_key_pem,
            http_versions=distribution.http_versions,
        )
        self._contexts[key] = context
        while len(self._contexts) > _CACHED_CONTEXTS:
            self._contexts.popitem(last=False)
        return context


def _context(certificates_pem: str, private_key_pem: str, *, http_versions: str) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # Older versions, which CloudFront's oldest policies allow, are not offered: RFC 8996, RFC 9113 9.2.
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    context.options |= ssl.OP_NO_COMPRESSION
    # In a resumed session no certificate is presented: after a rotation a viewer would not see the new one. (With TLS
    # 1.2 a session can still be resumed by its id: Python cannot turn off OpenSSL's cache of those.)
    context.options |= ssl.OP_NO_TICKET
    context.num_tickets = 0
    context.set_alpn_protocols(["http/1.1"] if http_versions in _HTTP_1_ONLY else ["h2", "http/1.1"])
    # ssl reads keys only from files. This one is readable only by its owner, and removed after this block.
    with tempfile.NamedTemporaryFile("w", encoding="ascii", prefix="understudy-", suffix=".pem") as file:
        file.write(certificates_pem.rstrip("\n") + "\n" + private_key_pem)
        file.flush()
        context.load_cert_chain(file.name)
    return context
