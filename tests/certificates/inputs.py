"""Files as ACME clients and tools write them, and as people give them to `certificate push`: one function for each.

What real programs wrote was compared with these: certbot 5.8, lego 4.9, dehydrated 0.7, uacme 1.7, acme-tiny 5.0,
acmetool, Caddy, mod_md, acme-client, OpenSSL 3.0, GnuTLS, keytool, cfssl, mkcert, easy-rsa, Vault.
"""

import ipaddress
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import partial
from textwrap import wrap
from typing import Any

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    pkcs7,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.certificates.authority import (
    NAMES,
    Authority,
    Extensions,
    Key,
    ec_key,
    name,
    pem,
    pkcs_8,
    rsa_key,
    traditional,
)
from tests.certificates.der import (
    block,
    explicit_curve_info,
    gnutls_key,
    rsa_pss_info,
    rsa_pss_key,
    short_ec_key,
    three_prime_key,
    with_key,
)

SERVER, CLIENT = ExtendedKeyUsageOID.SERVER_AUTH, ExtendedKeyUsageOID.CLIENT_AUTH


@dataclass(frozen=True)
class Files:
    """What a user gives: an empty chain where the client writes one file. `root` is for those who verify."""

    leaf: bytes
    chain: bytes
    key: bytes
    root: bytes


Make = Callable[[], Files]
INPUTS: dict[str, Make] = {}


def make(function: Make) -> Make:
    """Names an input after its function."""
    INPUTS[function.__name__] = function
    return function


def files(leaf: str | bytes, chain: str | bytes, key: str | bytes, root: str) -> Files:
    """Files of texts or bytes."""
    contents = (part if isinstance(part, bytes) else part.encode() for part in (leaf, chain, key, root))
    return Files(*contents)


@dataclass(frozen=True)
class Issued:
    """A leaf with what is above and below it."""

    root: Authority
    chain: Sequence[x509.Certificate]
    key: Key
    leaf: x509.Certificate

    def files(self, leaf: str | None = None, chain: str | None = None, key: str | None = None) -> Files:
        """As certbot writes them, but for what is given."""
        return files(
            pem(self.leaf) if leaf is None else leaf,
            pem(*self.chain) if chain is None else chain,
            pkcs_8(self.key) if key is None else key,
            pem(self.root.certificate),
        )


def lab(extensions: Extensions = (), **of_issuer: Any) -> tuple[Authority, Authority]:
    """A root and an intermediate."""
    root = Authority.make("Lab Root")
    return root, Authority.make("Lab Intermediate", root, extensions=extensions, **of_issuer)


def issued(key: Key | None = None, issuers: tuple[Authority, ...] | None = None, **of_leaf: Any) -> Issued:
    """A leaf under a root and the intermediates of `issuers`, which lead down from the root."""
    root, *others = issuers or lab()
    key = key or rsa_key()
    leaf = (others[-1] if others else root).leaf(key, **of_leaf)
    return Issued(root, [other.certificate for other in reversed(others)], key, leaf)


def simple(key: Key | None = None, issuers: tuple[Authority, ...] | None = None, **of_leaf: Any) -> Files:
    """The files of `issued`, as certbot writes them."""
    return issued(key, issuers, **of_leaf).files()


def line(*names: str) -> tuple[Authority, ...]:
    """A root and intermediates, each below the one before."""
    authorities = [Authority.make("Lab Root")]
    for common_name in names:
        authorities.append(Authority.make(common_name, authorities[-1]))
    return tuple(authorities)


# --- Let's Encrypt's hierarchies and profiles of 2026: https://letsencrypt.org/certificates/, …/docs/profiles/


