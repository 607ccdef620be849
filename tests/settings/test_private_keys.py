"""A private key in a file that is meant to be committed is refused, and no part of it is ever shown."""

import base64
import json
from collections.abc import Iterator
from pathlib import Path
from textwrap import wrap
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    KeySerializationEncryption,
    NoEncryption,
    PrivateFormat,
    pkcs12,
)

from tests.certificates.authority import rsa_key
from tests.certificates.der import gnutls_key, short_ec_key, three_prime_key
from tests.settings.samples import changed, error_from, load_from, smallest, toml
from understudy_failover.settings import SettingsError, load
from understudy_failover.settings.certificate_folder import holds_private_key
from understudy_failover.settings.report import written

KEY = ec.generate_private_key(ec.SECP256R1())


def _pem(form: PrivateFormat, encryption: KeySerializationEncryption) -> str:
    return KEY.private_bytes(Encoding.PEM, form, encryption).decode()


KINDS = {
    "PKCS 8": _pem(PrivateFormat.PKCS8, NoEncryption()),
    "EC": _pem(PrivateFormat.TraditionalOpenSSL, NoEncryption()),
    "encrypted": _pem(PrivateFormat.PKCS8, BestAvailableEncryption(b"word")),
    "OpenSSH": _pem(PrivateFormat.OpenSSH, NoEncryption()),
    # Never generated: its header alone has to be known.
    "RSA": "-----BEGIN RSA PRIVATE KEY-----\nMIIEpAIBAAKCAQEA7bq9\n-----END RSA PRIVATE KEY-----\n",
}
PEM = KINDS["PKCS 8"]
TEXT_KEYS = [
    "app",
    "certificate.name",
    "certificate.private_key_secret",
    "certificate.private_key_version",
    "certificate.private_key",
    "timing.profile",
    "page.title",
    "page.message",
    "zones.0.name",
    "zones.0.id",
    "servers.0.name",
    "servers.0.ipv4",
    "servers.0.ipv6",
    "servers.0.hosts",
    "servers.0.health_check",
    "servers.0.health_check.host_name",
    "servers.0.health_check.path",
    "servers.0.health_check.search_string",
]


def _assert_refused_unseen(error: SettingsError, pem: str = PEM) -> None:
    assert "PRIVATE KEY" in str(error)
    body = [line for line in pem.split("\n") if line and "-----" not in line]
    pieces = [line[start : start + 8] for line in body for start in range(0, len(line) - 7, 4)]
    assert pieces
    said = f"{error}{error!r}{error.problems}".casefold()
    assert [piece for piece in pieces if piece.casefold() in said] == []


@pytest.mark.parametrize("place", TEXT_KEYS)
@pytest.mark.parametrize("form", ["text", "one line", "list"])
def test_a_key_pasted_as_any_value_is_refused_unseen(folder: Path, place: str, form: str) -> None:
    pasted: Any = {"text": PEM, "one line": PEM.replace("\n", ""), "list": PEM.split("\n")}[form]
    _assert_refused_unseen(error_from(folder, changed(place, pasted)))


@pytest.mark.parametrize("kind", KINDS)
def test_a_key_of_any_kind_is_refused_unseen(folder: Path, kind: str) -> None:
    text = toml(smallest()) + f'[page]\nmessage = """\n{KINDS[kind]}"""\n'
    _assert_refused_unseen(error_from(folder, text), KINDS[kind])


@pytest.mark.parametrize(
    "text",
    [
        PEM,
        toml(smallest()) + PEM,
        toml(smallest()) + "".join(f"# {line}\n" for line in PEM.split("\n")),
        toml(smallest()) + f'"{PEM}" = 1\n'.replace("\n", "\\n", 4),
        toml(smallest()) + f'[page]\ntitle = "{PEM}"\n',
    ],
    ids=["instead of the file", "below the file", "as a comment", "as a name", "as broken TOML"],
)
def test_a_key_anywhere_else_in_the_file_is_refused_unseen(folder: Path, text: str) -> None:
    _assert_refused_unseen(error_from(folder, text))


def test_a_pasted_key_is_the_one_problem_and_has_a_line_and_a_way_out(folder: Path) -> None:
    """Nothing else is said about such a file: anything repeated from it could be a piece of the key."""
    assert str(error_from(folder, f'app = "?"\n\n# {PEM}')) == (
        f"{folder}/failover.toml has 1 problem:\n\n"
        "1. file\n"
        "   holds a PRIVATE KEY (line 3), which must never stand in it. Nothing else of it was checked\n"
        "   fix:     treat that key as exposed: have the certificate issued again for a new key, "
        "put the new key into Secrets Manager and the name of its secret here"
    )


