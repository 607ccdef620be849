"""Which `cdk` and which `python` a command starts."""

import os
import shutil
import sys
from pathlib import Path

import pytest

from understudy_failover.operations.cdk_cli import cdk_environment


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An owner's folder after `npm ci`, and another folder with a `cdk` and a `python`."""
    for place in ("node_modules/.bin/cdk", "elsewhere/cdk", "elsewhere/python"):
        (tmp_path / place).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / place).touch(mode=0o755)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "executable", str(tmp_path / "own" / "python"))
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "python").touch(mode=0o755)
    return tmp_path


def _which(name: str, path: Path) -> str | None:
    return shutil.which(name, path=cdk_environment({"PATH": str(path)})["PATH"])


def test_where_path_has_no_cdk_it_is_that_of_the_working_folder(folder: Path) -> None:
    assert _which("cdk", folder / "nowhere") == str(folder / "node_modules" / ".bin" / "cdk")


def test_the_cdk_of_path_goes_before_it(folder: Path) -> None:
    assert _which("cdk", folder / "elsewhere") == str(folder / "elsewhere" / "cdk")


def test_the_app_is_run_by_the_python_that_runs_the_command(folder: Path) -> None:
    assert _which("python", folder / "elsewhere") == str(folder / "own" / "python")


def test_without_a_path_nothing_is_run_out_of_the_working_folder(folder: Path) -> None:
    (folder / "other").touch(mode=0o755)
    assert "" not in cdk_environment({})["PATH"].split(os.pathsep)
