"""Private keys in every form: those that can be stored are stored in one form, the others are named with what helps."""

import base64
import hashlib
import json

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, ed25519
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    pkcs12,
)

from tests.certificates.authority import Authority, Key, ec_key, pem, pkcs_8, rsa_key, traditional
from tests.certificates.der import (
    OCTET_STRING,
    OID,
    ORDER,
    P_256,
    SEQUENCE,
    block,
    element,
    gnutls_key,
    integer,
    short_ec_key,
)
from understudy_failover.operations.certificate.private_key import PrivateKey, load
from understudy_failover.settings.problem import Problem

NAME = "my key.pem"
RSA, EC, SHORT = rsa_key(), ec_key(), short_ec_key()
LEAF = Authority.make("Root", key=EC).leaf(EC)
PARAMETERS = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
DER = RSA.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
NO_KEY = Problem(
    NAME,
    "holds no readable private key",
    "name the file with the certificate's private key: one PEM block, RSA 2048 or larger, or EC P-256",
)


def _der(text: str) -> bytes:
    return base64.b64decode("".join(text.splitlines()[1:-1]))


def _bare(text: str) -> str:
    """Without BEGIN and END lines."""
    return "\n".join(text.splitlines()[1:-1])


STORED: dict[str, tuple[Key, str]] = {
    "PKCS #8, RSA": (RSA, pkcs_8(RSA)),
    "PKCS #1": (RSA, traditional(RSA)),
    "PKCS #8, EC": (EC, pkcs_8(EC)),
    "SEC 1": (EC, traditional(EC)),
    "EC PARAMETERS before it": (EC, PARAMETERS + traditional(EC)),
    "certificates around it": (RSA, pem(LEAF) + pkcs_8(RSA) + pem(LEAF)),
    "notes in Latin-1": (RSA, f"Müller\n{pkcs_8(RSA)}"),
    "CRLF": (RSA, pkcs_8(RSA).replace("\n", "\r\n")),
    "GnuTLS, 33 octets": (EC, gnutls_key(EC, 33)),
    "GnuTLS, 32 octets": (EC, gnutls_key(EC, 32)),
    "GnuTLS, 31 octets": (SHORT, gnutls_key(SHORT, 31)),
    "GnuTLS, PKCS #8": (EC, gnutls_key(EC, 33, pkcs_8=True)),
}


@pytest.mark.parametrize("form", STORED)
def test_a_key_of_any_form_is_stored_in_the_form_that_iam_documents(form: str) -> None:
    key, text = STORED[form]
    loaded = load(NAME, text.encode("latin-1"))
    assert isinstance(loaded, PrivateKey)
    public = key.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    assert (loaded.pem, loaded.public_key) == (traditional(key), public)
    assert loaded.version_id == hashlib.sha256(public).hexdigest()
    assert loaded.pem not in repr(loaded)


def _zero() -> str:
    """A key of P-256 whose number is 0, which none may be."""
    own = element(SEQUENCE, integer(1), element(OCTET_STRING, bytes(33)), element(0xA0, element(OID, P_256)))
    return block("EC PRIVATE KEY", own)


CONVERTED = {
    "DER": (DER, "a private key in DER", "openssl pkey -inform der -in 'my key.pem' -out"),
    "DER of GnuTLS": (
        _der(gnutls_key(EC, 33)),
        "a private key in DER",
        "openssl pkey -inform der -in 'my key.pem' -out",
    ),
    "PKCS #12": (
        pkcs12.serialize_key_and_certificates(b"example", EC, LEAF, None, NoEncryption()),
        "PKCS #12",
        "openssl pkcs12 -nocerts -nodes -in 'my key.pem' -out",
    ),
    "UTF-16": (pkcs_8(RSA).encode("utf-16"), "UTF-16", "iconv -f UTF-16 -t UTF-8 'my key.pem' >"),
    "JSON": (
        json.dumps({"data": {"private_key": pkcs_8(RSA)}}).encode(),
        "JSON",
        "jq -r .data.private_key 'my key.pem' >",
    ),
    "escaped": (pkcs_8(RSA).replace("\n", "\\n").encode(), "JSON's \\n in place of line ends", "printf '%b\\n'"),
    "base64": (
        _bare(pkcs_8(RSA)).encode(),
        "base64 without BEGIN and END lines",
        "base64 -d 'my key.pem' | openssl pkey",
    ),
    "base64 of GnuTLS": (
        _bare(gnutls_key(EC, 33)).encode(),
        "base64 without BEGIN and END lines",
        "base64 -d 'my key.pem' | openssl pkey",
    ),
}


