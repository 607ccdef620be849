"""The path from a certificate to its root as TLS clients judge it: why it is refused, and when it ends."""

import ipaddress
import pathlib
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.x509.oid import ExtendedKeyUsageOID

from tests.certificates.authority import DAY, NOW, Authority, ec_key, name, pem, rsa_key
from tests.certificates.der import explicit_curve_info, rsa_pss_info, signed_with_sha_1, with_key
from understudy_failover.settings.certificate import CertificateError, parse, read
from understudy_failover.settings.certificate_path import (
    LONGEST_SORTED,
    Reason,
    is_root,
    is_trusted,
    needed,
    ordered,
    reasons,
    refusal_of,
    warnings_of,
)
from understudy_failover.settings.certificate_rules import Sources, faults_of_path

ROOT = Authority.make("Root", key=ec_key())
Path = list[x509.Certificate]
SECOND = timedelta(seconds=1)
CLIENT = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.CLIENT_AUTH])
ANY = x509.ExtendedKeyUsage([ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE])
POLICY = x509.CertificatePolicies([x509.PolicyInformation(x509.ObjectIdentifier("2.23.140.1.2.1"), None)])
DOTTED = x509.NameConstraints([x509.DNSName(".com"), x509.DNSName(".org")], None)


def below(common_name: str, parent: Authority = ROOT, **more: Any) -> Authority:
    return Authority.make(common_name, parent, **{"key": ec_key(), **more})


def path(*authorities: Authority, **of_leaf: Any) -> Path:
    """A leaf of the last of `authorities`, each of which is below the one before it, and these from the last on."""
    leaf = authorities[-1].leaf(ec_key(), **of_leaf)
    return [leaf, *(authority.certificate for authority in reversed(authorities))]


def names(*permitted: str, excluded: tuple[str, ...] = ()) -> tuple[x509.ExtensionType, bool]:
    """Critical name constraints."""
    subtrees = [[x509.DNSName(name) for name in some] or None for some in (permitted, excluded)]
    return x509.NameConstraints(*subtrees), True


def three(**of_upper: Any) -> Path:
    upper = below("Upper", **of_upper)
    return path(upper, below("Lower", upper))


def crossed(days: tuple[float, float]) -> Path:
    """A path that ends with the cross-signature of a root."""
    old, key = below("Old"), ec_key()
    new = Authority.make("New", old, key=key, days=days)
    return path(new, below("CA", new))


def rekeyed(key: Any, info: Callable[[Any], bytes]) -> Path:
    """A path whose CA has its key in another form."""
    root = rsa_key()
    leaf, authority = path(Authority.make("CA", Authority.make("Root", key=root), key=key))
    return [leaf, with_key(authority, root, info(key))]


def test_a_good_path_has_no_reasons_and_ends_with_its_leaf() -> None:
    good = three()
    assert reasons(good) == reasons(good, NOW) == []
    assert needed(good) == needed(good, NOW) == good
    for later in (warnings_of(good), warnings_of(good, NOW)):
        assert later.texts == ()
        assert later.usable_until == good[0].not_valid_after_utc


def test_a_cross_signature_that_ended_before_any_certificate_below_it_began_is_left_out() -> None:
    """Here the intermediate, which was renewed with its name and key since the leaf began."""
    new = below("New", days=(-800, -450))
    refused = path(new, below("CA", new), age=500, days=900)
    assert needed(refused) == refused[:2]


def test_a_leaf_alone_is_a_path() -> None:
    assert reasons(path(ROOT)[:1], NOW) == []
    assert [reason.wrong for reason in reasons(path(ROOT, age=100)[:1], NOW)] == [
        f"expired on {NOW - 10 * DAY:%Y-%m-%d}"
    ]


@pytest.mark.parametrize(
    "extension",
    [
        (POLICY, True),
        (x509.PolicyConstraints(0, None), True),
        (x509.InhibitAnyPolicy(0), True),
        names("example.com", "example.org"),
        (x509.UnrecognizedExtension(x509.ObjectIdentifier("1.2.3.4"), b"\x05\x00"), False),
    ],
    ids=lambda extension: type(extension[0]).__name__,
)
def test_what_browsers_accept_in_a_ca_is_accepted(extension: tuple[x509.ExtensionType, bool]) -> None:
    assert reasons(path(below("CA", extensions=[extension])), NOW) == []


