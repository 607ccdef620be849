"""What a fork holds may be another's: `init --from-fork` takes nothing from outside of it."""

import os
import shutil
from pathlib import Path

import pytest

from understudy_failover import cli
from understudy_failover.owner import init
from understudy_failover.owner.requirements import Installed

SECRET = "of the machine"


@pytest.fixture
def fork(tmp_path: Path, root: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A fork with a page, beside a folder `outside`; this package is as if it were installed."""
    monkeypatch.setattr(init, "installed", lambda: Installed("understudy-failover==1"))
    monkeypatch.setattr(init, "requirements", lambda _: "")
    folder = tmp_path / "fork"
    shutil.copytree(root / "tests/sample", folder)
    (folder / "pages" / "default").mkdir(parents=True)
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "secret").write_text(SECRET, encoding="utf-8")
    shutil.copytree(folder / "certificates", outside / "certificates")
    shutil.copy(folder / "failover.toml", outside)
    return folder


LINKS = {
    "certificates/notes.txt": "../../outside/secret",
    "certificates/gone": "nowhere",
    "certificates/more": "../../outside",
    "pages/default/.notes": "../../../outside/secret",
    "pages": "../outside",
    "certificates": "../outside/certificates",
    "failover.toml": "../outside/failover.toml",
    "certificates/inside": "example/certificate.pem",
}


@pytest.mark.parametrize("name", LINKS)
def test_a_link_is_refused_wherever_it_leads(
    fork: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    link, new = fork / name, tmp_path / "new"
    if link.exists():
        link.rename(fork / "moved away")
    link.symlink_to(LINKS[name])
    command = ["init", "--from-fork", str(fork), str(new)]
    assert cli.main(command) == 1
    printed = capsys.readouterr().err
    assert str(link) in printed
    assert SECRET not in printed
    assert not new.exists()
    # The advice.
    link.unlink()
    if (fork / "moved away").exists():
        (fork / "moved away").rename(link)
    assert cli.main(command) == 0
    assert SECRET.encode() not in b"".join(file.read_bytes() for file in new.rglob("*") if file.is_file())


def test_a_pipe_is_refused_before_anything_waits_for_it(
    fork: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    os.mkfifo(fork / "pages" / "default" / "de.toml")
    assert cli.main(["init", "--from-fork", str(fork), str(tmp_path / "new")]) == 1
    assert "de.toml" in capsys.readouterr().err
