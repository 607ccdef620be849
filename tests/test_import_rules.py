"""Imports run downwards (DESIGN.md, Layout): keeps the fast parts fast and the pure parts pure."""

import ast
import re
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PACKAGE = "understudy_failover"

ALLOWED = {
    "contract": set(),
    "settings": {"contract"},
    "page": {"contract", "settings"},
    "operations": {"contract", "settings", "page"},
    "pipeline": {"contract", "settings", "page", "operations"},
    "emulator": {"contract"},
    "rehearsal": {"contract", "settings", "page", "operations", "emulator"},
    "owner": {"contract", "settings", "operations"},
    "cli": {"contract", "settings", "page", "operations", "pipeline", "owner", "rehearsal"},
    "__main__": {"cli"},
    "__init__": set(),
    "stacks": {"contract", "settings", "page"},
}
"""What each part of the package may import of the others, top to bottom; nothing imports `stacks` but app.py."""

FOREIGN = {
    "contract": {"aws_cdk", "boto3", "botocore"},
    "settings": {"aws_cdk", "boto3", "botocore"},
    "page": {"aws_cdk", "boto3", "botocore"},
    "operations": {"aws_cdk"},
    "pipeline": {"aws_cdk"},
    "emulator": {"aws_cdk"},
    "rehearsal": {"aws_cdk"},
    "stacks": {"boto3", "botocore"},
}
"""Packages of others that a part must do without."""

HANDLERS = sorted({file.parent for file in (ROOT / "stacks").glob("*/handler/*.py")})
SHARED = {"switch_end"}
"""Files of `contract` that are deployed beside handlers."""


def modules(file: Path) -> set[str]:
    """Full names of all that `file` imports by an absolute import, wherever in it the import stands."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.level == 0 and node.module:
            # `from understudy_failover import cli` imports a part by its name.
            names.update(f"{node.module}.{alias.name}" for alias in node.names)
    return names


def imported(file: Path) -> set[str]:
    """Top-level names of the same."""
    return {name.partition(".")[0] for name in modules(file)}


def parts(file: Path) -> set[str]:
    """Parts of the package that `file` imports."""
    return {name.split(".")[1] for name in modules(file) if name.startswith(f"{PACKAGE}.")}


def files_of(part: str) -> list[Path]:
    """Without what runs in Lambda."""
    folder = ROOT / part if part == "stacks" else ROOT / PACKAGE / part
    files = folder.rglob("*.py") if folder.is_dir() else [folder.with_suffix(".py")]
    return sorted(file for file in files if not set(HANDLERS) & set(file.parents))


def test_every_part_of_the_package_has_its_place_in_the_order() -> None:
    own_parts = {path.stem for path in (ROOT / PACKAGE).iterdir() if path.name != "__pycache__"}
    assert own_parts | {"stacks"} == set(ALLOWED)


@pytest.mark.parametrize("part", ALLOWED)
def test_a_part_imports_what_lies_below_it_alone(part: str) -> None:
    files = files_of(part)
    assert files
    allowed = ALLOWED[part] | {part}
    assert {str(file.relative_to(ROOT)): above for file in files if (above := parts(file) - allowed)} == {}


@pytest.mark.parametrize("part", FOREIGN)
def test_a_part_does_without_packages_it_must_not_need(part: str) -> None:
    foreign = FOREIGN[part]
    assert {
        str(file.relative_to(ROOT)): foreign_imports
        for file in files_of(part)
        if (foreign_imports := imported(file) & foreign)
    } == {}


def test_stacks_name_each_other_relatively_as_the_wheel_has_them_elsewhere() -> None:
    files = sorted((ROOT / "stacks").rglob("*.py"))
    assert {str(file) for file in files if {"stacks", "maintenance_site"} & imported(file)} == set()


@pytest.mark.parametrize("handler", HANDLERS, ids=lambda handler: handler.parent.name)
def test_a_lambda_handler_imports_the_standard_library_and_boto3_alone(handler: Path) -> None:
    files = sorted(handler.glob("*.py"))
    assert files
    # A function has the files of several folders side by side, and a name stands for one file in all of them.
    own = {file.stem for folder in HANDLERS for file in folder.glob("*.py")}
    assert len(own) == sum(len(list(folder.glob("*.py"))) for folder in HANDLERS)
    allowed = sys.stdlib_module_names | own | SHARED | {"boto3", "botocore"}
    assert {file.name: imported(file) - allowed for file in files if imported(file) - allowed} == {}


@pytest.mark.parametrize("name", SHARED)
def test_a_file_that_is_deployed_beside_handlers_imports_the_standard_library_alone(name: str) -> None:
    assert imported(ROOT / PACKAGE / "contract" / f"{name}.py") <= sys.stdlib_module_names


def test_only_the_seam_touches_ministack() -> None:
    users = {file.name for file in files_of("emulator") if "ministack" in imported(file)}
    assert users <= {"ministack.py"}, "MiniStack's internals are read in emulator/ministack.py alone"


def test_only_settings_and_the_app_decide_what_is_configured() -> None:
    for file in files_of("stacks") + files_of("page"):
        text = file.read_text(encoding="utf-8")
        assert "os.environ" not in text, file
        assert "try_get_context" not in text or file.name == "app.py", file


def test_the_page_on_the_architecture_shows_the_same_order() -> None:
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    for part in ("contract", "settings", "page", "stacks", "operations", "pipeline", "owner", "emulator", "rehearsal"):
        row = next(line for line in text.splitlines() if line.startswith(f"| `{part}`"))
        assert set(re.findall(r"`(\w+)`", row.rpartition("|")[0].rpartition("|")[2])) == ALLOWED[part], part
