"""Tests read the sample in tests/sample, never the failover.toml at the root, which an owner may edit."""

import re
from pathlib import Path

import pytest

FOLDERS = ("tests", "docs", "benchmarks")


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_test_and_no_generator_reads_the_file_at_the_root(root: Path, folder: str) -> None:
    files = [file for file in (root / folder).rglob("*.py") if file != Path(__file__)]
    assert files
    pattern = re.compile(r'\b(root|ROOT) / "(failover\.toml|certificates)\b')
    assert [str(file) for file in files if pattern.search(file.read_text(encoding="utf-8"))] == []


def test_commands_that_name_no_settings_read_the_sample(root: Path) -> None:
    from understudy_failover.settings.location import settings_path  # noqa: PLC0415 (after the environment is set)

    assert settings_path() == root / "tests" / "sample" / "failover.toml"
