"""`init --from-fork` of a folder that somebody else wrote: nothing of it acts on a terminal or comes from elsewhere."""

import os
import shutil
from pathlib import Path
from types import SimpleNamespace

import pytest

from understudy_failover import cli
from understudy_failover.owner import init

NAMES = ["\x1b]0;x\x07", "\n::error::x", "\u202egnp", "-rf", "--apply", "$(touch ran)", "`touch ran`", "..\\x"]


@pytest.fixture
def fork(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One whose failover.toml is in order, beside an installed package."""
    monkeypatch.setattr(init, "installed", lambda: SimpleNamespace(wheel=None))
    monkeypatch.setattr(init, "requirements", lambda _: "")
    shutil.copytree(root / "tests" / "sample", tmp_path / "fork")
    return tmp_path / "fork"


@pytest.mark.parametrize("name", NAMES)
def test_names_of_files_are_shown_escaped_and_stay_names(
    fork: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    odd = fork / "certificates" / name / "certificate.pem"
    odd.parent.mkdir()
    odd.write_bytes(b"x")
    assert cli.main(["init", "--from-fork", str(fork), str(tmp_path / "new" / name)]) == 0
    printed = capsys.readouterr()
    lines = (printed.out + printed.err).splitlines()
    assert all(line.isprintable() for line in lines)
    assert not [line for line in lines if line.startswith("::")]
    assert (tmp_path / "new" / name / "certificates" / name / "certificate.pem").read_bytes() == b"x"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["fork", "new"]


@pytest.mark.parametrize("name", ["failover.toml", "certificates/example/chain.pem", "certificates", "pages"])
def test_a_link_is_refused_and_nothing_is_read_through_it(
    fork: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    elsewhere = tmp_path / "elsewhere"
    if (fork / name).exists():
        shutil.move(fork / name, elsewhere)
    else:
        elsewhere.mkdir()
    (fork / name).symlink_to(elsewhere)
    assert cli.main(["init", "--from-fork", str(fork), str(tmp_path / "new")]) == 1
    assert "neither a file nor a folder" in capsys.readouterr().err
    assert not (tmp_path / "new").exists()


def test_a_pipe_is_refused_and_not_waited_for(fork: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    os.mkfifo(fork / "certificates" / "example" / "more.pem")
    assert cli.main(["init", "--from-fork", str(fork), str(tmp_path / "new")]) == 1
    assert "more.pem: neither a file nor a folder" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["README.md", "failover.toml", "certificates", "certificates/example"])
def test_what_is_written_follows_no_link_in_the_new_folder(
    fork: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    link = tmp_path / "new" / name
    link.parent.mkdir(parents=True)
    link.symlink_to(tmp_path / "elsewhere")
    for there in (False, True):
        if there and name.startswith("certificates"):
            (tmp_path / "elsewhere").mkdir()
        assert cli.main(["init", "--from-fork", str(fork), str(tmp_path / "new")]) == 1
        assert f"has {name} already" in capsys.readouterr().err
        assert not (tmp_path / "elsewhere").exists() or not any((tmp_path / "elsewhere").iterdir())
