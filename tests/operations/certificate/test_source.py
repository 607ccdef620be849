"""The files that are named on the command line, and stdin in the place of the key."""

import io
from pathlib import Path
from types import SimpleNamespace

import pytest

from understudy_failover.operations.certificate.source import MAX_BYTES, Source, read
from understudy_failover.settings.problem import Problem

LARGE = b" " * (MAX_BYTES + 1)
"""One byte more than a file may have."""


def _files(folder: Path, *contents: bytes) -> list[Path]:
    paths = [folder / f"{number}.pem" for number, _ in enumerate(contents)]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    return paths


def _type(monkeypatch: pytest.MonkeyPatch, content: bytes) -> None:
    monkeypatch.setattr("sys.stdin", SimpleNamespace(buffer=io.BytesIO(content)))


def test_three_files_are_certificate_chain_and_key(tmp_path: Path) -> None:
    files = _files(tmp_path, b"leaf", b"chain", b"key")
    assert read(files) == Source((str(files[0]), str(files[1]), str(files[2])), b"leaf", b"chain", b"key")


def test_of_two_files_the_first_has_the_chain_in_it(tmp_path: Path) -> None:
    files = _files(tmp_path, b"leaf and chain", b"key")
    both, key = map(str, files)
    assert read(files) == Source((both, both, key), b"leaf and chain", b"", b"key")


def test_a_dash_is_stdin(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _type(monkeypatch, b"key")
    files = [*_files(tmp_path, b"leaf"), Path("-")]
    assert read(files) == Source((str(files[0]), str(files[0]), "-"), b"leaf", b"", b"key")


def test_a_megabyte_is_read_and_a_byte_more_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _type(monkeypatch, LARGE[1:])
    files = [*_files(tmp_path, LARGE[1:]), Path("-")]
    assert read(files) == Source((str(files[0]), str(files[0]), "-"), LARGE[1:], b"", LARGE[1:])
    _type(monkeypatch, LARGE)
    assert read([*_files(tmp_path, LARGE, LARGE), Path("-")]) == [
        Problem(str(tmp_path / "0.pem"), "is larger than a megabyte", "name the file with the certificate in PEM"),
        Problem(str(tmp_path / "1.pem"), "is larger than a megabyte", "name the file with the chain in PEM"),
        Problem("-", "is larger than a megabyte", "name the file with the private key in PEM"),
    ]


def test_files_that_cannot_be_read_are_named_together_with_what_belongs_there(tmp_path: Path) -> None:
    both, key = tmp_path / "fullchain.pem", tmp_path
    assert read([both, key]) == [
        Problem(
            str(both),
            "cannot be read: No such file or directory",
            "name a readable file with the certificate and its chain in PEM",
        ),
        Problem(str(key), "cannot be read: Is a directory", "name a readable file with the private key in PEM"),
    ]


def test_the_key_is_not_printed(tmp_path: Path) -> None:
    assert "secret" not in repr(read(_files(tmp_path, b"leaf", b"secret")))
