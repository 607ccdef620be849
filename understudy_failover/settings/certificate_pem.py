"""Reads certificates in PEM; for every other form, names the command that converts it."""

import base64
import json
import re
import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import PurePath

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm

from understudy_failover.contract.printable import printable

LABELS = ("CERTIFICATE", "X509 CERTIFICATE")
"""Of the blocks that hold a certificate. https://datatracker.ietf.org/doc/html/rfc7468#section-5"""

PARSE_ERRORS = (
    ValueError,
    TypeError,
    UnsupportedAlgorithm,
    x509.DuplicateExtension,
    x509.InvalidVersion,
    x509.UnsupportedGeneralNameType,
)
"""The errors of `cryptography` about a malformed certificate."""

PEM_ONLY = "PEM: blocks from -----BEGIN CERTIFICATE----- to -----END CERTIFICATE-----"

BEGIN = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----")
CERTIFICATE_BEGIN = re.compile(r"-----BEGIN (?:X509 )?CERTIFICATE-----")
BLOCK = re.compile(r"-----BEGIN ([A-Z0-9 ]+)-----((?:[^-]|-(?!----BEGIN ))*?)-----END \1-----")
"""Up to the next begin at most, so that many begins without an end take linear time."""

PLACE = re.compile(r"\{(source|target|fields)\}")
"""In the command of a form."""
UTF_16_MARKS = (b"\xff\xfe", b"\xfe\xff")
SEQUENCE = 0x30
PKCS_7_SIGNED_DATA = bytes.fromhex("06092a864886f70d010702")
"""The object identifier 1.2.840.113549.1.7.2, which begins a PKCS #7 file. RFC 2315, section 14"""
PKCS_12_VERSION = bytes.fromhex("020103")
"""The version that begins a PKCS #12 file. RFC 7292, section 4"""


class PemError(Exception):
    """A file without readable certificates; `wrong` completes a sentence that begins with its name."""

    def __init__(self, wrong: str, fix: str) -> None:
        super().__init__(f"{wrong}; {fix}")
        self.wrong, self.fix = wrong, fix


@dataclass(frozen=True)
class Form:
    """A form that is not PEM; `command` converts the file `{source}` into `{target}`.

    Words from outside have a place in it, and never stand in it themselves: they could name a place, or end a quote.
    """

    name: str
    command: str
    fields: str = ""
    """For jq, at `{fields}`."""


DER = Form("a certificate in DER", "openssl x509 -inform der -in {source} -out {target}")
PKCS_7 = Form("PKCS #7", "openssl pkcs7 -print_certs -in {source} -out {target}")
PKCS_7_DER = Form("PKCS #7 in DER", "openssl pkcs7 -print_certs -inform der -in {source} -out {target}")
PKCS_12 = Form("PKCS #12", "openssl pkcs12 -nokeys -in {source} -out {target}")
TRUSTED = Form("OpenSSL's TRUSTED CERTIFICATE", "openssl x509 -in {source} -out {target}")
UTF_16 = Form("UTF-16", "iconv -f UTF-16 -t UTF-8 {source} > {target}")
ESCAPED = Form("JSON's \\n in place of line ends", "printf '%b\\n' \"$(tr -d '\"' < {source})\" > {target}")
BASE64 = Form("base64 without BEGIN and END lines", "base64 -d {source} | openssl x509 -inform der -out {target}")


def read_certificates(file: str, content: bytes) -> list[x509.Certificate]:
    """Return the certificates of a PEM file, in its order, without the text around the blocks.

    Raise PemError without certificates, for a damaged certificate, or for another form than PEM.
    """
    try:
        return _certificates(content.decode("latin-1"))
    except PARSE_ERRORS:
        raise _refusal(file, content) from None


def _certificates(text: str) -> list[x509.Certificate]:
    bodies = [body for label, body in BLOCK.findall(text) if label in LABELS]
    begun = [label for label in BEGIN.findall(text) if label in LABELS]
    if not bodies or len(bodies) != len(begun):
        raise ValueError("a block is cut off")
    return [_parse(body) for body in bodies]


def _parse(body: str) -> x509.Certificate:
    certificate = x509.load_der_x509_certificate(base64.b64decode("".join(body.split()), validate=True))
    for part in ("extensions", "subject", "issuer", "signature_hash_algorithm"):  # parsed on first use only
        getattr(certificate, part)
    certificate.public_key()
    return certificate


