"""A working folder that somebody else wrote: nothing is waited for, fills the memory or lands elsewhere."""

import os
import shutil
import subprocess
from pathlib import Path

import pytest

from understudy_failover.cli import main
from understudy_failover.contract.regular_file import LIMIT_BYTES

READ = [
    ("estimate", "failover.toml"),
    ("estimate", "certificates/example/certificate.pem"),
    ("estimate", "certificates/example/chain.pem"),
    ("maintenance off --all --apply", "failover.toml"),
    ("detach", "adopted-records.json"),
    ("confirm --zone example.com --apply", "confirm-ledger.json"),
    ("destroy", "cdk.json"),
    ("diff", "cdk.out/manifest.json"),
]


@pytest.fixture
def folder(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """One with valid settings, in which the commands run."""
    shutil.copytree(root / "tests" / "sample", tmp_path / "folder")
    (tmp_path / "folder" / "cdk.out").mkdir()
    monkeypatch.setenv("UNDERSTUDY_SETTINGS", "failover.toml")
    monkeypatch.chdir(tmp_path / "folder")
    return tmp_path / "folder"


def _large(path: Path) -> None:
    path.touch()
    os.truncate(path, LIMIT_BYTES + 1)


def _device(path: Path) -> None:
    path.symlink_to("/dev/zero")


@pytest.mark.parametrize("make", [os.mkfifo, _device, _large, Path.mkdir], ids=["fifo", "device", "large", "folder"])
@pytest.mark.parametrize(("command", "name"), READ)
def test_a_command_reads_files_of_a_sane_size_alone(
    folder: Path, capsys: pytest.CaptureFixture[str], command: str, name: str, make: object
) -> None:
    (folder / name).unlink(missing_ok=True)
    make(folder / name)  # type: ignore[operator]
    assert main(command.split()) == 1
    assert capsys.readouterr().err


@pytest.mark.parametrize("text", ["[]", "{}", '"x"', "nonsense", "\xff", "[" * 99_999])
def test_destroy_names_a_cdk_json_without_an_app(folder: Path, capsys: pytest.CaptureFixture[str], text: str) -> None:
    (folder / "cdk.json").write_text(text, encoding="latin-1")
    assert main(["destroy"]) == 1
    assert capsys.readouterr().err == "destroy: cdk.json names no app; restore it from version control\n"


@pytest.mark.parametrize(
    ("words", "stack", "more"),
    [
        ([], "**", []),
        (["--", "--force", "--profile", "ops"], "**", ["--force", "--profile", "ops"]),
        (["app-shops"], "app-shops", []),
        (["app-shops", "--", "--force"], "app-shops", ["--force"]),
    ],
)
def test_destroy_passes_on_what_follows_two_dashes(
    folder: Path, monkeypatch: pytest.MonkeyPatch, words: list[str], stack: str, more: list[str]
) -> None:
    (folder / "cdk.json").write_text('{"app": "true"}', encoding="utf-8")
    commands: list[list[str]] = []

    def run(command: list[str], **_: object) -> subprocess.CompletedProcess[str]:
        commands.append(command)
        return subprocess.CompletedProcess(command, 0)

    monkeypatch.setattr(subprocess, "run", run)
    assert main(["destroy", *words]) == 0
    (command,) = commands
    assert command[: command.index("--app")] == ["cdk", "--no-notices", "destroy", stack]
    assert command[command.index("--context") + 2 :] == more


def test_pages_replace_a_link_and_do_not_follow_it(folder: Path, tmp_path: Path) -> None:
    """The owner's words would become the lines of any file."""
    target = tmp_path / "profile"
    target.write_text("mine", encoding="utf-8")
    names = ["default/en-unplanned.txt", "default/en-unplanned.html", "index.html"]
    for name in names:
        (folder / "out" / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / "out" / name).symlink_to(target)
    assert main(["page", "out"]) == 0
    assert target.read_text(encoding="utf-8") == "mine"
    assert [name for name in names if (folder / "out" / name).is_symlink()] == []


@pytest.mark.parametrize("name", ["default", "out"])
def test_pages_are_not_written_through_a_folder_that_is_a_link(
    folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], name: str
) -> None:
    (tmp_path / "elsewhere").mkdir()
    (folder / "out").mkdir()
    link = folder / "out" / name if name == "default" else folder / "file"
    link.symlink_to(tmp_path / "elsewhere" if name == "default" else link)
    assert main(["page", "out" if name == "default" else "file"]) == 1
    assert "name another folder" in capsys.readouterr().err
    assert list((tmp_path / "elsewhere").iterdir()) == []