def lets_encrypt(kind: str, profile: str) -> Files:
    """Generation Y: an RSA or EC leaf, below a root that is cross-signed by ISRG Root X1."""
    isrg = {"COUNTRY_NAME": "US", "ORGANIZATION_NAME": "Internet Security Research Group"}
    root = Authority.make(name("ISRG Root X1", **isrg), key=rsa_key(4096))
    server: Extensions = [(x509.ExtendedKeyUsage([SERVER]), False)]
    country = {"COUNTRY_NAME": "US", "ORGANIZATION_NAME": "Let's Encrypt"}
    key: Key
    issuers: tuple[Authority, ...]
    if kind == "rsa":
        upper = Authority.make(name("Root YR", ORGANIZATION_NAME="ISRG"), root, key=rsa_key(4096))
        issuer = Authority.make(name("YR1", **country), upper, extensions=server)
        issuers, key = (root, upper, issuer), rsa_key()
    else:
        second = Authority.make(name("ISRG Root X2", **isrg), root, key=ec_key(ec.SECP384R1()))
        upper = Authority.make(name("Root YE", ORGANIZATION_NAME="ISRG"), second, key=ec_key(ec.SECP384R1()))
        issuer = Authority.make(name("YE1", **country), upper, key=ec_key(ec.SECP384R1()), extensions=server)
        issuers, key = (root, second, upper, issuer), ec_key()
    place = x509.UniformResourceIdentifier("http://yr1.c.lencr.org/1.crl")
    lists = x509.CRLDistributionPoints([x509.DistributionPoint([place], None, None, None)])
    bare: dict[str, Any] = {"subject": name(), "subject_identifier": False, "critical_names": True}
    of_profile: dict[str, dict[str, Any]] = {
        "classic": {"days": 90},
        "classic64": {"days": 64},
        "tlsserver": {"days": 45, **bare},
        "shortlived": {"days": 160 / 24, "age": 0.04, **bare},
    }
    return simple(key, issuers, extensions=[(lists, False)], **of_profile[profile])


for _kind in ("rsa", "ec"):
    for _profile in ("classic", "classic64", "tlsserver", "shortlived"):
        INPUTS[f"le_{_profile}_{_kind}"] = partial(lets_encrypt, _kind, _profile)


# --- lifetimes, usages, names

DNS = [x509.DNSName(name) for name in NAMES]
IP = [x509.IPAddress(ipaddress.ip_address(address)) for address in ("203.0.113.10", "2001:db8::10")]
CUSTOMERS = [f"host-{number:03}.some-long-customer-name.example.net" for number in range(397)]
OTHER_NAMES = [
    x509.RFC822Name("a@example.com"),
    x509.UniformResourceIdentifier("https://example.com/"),
    x509.OtherName(x509.ObjectIdentifier("1.3.6.1.4.1.311.20.2.3"), b"\x0c\x03abc"),
    x509.DirectoryName(name("x")),
]
U_LABEL = x509.DNSName._init_without_validation("bücher.example.com")  # CAs must not issue it

INPUTS |= {
    "cab_47_days": partial(simple, days=47),
    "cab_200_days": partial(simple, days=200),
    "eku_server_and_client": partial(simple, usages=(SERVER, CLIENT)),
    "eku_client_only": partial(simple, usages=(CLIENT,)),
    "eku_absent": partial(simple, usages=()),
    "eku_any": partial(simple, usages=(ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,)),
    "key_usage_encipherment_only": partial(simple, usage="key_encipherment"),
    "key_usage_content_commitment_only": partial(simple, usage="content_commitment"),
    "key_usage_with_cert_sign": partial(simple, usage="digital_signature key_cert_sign"),
    "no_common_name_org_only": partial(simple, subject=name(ORGANIZATION_NAME="Example Ltd", COUNTRY_NAME="GB")),
    "empty_subject": partial(simple, subject=name(), critical_names=True),
    "common_name_not_in_san": partial(simple, subject=name("Our web server")),
    "san_critical": partial(simple, critical_names=True),
    "no_authority_key_identifier": partial(simple, issuer_identifier=False),
    "san_with_ip": partial(simple, alternative=[*DNS, *IP]),
    "san_ip_only": partial(simple, alternative=IP[:1], subject=name(), critical_names=True),
    "san_with_email_uri_other": partial(simple, alternative=[*DNS, *OTHER_NAMES]),
    "san_100_names": partial(simple, names=[*NAMES, *CUSTOMERS[:97]]),
    "san_400_names": partial(simple, names=[*NAMES, *CUSTOMERS]),
    "san_uppercase": partial(simple, names=["EXAMPLE.com", "*.Example.COM", "*.EXAMPLE.ORG"]),
    "san_idn_a_label": partial(simple, names=[*NAMES, "xn--bcher-kva.example.com"]),
    "san_idn_u_label": partial(simple, alternative=[*DNS, U_LABEL]),
    "san_underscore": partial(simple, names=[*NAMES, "_dmarc_x.example.com"]),
    "san_wildcard_two": partial(simple, names=[*NAMES, "www.example.com", "*.www.example.org"]),
    "must_staple": partial(simple, extensions=[(x509.TLSFeature([x509.TLSFeatureType.status_request]), False)]),
    "precertificate": partial(simple, extensions=[(x509.PrecertPoison(), True)]),
    "unknown_critical_extension": partial(
        simple,
        extensions=[(x509.UnrecognizedExtension(x509.ObjectIdentifier("1.3.6.1.4.1.99999.1"), b"\x05\x00"), True)],
    ),
    "expired": partial(simple, age=100),
    "not_yet_valid": partial(simple, age=-2),
}


