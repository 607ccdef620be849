"""The hooks for git are the quick part of `make check`."""

import subprocess
from pathlib import Path
from typing import Any

import pytest
import yaml


@pytest.fixture(scope="module")
def hooks(root: Path) -> list[dict[str, Any]]:
    config = yaml.safe_load((root / ".pre-commit-config.yaml").read_text(encoding="utf-8"))
    return [hook for repository in config["repos"] for hook in repository["hooks"]]


@pytest.mark.usefixtures("processes")
def test_the_configuration_is_valid(root: Path, tmp_path: Path) -> None:
    def code(file: Path) -> int:
        return subprocess.run(["prek", "validate-config", str(file)], check=False, capture_output=True).returncode

    assert code(root / ".pre-commit-config.yaml") == 0
    (tmp_path / ".pre-commit-config.yaml").write_text("repos:\n  - repo: local\n    hooks:\n      - id: lint\n")
    assert code(tmp_path / ".pre-commit-config.yaml") != 0


def test_every_hook_runs_a_tool_of_the_environment_that_make_check_runs(
    root: Path, hooks: list[dict[str, Any]]
) -> None:
    makefile = (root / "Makefile").read_text(encoding="utf-8")
    (check,) = (part for part in makefile.split("\n\n") if part.startswith("check:"))
    assert hooks
    for hook in hooks:
        assert hook["language"] == "system", "another language would install a version of its own"
        tool, *words = hook["entry"].split()
        assert (root / tool).is_file()
        assert tool.startswith(".venv/bin/")
        command = [Path(tool).name, *(word for word in words if not word.startswith("-"))]
        assert " ".join(command) in check


@pytest.mark.usefixtures("processes")
def test_they_hold_here(root: Path, hooks: list[dict[str, Any]], tmp_path: Path) -> None:
    """As git would run them, on one file; with mistakes in it they do not."""
    bad = tmp_path / "bad.py"
    bad.write_text("import os\nx = {  'a':1}\n", encoding="utf-8")
    for hook in (hook for hook in hooks if hook.get("pass_filenames", True)):
        entry = hook["entry"].split()
        checking = [*entry, "--check"] if "format" in entry else entry
        for file, wrong in ((root / "app.py", False), (bad, True)):
            process = subprocess.run([*checking, str(file)], cwd=root, capture_output=True, check=False)
            assert bool(process.returncode) is wrong, (checking, process.stdout)
