"""The rule that makes unit tests quick: they start no process."""

import ast
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

CDK = {"aws_cdk", "cdk_nag", "jsii", "stacks"}
"""Whose import starts Node."""


@pytest.fixture
def rules(root: Path, pytestconfig: pytest.Config) -> Any:
    """The module that holds them."""
    return pytestconfig.pluginmanager.get_plugin(str(root / "tests" / "conftest.py"))


@pytest.fixture
def child(processes: None) -> int:
    """A process's exit code."""
    return subprocess.run([sys.executable, "-c", ""], check=False).returncode


def _is_unit_test(request: pytest.FixtureRequest) -> bool:
    return request.node.get_closest_marker("unit") is not None


@pytest.mark.parametrize(
    "start",
    [
        lambda: subprocess.run([sys.executable, "-c", ""], check=True),
        lambda: os.posix_spawn(sys.executable, [sys.executable, "-c", ""], {}),
        lambda: os.system(":"),  # noqa: S605 (it never gets there)
        lambda: os.fork() or os._exit(0),
    ],
    ids=["subprocess", "posix_spawn", "system", "fork"],
)
def test_a_unit_test_that_starts_a_process_fails_and_hears_what_to_do(
    start: Callable[[], Any], request: pytest.FixtureRequest
) -> None:
    assert _is_unit_test(request)
    with pytest.raises(pytest.fail.Exception, match=r'starts no process: .* ask for the fixture "processes"'):
        start()


def test_the_failure_is_none_that_code_under_test_catches() -> None:
    assert not issubclass(pytest.fail.Exception, Exception)


def test_whoever_asks_for_a_fixture_that_starts_processes_is_no_unit_test(
    child: int, request: pytest.FixtureRequest
) -> None:
    assert not _is_unit_test(request)
    assert child == 0


@pytest.mark.lengthy
def test_whoever_is_lengthy_is_no_unit_test(request: pytest.FixtureRequest) -> None:
    assert not _is_unit_test(request)


def test_no_module_that_unit_tests_are_read_with_brings_the_cdk_along(root: Path, rules: Any) -> None:
    """Node would run before the first of them, and that one of them synthesises would go unnoticed."""
    files = [file for folder in ("tests", "docs", "benchmarks", "tools") for file in (root / folder).rglob("*.py")]
    read = [file for file in files if not rules.in_folder_with_processes(file)]
    read.append(root / "tests" / "stacks" / "templates.py")
    assert len(read) > 150
    for file in read:
        names: set[str] = set()
        for node in ast.parse(file.read_text(encoding="utf-8")).body:
            if isinstance(node, ast.Import):
                names.update(alias.name.partition(".")[0] for alias in node.names)
            elif isinstance(node, ast.ImportFrom) and node.module:
                names.add(node.module.partition(".")[0])
        assert not names & CDK, f"{file} imports {names & CDK}: inside the function that needs it, it costs nobody else"
