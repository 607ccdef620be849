"""Files that other editors and other mistakes make: read where that is safe, else refused in one sentence."""

import codecs
import errno
import os
from pathlib import Path

import pytest

from tests.settings.samples import load_from, smallest, toml
from understudy_failover.settings import SettingsError, load, toml_file


def _error_of(file: Path, content: bytes) -> str:
    file.write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        load(file)
    return str(caught.value)


@pytest.mark.parametrize(
    "content",
    [
        codecs.BOM_UTF8 + toml(smallest()).encode(),
        toml(smallest()).replace("\n", "\r\n").encode(),
        toml(smallest()).rstrip("\n").encode(),
    ],
    ids=["byte order mark", "CRLF", "no last line end"],
)
def test_a_file_of_another_editor_says_the_same(own_folder: Path, content: bytes) -> None:
    expected = load_from(own_folder, smallest())
    (own_folder / "other.toml").write_bytes(content)
    assert load(own_folder / "other.toml") == expected


def test_line_ends_within_a_text_are_lf_whatever_the_file_has(own_folder: Path) -> None:
    page = '[page]\nmessage = """\nOne line.\nAnother line."""\n'
    text = toml(smallest()) + page
    assert load_from(own_folder, text.replace("\n", "\r\n")).page.message == "One line.\nAnother line."


def test_a_file_that_is_not_utf_8_is_refused_with_the_place(tmp_path: Path) -> None:
    file = tmp_path / "failover.toml"
    assert _error_of(file, 'app = "demo" # für'.encode("latin-1")) == (
        f"{file} has 1 problem:\n\n"
        "1. file\n"
        "   is not UTF-8: 'utf-8' codec can't decode byte 0xfc in position 16: invalid start byte\n"
        "   fix:     save it as UTF-8"
    )


def test_utf_16_is_refused(tmp_path: Path) -> None:
    assert "is not UTF-8" in _error_of(tmp_path / "failover.toml", 'app = "demo"'.encode("utf-16"))


CORRECT = "correct that place"
MEANT = "did you mean [[servers]] in place of [[server]]?"
SERVER = "[[servers]]\n[servers.health_check]\n"


@pytest.mark.parametrize(
    ("content", "where", "fix"),
    [
        ("app = demo  # why\n", "line 1, column 7", 'put text in quotes: app = "demo"'),
        ("[[servers]]\nipv4 = 203.0.113.10\n", "line 2, column 13", 'put text in quotes: ipv4 = "203.0.113.10"'),
        (f"{SERVER}{SERVER.replace('[[servers]]', '[[server]]')}", "line 4, column 22", MEANT),
        (f"{SERVER}[servers.health_check]\n", "line 3, column 22", CORRECT),
        ('\n\n[page\ntitle = "x"\n', "line 3, column 6", CORRECT),
        ('app = "a"\napp = "b"\n', "line 2, column 10", CORRECT),
        ("servers:\n  - web\n", "line 1, column 8", CORRECT),
        ('{"app": "demo"}\n', "line 1, column 1", CORRECT),
    ],
    ids=["no quotes", "an address", "a heading", "a table twice", "no bracket", "twice", "YAML", "JSON"],
)
def test_a_file_that_is_not_toml_is_refused_with_the_place(tmp_path: Path, content: str, where: str, fix: str) -> None:
    file = tmp_path / "failover.toml"
    report = _error_of(file, content.encode())
    assert report.startswith(f"{file} has 1 problem:\n\n1. file\n   is not TOML: ")
    assert f"(at {where})" in report
    assert report.endswith(f"\n   fix:     {fix}")


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("nowhere.toml", "No such file or directory"),
        ("certificates", "Is a directory"),
        ("failover.toml/certificates", "Not a directory"),
        ("n" * 300, "File name too long"),
    ],
)
def test_a_path_that_is_no_file_is_refused_with_the_reason(own_folder: Path, name: str, reason: str) -> None:
    (own_folder / "failover.toml").write_text(toml(smallest()), encoding="utf-8")
    with pytest.raises(SettingsError) as caught:
        load(own_folder / name)
    assert str(caught.value) == (
        f"{own_folder / name} has 1 problem:\n\n"
        "1. file\n"
        f"   cannot be read: {reason}\n"
        "   fix:     name an existing file, or copy the sample"
    )


def test_a_file_of_somebody_else_is_refused_with_the_reason(own_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*_: object, **__: object) -> str:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(toml_file, "read_file", denied)
    with pytest.raises(SettingsError, match="cannot be read: Permission denied"):
        load(own_folder / "failover.toml")


def test_an_empty_file_lacks_what_is_required_and_nothing_else(tmp_path: Path) -> None:
    report = _error_of(tmp_path / "failover.toml", b"")
    assert [line for line in report.split("\n") if line[:1].isdigit()] == [
        "1. app",
        "2. certificate",
        "3. zones",
        "4. servers",
    ]