def _refusal(file: str, content: bytes) -> PemError:
    form = _form(content)
    if form is None:
        return PemError("holds no readable certificate, or one that is cut off", "copy the file again from your CA")
    if isinstance(form, str):
        return PemError(form, "name the file with the certificate that your CA returned for it")
    return PemError(f"holds {form.name}, not PEM", conversion(file, form))


def conversion(file: str, form: Form) -> str:
    """Return the advice that converts a file, with the command quoted for the shell."""
    # A name that begins with a hyphen would be an option.
    source = f"./{file}" if file.startswith("-") else file
    words = {"source": source, "target": f"{PurePath(source).stem}-converted.pem", "fields": form.fields}
    if words["target"].startswith("-"):
        words["target"] = f"./{words['target']}"
    quoted = {place: shlex.quote(word) for place, word in words.items()}
    # In one pass: a name may hold the text of a place.
    return f"convert it and use {quoted['target']}: {PLACE.sub(lambda match: quoted[match[1]], form.command)}"


def _form(content: bytes) -> Form | str | None:
    """Return the form of a file that holds no readable PEM, a text where no command helps; None if it is unknown."""
    if content.startswith(UTF_16_MARKS) or b"\0C\0E\0R\0T\0I\0F\0" in content:
        return UTF_16
    if content[:1] == bytes([SEQUENCE]):
        return _der_form(content)
    text = content.decode("latin-1").lstrip("\xef\xbb\xbf \r\n\t")
    labels = set(BEGIN.findall(text))
    if form := json_form(text, CERTIFICATE_BEGIN):
        return form
    if labels:
        return _labelled_form(labels, escaped="\\n" in text)
    try:
        der = base64.b64decode("".join(text.split()), validate=True)
    except ValueError:  # binascii.Error is one; a text that is not ASCII is another
        return None
    return BASE64 if _der_form(der) is DER else None


def _labelled_form(labels: set[str], *, escaped: bool) -> Form | str | None:
    if escaped:
        return ESCAPED
    if labels & {"PKCS7", "CMS"}:
        return PKCS_7
    if "TRUSTED CERTIFICATE" in labels:
        return TRUSTED
    return "holds a certificate request" if labels <= {"CERTIFICATE REQUEST", "NEW CERTIFICATE REQUEST"} else None


def _der_form(der: bytes) -> Form | None:
    try:
        x509.load_der_x509_certificate(der)
    except PARSE_ERRORS:
        head = der[:32]  # both follow the tags and lengths that begin the file
        if PKCS_7_SIGNED_DATA in head:
            return PKCS_7_DER
        return PKCS_12 if has_pkcs_12_version(der) else None
    return DER


def has_pkcs_12_version(der: bytes) -> bool:
    """Return whether a file begins as PKCS #12 does: version 3 right behind the first tag and length."""
    return PKCS_12_VERSION in der[:9]


def json_form(text: str, begin: re.Pattern[str]) -> Form | None:
    """Return the form of a JSON document with texts that hold `begin`; the command prints the server's own first."""
    paths: dict[str, str] = {}
    try:
        for path, value in _texts(json.loads(text), ""):
            if begin.search(value):
                paths.setdefault(value.strip(), path)
    except (ValueError, RecursionError):
        return None
    if not paths:
        return None
    fields = ", ".join(paths[value] for value in sorted(paths, key=_begins_with_ca))
    return Form("JSON", "jq -r {fields} {source} > {target}", fields)


def _texts(value: object, path: str) -> Iterator[tuple[str, str]]:
    """Yield the texts of a document with their jq paths."""
    if isinstance(value, str):
        yield path or ".", value
    elif isinstance(value, dict):
        for name, inner in value.items():
            plain = re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name)
            yield from _texts(inner, f"{path}.{name}" if plain else f"{path or '.'}[{json.dumps(name)}]")
    elif isinstance(value, list):
        for number, inner in enumerate(value):
            yield from _texts(inner, f"{path or '.'}[{number}]")


def _begins_with_ca(pem: str) -> bool:
    try:
        return is_ca(_certificates(pem)[0])
    except PARSE_ERRORS:
        return True


def is_ca(certificate: x509.Certificate) -> bool:
    """Return whether a certificate is one of a CA, by its basic constraints."""
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except x509.ExtensionNotFound:
        return False


def distinguished_name(name: x509.Name) -> str:
    """Return the name in the form of RFC 4514, made printable: the applicant chooses parts of it."""
    return printable(name.rfc4514_string())
