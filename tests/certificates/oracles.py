"""Judges that are not ours: OpenSSL in a TLS handshake, and `cryptography`'s verifier as it comes."""

import ssl
from datetime import UTC, datetime
from pathlib import Path

from cryptography import x509
from cryptography.x509 import DNSName
from cryptography.x509.verification import PolicyBuilder, Store, VerificationError

HOST = "www.example.com"


def handshake(certificates: bytes, key: bytes, root: bytes, folder: Path) -> str:
    """What OpenSSL says of a session of `HOST` with this certificate, chain and key; empty if it is well.

    In memory: server and client hand their bytes to each other.
    """
    certificate_file, key_file, root_file = folder / "chain.pem", folder / "key.pem", folder / "root.pem"
    for file, content in ((certificate_file, certificates), (key_file, key), (root_file, root)):
        file.write_bytes(content)
    server, client = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER), ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    client.load_verify_locations(root_file)
    try:
        # A passphrase, as OpenSSL would ask for one.
        server.load_cert_chain(certificate_file, key_file, password="no")
    except ssl.SSLError as error:
        return f"not loaded: {error.reason}"
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    ends = (
        client.wrap_bio(to_client, to_server, server_hostname=HOST),
        server.wrap_bio(to_server, to_client, server_side=True),
    )
    done = [False, False]
    for _ in range(10):
        for number, end in enumerate(ends):
            try:
                end.do_handshake()
                done[number] = True
            except ssl.SSLWantReadError:
                continue
            except ssl.SSLCertVerificationError as error:
                return error.verify_message
            except ssl.SSLError as error:
                return str(error.reason)
        if all(done):
            return ""
    return "no end"


def verifier(certificates: bytes, root: bytes) -> str:
    """What `cryptography` says, by the CA/Browser Forum's rules; empty if it is well."""
    try:
        leaf, *chain = x509.load_pem_x509_certificates(certificates)
    except ValueError as error:
        return f"not loaded: {error}"
    store = Store(x509.load_pem_x509_certificates(root))
    builder = PolicyBuilder().store(store).time(datetime.now(UTC))
    try:
        builder.build_server_verifier(DNSName(HOST)).verify(leaf, chain)
    except VerificationError as error:
        return str(error)
    return ""
