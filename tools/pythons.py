"""Builds `.venv-3.X` for every other supported Python on this machine, with the same locked packages as `.venv`.

For tests/test_pythons.py: the same bytes, and the same tests, under each of them. A Python counts as being here if
`python3.X` runs from PATH or lies among pyenv's versions. Needs `make setup` before, which brings uv.
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
    """A Python of this minor version; None where there is none."""
    pyenv = Path(os.environ.get("PYENV_ROOT", Path.home() / ".pyenv")) / "versions"
    places = [Path(folder) / f"python{version}" for folder in os.environ["PATH"].split(os.pathsep)]
    places += [installation / "bin" / "python" for installation in sorted(pyenv.glob(f"{version}.*"), reverse=True)]
    return next((place for place in places if place.is_file() and _version(place) == version), None)


def environment(version: str) -> Path:
    """Where the environment of this minor version lies, once it is built."""
    return ROOT / f".venv-{version}"


def stamp() -> str:
    """What an environment is built from; it holds this in `up-to-date`."""
    return hashlib.sha256(LOCK.read_bytes()).hexdigest()


def is_ready(version: str) -> bool:
    """Whether the environment is there and has the packages that are locked now."""
    file = environment(version) / "up-to-date"
    return file.is_file() and file.read_text(encoding="utf-8") == stamp()


def main() -> None:
    """One after the other; says of each what became of it."""
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
    """Empty for a shim of pyenv's that leads nowhere."""
    command = (python, "-c", "import sys; print('%d.%d' % sys.version_info[:2])")
    process = subprocess.run(command, capture_output=True, text=True, check=False)
    return process.stdout.strip()


if __name__ == "__main__":
    main()