# --- chains


@make
def chain_with_root() -> Files:
    sample = issued()
    return sample.files(chain=pem(*sample.chain, sample.root.certificate))


@make
def chain_with_leaf_repeated() -> Files:
    """win-acme's NAME-chain.pem; any fullchain that is taken for the chain."""
    sample = issued()
    return sample.files(chain=pem(sample.leaf, *sample.chain))


def fullchain(key: Key | None = None, *, chain: str | None = "", twice: bool = False, **of_leaf: Any) -> Files:
    """One file with all of it, and what stands in the place of the chain: nothing, the same, or with None the chain."""
    sample = issued(key, **of_leaf)
    whole = pem(sample.leaf, *sample.chain)
    return sample.files(leaf=whole, chain=whole if twice else chain)


INPUTS |= {
    "fullchain_twice": partial(fullchain, twice=True),
    "fullchain_and_empty_chain": fullchain,
    "fullchain_and_chain": partial(fullchain, chain=None),
    "chain_three_intermediates": lambda: simple(issuers=line("Lab A", "Lab B", "Lab C")),
    "chain_no_intermediate_at_all": lambda: simple(issuers=line()),
    "chain_missing_for_intermediate_issued": lambda: issued().files(chain=""),
}


@make
def chain_wrong_order() -> Files:
    sample = issued(issuers=line("Lab A", "Lab B"))
    return sample.files(chain=pem(*reversed(sample.chain)))


@make
def chain_root_only() -> Files:
    """mkcert, minica, trustme without intermediates: the only other file is the root."""
    sample = issued(issuers=line())
    return sample.files(chain=pem(sample.root.certificate))


def crossed(days: tuple[float, float] = (-400, 3000)) -> Files:
    """A chain that ends with a root's certificate from an older root. `root` has both."""
    old, key = Authority.make("Lab Old Root"), rsa_key()
    new = Authority.make("Lab New Root", key=key)
    cross = Authority.make("Lab New Root", old, key=key, days=days)
    sample = issued(issuers=(new, Authority.make("Lab Intermediate", new)))
    given = sample.files(chain=pem(*sample.chain, cross.certificate))
    return replace(given, root=pem(old.certificate, new.certificate).encode())


INPUTS |= {
    "cross_signed_root_in_chain": crossed,
    "cross_signed_root_expired": lambda: crossed((-400, -3)),
    "intermediate_expired": lambda: simple(issuers=lab(days=(-400, -3))),
    "intermediate_not_yet_valid": lambda: simple(issuers=lab(days=(2, 900))),
    "intermediate_ends_before_leaf": lambda: simple(issuers=lab(days=(-400, 10))),
    "intermediate_is_no_ca": lambda: simple(issuers=lab(ca=False)),
    "intermediate_without_key_usage": lambda: simple(issuers=lab(key_usage=False)),
    "intermediate_for_clients_only": lambda: simple(issuers=lab([(x509.ExtendedKeyUsage([CLIENT]), False)])),
    "intermediate_with_rsa_pss_key": lambda: rekeyed_issuer(rsa_key(), rsa_pss_info),
    "intermediate_with_explicit_curve": lambda: rekeyed_issuer(ec_key(), explicit_curve_info),
}


@make
def cross_signed_both_intermediates() -> Files:
    """The same intermediate by two roots, both in the file."""
    root, key = Authority.make("Lab Root 1"), rsa_key()
    first = Authority.make("Lab Intermediate", root, key=key)
    second = Authority.make("Lab Intermediate", Authority.make("Lab Root 2"), key=key)
    sample = issued(issuers=(root, first))
    return sample.files(chain=pem(first.certificate, second.certificate))


