"""Build `.venv/NAME` for a program that pins other packages than the project; a no-op when it is up to date.

    python -m tools.side_environment NAME REQUIREMENTS

Simultaneous runs wait for each other.
"""

import fcntl
import hashlib
import sys
from pathlib import Path

from tools.setup import ROOT, VENV, run


def main() -> None:
    """Build the environment; exit if uv fails."""
    name, requirements = sys.argv[1:]
    folder, locked = VENV / name, ROOT / requirements
    stamp = folder / "up-to-date"
    with locked.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        wanted = hashlib.sha256(sys.version.encode() + file.read()).hexdigest()
        if stamp.exists() and stamp.read_text(encoding="utf-8") == wanted:
            return
        uv = Path(sys.executable).with_name("uv")
        run(f"creating .venv/{name}", uv, "venv", "--quiet", "--clear", "--python", sys.executable, folder)
        options = ("--no-config", "--quiet", "--require-hashes")
        run(f"installing {name}", uv, "pip", "install", *options, "--python", folder, "--requirement", locked)
        stamp.write_text(wanted, encoding="utf-8")


if __name__ == "__main__":
    main()
