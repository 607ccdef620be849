"""What is judged before a push, in this process: with whose key, at what time, by which CAs."""

import shutil
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from tests.certificates.authority import DAY, NAMES, NOW, Authority, Key, ec_key, pem, pkcs_8, rsa_key
from understudy_failover.operations.certificate import trust
from understudy_failover.operations.certificate.preflight import Checked, check, problems_now, public_key, warnings
from understudy_failover.operations.certificate.source import Source
from understudy_failover.settings.certificate import AWS_SAMPLE, parse
from understudy_failover.settings.certificate_rules import Sources
from understudy_failover.settings.problem import Problem

ROOT = Authority.make("Root", key=ec_key())
ISSUER = Authority.make("Intermediate", ROOT, key=ec_key())
KEY = rsa_key()
FILES = ("cert.pem", "chain.pem", "key.pem")
ALONE = "certificates, which everybody may see"


@pytest.fixture
def settings(tmp_path: Path, root: Path) -> Path:
    return Path(shutil.copy(root / "tests/sample/failover.toml", tmp_path))


@pytest.fixture
def trusted(monkeypatch: pytest.MonkeyPatch) -> None:
    """The root counts as one of Mozilla's."""
    monkeypatch.setattr(trust, "mozilla_roots", lambda: (ROOT.certificate,))


def _source(*, leaf: str | None = None, chain: str | None = None, key: str | None = None) -> Source:
    return Source(
        FILES,
        (pem(ISSUER.leaf(KEY)) if leaf is None else leaf).encode(),
        (pem(ISSUER.certificate) if chain is None else chain).encode(),
        (pkcs_8(KEY) if key is None else key).encode(),
    )


def _problems(source: Source, settings: Path) -> list[Problem]:
    checked = check(source, settings, NOW)
    assert isinstance(checked, list)
    return checked


def test_a_good_certificate_comes_back_with_its_key_and_the_settings_with_it(settings: Path, trusted: None) -> None:
    checked = check(_source(), settings, NOW)
    assert isinstance(checked, Checked)
    assert checked.settings.certificate.public == checked.public
    assert checked.warnings == ()
    assert (
        checked.key.public_key
        == public_key(checked.public)
        == KEY.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    )


def test_an_additional_certificate_is_judged_by_the_hosts_of_its_own_servers(settings: Path, trusted: None) -> None:
    table = '[[certificates]]\nname = "shops"\nprivate_key_secret = "understudy/shops"\n'
    settings.write_text(f"{settings.read_text(encoding='utf-8')}\n{table}", encoding="utf-8")
    given = _source(leaf=pem(ISSUER.leaf(KEY, NAMES[:2])))
    folder = settings.parent / "certificates" / "example"
    folder.mkdir(parents=True)
    (folder / "certificate.pem").write_text(pem(ISSUER.leaf(KEY)), encoding="ascii")
    (folder / "chain.pem").write_text(pem(ISSUER.certificate), encoding="ascii")
    # As the main certificate it lacks a name, and the further one is missing.
    assert isinstance(check(given, settings, NOW), list)
    checked = check(given, settings, NOW, name="shops")
    assert isinstance(checked, Checked)
    assert checked.settings.certificates[0].public == checked.public != checked.settings.certificate.public


def test_a_private_ca_is_refused_unless_it_is_meant(settings: Path) -> None:
    (problem,) = _problems(_source(), settings)
    assert (problem.place, problem.wrong) == ("chain.pem", f"leads to CN=Root, which is none of {trust.ROOT_LIST}")
    assert isinstance(check(_source(), settings, NOW, private_ca=True), Checked)


def test_the_key_of_another_certificate_is_refused(settings: Path, trusted: None) -> None:
    # Of two keys in turn, one differs from KEY.
    other = next(key for key in (rsa_key(), rsa_key()) if key is not KEY)
    assert _problems(_source(key=pkcs_8(other)), settings) == [
        Problem(
            "key.pem",
            "does not belong to the certificate",
            "name the key that the certificate was requested with",
            "the private key whose public key is in the certificate",
        )
    ]


@pytest.mark.parametrize("place", ["cert.pem", "chain.pem"])
def test_a_key_beside_the_certificate_is_refused_with_the_command_that_leaves_it_out(
    settings: Path, trusted: None, place: str
) -> None:
    certificates, key = pem(ISSUER.leaf(KEY), ISSUER.certificate), pkcs_8(KEY)
    given = _source(leaf=certificates + key) if place == "cert.pem" else _source(chain=certificates + key)
    command = f"openssl crl2pkcs7 -nocrl -certfile {place} | openssl pkcs7 -print_certs -out certificates.pem"
    assert _problems(given, settings) == [
        Problem(
            place,
            "holds a private key beside the certificate",
            f"name a file with certificates alone: {command} writes one",
            ALONE,
        )
    ]


