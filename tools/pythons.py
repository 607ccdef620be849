"""Build `.venv-3.X` for every other supported Python on this machine, with the locked packages of `.venv`.

For tests/test_pythons.py, which runs the same tests with each. A Python is used if `python3.X` runs from PATH or is
among pyenv's versions. Needs uv, which `make setup` installs.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SUPPORTED = ("3.11", "3.12", "3.13")
LOCK = ROOT / "tools" / "locks" / "dev.txt"


def interpreter(version: str) -> Path | None:
    """Return the path of a Python of this minor version, or None."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    places = [Path(folder) / f"python{version}" for folder in os.environ["PATH"].split(os.pathsep)]
    places += [installation / "bin" / "python" for installation in sorted(pyenv.glob(f"{version}.*"), reverse=True)]
    return next((place for place in places if place.is_file() and _version(place) == version), None)


def environment(version: str) -> Path:
    """Return the folder of the environment of this minor version."""
    return ROOT / f".venv-{version}"


def stamp() -> str:
    """Return the fingerprint of an environment's packages; the environment has it in `up-to-date`."""
    return hashlib.sha256(LOCK.read_bytes()).hexdigest()


def is_ready(version: str) -> bool:
    """Return whether the environment exists and has the current locked packages."""
    file = environment(version) / "up-to-date"
    return file.is_file() and file.read_text(encoding="utf-8") == stamp()


def main() -> None:
    """Build every environment; print a line for each."""
    for version in SUPPORTED:
        if version == f"{sys.version_info.major}.{sys.version_info.minor}":
            print(f"{version}: this is .venv's own")
        elif is_ready(version):
            print(f"{version}: ready in {environment(version).name}")
        elif python := interpreter(version):
            _build(version, python)
            print(f"{version}: built {environment(version).name}")
        else:
            print(f"{version}: not on this machine")


def _build(version: str, python: Path) -> None:
    place = environment(version)
    for arguments in (
        ("venv", "--quiet", "--clear", "--python", python, place),
        ("pip", "install", "--quiet", "--require-hashes", "--python", place / "bin" / "python", "-r", LOCK),
    ):
        subprocess.run(["uv", *arguments], check=True, cwd=ROOT)
    (place / "up-to-date").write_text(stamp(), encoding="utf-8")


def _version(python: Path) -> str:
    """Return the minor version; empty for a shim of pyenv without a Python."""
    command = (python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])")
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    return process.stdout.strip()


if __name__ == "__main__":
    main()
