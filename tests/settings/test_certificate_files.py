"""The folder of the certificate: what is read from it, and what is said when that cannot be."""

import errno
import os
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.x509.oid import AuthorityInformationAccessOID

from tests.certificates.authority import Authority, pem as pem_text, rsa_key
from tests.settings.authority import FIRST, ROOT, SECOND, leaf, pem, put
from tests.settings.samples import load_from, problems_from, smallest
from understudy_failover.settings import certificate
from understudy_failover.settings.certificate import parse
from understudy_failover.settings.problem import Problem

FIXES = {
    "certificate.pem": "put the server's own certificate there",
    "chain.pem": "put the intermediate certificates there (an empty file if there really are none)",
}


def test_leaf_and_chain_come_from_the_folder_of_that_name_beside_the_file(own_folder: Path) -> None:
    leaf_pem = leaf("www.example.com")
    put(own_folder, leaf_pem, pem(SECOND, FIRST))
    assert load_from(own_folder, smallest()).certificate.public == parse(leaf_pem, pem(SECOND, FIRST))


@pytest.mark.parametrize("file", FIXES)
def test_a_missing_file_is_named(own_folder: Path, file: str) -> None:
    (own_folder / "certificates" / "example" / file).unlink()
    [problem] = problems_from(own_folder, smallest())
    assert (problem.place, problem.wrong) == (f"certificates/example/{file}", "is missing")
    assert (problem.allowed, problem.fix) == ("a readable PEM file", FIXES[file])


def test_both_missing_files_are_named_at_once(own_folder: Path) -> None:
    for file in FIXES:
        (own_folder / "certificates" / "example" / file).unlink()
    assert [problem.place for problem in problems_from(own_folder, smallest())] == [
        "certificates/example/certificate.pem",
        "certificates/example/chain.pem",
    ]


def test_a_bundle_needs_no_file_for_its_chain(own_folder: Path) -> None:
    leaf_pem = leaf("www.example.com")
    put(own_folder, leaf_pem + pem(SECOND, FIRST), b"")
    (own_folder / "certificates" / "example" / "chain.pem").unlink()
    assert load_from(own_folder, smallest()).certificate.public == parse(leaf_pem, pem(SECOND, FIRST))


def test_a_bundle_alone_is_the_file_that_its_faults_are_in(own_folder: Path) -> None:
    put(own_folder, leaf("www.example.com") + pem(FIRST), b"")
    (own_folder / "certificates" / "example" / "chain.pem").unlink()
    assert {problem.place for problem in problems_from(own_folder, smallest())} == {
        "certificates/example/certificate.pem"
    }
    put(own_folder, pem(FIRST, ROOT), b"")
    (own_folder / "certificates" / "example" / "chain.pem").unlink()
    [problem] = problems_from(own_folder, smallest())[:1]
    assert (problem.place, problem.fix) == ("certificates/example/certificate.pem", "put it first")


@pytest.mark.parametrize("file", FIXES)
def test_a_folder_in_place_of_a_file_is_named(own_folder: Path, file: str) -> None:
    path = own_folder / "certificates" / "example" / file
    path.unlink()
    path.mkdir()
    [problem] = problems_from(own_folder, smallest())
    assert (problem.place, problem.wrong) == (f"certificates/example/{file}", "cannot be read: Is a directory")
    assert problem.fix == FIXES[file]


@pytest.mark.parametrize("file", FIXES)
def test_a_file_of_somebody_else_is_named(own_folder: Path, file: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """As certbot leaves its files; tests may run as root, who may read everything."""

    def denied(path: Path) -> bytes:
        if path.name == file:
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        return path.read_bytes()

    monkeypatch.setattr(certificate, "read_file", denied)
    [problem] = problems_from(own_folder, smallest())
    assert (problem.place, problem.wrong) == (f"certificates/example/{file}", "cannot be read: Permission denied")


def test_an_empty_chain_file_says_that_there_is_no_chain(own_folder: Path) -> None:
    put(own_folder, leaf("www.example.com"), b"")
    assert load_from(own_folder, smallest()).certificate.public.chain_pem == ""


def test_it_is_refused_where_the_certificate_says_that_there_is_one(own_folder: Path) -> None:
    """As public CAs say it in every certificate."""
    place = "http://r12.i.example.net/"
    access = x509.AccessDescription(AuthorityInformationAccessOID.CA_ISSUERS, x509.UniformResourceIdentifier(place))
    issuer, key = Authority.make("R12", Authority.make("Root")), rsa_key()
    certificate = issuer.leaf(key, ["*.example.com"], extensions=[(x509.AuthorityInformationAccess([access]), False)])
    put(own_folder, pem_text(certificate).encode(), b"")
    [problem] = problems_from(own_folder, smallest())
    assert problem.place == "certificates/example/chain.pem"
    assert place in problem.wrong
    put(own_folder, pem_text(certificate).encode(), pem_text(issuer.certificate).encode())
    assert load_from(own_folder, smallest()).certificate.public.chain_pem


def test_every_fault_of_the_certificate_is_a_problem_of_its_file(own_folder: Path) -> None:
    put(own_folder, leaf("www.example.com"), pem(FIRST))
    [problem] = problems_from(own_folder, smallest())
    assert problem.place == "certificates/example/chain.pem"
    assert "did not issue the one before it" in problem.wrong
    assert problem.allowed == "the issuer of the server's certificate first, then the issuer of each one before"


def test_other_certificates_and_files_in_the_folder_do_not_matter(own_folder: Path) -> None:
    expected = load_from(own_folder, smallest())
    (own_folder / "certificates" / "of-another").mkdir()
    (own_folder / "certificates" / "of-another" / "certificate.pem").write_bytes(b"not one")
    (own_folder / "certificates" / "README.md").write_text("Which CA issued them.", encoding="utf-8")
    (own_folder / "certificates" / "example" / ".DS_Store").write_bytes(b"\xff")
    (own_folder / "certificates" / "broken-link").symlink_to("nowhere")
    assert load_from(own_folder, smallest()) == expected


@pytest.mark.parametrize("name", ["notes.txt", "example.csr", "old/certificate.pem.bak"])
def test_any_other_file_beside_a_certificate_is_refused(own_folder: Path, name: str) -> None:
    file = own_folder / "certificates" / "example" / name
    file.parent.mkdir(exist_ok=True)
    file.write_bytes(b"text")
    [problem] = problems_from(own_folder, smallest())
    assert problem == Problem(
        f"certificates/example/{name}",
        "does not belong there",
        "move it elsewhere",
        "certificate.pem and chain.pem alone",
    )
