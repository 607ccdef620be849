"""Who may import what (DESIGN.md, Layout): keeps the fast parts fast and the pure parts pure."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent

FORBIDDEN = {
    "settings": {"aws_cdk", "boto3", "botocore", "emulator", "maintenance_site", "operations", "rehearsal", "stacks"},
    "stacks": {"boto3", "botocore", "emulator", "operations", "rehearsal"},
    "operations": {"aws_cdk", "emulator", "rehearsal", "stacks"},
    "emulator": {"aws_cdk", "operations", "rehearsal", "settings", "stacks"},
    "maintenance_site": {"aws_cdk", "boto3", "emulator", "operations", "rehearsal", "stacks"},
    "pipeline": {"aws_cdk", "emulator", "rehearsal", "stacks"},
    "rehearsal": {"aws_cdk", "stacks"},
}
HANDLERS = sorted((ROOT / "stacks").glob("*/handler"))


def imported(file: Path) -> set[str]:
    """Top-level names of all modules that `file` imports, wherever in it the import stands."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            names.add(node.module.split(".")[0])
    return names


def files_of(folder: Path) -> list[Path]:
    return sorted(file for file in folder.rglob("*.py") if not set(HANDLERS) & set(file.parents))


@pytest.mark.parametrize("package", FORBIDDEN)
def test_a_package_imports_nothing_it_must_not_know(package: str) -> None:
    files = files_of(ROOT / package)
    assert files
    offences = {str(file.relative_to(ROOT)): found for file in files if (found := imported(file) & FORBIDDEN[package])}
    assert offences == {}


@pytest.mark.parametrize("handler", HANDLERS, ids=lambda handler: handler.parent.name)
def test_a_lambda_handler_imports_the_standard_library_and_boto3_alone(handler: Path) -> None:
    files = sorted(handler.glob("*.py"))
    assert files
    own = {file.stem for file in files}
    allowed = sys.stdlib_module_names | own | {"boto3", "botocore"}
    assert {file.name: imported(file) - allowed for file in files if imported(file) - allowed} == {}


def test_only_the_seam_touches_ministack() -> None:
    seam = {"ministack.py"}
    users = {file.name for file in files_of(ROOT / "emulator") if "ministack" in imported(file)}
    assert users <= seam, "MiniStack's internals are read in understudy_failover/emulator/ministack.py alone"


def test_only_settings_and_the_app_decide_what_is_configured() -> None:
    for file in files_of(ROOT / "stacks") + files_of(ROOT / "maintenance_site"):
        text = file.read_text(encoding="utf-8")
        assert "os.environ" not in text, file
        assert "try_get_context" not in text, file