@make
def old_chain_of_a_renewed_intermediate() -> Files:
    """chain.pem of last year beside a leaf of the renewed intermediate, which has the same name and key."""
    root, key = Authority.make("Lab Root"), rsa_key()
    old = Authority.make("Lab Intermediate", root, key=key, days=(-800, -2))
    sample = issued(issuers=(root, Authority.make("Lab Intermediate", root, key=key)))
    return sample.files(chain=pem(old.certificate))


@make
def intermediate_self_issued() -> Files:
    """A CA's new key, certified with its old one: subject equals issuer, and yet no root. RFC 5280, 3.2"""
    root = Authority.make("Lab Root")
    old = Authority.make("Lab CA", root)
    return simple(issuers=(root, old, Authority.make("Lab CA", old)))


@make
def path_length_violated() -> Files:
    root = Authority.make("Lab Root")
    upper = Authority.make("Lab A", root, path_length=0)
    return simple(issuers=(root, upper, Authority.make("Lab B", upper)))


def constrained(permitted: Sequence[x509.GeneralName]) -> Files:
    """Below an intermediate with critical name constraints."""
    return simple(issuers=lab([(x509.NameConstraints(list(permitted), None), True)]))


INPUTS |= {
    "name_constraints_permitted": partial(constrained, [x509.DNSName("example.com"), x509.DNSName("example.org")]),
    "name_constraints_violated": partial(constrained, [x509.DNSName("example.com")]),
    "name_constraints_with_a_dot": partial(constrained, [x509.DNSName(".com"), x509.DNSName(".org")]),
}


# --- keys and signatures


def under(issuer_key: Key, key: Key | None = None) -> Files:
    """A leaf under an intermediate with this key."""
    return simple(key, issuers=lab(key=issuer_key))


def rekeyed(key: Key, info: bytes) -> Files:
    """A leaf whose SubjectPublicKeyInfo is another form of its key."""
    root, issuer = lab()
    sample = issued(key, (root, issuer))
    assert isinstance(issuer.key, rsa.RSAPrivateKey)
    return sample.files(leaf=pem(with_key(sample.leaf, issuer.key, info)))


def rekeyed_issuer(key: Any, info: Callable[[Any], bytes]) -> Files:
    """An intermediate whose SubjectPublicKeyInfo is another form of its key."""
    root, issuer = lab(key=key)
    assert isinstance(root.key, rsa.RSAPrivateKey)
    return issued(issuers=(root, issuer)).files(chain=pem(with_key(issuer.certificate, root.key, info(key))))


INPUTS |= {
    "rsa_2048_e3": lambda: simple(rsa_key(2048, 3)),
    "rsa_3072": lambda: simple(rsa_key(3072)),
    "rsa_4096": lambda: simple(rsa_key(4096)),
    "ec_p256": lambda: simple(ec_key()),
    "ec_p384": lambda: simple(ec_key(ec.SECP384R1())),
    "ed25519_leaf": lambda: simple(ed25519.Ed25519PrivateKey.generate()),
    "ec_p256_under_rsa_p384_mix": lambda: under(ec_key(ec.SECP384R1()), ec_key()),
    "rsa_leaf_under_p384_intermediate": lambda: under(ec_key(ec.SECP384R1())),
    "rsa_leaf_under_p521_intermediate": lambda: under(ec_key(ec.SECP521R1())),
    "rsa_leaf_under_ed25519_intermediate": lambda: under(ed25519.Ed25519PrivateKey.generate()),
    "signed_with_pss": lambda: simple(pss=True),
}


@make
def tool_openssl_rsa_pss_key() -> Files:
    key = rsa_key()
    return replace(rekeyed(key, rsa_pss_info(key)), key=rsa_pss_key(key).encode())


@make
def tool_openssl_ecparam_explicit() -> Files:
    key = ec_key()
    return rekeyed(key, explicit_curve_info(key))


@make
def tool_openssl_rsa_multiprime() -> Files:
    text, public = three_prime_key()
    return replace(
        rekeyed(rsa_key(), public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)), key=text.encode()
    )


