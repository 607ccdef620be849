"""`understudy init`: writes the repository of an owner, which holds only what is theirs."""

import argparse
import json
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from understudy_failover.contract.printable import printable, printable_lines
from understudy_failover.owner.requirements import WHEELS, NotInstalledError, installed, requirements
from understudy_failover.owner.sources import TEMPLATES, source
from understudy_failover.settings import SettingsError, load
from understudy_failover.settings.certificate_folder import FOLDER as CERTIFICATES
from understudy_failover.settings.location import DEFAULT
from understudy_failover.settings.page_folder import FOLDER as PAGES

APP = "python -m understudy_failover.stacks"
CDK = "aws-cdk"
FORGES = {"github": Path(".github", "workflows", "failover.yml"), "gitlab": Path(".gitlab-ci.yml")}
EXAMPLE = """\
# An example: replace its servers, hosts, zones and certificate with yours. All keys: understudy docs configuration
"""
NEXT = """\

Next, replace the example with what is yours:
  failover.toml          servers, hosts, zones (understudy docs configuration)
  certificates/          your certificate (understudy docs certificates)
Then:
  {go}pip install -r requirements.txt && npm ci
  export PATH="$PWD/node_modules/.bin:$PATH"
  cdk synth --quiet      # reports every mistake of failover.toml at once
  understudy preflight   # reports what would block a deploy, and what to do
"""

Files = dict[Path, bytes]
"""Contents by their paths in the repository."""


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "init",
        help="write a repository of your own: settings, certificates, cdk.json, locks, pipeline",
        description=__doc__,
        epilog="examples:\n  understudy init --github\n  understudy init --gitlab --from-fork ../understudy failover\n",
    )
    parser.add_argument("folder", type=Path, nargs="?", default=Path(), metavar="FOLDER", help="default: this folder")
    forge = parser.add_mutually_exclusive_group()
    for name, pipeline in FORGES.items():
        forge.add_argument(
            f"--{name}", dest="forge", action="store_const", const=name, help=f"with the pipeline {pipeline}"
        )
    parser.add_argument(
        "--from-fork",
        type=Path,
        metavar="DIR",
        help=f"take {DEFAULT}, {CERTIFICATES}/ and {PAGES}/ out of a fork of 0.1.0, instead of the example",
    )
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    """0: written; 1: refused, and nothing written."""
    folder: Path = arguments.folder
    if arguments.from_fork and not (arguments.from_fork / DEFAULT).is_file():
        return _refused(f"{arguments.from_fork} has no {DEFAULT}; name the folder of the fork")
    if arguments.from_fork and (others := sorted(map(str, _no_files(arguments.from_fork)))):
        return _refused(
            f"{printable(', '.join(others))}: neither a file nor a folder, so what is copied could come from anywhere; "
            "allowed in a fork are files and folders. Put the file itself there, or remove it, then run the same "
            "command again"
        )
    try:
        files = repository(arguments.forge, arguments.from_fork)
    except NotInstalledError as error:
        return _refused(str(error))
    except SettingsError as error:
        print(error, file=sys.stderr)
        return _refused(f"nothing was written; fix {arguments.from_fork / DEFAULT}, then run the same command again")
    present = sorted(
        {str(place) for path in files for place in (path, *path.parents) if _is_taken(folder, place, path)}
    )
    if present:
        where = "this folder" if folder == Path() else str(folder)
        return _refused(f"{where} has {', '.join(present)} already; choose an empty folder, or move them away")
    for path, content in files.items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
        print(f"  {printable(str(folder / path))}")
    print(printable_lines(NEXT.format(go="" if folder == Path() else f"cd {shlex.quote(str(folder))} && ")), end="")
    return 0


def _refused(why: str) -> int:
    print(printable_lines(f"init: {why}"), file=sys.stderr)
    return 1


def repository(forge: str | None, fork: Path | None) -> Files:
    """Return every file of an owner's repository.

    Raises:
        NotInstalledError: the package is not installed, so no requirements file can name it.
        SettingsError: the fork's failover.toml has mistakes.
    """
    wheel = installed().wheel
    files: Files = {}
    if fork:
        load(fork / DEFAULT)
        files[Path(DEFAULT)] = (fork / DEFAULT).read_bytes()
        for name in (CERTIFICATES, PAGES):
            files |= dict(_tree(fork / name, Path(name)))
    else:
        files[Path(DEFAULT)] = EXAMPLE.encode() + source(DEFAULT).read_bytes()
        files |= dict(_tree(source(CERTIFICATES), Path(CERTIFICATES)))
    files |= {
        Path("cdk.json"): _json(json.loads(source("cdk.json").read_text(encoding="utf-8")) | {"app": APP}),
        Path("requirements.txt"): requirements("deploy").encode(),
        **_npm(),
        Path(".gitignore"): (TEMPLATES / "gitignore").read_bytes(),
        Path("README.md"): (TEMPLATES / "README.md").read_bytes(),
    }
    if wheel:
        files[Path(WHEELS, wheel.name)] = wheel.read_bytes()
    if forge:
        files[FORGES[forge]] = (TEMPLATES / f"{forge}.yml").read_bytes()
    return files


def _is_taken(folder: Path, place: Path, file: Path) -> bool:
    """Whether a file, or a link to whatever place, is where a file or one of its folders goes."""
    return place != Path() and ((folder / place).is_symlink() or (place == file and (folder / place).exists()))


def _no_files(fork: Path) -> Iterator[Path]:
    """Links, devices and the like among what is taken out of a fork, which somebody else may have written."""
    for top in (fork / DEFAULT, fork / CERTIFICATES, fork / PAGES):
        for path in (top, *top.rglob("*")):
            if path.is_symlink() or (path.exists() and not (path.is_file() or path.is_dir())):
                yield path


def _tree(folder: Path, where: Path) -> Iterator[tuple[Path, bytes]]:
    for file in sorted(folder.rglob("*")):
        if file.is_file():
            yield where / file.relative_to(folder), file.read_bytes()


def _npm() -> Files:
    """The CDK command line alone, at the locked version."""
    lock = json.loads(source("package-lock.json").read_text(encoding="utf-8"))
    place = f"node_modules/{CDK}"
    cdk = lock["packages"][place]
    own = {"name": "failover", "private": True, "dependencies": {CDK: cdk["version"]}}
    lock |= {"name": own["name"], "packages": {"": {key: own[key] for key in ("name", "dependencies")}, place: cdk}}
    return {Path("package.json"): _json(own), Path("package-lock.json"): _json(lock)}


def _json(document: Any) -> bytes:
    return f"{json.dumps(document, indent=2)}\n".encode()