def test_words_about_private_keys_are_no_private_key(folder: Path) -> None:
    assert load_from(folder, "# No PRIVATE KEY here, nor a -----BEGIN line.\n" + toml(smallest()))


def test_the_name_of_the_secret_is_never_repeated(folder: Path) -> None:
    """A key without its first and last line looks the same as a wrong name."""
    _, body, *_ = PEM.split("\n")
    error = error_from(folder, changed("certificate.private_key_secret", f" {body}"))
    assert error.problems[0].value == "(not shown)"
    assert body not in str(error)


def test_a_value_is_not_written_out_if_it_is_a_key() -> None:
    assert written(PEM) == "(a private key, not shown)"


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("place", ["example/privkey.txt", "example/certificate.pem", "of-another/old/key", ".key"])
def test_a_key_among_the_certificates_is_refused_unseen(own_folder: Path, kind: str, place: str) -> None:
    file = own_folder / "certificates" / place
    file.parent.mkdir(parents=True, exist_ok=True)
    with file.open("a", encoding="utf-8") as end:
        end.write(KINDS[kind])
    error = error_from(own_folder, smallest())
    _assert_refused_unseen(error, KINDS[kind])
    [problem] = error.problems
    assert problem.place == f"certificates/{place}"
    assert problem.wrong == "holds a PRIVATE KEY. Do not commit it"
    assert problem.fix == (
        "delete it here; if it was ever committed or copied, treat the key as exposed and have the "
        "certificate issued again for a new one"
    )
    assert problem.allowed == "public certificates alone; the key lives in Secrets Manager and nowhere else"


def _jwk() -> str:
    numbers = KEY.private_numbers()
    point = numbers.public_numbers
    encoded = (
        base64.urlsafe_b64encode(number.to_bytes(32, "big")).rstrip(b"=").decode() for number in (point.x, point.y)
    )
    x, y = encoded
    d = base64.urlsafe_b64encode(numbers.private_value.to_bytes(32, "big")).rstrip(b"=").decode()
    return json.dumps({"kty": "EC", "crv": "P-256", "x": x, "y": y, "d": d})


def _der(encryption: KeySerializationEncryption) -> bytes:
    return KEY.private_bytes(Encoding.DER, PrivateFormat.PKCS8, encryption)


def _gnutls() -> Iterator[tuple[str, bytes]]:
    """Keys whose number is not written in 32 octets, without their PEM lines."""
    for pkcs_8 in (False, True):
        for octets, key in ((33, KEY), (31, short_ec_key())):
            _, _, body, *_ = gnutls_key(key, octets, pkcs_8=pkcs_8).split("-----")
            yield f"{octets} octets, PKCS #8 {pkcs_8}, base64", body.encode()
            yield f"{octets} octets, PKCS #8 {pkcs_8}, DER", base64.b64decode(body)


CERTIFICATE = b"-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"

OTHER_FORMS = {
    "DER": _der(NoEncryption()),
    "DER, SEC 1": KEY.private_bytes(Encoding.DER, PrivateFormat.TraditionalOpenSSL, NoEncryption()),
    "DER, encrypted": _der(BestAvailableEncryption(b"word")),
    "PKCS 12": pkcs12.serialize_key_and_certificates(b"example", KEY, None, None, BestAvailableEncryption(b"word")),
    "base64": base64.encodebytes(_der(NoEncryption())),
    "base64 right before a certificate": base64.b64encode(_der(NoEncryption())).rstrip(b"=") + CERTIFICATE,
    "base64 of PKCS 12": base64.b64encode(
        pkcs12.serialize_key_and_certificates(b"example", KEY, None, None, NoEncryption())
    ),
    "base64 in another block": PEM.replace("PRIVATE KEY", "SECRET DATA").encode(),
    "JWK": _jwk().encode(),
    "JWK, symmetric": b'{"kty": "oct", "k": "GawgguFyGrWKav7AX4VKUg"}',
    "PuTTY": b"PuTTY-User-Key-File-3: ssh-rsa\nEncryption: none\n",
    "Java": b"\xfe\xed\xfe\xed\x00\x00\x00\x02",
    "Java, JCEKS": b"\xce\xce\xce\xce\x00\x00\x00\x02",
    "Windows": b"\x1e\xf1\xb5\xb0\x00\x00\x00\x00",
    "XML": b"<RSAKeyValue><Modulus>AQAB</Modulus><InverseQ>AQAB</InverseQ></RSAKeyValue>",
    "OpenPGP": b"-----BEGIN PGP PRIVATE KEY BLOCK-----\n",
    "SSH2": b"---- BEGIN SSH2 ENCRYPTED PRIVATE KEY ----\n",
    **{f"GnuTLS, {form}": content for form, content in _gnutls()},
    "base64 of RSA with three primes": "".join(three_prime_key()[0].split("-----")[2:3]).encode(),
    "base64 in UTF-16": base64.b64encode(_der(NoEncryption())).decode().encode("utf-16"),
    "base64 in an e-mail": base64.encodebytes(_der(NoEncryption())).replace(b"\n", b"\n> "),
    "base64, encrypted": base64.encodebytes(_der(BestAvailableEncryption(b"word"))),
    "UTF-16, little end first": PEM.encode("utf-16"),
    "UTF-16, big end first": PEM.encode("utf-16-be"),
}


