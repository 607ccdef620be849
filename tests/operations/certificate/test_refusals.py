"""Bad input is refused in clear words, and nothing is written: neither here nor at AWS.

What is said stands, to the letter, in refusals.txt beside this file.
"""

import json
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import certifi
import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, pkcs12

from tests.operations.certificate.authority import NAMES, Authority, Leaf
from tests.operations.certificate.conftest import push
from understudy_failover.cli import main

TRANSCRIPT = Path(__file__).with_name("refusals.txt")

Files = tuple[bytes, bytes, bytes]


def _with(leaf: Leaf, chain: bytes) -> Files:
    return leaf.pem, chain, leaf.key_pem()


def _under(issuer: Authority, start: datetime | None = None, end: datetime | None = None) -> Files:
    return _with(issuer.issue(*NAMES, start=start, end=end), issuer.pem)


def _pkcs_12(leaf: Leaf) -> bytes:
    return pkcs12.serialize_key_and_certificates(b"example", leaf.key, leaf.certificate, None, NoEncryption())


def _long_chain(root: Authority) -> Files:
    line = [root.below("Example Intermediate 1")]
    for number in range(2, 6):
        line.append(line[-1].below(f"Example Intermediate {number}"))
    return _with(line[-1].issue(*NAMES), b"".join(certificate.pem for certificate in reversed(line)))


BAD: dict[str, Callable[[Authority, Authority, Leaf], Files]] = {
    "expired": lambda root, issuer, good: _with(
        issuer.issue(*NAMES, start=datetime(2024, 1, 1, tzinfo=UTC), end=datetime(2024, 3, 31, tzinfo=UTC)), issuer.pem
    ),
    "not valid yet": lambda root, issuer, good: _with(
        issuer.issue(*NAMES, start=datetime(2059, 1, 1, tzinfo=UTC)), issuer.pem
    ),
    "a host is not covered": lambda root, issuer, good: _with(issuer.issue(*NAMES[1:]), issuer.pem),
    "names no host": lambda root, issuer, good: _with(issuer.issue(), issuer.pem),
    "key of a kind that CloudFront refuses": lambda root, issuer, good: _with(
        issuer.issue(*NAMES, key=ec.generate_private_key(ec.SECP384R1())), issuer.pem
    ),
    "key too small": lambda root, issuer, good: _with(
        issuer.issue(*NAMES, key=rsa.generate_private_key(65_537, 1024)),  # noqa: S505 - too small on purpose
        issuer.pem,
    ),
    "key that is encrypted": lambda root, issuer, good: (good.pem, issuer.pem, good.key_pem(b"password")),
    "key of another certificate": lambda root, issuer, good: (good.pem, issuer.pem, issuer.issue(*NAMES).key_pem()),
    "certificate in place of the key": lambda root, issuer, good: (good.pem, issuer.pem, good.pem),
    "key beside the certificate": lambda root, issuer, good: (good.pem + good.key_pem(), issuer.pem, good.key_pem()),
    "DER": lambda root, issuer, good: (good.certificate.public_bytes(Encoding.DER), issuer.pem, good.key_pem()),
    "cut off": lambda root, issuer, good: (good.pem[:700], issuer.pem, good.key_pem()),
    "certificate and chain swapped": lambda root, issuer, good: (issuer.pem, good.pem, good.key_pem()),
    "intermediate expired": lambda root, issuer, good: _under(
        root.below("Example Ended", end=datetime(2026, 1, 31, tzinfo=UTC)),
        start=datetime(2026, 1, 2, tzinfo=UTC),
        end=datetime(2060, 1, 1, tzinfo=UTC),
    ),
    "issuer that is no CA": lambda root, issuer, good: _under(root.below("Example Server", ca=False)),
    "chain is missing": lambda root, issuer, good: _with(good, b""),
    "CA that browsers do not trust": lambda root, issuer, good: _under(Authority.root().below("Example Private CA")),
    "test certificate of Let's Encrypt": lambda root, issuer, good: _under(
        Authority.root().below("(STAGING) Example Root").below("(STAGING) Example Intermediate")
    ),
    "PKCS #12 in place of certificate and key": lambda root, issuer, good: (_pkcs_12(good), b"", _pkcs_12(good)),
    "JSON of Vault": lambda root, issuer, good: (
        json.dumps({"data": {"ca_chain": [issuer.pem.decode()], "certificate": good.pem.decode()}}).encode(),
        issuer.pem,
        good.key_pem(),
    ),
    "chain of another certificate": lambda root, issuer, good: _with(good, root.below("Example Stranger").pem),
    "chain too long": lambda root, issuer, good: _long_chain(root),
    "several mistakes at once": lambda root, issuer, good: (
        issuer.issue(
            "www.example.com", start=datetime(2024, 1, 1, tzinfo=UTC), end=datetime(2024, 3, 31, tzinfo=UTC)
        ).pem,
        issuer.pem,
        good.key_pem(b"password"),
    ),
}


@pytest.fixture(scope="module")
def transcript() -> dict[str, str]:
    """What is said, by input."""
    sections = TRANSCRIPT.read_text(encoding="utf-8").split("\n=== ")[1:]
    return {head: body for head, _, body in (section.partition(" ===\n") for section in sections)}


@pytest.mark.parametrize("what", BAD)
def test_bad_input_is_refused_and_nothing_is_written(  # noqa: PLR0917 (fixtures)
    what: str,
    owner: Path,
    root_authority: Authority,
    issuer: Authority,
    good: Leaf,
    transcript: dict[str, str],
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    # Whoever spoke to AWS would get no further than this.
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    before = (owner / "failover.toml").read_bytes()
    files = BAD[what](root_authority, issuer, good)
    assert push(owner, *files, "--apply") == 1
    printed = capsys.readouterr()
    assert printed.out == ""
    # The version of the list of roots changes with the lock file.
    assert printed.err.replace(certifi.__version__, "VERSION") == transcript[what]
    assert (owner / "failover.toml").read_bytes() == before
    assert sorted(path.name for path in owner.iterdir()) == ["failover.toml", "new"]


def test_there_are_fifteen_and_more_and_each_stands_in_the_transcript(transcript: dict[str, str]) -> None:
    assert len(BAD) >= 15
    assert transcript.keys() == BAD.keys()


def test_files_that_are_not_there_are_named_together(owner: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["certificate", "push", "a.pem", "b.pem", "c.pem"]) == 1
    said = capsys.readouterr().err
    assert [f"{number}. {name}" in said for number, name in enumerate(("a.pem", "b.pem", "c.pem"), 1)] == [True] * 3
    assert said.count("cannot be read: No such file or directory") == 3