def test_a_host_that_is_not_covered_is_a_problem_of_the_settings(settings: Path, trusted: None) -> None:
    problems = _problems(_source(leaf=pem(ISSUER.leaf(KEY, NAMES[:2]))), settings)
    assert problems
    assert {problem.wrong for problem in problems} == {"is not covered by the certificate"}


def test_all_problems_come_at_once(settings: Path) -> None:
    ended = Authority.make("Ended", ROOT, key=ec_key(), days=(-400, -2))
    files = _source(leaf=pem(ended.leaf(KEY, NAMES[:2], age=30)), chain=pem(ended.certificate), key="")
    wrong = [problem.wrong for problem in _problems(files, settings)]
    assert wrong[0] == "holds no readable private key"
    assert wrong[1].startswith("certificate 1 (CN=Ended) expired on ")
    assert "is not covered by the certificate" in wrong


def test_a_chain_is_judged_by_the_roots_that_are_given() -> None:
    public = parse(pem(ISSUER.leaf(KEY)).encode(), pem(ISSUER.certificate).encode())
    other = Authority.make("Other", key=ec_key())
    files = Sources()
    assert problems_now(public, files, NOW, private_ca=False, roots=[ROOT.certificate]) == []
    assert problems_now(public, files, NOW, private_ca=True, roots=[other.certificate]) == []
    assert problems_now(public, files, NOW, private_ca=False, roots=[other.certificate]) == [
        Problem(
            "chain.pem",
            "leads to CN=Root, which is none of the trusted CAs",
            "have the certificate issued by a public CA; if a private CA is meant, repeat with --private-ca",
            "certificates of CAs that browsers and CloudFront trust",
        )
    ]


def test_a_leaf_without_its_chain_needs_the_file_of_the_chain() -> None:
    public = parse(pem(ISSUER.leaf(KEY)).encode(), b"")
    assert problems_now(public, Sources(), NOW, private_ca=False, roots=[ROOT.certificate]) == [
        Problem(
            "chain.pem",
            "holds no chain, and the certificate is issued by CN=Intermediate, which is none of the trusted CAs",
            "name the chain that your CA gave with the certificate; have the certificate issued by a public CA; "
            "if a private CA is meant, repeat with --private-ca",
            "certificates of CAs that browsers and CloudFront trust",
        )
    ]


@pytest.mark.parametrize(("issuer", "fix"), trust.KNOWN_ISSUERS.items())
def test_issuers_that_are_mistaken_for_public_ones_have_advice_of_their_own(issuer: str, fix: str) -> None:
    root = Authority.make(f"{issuer} CA", key=ec_key())
    public = parse(pem(root.leaf(KEY)).encode(), b"")
    (problem,) = problems_now(public, Sources(), NOW, private_ca=False, roots=[ROOT.certificate])
    assert problem.fix == fix
    assert problem.wrong == f"leads to CN={issuer} CA, which is none of the trusted CAs"


def _warnings(key: Key = KEY, issuer: Authority = ISSUER, *, after_days: float = 0, **of_leaf: float) -> list[str]:
    public = parse(pem(issuer.leaf(key, **of_leaf)).encode(), pem(issuer.certificate).encode())  # type: ignore[arg-type]
    return list(warnings(public, NOW + after_days * DAY))


def test_the_last_quarter_of_a_lifetime_is_warned_of() -> None:
    assert _warnings(days=100, age=0, after_days=74) == []
    assert _warnings(days=100, age=0, after_days=76) == [
        "23 days are left, under a quarter of its lifetime: is it the renewed one?"
    ]


def test_the_last_quarter_counts_to_the_end_of_the_chain() -> None:
    short = Authority.make("Short", ROOT, key=ec_key(), days=(-400, 10))
    chain_ends, few_days = _warnings(issuer=short, days=90, age=0, after_days=9)
    assert "Clients refuse the page from then on" in chain_ends
    assert few_days == "1 days are left, under a quarter of its lifetime: is it the renewed one?"


def test_what_is_over_is_not_warned_of() -> None:
    """The intermediate is younger than the leaf: synthesis, which has no clock, warns of the days between."""
    renewed = Authority.make("Renewed", ROOT, key=ec_key(), days=(-5, 900))
    assert parse(pem(renewed.leaf(KEY, age=30)).encode(), pem(renewed.certificate).encode()).warnings
    assert _warnings(issuer=renewed, age=30) == []


def test_a_key_that_nobody_has_confirmed_is_warned_of() -> None:
    (warning,) = _warnings(ec_key())
    assert warning == (
        "The certificate has a key of type EC P-256. CloudFront documents it for certificates in ACM; "
        f"{AWS_SAMPLE}If CloudFront refuses it, the deploy rolls back and the certificate before stays. "
        "RSA 2048 is the sure choice."
    )
