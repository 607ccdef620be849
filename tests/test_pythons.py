"""The same bytes under every Python that is supported; `make pythons` builds environments for those on the machine."""

import json
import os
import shutil
import sys
from pathlib import Path

import pytest

from tests.stacks.templates import cdk_context
from tests.test_synthesis import NO_WAY_OUT, NOT_SOURCES, file_contents, start_app
from tools import pythons

OWN = f"{sys.version_info.major}.{sys.version_info.minor}"
OTHERS = [version for version in pythons.SUPPORTED if version != OWN]


def _synthesised(python: Path, root: Path, folder: Path) -> dict[str, bytes]:
    shutil.copytree(root, folder, ignore=NOT_SOURCES)
    environment = {
        "PATH": os.environ["PATH"],
        "CDK_OUTDIR": str(folder / "cdk.out"),
        "CDK_CONTEXT_JSON": json.dumps(cdk_context()),
        "CDK_VALIDATION": "false",
        **NO_WAY_OUT,
    }
    process = start_app(python, folder, environment)
    _, errors = process.communicate(timeout=120)
    assert (process.returncode, errors) == (0, "")
    return file_contents(folder / "cdk.out")


@pytest.fixture(scope="module")
def own(root: Path, tmp_path_factory: pytest.TempPathFactory, processes: None) -> dict[str, bytes]:
    """What this Python synthesises."""
    return _synthesised(Path(sys.executable), root, tmp_path_factory.mktemp("own") / "sources")


@pytest.mark.usefixtures("processes")
@pytest.mark.parametrize("version", OTHERS)
def test_another_python_synthesises_the_same_bytes(
    version: str, root: Path, tmp_path: Path, request: pytest.FixtureRequest
) -> None:
    if not pythons.is_ready(version):
        there = pythons.interpreter(version)
        pytest.skip(
            f"Python {version} is here: `make pythons`" if there else f"Python {version} is not on this machine"
        )
    python = pythons.environment(version) / "bin" / "python"
    other = _synthesised(python, root, tmp_path / "sources")
    own: dict[str, bytes] = request.getfixturevalue("own")
    assert len(own) > 10
    assert other.keys() == own.keys()
    assert [name for name in own if own[name] != other[name]] == []


def test_what_is_supported_includes_this_python() -> None:
    assert OWN in pythons.SUPPORTED
