"""Forms that `cryptography` reads but does not write: keys of GnuTLS and RSA-PSS, explicit curves, three primes."""

import base64
import secrets
from collections.abc import Iterable
from textwrap import wrap

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.hashes import SHA1, SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, PublicFormat

SEQUENCE, INTEGER, BIT_STRING, OCTET_STRING, OID = 0x30, 0x02, 0x03, 0x04, 0x06
P_256 = bytes.fromhex("2a8648ce3d030107")
EC_PUBLIC_KEY = bytes.fromhex("2a8648ce3d0201")
PRIME_FIELD = bytes.fromhex("2a8648ce3d0101")
RSA_PSS = bytes.fromhex("2a864886f70d01010a")
PRIME = 2**256 - 2**224 + 2**192 + 2**96 - 1
ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551
CURVE_B = 0x5AC635D8AA3A93E7B3EBBD55769886BC651D06B0CC53B0F63BCE3C3E27D2604B
BASE_POINT = bytes.fromhex(
    "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
)
"""https://csrc.nist.gov/pubs/sp/800/186/final, 3.2.1.3"""


def element(tag: int, *parts: bytes) -> bytes:
    """A DER element."""
    content = b"".join(parts)
    size = len(content)
    length = bytes([size]) if size < 128 else size.to_bytes((size.bit_length() + 7) // 8, "big")
    return bytes([tag]) + (length if size < 128 else bytes([0x80 | len(length)]) + length) + content


def integer(value: int) -> bytes:
    """A DER integer that is not negative."""
    return element(INTEGER, value.to_bytes(value.bit_length() // 8 + 1, "big"))


def elements(content: bytes) -> Iterable[bytes]:
    """The DER elements that follow each other in `content`."""
    while content:
        length, start = content[1], 2
        if length & 0x80:
            start += length & 0x7F
            length = int.from_bytes(content[2:start], "big")
        yield content[: start + length]
        content = content[start + length :]


def inner(der: bytes) -> bytes:
    """The content of a DER element."""
    start = 2 + (der[1] & 0x7F if der[1] & 0x80 else 0)
    return der[start:]


def block(label: str, der: bytes) -> str:
    """A PEM block."""
    lines = wrap(base64.b64encode(der).decode(), 64)
    return "\n".join([f"-----BEGIN {label}-----", *lines, f"-----END {label}-----", ""])


def gnutls_key(key: ec.EllipticCurvePrivateKey, octets: int, *, pkcs_8: bool = False) -> str:
    """A key of P-256 as certtool writes it: its number in 33 octets with a zero before it, or in 31 without its own."""
    number = key.private_numbers().private_value.to_bytes(octets, "big")
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    curve = element(OID, P_256)
    own = element(
        SEQUENCE,
        integer(1),
        element(OCTET_STRING, number),
        *([] if pkcs_8 else [element(0xA0, curve)]),
        element(0xA1, element(BIT_STRING, b"\0" + point)),
    )
    if not pkcs_8:
        return block("EC PRIVATE KEY", own)
    algorithm = element(SEQUENCE, element(OID, EC_PUBLIC_KEY), curve)
    return block("PRIVATE KEY", element(SEQUENCE, integer(0), algorithm, element(OCTET_STRING, own)))


def short_ec_key() -> ec.EllipticCurvePrivateKey:
    """A key of P-256 whose number fits into 31 octets."""
    return ec.derive_private_key(secrets.randbits(247) | 1 << 240, ec.SECP256R1())


def with_key(certificate: x509.Certificate, issuer: rsa.RSAPrivateKey, public_key_info: bytes) -> x509.Certificate:
    """The certificate with this SubjectPublicKeyInfo in the place of its own, signed again by its issuer."""
    own = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    parts = [public_key_info if part == own else part for part in elements(inner(certificate.tbs_certificate_bytes))]
    signed = element(SEQUENCE, *parts)
    _, algorithm, _ = elements(inner(certificate.public_bytes(Encoding.DER)))
    signature = issuer.sign(signed, padding.PKCS1v15(), SHA256())
    return x509.load_der_x509_certificate(element(SEQUENCE, signed, algorithm, element(BIT_STRING, b"\0" + signature)))


def signed_with_sha_1(certificate: x509.Certificate, issuer: rsa.RSAPrivateKey) -> x509.Certificate:
    """The certificate of an RSA issuer with a signature as CAs made them until 2016."""
    _, algorithm, _ = elements(inner(certificate.public_bytes(Encoding.DER)))
    old = element(SEQUENCE, element(OID, bytes.fromhex("2a864886f70d010105")), b"\x05\x00")
    signed = element(SEQUENCE, inner(certificate.tbs_certificate_bytes).replace(algorithm, old, 1))
    signature = issuer.sign(signed, padding.PKCS1v15(), SHA1())  # noqa: S303 - old on purpose
    return x509.load_der_x509_certificate(element(SEQUENCE, signed, old, element(BIT_STRING, b"\0" + signature)))


def rsa_pss_info(key: rsa.RSAPrivateKey) -> bytes:
    """SubjectPublicKeyInfo of the kind that only signs with PSS: `openssl genpkey -algorithm RSA-PSS`."""
    own = key.public_key().public_bytes(Encoding.DER, PublicFormat.PKCS1)
    return element(SEQUENCE, element(SEQUENCE, element(OID, RSA_PSS)), element(BIT_STRING, b"\0" + own))


def rsa_pss_key(key: rsa.RSAPrivateKey) -> str:
    """A key of that kind."""
    own = key.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption())
    algorithm = element(SEQUENCE, element(OID, RSA_PSS))
    return block("PRIVATE KEY", element(SEQUENCE, integer(0), algorithm, element(OCTET_STRING, own)))


def explicit_curve_info(key: ec.EllipticCurvePrivateKey) -> bytes:
    """SubjectPublicKeyInfo with the parameters of P-256 in place of its name: `-param_enc explicit`."""
    parameters = element(
        SEQUENCE,
        integer(1),
        element(SEQUENCE, element(OID, PRIME_FIELD), integer(PRIME)),
        element(
            SEQUENCE,
            element(OCTET_STRING, (PRIME - 3).to_bytes(32, "big")),
            element(OCTET_STRING, CURVE_B.to_bytes(32, "big")),
        ),
        element(OCTET_STRING, BASE_POINT),
        integer(ORDER),
        integer(1),
    )
    point = key.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    algorithm = element(SEQUENCE, element(OID, EC_PUBLIC_KEY), parameters)
    return element(SEQUENCE, algorithm, element(BIT_STRING, b"\0" + point))


def three_prime_key() -> tuple[str, rsa.RSAPublicKey]:
    """An RSA key of three primes (`openssl genrsa -primes 3`) in PKCS #1, and its public key."""
    while True:
        p, q, r = (_prime(bits) for bits in (683, 683, 682))
        modulus, exponent = p * q * r, 65_537
        totient = (p - 1) * (q - 1) * (r - 1)
        if modulus.bit_length() == 2048 and totient % exponent:
            break
    d = pow(exponent, -1, totient)
    third = element(SEQUENCE, integer(r), integer(d % (r - 1)), integer(pow(p * q, -1, r)))
    numbers = (1, modulus, exponent, d, p, q, d % (p - 1), d % (q - 1), pow(q, -1, p))
    own = element(SEQUENCE, *map(integer, numbers), element(SEQUENCE, third))
    return block("RSA PRIVATE KEY", own), rsa.RSAPublicNumbers(exponent, modulus).public_key()


def _prime(bits: int) -> int:
    """A probable prime whose two upper bits are set."""
    while True:
        candidate = secrets.randbits(bits) | 3 << (bits - 2) | 1
        # Fermat's test with one base will do: random numbers of this size do not pass it by chance.
        if all(candidate % small for small in (3, 5, 7, 11, 13, 17, 19, 23)) and pow(2, candidate - 1, candidate) == 1:
            return candidate