@pytest.mark.parametrize("form", OTHER_FORMS)
@pytest.mark.parametrize("place", ["example/key", "key"])
def test_a_key_in_another_form_than_pem_is_refused(own_folder: Path, form: str, place: str) -> None:
    (own_folder / "certificates" / place).write_bytes(OTHER_FORMS[form])
    [problem] = error_from(own_folder, smallest()).problems
    assert (problem.place, problem.wrong) == (f"certificates/{place}", "holds a PRIVATE KEY. Do not commit it")


@pytest.mark.parametrize("width", [17, 48, 60, 64, 76, 1000])
@pytest.mark.parametrize("form", [PrivateFormat.PKCS8, PrivateFormat.TraditionalOpenSSL])
@pytest.mark.parametrize("key", [KEY, rsa_key()], ids=["EC", "RSA"])
@pytest.mark.parametrize("pattern", ["{}", "a_long_word_before_it {}\n", "{}\nthe end", "key: {}.", '"{}"'])
def test_base64_is_a_key_however_long_its_lines_are_and_whatever_surrounds_it(
    width: int, form: PrivateFormat, key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey, pattern: str
) -> None:
    encoded = base64.b64encode(key.private_bytes(Encoding.DER, form, NoEncryption())).decode()
    for text in (encoded, encoded.rstrip("=")):
        assert holds_private_key(pattern.format("\n".join(wrap(text, width))).encode())


@pytest.mark.parametrize("form", ["base64", "base64 in another block", "JWK", "PuTTY", "base64 of PKCS 12"])
def test_a_key_in_another_form_beside_the_certificate_is_refused(own_folder: Path, form: str) -> None:
    with (own_folder / "certificates" / "example" / "certificate.pem").open("ab") as end:
        end.write(b"\n" + OTHER_FORMS[form])
    [problem] = error_from(own_folder, smallest()).problems
    assert problem.wrong == "holds a PRIVATE KEY. Do not commit it"


def test_certificates_in_any_form_are_no_keys(own_folder: Path) -> None:
    pem = (own_folder / "certificates" / "example" / "certificate.pem").read_bytes()
    der = x509.load_pem_x509_certificate(pem).public_bytes(Encoding.DER)
    for content in (pem, der, base64.encodebytes(der), pem.decode().encode("utf-16"), b"AAAA" * 100, b"0\x82"):
        assert not holds_private_key(content)


def test_every_file_with_a_key_is_named_beside_all_other_mistakes(own_folder: Path) -> None:
    for name in ("b", "a"):
        (own_folder / "certificates" / name).write_text(PEM, encoding="utf-8")
    error = error_from(own_folder, changed("app", "Demo"))
    assert [problem.place for problem in error.problems] == [("app",), "certificates/a", "certificates/b"]


def test_a_key_outside_the_certificates_is_nobodys_business(own_folder: Path) -> None:
    (own_folder / "privkey").write_text(PEM, encoding="utf-8")
    assert load_from(own_folder, smallest())


def test_a_certificate_name_opens_no_folder_but_its_own(own_folder: Path) -> None:
    """Whatever stands there, the report does not even say whether it exists."""
    (own_folder / "certificates" / "example").rename(own_folder / "outside")
    for name in ("../outside", str(own_folder / "outside"), "."):
        [problem] = error_from(own_folder, changed("certificate.name", name)).problems
        assert problem.place == ("certificate", "name")


def test_loaded_settings_hold_public_certificates_alone(root: Path) -> None:
    assert "PRIVATE KEY" not in repr(load(root / "tests/sample/failover.toml"))
