"""Files that are not PEM are named by their form, with the command that converts them.

The commands are played in tests/certificates/test_advice.py.
"""

import base64
import json

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, pkcs7, pkcs12

from tests.certificates.authority import Authority, ec_key, pem
from tests.certificates.der import block
from understudy_failover.settings.certificate_pem import PemError, read_certificates

KEY = ec.generate_private_key(ec.SECP256R1())
ISSUER = Authority.make("CA", key=ec_key())
LEAF = ISSUER.leaf(KEY, [f"{number}.example.com" for number in range(40)])
assert pem(LEAF) > pem(ISSUER.certificate), "the order of the texts is another than that of the path"
PEM, DER = pem(LEAF), LEAF.public_bytes(Encoding.DER)
BOTH = [LEAF, ISSUER.certificate]
VAULT = {"issuing_ca": pem(ISSUER.certificate), "ca_chain": [pem(ISSUER.certificate)], "certificate": PEM, "serial": 1}


def refusal(content: bytes, file: str = "certs/our cert.pem") -> tuple[str, str]:
    with pytest.raises(PemError) as caught:
        read_certificates(file, content)
    assert str(caught.value) == f"{caught.value.wrong}; {caught.value.fix}"
    return caught.value.wrong, caught.value.fix


FORMS = {
    "DER": (DER, "a certificate in DER", "openssl x509 -inform der -in {} -out {}"),
    "PKCS 7": (
        pkcs7.serialize_certificates(BOTH, Encoding.PEM),
        "PKCS #7",
        "openssl pkcs7 -print_certs -in {} -out {}",
    ),
    "CMS": (
        pkcs7.serialize_certificates(BOTH, Encoding.PEM).replace(b"PKCS7", b"CMS"),
        "PKCS #7",
        "openssl pkcs7 -print_certs -in {} -out {}",
    ),
    "PKCS 7, DER": (
        pkcs7.serialize_certificates(BOTH, Encoding.DER),
        "PKCS #7 in DER",
        "openssl pkcs7 -print_certs -inform der -in {} -out {}",
    ),
    "PKCS 12": (
        pkcs12.serialize_key_and_certificates(b"name", KEY, LEAF, None, NoEncryption()),
        "PKCS #12",
        "openssl pkcs12 -nokeys -in {} -out {}",
    ),
    "trusted": (
        PEM.replace(" CERT", " TRUSTED CERT").encode(),
        "OpenSSL's TRUSTED CERTIFICATE",
        "openssl x509 -in {} -out {}",
    ),
    "UTF-16": (PEM.encode("utf-16"), "UTF-16", "iconv -f UTF-16 -t UTF-8 {} > {}"),
    "UTF-16, big end first": (PEM.encode("utf-16-be"), "UTF-16", "iconv -f UTF-16 -t UTF-8 {} > {}"),
    "UTF-16 with a mark, big end first": (
        b"\xfe\xff" + PEM.encode("utf-16-be"),
        "UTF-16",
        "iconv -f UTF-16 -t UTF-8 {} > {}",
    ),
    "escapes": (
        PEM.replace("\n", "\\n").encode(),
        "JSON's \\n in place of line ends",
        "printf '%b\\n' \"$(tr -d '\"' < {})\" > {}",
    ),
    "JSON text": (json.dumps(PEM).encode(), "JSON", "jq -r . {} > {}"),
    "JSON list": (json.dumps([pem(ISSUER.certificate), PEM]).encode(), "JSON", "jq -r '.[1], .[0]' {} > {}"),
    "JSON with a certificate that cannot be read": (
        json.dumps({"a": PEM.replace("MII", "!!!"), "b": PEM}).encode(),
        "JSON",
        "jq -r '.b, .a' {} > {}",
    ),
    "JSON of Vault": (
        b"\xef\xbb\xbf \n" + json.dumps({"data": VAULT}).encode(),
        "JSON",
        "jq -r '.data.certificate, .data.issuing_ca' {} > {}",
    ),
    "JSON with odd names": (
        json.dumps({"a-b": {"X509": {"2": PEM.replace(" CERT", " X509 CERT")}}}).encode(),
        "JSON",
        'jq -r \'.["a-b"].X509["2"]\' {} > {}',
    ),
    "base64": (
        base64.encodebytes(DER),
        "base64 without BEGIN and END lines",
        "base64 -d {} | openssl x509 -inform der -out {}",
    ),
}