@pytest.mark.parametrize("form", CONVERTED)
def test_another_form_is_named_with_the_command_that_converts_it(form: str) -> None:
    content, name, command = CONVERTED[form]
    problem = load(NAME, content)
    assert isinstance(problem, Problem)
    assert (problem.place, problem.wrong) == (NAME, f"holds {name}, not PEM")
    assert command in problem.fix
    assert problem.allowed == "a private key in PEM, not encrypted"


@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
def test_an_encrypted_key_is_named_with_the_command_that_decrypts_it(form: PrivateFormat) -> None:
    encrypted = RSA.private_bytes(Encoding.PEM, form, BestAvailableEncryption(b"word"))
    problem = load(NAME, encrypted)
    assert isinstance(problem, Problem)
    assert (problem.place, problem.wrong) == (NAME, "is encrypted")
    assert problem.fix.startswith("where nobody else can read the result, ")
    assert "openssl pkey -in 'my key.pem' -out" in problem.fix
    assert problem.allowed == "an unencrypted private key; Secrets Manager encrypts it"


NO_KEYS = {
    "nothing": b"",
    "a certificate": pem(LEAF).encode(),
    "a certificate in DER": LEAF.public_bytes(Encoding.DER),
    "JSON without a key": json.dumps({"certificate": pem(LEAF)}).encode(),
    "a text with \\n": b"line\\nline",
    "base64 of a text": base64.b64encode(b"hello world, hello world"),
    "a damaged block": pkcs_8(RSA).replace("MII", "M!II").encode(),
    "a block that is cut off": pkcs_8(RSA)[:300].encode(),
    "a block of another DER": block("PRIVATE KEY", LEAF.public_bytes(Encoding.DER)).encode(),
    "the number 0": _zero().encode(),
    "OpenSSH": RSA.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()),
}


@pytest.mark.parametrize("what", NO_KEYS)
def test_what_holds_no_key_is_said_to_hold_none(what: str) -> None:
    assert load(NAME, NO_KEYS[what]) == NO_KEY


def test_of_several_keys_none_is_taken() -> None:
    assert load(NAME, (pkcs_8(RSA) + pkcs_8(EC)).encode()) == Problem(NAME, "holds several private keys", NO_KEY.fix)


def test_a_key_of_a_kind_that_iam_does_not_have_is_refused() -> None:
    key = ed25519.Ed25519PrivateKey.generate()
    assert load(NAME, pkcs_8(key).encode()) == Problem(NAME, "is no RSA or EC key", NO_KEY.fix)


def test_the_number_of_a_damaged_key_of_another_curve_is_not_taken_for_one_of_p_256() -> None:
    """Its octets are too many for P-384, as GnuTLS writes them, and would be a number of P-256."""
    curve = element(0xA0, element(OID, bytes.fromhex("2b81040022")))
    own = element(SEQUENCE, integer(1), element(OCTET_STRING, bytes(48) + b"\x01"), curve)
    assert load(NAME, block("EC PRIVATE KEY", own).encode()) == NO_KEY


def test_a_key_beyond_the_order_of_the_curve_is_refused() -> None:
    curve = element(0xA0, element(OID, P_256))
    own = element(SEQUENCE, integer(1), element(OCTET_STRING, b"\0" + (ORDER + 1).to_bytes(32, "big")), curve)
    assert load(NAME, block("EC PRIVATE KEY", own).encode()) == NO_KEY


def test_other_curves_are_stored_as_they_are_and_judged_by_the_certificate() -> None:
    key = ec_key(ec.SECP384R1())
    loaded = load(NAME, pkcs_8(key).encode())
    assert isinstance(loaded, PrivateKey)
    assert loaded.pem == traditional(key)
