"""Shell completion, as a shell uses it, and the console command from any folder."""

import subprocess
import sys
from pathlib import Path

import pytest

from tools import setup
from understudy_failover import cli as entry

SCRIPT = """\
source {script}
COMP_WORDS=({words})
COMP_CWORD=$((${{#COMP_WORDS[@]}} - 1))
_shtab_understudy
printf '%s\\n' "${{COMPREPLY[@]}}"
"""


@pytest.fixture
def bash_script(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Path:
    """What the command prints for bash."""
    assert entry.main(["completion", "bash"]) == 0
    path = tmp_path / "completion.bash"
    path.write_text(capsys.readouterr().out, encoding="utf-8")
    return path


@pytest.mark.usefixtures("processes")
@pytest.mark.parametrize(
    ("words", "completed"),
    [
        ("understudy est", ["estimate"]),
        ("understudy drill ''", ["web", "api"]),
        ("understudy drill w", ["web"]),
        ("understudy maintenance on a", ["api"]),
        ("understudy drill --dry", ["--dry-run"]),
        ("understudy estimate --plot fail", ["failover.toml"]),
        ("understudy completion z", ["zsh"]),
    ],
)
def test_bash_completes_commands_options_servers_and_files(
    bash_script: Path, root: Path, words: str, completed: list[str]
) -> None:
    script = SCRIPT.format(script=bash_script, words=words)
    done = subprocess.run(["bash", "-c", script], cwd=root / "tests/sample", capture_output=True, text=True, check=True)
    assert done.stdout.split() == completed
    assert done.stderr == ""


@pytest.mark.usefixtures("processes")
def test_where_no_settings_lie_there_are_no_servers_and_no_noise(bash_script: Path, tmp_path: Path) -> None:
    script = SCRIPT.format(script=bash_script, words="understudy drill ''")
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert (done.stdout.split(), done.stderr) == ([], "")


@pytest.mark.parametrize("shell", ["zsh", "tcsh"])
def test_other_shells_get_a_script_of_every_command(shell: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert entry.main(["completion", shell]) == 0
    printed = capsys.readouterr().out
    assert all(word in printed for word in ("understudy", "certificate", "drill", "estimate", "maintenance", "origin"))


@pytest.mark.usefixtures("processes")
def test_the_console_command_works_in_any_folder_whatever_lies_there(root: Path, tmp_path: Path) -> None:
    for name in ("settings.py", "operations.py", "json.py"):
        (tmp_path / name).write_text("raise SystemExit('not this one')\n")
    command = tmp_path / "bin" / "understudy"
    command.parent.mkdir()
    setup.write_command(command, Path(sys.executable))
    words = [
        str(command),
        "--settings",
        str(root / "tests/sample/failover.toml"),
        "origin",
        "api.example.org",
        "--hosts",
    ]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "203.0.113.20  api.example.org\n", "")


def test_the_settings_may_be_named_before_and_behind_a_command(
    root: Path, capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    option = ["--settings", str(root / "tests/sample/failover.toml")]
    for words in ([*option, "origin", "api.example.org"], ["origin", "api.example.org", *option]):
        assert entry.main([*words, "--hosts"]) == 0
        assert capsys.readouterr().out == "203.0.113.20  api.example.org\n"


def test_every_command_has_examples_in_its_help(capsys: pytest.CaptureFixture[str]) -> None:
    for command in ("drill", "estimate", "origin", "completion"):
        with pytest.raises(SystemExit) as ended:
            entry.main([command, "--help"])
        assert ended.value.code == 0
        assert f"\n  understudy {command} " in capsys.readouterr().out


@pytest.mark.usefixtures("processes")
@pytest.mark.parametrize("name", ["$(touch${IFS}run)", "`touch${IFS}run`", "$HOME", "a b", "-x;touch run"])
def test_a_strangers_settings_file_runs_nothing_while_the_shell_completes(
    bash_script: Path, tmp_path: Path, name: str
) -> None:
    """`compgen -W` expands its words once more."""
    (tmp_path / "failover.toml").write_text(f'[[servers]]\nname = "{name}"\n', encoding="utf-8")
    script = SCRIPT.format(script=bash_script, words="understudy drill ''")
    done = subprocess.run(["bash", "-c", script], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert (done.stdout.split(), done.stderr) == ([], "")
    assert not (tmp_path / "run").exists()
