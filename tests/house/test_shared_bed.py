"""The modules that share the deployed test bed follow each other: between others it would be deployed again."""

import subprocess
import sys
from pathlib import Path

import pytest


class Collected:
    """Notes the modules in the order of a collection, and which of them use the shared test bed."""

    def __init__(self) -> None:
        self.modules: dict[Path, bool] = {}

    def pytest_collection_finish(self, session: pytest.Session) -> None:
        for item in session.items:
            uses = "shared_bed" in getattr(item, "fixturenames", ())
            self.modules[item.path] = self.modules.get(item.path, False) or uses


def test_they_are_collected_in_a_row(root: Path, processes: None) -> None:
    script = (
        "import sys, pytest; from tests.house.test_shared_bed import Collected; found = Collected(); "
        "code = pytest.main(['--collect-only', '-q', '-n0', 'tests/rehearsal'], plugins=[found]); "
        "print(code, *('shared' if uses else 'own' for uses in found.modules.values()), file=sys.stderr)"
    )
    result = subprocess.run(
        [sys.executable, "-c", script], cwd=root, capture_output=True, text=True, timeout=120, check=True
    )
    code, *uses = result.stderr.split()
    assert code == "0"
    shared = uses.count("shared")
    assert shared >= 10
    assert "own" not in uses[:shared]
