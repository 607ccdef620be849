"""The wheel, installed into an environment of its own: what an owner has after `pip install -r requirements.txt`."""

import os
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Mapping
from pathlib import Path

LIMIT_SECONDS = 300
HIDDEN = {"VIRTUAL_ENV", "PYTHONPATH", "UNDERSTUDY_SETTINGS"}


def build_wheel(root: Path, folder: Path) -> Path:
    """Return the wheel of this tree, as `make wheel` builds it."""
    command = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(folder)]
    subprocess.run(command, cwd=root, check=True, capture_output=True)
    (wheel,) = folder.glob("*.whl")
    return wheel


class Environment:
    """A virtual environment with the wheel; its dependencies are this one's, as tests download nothing."""

    def __init__(self, wheel: Path, folder: Path) -> None:
        # uv, and not venv: it needs no pip, and takes a tenth of the time.
        self._uv("venv", "--quiet", "--python", sys.executable, str(folder))
        self.binaries = folder / "bin"
        (site,) = (folder / "lib").glob("python*/site-packages")
        (site / "dependencies.pth").write_text(f"{sysconfig.get_path('purelib')}\n", encoding="utf-8")
        self._uv("pip", "install", "--quiet", "--offline", "--no-deps", "--python", str(folder), str(wheel))
        for tool in ("node", "cdk", "aws"):  # not of pip
            path = shutil.which(tool)
            assert path
            (self.binaries / tool).symlink_to(path)

    @staticmethod
    def _uv(*words: str) -> None:
        subprocess.run(["uv", *words], check=True, capture_output=True)

    def variables(self, more: Mapping[str, str] | None = None) -> dict[str, str]:
        """As a shell has them in which the environment is active."""
        # `more` may be what another process of these tests would inherit, too.
        every = {**os.environ, **(more or {})}
        own = {name: value for name, value in every.items() if name not in HIDDEN or value != os.environ.get(name)}
        return {**own, "PATH": f"{self.binaries}{os.pathsep}/usr/bin{os.pathsep}/bin"}

    def run(self, command: str, folder: Path, more: Mapping[str, str] | None = None) -> tuple[int, str]:
        """Return the exit code and all output of a line of shell."""
        done = subprocess.run(
            ["bash", "-c", command],
            cwd=folder,
            env=self.variables(more),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            timeout=LIMIT_SECONDS,
            check=False,
        )
        return done.returncode, done.stdout