def test_what_browsers_accept_in_a_leaf_is_accepted() -> None:
    refused = path(
        below("CA", key_usage=False),
        critical_names=True,
        issuer_identifier=False,
        subject_identifier=False,
        usages=(),
        usage="digital_signature key_cert_sign",
        extensions=[(POLICY, True)],
    )
    assert reasons(refused, NOW) == []


@pytest.mark.parametrize("key", [ec_key(ec.SECP384R1()), ec_key(ec.SECP521R1()), rsa_key()], ids=["384", "521", "RSA"])
def test_a_ca_may_have_a_stronger_key(key: ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) -> None:
    assert reasons(path(below("CA", key=key)), NOW) == []


VALID_NOW = "certificates that are valid now: CloudFront and clients refuse others"
NO_CA = (
    "is no certificate of a CA, and must not issue others",
    "basicConstraints CA:TRUE, and keyCertSign in keyUsage",
)
SERVERS = (
    "is not for servers: its extended key usage lacks serverAuth",
    "serverAuth among the extended key usages, or none",
    "have it issued again for server authentication",
)
KEYS = (
    "has a key of a kind, size or form that TLS clients do not accept",
    "RSA 2048 or larger (not RSA-PSS), or EC P-256, P-384 or P-521 (by name)",
    "have the certificate issued by a CA with such a key",
)
CRITICAL = ("extensions of RFC 5280, others not critical", "have it issued again without them")
CONSTRAINED = ("names within the CA's name constraints", "have it issued by another CA, or without the other names")
UNKNOWN = [
    (x509.UnrecognizedExtension(x509.ObjectIdentifier(f"1.2.3.{number}"), b"\x05\x00"), True) for number in (5, 4)
]
STAPLE = x509.TLSFeature([x509.TLSFeatureType.status_request])