def written(form: Callable[[Key], str], key: Key | None = None) -> Files:
    """With the key in another form."""
    sample = issued(key)
    return sample.files(key=form(sample.key))


def encrypted(form: PrivateFormat) -> Callable[[Key], str]:
    """A key with a passphrase."""
    return lambda key: key.private_bytes(Encoding.PEM, form, BestAvailableEncryption(b"word")).decode()


ATTRIBUTES = "Bag Attributes\n    friendlyName: example.com\n    localKeyID: 54 69\nsubject=CN = example.com\n"
PARAMETERS = "-----BEGIN EC PARAMETERS-----\nBggqhkjOPQMBBw==\n-----END EC PARAMETERS-----\n"
DUMP = "Certificate:\n    Data:\n        Version: 3 (0x2)\n        Subject: CN = example.com\n"

INPUTS |= {
    "key_trad_rsa": partial(written, traditional),
    "key_trad_ec": lambda: written(traditional, ec_key()),
    "key_encrypted_pkcs8": partial(written, encrypted(PrivateFormat.PKCS8)),
    "key_encrypted_traditional": partial(written, encrypted(PrivateFormat.TraditionalOpenSSL)),
    "key_ssh": partial(
        written, lambda key: key.private_bytes(Encoding.PEM, PrivateFormat.OpenSSH, NoEncryption()).decode()
    ),
    "tool_openssl_ecparam_with_params": lambda: written(lambda key: PARAMETERS + traditional(key), ec_key()),
    "tool_openssl_ecparam_noout": lambda: written(traditional, ec_key()),
    "tool_openssl_genpkey_ec": lambda: simple(ec_key()),
    "tool_openssl_genpkey_text": lambda: written(lambda key: pkcs_8(key) + "Private-Key: (256 bit)\npriv:\n", ec_key()),
    "tool_openssl_genrsa": simple,
    "tool_openssl_genrsa_traditional": partial(written, traditional),
    "tool_certtool_default_key": lambda: written(
        lambda key: f"Public Key Info:\n\tPublic Key Algorithm: RSA\n\n{traditional(key)}", rsa_key(3072)
    ),
}


def gnutls(octets: int, *, short: bool = False, pkcs: bool = False) -> Files:
    """certtool's keys of P-256."""
    key = short_ec_key() if short else ec_key()
    sample = issued(key)
    return sample.files(key=gnutls_key(key, octets, pkcs_8=pkcs))


INPUTS |= {
    "tool_certtool_ec_33_octets": partial(gnutls, 33),
    "tool_certtool_ec_32_octets": partial(gnutls, 32),
    "tool_certtool_ec_31_octets": partial(gnutls, 31, short=True),
    "tool_certtool_pkcs8": partial(gnutls, 33, pkcs=True),
}


@make
def key_combined_cert_first() -> Files:
    """HAProxy's order."""
    sample = issued()
    return sample.files(key=pem(sample.leaf, *sample.chain) + pkcs_8(sample.key))


@make
def all_in_one_three_times() -> Files:
    sample = issued()
    whole = pkcs_8(sample.key) + pem(sample.leaf, *sample.chain)
    return sample.files(whole, whole, whole)


# --- forms of the text


def retold(form: Callable[[str], str | bytes], *parts: str) -> Files:
    """Files in another form; all three, or only `parts`."""
    given = simple()
    changed = {part: form(getattr(given, part).decode()) for part in parts or ("leaf", "chain", "key")}
    return replace(
        given,
        **{part: content if isinstance(content, bytes) else content.encode() for part, content in changed.items()},
    )


def wrapped(text: str, columns: int) -> str:
    """With lines of another length inside the blocks."""

    def rewrap(armor: re.Match[str]) -> str:
        return "\n".join([armor[1], *wrap("".join(armor[2].split()), columns), armor[3]])

    return re.sub(r"(-----BEGIN [A-Z ]+-----)(.*?)(-----END [A-Z ]+-----)", rewrap, text, flags=re.DOTALL)


def _x509_header(text: str) -> str:
    return text.replace("BEGIN CERT", "BEGIN X509 CERT").replace("END CERT", "END X509 CERT")