@pytest.mark.parametrize("form", FORMS)
def test_another_form_is_named_with_the_command_that_converts_it(form: str) -> None:
    content, name, command = FORMS[form]
    target = "'our cert-converted.pem'"
    typed = command.replace("{}", "'certs/our cert.pem'", 1).replace("{}", target)
    assert refusal(content) == (f"holds {name}, not PEM", f"convert it and use {target}: {typed}")


def test_a_name_that_the_shell_takes_as_it_is_is_not_quoted() -> None:
    assert refusal(DER, "cert.der")[1].endswith(": openssl x509 -inform der -in cert.der -out cert-converted.pem")


REQUESTS = [PEM.replace("CERTIFICATE", label) for label in ("CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST")]


@pytest.mark.parametrize("text", [*REQUESTS, "".join(REQUESTS)])
def test_a_request_is_no_certificate(text: str) -> None:
    assert refusal(text.encode()) == (
        "holds a certificate request",
        "name the file with the certificate that your CA returned for it",
    )


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"text",
        b"text \\n text",
        b"0\x82 no DER",
        b"{}",
        b'{"certificate": "none"}',
        b"[1, null, true]",
        base64.b64encode(b"text of some length"),
        b'"%b"' % base64.b64encode(DER),
        PEM[:-30].encode(),
        PEM.encode() + PEM[:200].encode(),
        PEM.replace("MII", "MI!").encode(),
        PEM.replace(" CERT", " CERTIFICATE REQUEST").encode(),
        b"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n",
        b"-----BEGIN CERTIFICATE-----\n-----END CERTIFICATE-----\n",
        b"-----BEGIN CERTIFICATE-----\nAAAA\n-----END X509 CERTIFICATE-----\n",
    ],
)
def test_what_has_no_form_is_unreadable(content: bytes) -> None:
    assert refusal(content) == (
        "holds no readable certificate, or one that is cut off",
        "copy the file again from your CA",
    )


@pytest.mark.timeout(10)
@pytest.mark.parametrize("piece", ["[", '{"a":', "-----BEGIN CERTIFICATE-----\n", "-----BEGIN A-----\n"])
def test_a_long_file_without_a_form_is_unreadable_in_linear_time(piece: str) -> None:
    assert refusal(piece.encode() * 30_000)[0].startswith("holds ")


@pytest.mark.parametrize(
    "text",
    [
        PEM,
        PEM.replace(" CERT", " X509 CERT"),
        f"-----BEGIN PUBLIC KEY-----\nAAAA\n-----END PUBLIC KEY-----\n{PEM}",
        f"notes \\n -----BEGIN\n{PEM}{{}}",
        PEM.replace("-----\n", "-----").strip(),
        "".join(f"\t{line} \r\n" for line in PEM.splitlines()),
    ],
)
def test_one_certificate_is_read_whatever_is_around_it(text: str) -> None:
    assert read_certificates("cert.pem", text.encode()) == [LEAF]


def test_all_certificates_are_read_in_their_order_with_nothing_between_them() -> None:
    assert read_certificates("cert.pem", (PEM.strip() + pem(ISSUER.certificate).strip()).encode()) == BOTH


def test_a_certificate_whose_names_cannot_be_read_is_refused() -> None:
    """`cryptography` parses them on first use only."""
    broken = DER.replace(b"\x0c\x0d0.example.com", b"\x0c\x0d0.exam\xff\xfe\xfd\xfccom", 1)
    assert broken != DER
    assert x509.load_der_x509_certificate(broken)
    assert refusal(block("CERTIFICATE", broken).encode())
