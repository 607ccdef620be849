"""Settings of Python values are those of the file that says the same, and are refused for the same reasons."""

import tomllib
from ipaddress import IPv4Address
from pathlib import Path
from typing import Any

import pytest

from tests.settings.authority import FIRST, SECOND, leaf, pem
from understudy_failover.settings import SettingsError, build, load


@pytest.fixture
def document(root: Path) -> dict[str, Any]:
    """What the shipped file says."""
    return tomllib.loads((root / "tests/sample/failover.toml").read_text(encoding="utf-8"))


@pytest.fixture
def public(root: Path) -> Path:
    return root / "tests/sample/certificates" / "example"


def _bundle(public: Path) -> str:
    return (public / "certificate.pem").read_text() + (public / "chain.pem").read_text()


def _report(document: dict[str, Any], certificates: dict[str, str | Path]) -> str:
    with pytest.raises(SettingsError) as caught:
        build(document, certificates=certificates)
    return str(caught.value)


def test_a_document_is_the_file_that_says_the_same(root: Path, document: dict[str, Any], public: Path) -> None:
    assert build(document, certificates={"example": public}) == load(root / "tests/sample/failover.toml")


def test_a_certificate_may_be_a_folder_a_bundle_or_text(document: dict[str, Any], public: Path, tmp_path: Path) -> None:
    bundle = tmp_path / "fullchain.pem"
    bundle.write_text(_bundle(public))
    results = [build(document, certificates={"example": source}) for source in (public, bundle, _bundle(public))]
    assert results[0] == results[1] == results[2]


def test_tuples_and_addresses_are_as_good_as_lists_and_text(document: dict[str, Any], public: Path) -> None:
    expected = build(document, certificates={"example": public})
    for server in document["servers"]:
        server["hosts"] = tuple(server["hosts"])
        server["ipv4"] = IPv4Address(server["ipv4"])
    document["servers"] = tuple(document["servers"])
    assert build(document, certificates={"example": public}) == expected


def test_the_document_given_is_left_as_it_is(root: Path, document: dict[str, Any], public: Path) -> None:
    build(document, certificates={"example": public})
    assert document == tomllib.loads((root / "tests/sample/failover.toml").read_text(encoding="utf-8"))


def test_all_mistakes_come_in_one_report_without_a_file(document: dict[str, Any], public: Path) -> None:
    document["servers"][0]["hosts"].append("www.example.net")
    document["timing"]["profil"] = "fast"
    report = _report(document, {"example": public})
    assert report.startswith("settings has 3 problems:\n")
    assert "servers[0].hosts[3]" in report
    assert "did you mean profile?" in report


def test_a_certificate_that_is_not_given_is_missed_by_name(document: dict[str, Any]) -> None:
    report = _report(document, {"other": ""})
    assert "certificates['example']\n   is missing" in report
    assert "present: other" in report


def test_a_path_that_leads_nowhere_is_one_problem(document: dict[str, Any], tmp_path: Path) -> None:
    assert "cannot be read: No such file or directory" in _report(document, {"example": tmp_path / "no.pem"})


def test_text_that_is_no_certificate_is_one_problem(document: dict[str, Any]) -> None:
    assert "holds no readable certificate" in _report(document, {"example": "hello"})


def test_a_private_key_is_refused_and_not_repeated(document: dict[str, Any], public: Path) -> None:
    key = "-----BEGIN PRIVATE KEY-----\nMIIEsecret\n-----END PRIVATE KEY-----\n"
    for given in (_bundle(public) + key, key):
        report = _report(document, {"example": given})
        assert "holds a PRIVATE KEY" in report
        assert "MIIEsecret" not in report


def test_a_certificate_of_another_name_covers_nothing(document: dict[str, Any]) -> None:
    text = leaf("other.test").decode() + pem(SECOND, FIRST).decode()
    assert "is not covered by the certificate" in _report(document, {"example": text})


def test_pages_are_read_from_the_folder_that_is_named(document: dict[str, Any], public: Path, tmp_path: Path) -> None:
    (tmp_path / "pages" / "nobody").mkdir(parents=True)
    with pytest.raises(SettingsError, match="belongs to no page"):
        build(document, certificates={"example": public}, folder=tmp_path)
    build(document, certificates={"example": public})
