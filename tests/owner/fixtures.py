"""One wheel and one environment for the tests of a worker."""

from pathlib import Path

import pytest

from tests.owner.environment import Environment, build_wheel


@pytest.fixture(scope="session")
def wheel(root: Path, tmp_path_factory: pytest.TempPathFactory, processes: None) -> Path:
    """The wheel of this tree."""
    return build_wheel(root, tmp_path_factory.mktemp("wheel"))


@pytest.fixture(scope="session")
def environment(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> Environment:
    """With nothing of this repository but the wheel."""
    return Environment(wheel, tmp_path_factory.mktemp("environment") / "venv")
