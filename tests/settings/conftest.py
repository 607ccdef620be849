"""Folders with the shipped certificate, in which a test writes its failover.toml."""

import shutil
from pathlib import Path

import pytest


@pytest.fixture(scope="session")
def folder(tmp_path_factory: pytest.TempPathFactory, root: Path) -> Path:
    """One for all tests that write failover.toml alone: making and removing folders took most of their time."""
    directory = tmp_path_factory.mktemp("settings")
    shutil.copytree(root / "tests/sample/certificates", directory / "certificates")
    return directory


@pytest.fixture
def own_folder(tmp_path: Path, root: Path) -> Path:
    """A folder for one test, which may change the certificate too."""
    shutil.copytree(root / "tests/sample/certificates", tmp_path / "certificates")
    return tmp_path
