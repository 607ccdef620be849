"""Whether any piece of a private key stands in a text or file."""

from base64 import b64encode
from collections.abc import Iterable

from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

WINDOW_BYTES = 16
STEP = 8
"""A window in a content contains one whole piece of the content that begins at a multiple of this."""


class Canary:
    """Knows the windows of a key in every encoding; those that its certificates show as well are public."""

    def __init__(self, key_pem: str, public: Iterable[str]) -> None:
        key = load_pem_private_key(key_pem.encode(), password=None)
        known = b"\n".join(_forms_of_certificate(pem) for pem in public)
        self._pieces: dict[bytes, set[bytes]] = {}
        for form in _forms_of_key(key, key_pem):
            for start in range(len(form) - WINDOW_BYTES + 1):
                window = form[start : start + WINDOW_BYTES]
                if window in known:
                    continue
                for offset in range(WINDOW_BYTES - STEP + 1):
                    self._pieces.setdefault(window[offset : offset + STEP], set()).add(window)
        assert len(self._pieces) > 10

    def found_in(self, content: bytes) -> list[bytes]:
        """The windows of the key that stand in `content`."""
        pieces = (content[start : start + STEP] for start in range(0, len(content), STEP))
        suspects = {window for piece in pieces if piece in self._pieces for window in self._pieces[piece]}
        return sorted(window for window in suspects if window in content)


def _forms_of_key(key: object, pem: str) -> set[bytes]:
    forms = {pem.encode(), "".join(pem.split()).encode()}
    for form in (PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL):
        private_bytes = key.private_bytes  # type: ignore[attr-defined]
        der = private_bytes(Encoding.DER, form, NoEncryption())
        text = private_bytes(Encoding.PEM, form, NoEncryption())
        body = b"".join(text.split(b"\n")[1:-2])
        forms |= {der, text, body, text.replace(b"\n", b"\\n"), der.hex().encode(), repr(der).encode()}
    return forms


def _forms_of_certificate(pem: str) -> bytes:
    text = pem.encode()
    ders = [
        load_pem_x509_certificate.public_bytes(Encoding.DER)
        for load_pem_x509_certificate in x509.load_pem_x509_certificates(text)
    ]
    # "-----BEGIN …": what is no key is no secret.
    frames = b"".join(
        f"-----{word} {kind}PRIVATE KEY-----\n-----{word} {kind}PRIVATE KEY-----{word}{kind}PRIVATEKEY-----".encode()
        for word in ("BEGIN", "END")
        for kind in ("", "RSA ", "EC ")
    )
    return b"\n".join(
        [text, b"".join(text.split(b"\n")), frames, *ders, *(b64encode(der) + der.hex().encode() for der in ders)]
    )