INPUTS |= {
    "text_crlf": lambda: retold(lambda text: text.replace("\n", "\r\n")),
    "text_cr_only": lambda: retold(lambda text: text.replace("\n", "\r")),
    "text_bom": lambda: retold(lambda text: f"\ufeff{text}"),
    "text_utf16": lambda: retold(lambda text: text.encode("utf-16")),
    "text_no_last_newline": lambda: retold(lambda text: text.rstrip("\n")),
    "text_leading_spaces": lambda: retold(lambda text: "".join(f"    {line}\n" for line in text.splitlines())),
    "text_trailing_spaces": lambda: retold(lambda text: "".join(f"{line}  \n" for line in text.splitlines())),
    "text_76_columns": lambda: retold(lambda text: wrapped(text, 76)),
    "text_one_line": lambda: retold(lambda text: wrapped(text, 10**6)),
    "text_blank_lines_between": lambda: retold(lambda text: f"\n\n{text}\n\n"),
    "text_blank_line_inside": lambda: retold(lambda text: re.sub(r"(-----BEGIN [A-Z ]+-----\n)", r"\1\n", text)),
    "text_json_escapes": lambda: retold(lambda text: text.replace("\n", "\\n")),
    "text_x509_header": lambda: retold(_x509_header),
    "text_latin1_bag_attributes": lambda: retold(lambda text: f"friendlyName: Müller\n{text}".encode("latin-1")),
    "text_dashes_in_notes": lambda: retold(lambda text: f"# ----- our certificate, 2026 -----\n{text}"),
    "tool_openssl_x509_text": lambda: retold(lambda text: DUMP + text),
    "tool_openssl_ca": lambda: retold(lambda text: DUMP + text, "leaf"),
    "tool_openssl_pkcs12_split": lambda: retold(lambda text: ATTRIBUTES + text),
    "tool_certutil_encode": lambda: retold(lambda text: text.replace("\n", "\r\n"), "leaf", "chain"),
    "tool_vault_fields_no_newline": lambda: retold(lambda text: text.rstrip("\n")),
    "tool_vault_jq_without_r": lambda: retold(json.dumps, "leaf"),
    "vault_document": lambda: retold(lambda text: json.dumps({"data": {"ca_chain": [], "certificate": text}}), "leaf"),
    "der_leaf": lambda: retold(
        lambda text: x509.load_pem_x509_certificate(text.encode()).public_bytes(Encoding.DER), "leaf"
    ),
    "base64_leaf": lambda: retold(lambda text: "".join(text.splitlines(keepends=True)[1:-1]), "leaf"),
    "base64_key": lambda: retold(lambda text: "".join(text.splitlines(keepends=True)[1:-1]), "key"),
    "truncated": lambda: retold(lambda text: text[: len(text) // 2], "leaf"),
    "certificate_request": lambda: retold(lambda text: text.replace("CERTIFICATE", "CERTIFICATE REQUEST"), "leaf"),
}


@make
def tool_openssl_trusted_certificate() -> Files:
    sample = issued()
    auxiliary = b"\x30\x00"
    return sample.files(leaf=block("TRUSTED CERTIFICATE", sample.leaf.public_bytes(Encoding.DER) + auxiliary))


@make
def pkcs7_chain() -> Files:
    sample = issued()
    return sample.files(chain=pkcs7.serialize_certificates(list(sample.chain), Encoding.PEM).decode())


@make
def pkcs7_all() -> Files:
    sample = issued()
    return sample.files(
        leaf=pkcs7.serialize_certificates([sample.leaf, *sample.chain], Encoding.PEM).decode(), chain=""
    )


@make
def pkcs7_der_chain() -> Files:
    sample = issued()
    return replace(sample.files(), chain=pkcs7.serialize_certificates(list(sample.chain), Encoding.DER))


@make
def pkcs12_for_all() -> Files:
    sample = issued()
    assert isinstance(sample.key, rsa.RSAPrivateKey)
    whole = pkcs12.serialize_key_and_certificates(b"example", sample.key, sample.leaf, sample.chain, NoEncryption())
    return replace(sample.files(), leaf=whole, chain=b"", key=whole)


@make
def der_key() -> Files:
    sample = issued()
    return replace(sample.files(), key=sample.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption()))


def list_of(sample: Issued, *, root: bool) -> str:
    """All certificates with text around each, as `keytool -list -rfc` and `openssl pkcs12` write them."""
    every = [sample.leaf, *sample.chain, *([sample.root.certificate] if root else [])]
    return "".join(f"Certificate[{number}]:\n{pem(each)}" for number, each in enumerate(every, 1))


@make
def tool_keytool_list_rfc_for_both() -> Files:
    sample = issued()
    return sample.files(list_of(sample, root=True), list_of(sample, root=True))


@make
def tool_openssl_pkcs12_nokeys_for_both() -> Files:
    sample = issued()
    return sample.files(list_of(sample, root=False), list_of(sample, root=False))


@make
def tool_openssl_pkcs12_all_in_one() -> Files:
    sample = issued()
    whole = ATTRIBUTES + list_of(sample, root=False) + ATTRIBUTES + pkcs_8(sample.key)
    return sample.files(whole, whole, whole)


@make
def tool_openssl_pkcs12_cacerts_with_root() -> Files:
    sample = issued()
    return sample.files(chain=ATTRIBUTES + pem(*sample.chain) + ATTRIBUTES + pem(sample.root.certificate))


@make
def tool_vault_ca_chain_glued() -> Files:
    sample = issued()
    return sample.files(chain=pem(*sample.chain).rstrip("\n") + pem(sample.root.certificate).rstrip("\n"))


@make
def tool_cat_without_newline() -> Files:
    sample = issued()
    return sample.files(leaf=pem(sample.leaf).rstrip("\n") + pem(*sample.chain).rstrip("\n"), chain="")


def easyrsa() -> Files:
    """A root, whose basicConstraints are not critical, signs the leaf."""
    return replace(simple(issuers=(Authority.make("Lab Root", critical_constraints=False),)), chain=b"")


def backdated(key: Key | None = None) -> Files:
    """cfssl: the leaf begins five minutes before now, here before its intermediate."""
    return simple(key, issuers=lab(days=(0, 900)), age=5 / 1440)


INPUTS |= {
    "tool_vault_ca_chain_with_root": chain_with_root,
    "tool_keytool_exportcert": lambda: retold(lambda text: wrapped(text, 64).replace("\n", "\r\n"), "leaf"),
    "tool_cfssljson": backdated,
    "tool_cfssljson_ec": lambda: backdated(ec_key()),
    "tool_easyrsa": easyrsa,
    "tool_easyrsa_ca_as_chain": lambda: replace(given := easyrsa(), chain=given.root),
    "tool_mkcert": lambda: simple(issuers=line()),
}


# --- ACME clients: which files each gives, for the names that its users could request at once

FOUR = ("example.com", "www.example.com", "shop.example.com", "api.example.org")

INPUTS |= {
    "acme_certbot_rsa": simple,
    "acme_certbot_ecdsa": lambda: simple(ec_key()),
    "acme_certbot_rsa_fullchain_as_leaf": partial(fullchain, chain=None),
    "acme_certbot_ecdsa_fullchain_as_leaf": lambda: fullchain(ec_key(), chain=None),
    "acme_lego": lambda: fullchain(ec_key(), chain=None),
    "acme_dehydrated_default": lambda: simple(ec_key(ec.SECP384R1())),
    "acme_dehydrated_prime256v1": lambda: simple(ec_key()),
    "acme_uacme_rsa_one_file": fullchain,
    "acme_uacme_ec_one_file": lambda: fullchain(ec_key()),
    "acme_uacme_rsa_file_twice": partial(fullchain, twice=True),
    "acme_uacme_ec_file_twice": lambda: fullchain(ec_key(), twice=True),
    "acme_acme_tiny": lambda: fullchain(rsa_key(4096), names=FOUR),
    "acme_caddy": lambda: fullchain(ec_key(), names=["www.example.com"]),
    "acme_node_acme_client_rsa": fullchain,
    "acme_node_acme_client_ec": lambda: fullchain(ec_key()),
    "acme_acmetool": lambda: simple(names=["example.com", "www.example.com"]),
    "acme_mod_md": lambda: fullchain(names=[*FOUR, "w.example.org"]),
    "acme_sh_2048": simple,
    "acme_sh_ecc": lambda: simple(ec_key()),
    "acme_getssl": lambda: simple(rsa_key(4096), names=[*FOUR, "w.example.org"]),
}