REFUSED: dict[str, tuple[Callable[[], Path], Reason]] = {
    "leaf expired": (
        lambda: path(below("CA"), age=100),
        Reason(0, f"expired on {NOW - 10 * DAY:%Y-%m-%d}", VALID_NOW, "have it renewed"),
    ),
    "intermediate expired": (
        lambda: path(below("CA", days=(-50, -1))),
        Reason(
            1, f"expired on {NOW - DAY:%Y-%m-%d}", VALID_NOW, "take the chain that your CA gave with the certificate"
        ),
    ),
    "intermediate not valid yet": (
        lambda: path(below("CA", days=(3, 50))),
        Reason(
            1,
            f"is valid only from {NOW + 3 * DAY:%Y-%m-%d} on",
            VALID_NOW,
            "push it then; is this machine's clock right?",
        ),
    ),
    "precertificate": (
        lambda: path(below("CA"), extensions=[(x509.PrecertPoison(), True)]),
        Reason(0, "is a precertificate", "the certificate itself", "name the certificate that the CA issued for it"),
    ),
    "unknown critical extensions": (
        lambda: path(below("CA"), extensions=UNKNOWN),
        Reason(0, "has critical extensions that TLS clients do not know: 1.2.3.4, 1.2.3.5", *CRITICAL),
    ),
    "critical extension of another kind": (
        lambda: path(below("CA"), extensions=[(STAPLE, True)]),
        Reason(0, "has critical extensions that TLS clients do not know: TLSFeature", *CRITICAL),
    ),
    "leaf for clients only": (
        lambda: path(below("CA"), usages=(ExtendedKeyUsageOID.CLIENT_AUTH,)),
        Reason(0, *SERVERS),
    ),
    "leaf for any use": (
        lambda: path(below("CA"), usages=(ExtendedKeyUsageOID.ANY_EXTENDED_KEY_USAGE,)),
        Reason(0, *SERVERS),
    ),
    "CA for any use": (lambda: path(below("CA", extensions=[(ANY, False)])), Reason(1, *SERVERS)),
    "leaf that must not sign": (
        lambda: path(below("CA"), usage="key_encipherment"),
        Reason(
            0,
            "must not sign TLS sessions: its key usage lacks digitalSignature",
            "digitalSignature in keyUsage, or no keyUsage",
            "have it issued again for server authentication",
        ),
    ),
    "CA for clients only": (lambda: path(below("CA", extensions=[(CLIENT, False)])), Reason(1, *SERVERS)),
    "no CA": (lambda: path(below("CA", ca=False)), Reason(1, *NO_CA, "put the certificate of the real issuer there")),
    "CA that must not sign certificates": (
        lambda: path(below("CA", signs=False)),
        Reason(1, *NO_CA, "put the certificate of the real issuer there"),
    ),
    "path too long": (
        lambda: three(path_length=0),
        Reason(
            2,
            "allows 0 CAs below it, and the chain has 1",
            "chains no longer than the CA's path length",
            "have the certificate issued by a CA that may",
        ),
    ),
    "name not permitted": (
        lambda: path(below("CA", extensions=[names("example.net")])),
        Reason(1, "does not allow every name of the certificate (permitted: example.net)", *CONSTRAINED),
    ),
    "name excluded": (
        lambda: path(below("CA", extensions=[names("example.com", "example.org", excluded=("example.org",))])),
        Reason(
            1,
            "does not allow every name of the certificate (permitted: example.com, example.org; excluded: example.org)",
            *CONSTRAINED,
        ),
    ),
    "small key of a CA": (
        lambda: path(below("CA", key=rsa.generate_private_key(65_537, 1024))),  # noqa: S505 - too small on purpose
        Reason(1, *KEYS),
    ),
    "RSA-PSS key of a CA": (lambda: rekeyed(rsa_key(), rsa_pss_info), Reason(1, *KEYS)),
    "EC key of a CA with its curve spelled out": (lambda: rekeyed(ec_key(), explicit_curve_info), Reason(1, *KEYS)),
    "curve of a CA that clients do not have": (lambda: path(below("CA", key=ec_key(ec.SECP256K1()))), Reason(1, *KEYS)),
    "kind of key of a CA that clients do not have": (
        lambda: path(below("CA", key=ed25519.Ed25519PrivateKey.generate())),
        Reason(1, *KEYS),
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_a_refusal_says_what_is_wrong_where_and_how_to_fix_it(case: str) -> None:
    make, reason = REFUSED[case]
    assert reasons(make(), NOW) == [reason]


@pytest.mark.parametrize(
    "case", sorted(REFUSED.keys() - {"leaf expired", "intermediate expired", "intermediate not valid yet"})
)
def test_what_does_not_depend_on_the_time_is_refused_without_a_clock(case: str) -> None:
    make, reason = REFUSED[case]
    assert reasons(make()) == [reason]


def test_of_several_certificates_everything_is_said() -> None:
    upper = below("Upper", ca=False)
    refused = reasons(
        path(upper, below("Lower", upper, days=(-50, -1)), usages=(ExtendedKeyUsageOID.CLIENT_AUTH,)), NOW
    )
    assert [reason.position for reason in refused] == [0, 1, 2]


def test_a_signature_with_sha_1_is_refused() -> None:
    root, issuer = Authority.make("Root"), rsa_key()
    authority = Authority.make("CA", root, key=issuer)
    leaf = signed_with_sha_1(authority.leaf(ec_key()), issuer)
    assert reasons([leaf, authority.certificate], NOW) == [
        Reason(
            0, "is signed with SHA1", "signatures with SHA-256, SHA-384 or SHA-512", "have it issued again with SHA-256"
        )
    ]


def test_what_is_refused_for_a_reason_that_has_no_words_is_refused_in_those_of_the_verifier() -> None:
    nameless = x509.Name([])
    refused = path(below("CA"), alternative=[], subject=nameless)
    (reason,) = reasons(refused, NOW)
    assert reason.position == 0
    assert reason.wrong.startswith("is refused by TLS clients: invalid extension: 2.5.29.17: ")
    assert "encountered" not in reason.wrong
    assert (reason.allowed, reason.fix) == (
        "a path that RFC 5280 and the CA/Browser Forum allow",
        "have it issued again",
    )


def test_a_path_length_that_is_kept_is_no_reason_beside_another() -> None:
    upper = below("Upper", path_length=1)
    refused = path(upper, below("Lower", upper, path_length=0), usages=(ExtendedKeyUsageOID.CLIENT_AUTH,))
    assert reasons(refused, NOW) == [Reason(0, *SERVERS)]


# --- time


def test_a_certificate_is_valid_from_its_first_to_its_last_second() -> None:
    refused = path(below("CA", days=(0, 20)), usages=(ExtendedKeyUsageOID.CLIENT_AUTH,))
    for at in (NOW, NOW + 20 * DAY):
        assert reasons(refused, at) == [Reason(0, *SERVERS)]
    for at in (NOW - SECOND, NOW + 20 * DAY + SECOND):
        assert [reason.position for reason in reasons(refused, at)] == [0, 1]


def test_without_a_clock_a_path_that_was_valid_at_some_time_is_accepted() -> None:
    assert reasons(path(below("CA", days=(-2000, -900)), age=1000)) == []
    assert reasons(path(below("CA", days=(-50, -1)), age=30)) == []
    assert reasons(path(below("CA", days=(10, 900)), age=30)) == []


def test_without_a_clock_an_issuer_that_ended_before_the_leaf_began_is_refused() -> None:
    assert [reason.wrong for reason in reasons(path(below("CA", days=(-50, -2))))] == [
        f"expired on {NOW - 2 * DAY:%Y-%m-%d}"
    ]


@pytest.mark.parametrize(
    ("ended_before_days", "age", "at", "kept"),
    [
        (5, 1, None, 2),  # it ended before the leaf began
        (5, 1, NOW, 2),
        (5, 20, None, 3),  # it ended later than that
        (5, 20, NOW, 2),
        (5, 20, NOW - 6 * DAY, 3),
        (-5, 1, NOW, 3),  # it has not ended
    ],
)
def test_an_expired_cross_signature_at_the_end_is_not_needed(
    ended_before_days: int, age: int, at: datetime | None, kept: int
) -> None:
    upper = below("New", days=(-400, -ended_before_days))
    refused = path(upper, below("CA", upper), age=age)
    assert needed(refused, at) == refused[:kept]
    assert reasons(refused, at) == []


def test_a_cross_signature_that_is_not_valid_yet_is_needed() -> None:
    upper = below("New", days=(3, 400))
    assert len(needed(path(upper, below("CA", upper)), NOW)) == 3


def test_the_issuer_of_the_leaf_is_needed_though_it_is_expired() -> None:
    assert len(needed(path(below("CA", days=(-50, -2))), NOW)) == 2


def test_several_expired_cross_signatures_are_passed_over() -> None:
    first = below("A", days=(-400, -3))
    second = below("B", first, days=(-400, -3))
    assert len(needed(path(first, second, below("CA", second)), NOW)) == 2


def test_a_chain_that_ends_before_the_leaf_is_warned_of() -> None:
    refused = path(below("CA", days=(-400, 20)))
    for later in (warnings_of(refused), warnings_of(refused, NOW)):
        assert later.usable_until == NOW + 20 * DAY
        assert later.texts == (
            f"CN=CA in the chain ends on {NOW + 20 * DAY:%Y-%m-%d}, before the server's certificate "
            f"({refused[0].not_valid_after_utc:%Y-%m-%d}). Clients refuse the page from then on; have the certificate "
            "issued again before.",
        )


def test_a_chain_that_ends_with_the_leaf_is_not_warned_of() -> None:
    leaf = path(below("CA"))[0]
    end = (leaf.not_valid_after_utc - NOW) / DAY
    assert warnings_of(path(below("CA", days=(-400, end)))).texts == ()


@pytest.mark.parametrize(("begins", "warned"), [(2, True), (0.01, True), (0, False), (-1, False)])
def test_without_a_clock_a_chain_that_begins_more_than_a_day_after_the_leaf_is_warned_of(
    begins: float, warned: bool
) -> None:
    refused = path(below("CA", days=(begins, 900)))
    text = (
        f"CN=CA in the chain is valid only from {NOW + begins * DAY:%Y-%m-%d %H:%M} UTC on. Clients refuse the page "
        "until then."
    )
    assert warnings_of(refused).texts == ((text,) if warned else ())
    assert warnings_of(refused, NOW + 3 * DAY).texts == ()


def test_an_expired_cross_signature_is_warned_of() -> None:
    upper = below("New", days=(-400, -3))
    refused = path(upper, below("CA", upper), age=20)
    later = warnings_of(refused, NOW)
    assert later.usable_until == refused[0].not_valid_after_utc
    assert later.texts == (
        f"CN=New in the chain ended on {NOW - 3 * DAY:%Y-%m-%d}. Clients pass over it, but CloudFront refuses such a "
        "chain. Push the certificate again, which leaves it out.",
    )


# --- roots and order


def test_a_root_is_recognized_by_its_signature() -> None:
    assert is_root(ROOT.certificate)
    upper = below("Same")
    assert not is_root(below("Same", upper).certificate)
    assert not is_root(upper.certificate)


def test_a_path_is_ordered_from_any_order() -> None:
    upper = below("Upper")
    good = path(upper, below("Lower", upper))
    leaf, lower, above = good
    stranger = below("Stranger").certificate
    assert ordered(leaf, [above, lower]) == good
    assert ordered(leaf, [stranger, ROOT.certificate, above, leaf, lower]) == good
    assert ordered(leaf, [above]) == [leaf]
    assert ordered(leaf, []) == [leaf]


def test_a_path_that_clients_refuse_by_its_length_is_not_sorted_to_its_end() -> None:
    authorities = [ROOT]
    for number in range(LONGEST_SORTED):
        authorities.append(below(f"Authority {number}", authorities[-1], key=ROOT.key))
    leaf, *chain = path(*authorities[1:])
    assert ordered(leaf, chain) == [leaf, *chain][:LONGEST_SORTED]


def test_a_path_is_trusted_if_it_leads_to_a_root() -> None:
    good = three()
    other = Authority.make("Root", key=ec_key()).certificate
    assert is_trusted(good, [other, ROOT.certificate], NOW)
    assert not is_trusted(good, [other], NOW)
    assert not is_trusted(good[:1], [ROOT.certificate], NOW)
    assert not is_trusted(good, [ROOT.certificate], NOW + 400 * DAY)
    assert refusal_of(good, [other], NOW).startswith("candidates exhausted")


@pytest.mark.parametrize("constraints", [DOTTED, x509.NameConstraints(None, [x509.DirectoryName(name("x"))])])
def test_name_constraints_that_the_verifier_does_not_know_are_warned_of(constraints: x509.NameConstraints) -> None:
    refused = path(below("CA", extensions=[(constraints, True)]))
    assert reasons(refused, NOW) == []
    assert warnings_of(refused).texts == (
        "The chain limits names in a form that is not judged here; test the page with a browser.",
    )
    upper = below("Upper")
    long = path(upper, below("CA", upper, extensions=[(constraints, True)]))
    above = three(extensions=[(constraints, True)])
    assert warnings_of(above).texts == warnings_of(refused).texts
    for some in (refused, long, above):
        assert is_trusted(some, [ROOT.certificate], NOW)
        assert not is_trusted(some, [below("Other").certificate], NOW)


def test_name_constraints_of_a_known_kind_are_judged() -> None:
    known = x509.NameConstraints(
        None, [x509.RFC822Name("example.net"), x509.IPAddress(ipaddress.ip_network("192.0.2.0/24"))]
    )
    refused = path(below("CA", extensions=[(known, True)]))
    assert reasons(refused, NOW) == []
    assert warnings_of(refused).texts == ()


# --- in messages


def test_files_without_a_folder_are_named_as_they_are(tmp_path: pathlib.Path) -> None:
    with pytest.raises(CertificateError) as refusal:
        read(tmp_path)
    assert [fault.file for fault in refusal.value.faults] == ["certificate.pem", "chain.pem"]


@pytest.mark.parametrize(
    ("sources", "file", "number"),
    [(Sources("a.pem", "b.pem"), "b.pem", 1), (Sources("all.pem", "all.pem"), "all.pem", 2)],
)
def test_a_fault_names_the_certificate_by_its_place_in_its_file(sources: Sources, file: str, number: int) -> None:
    leaf, issuer = path(below("CA", ca=False))
    both = file == "all.pem"
    with pytest.raises(CertificateError) as refusal:
        parse(
            pem(leaf, issuer).encode() if both else pem(leaf).encode(), b"" if both else pem(issuer).encode(), sources
        )
    (fault,) = refusal.value.faults
    assert (fault.file, fault.wrong) == (file, f"certificate {number} (CN=CA) {NO_CA[0]}")


def test_a_bundle_in_a_folder_without_chain_is_named_as_the_one_file(tmp_path: pathlib.Path) -> None:
    bundle = tmp_path / "certificate.pem"
    good = path(below("CA"))
    bundle.write_text(pem(*good), encoding="ascii")
    assert read(tmp_path).path == tuple(good)
    bundle.write_text(pem(*path(below("CA", ca=False))), encoding="ascii")
    with pytest.raises(CertificateError) as refusal:
        read(tmp_path, shown="certificates/example")
    (fault,) = refusal.value.faults
    assert (fault.file, fault.wrong) == ("certificates/example/certificate.pem", f"certificate 2 (CN=CA) {NO_CA[0]}")
    bundle.write_text(pem(*path(below("CA"), usages=(ExtendedKeyUsageOID.CLIENT_AUTH,))), encoding="ascii")
    with pytest.raises(CertificateError) as refusal:
        read(tmp_path, shown="certificates/example")
    assert [fault.file for fault in refusal.value.faults] == ["certificates/example/certificate.pem"]


def test_faults_are_those_of_a_moment_if_there_is_one() -> None:
    refused = path(below("CA", days=(-50, -1)), age=20)
    assert list(faults_of_path(refused, Sources())) == []
    assert [fault.wrong for fault in faults_of_path(refused, Sources(), NOW)] == [
        f"certificate 1 (CN=CA) expired on {NOW - DAY:%Y-%m-%d}"
    ]


def test_a_fault_of_the_leaf_names_its_file() -> None:
    leaf, issuer = path(below("CA"), usages=(ExtendedKeyUsageOID.CLIENT_AUTH,))
    with pytest.raises(CertificateError) as refusal:
        parse(pem(leaf).encode(), pem(issuer).encode(), Sources("a.pem", "b.pem"))
    (fault,) = refusal.value.faults
    assert (fault.file, fault.wrong, fault.allowed, fault.fix) == ("a.pem", *SERVERS)


def test_a_parsed_certificate_has_what_comes_later() -> None:
    leaf, issuer = path(below("CA", days=(-400, 20)))
    public = parse(pem(leaf).encode(), pem(issuer).encode())
    assert public.path == (leaf, issuer)
    assert public.usable_until == NOW + 20 * DAY
    assert len(public.warnings) == 1


def test_a_parsed_certificate_is_without_expired_cross_signatures() -> None:
    upper = below("New", days=(-400, -3))
    leaf, issuer, cross = path(upper, below("CA", upper), age=20)
    files = pem(leaf).encode(), pem(issuer, cross).encode()
    assert parse(*files).path == (leaf, issuer, cross)
    public = parse(*files, at=NOW)
    assert public.path == (leaf, issuer)
    assert public.notes == (
        f"chain.pem ends with a cross-signature (CN=New) that expired on {NOW - 3 * DAY:%Y-%m-%d}; it was left out.",
    )
