"""The files of a certificate as the owner has them: leaf, chain, private key."""

import sys
from dataclasses import dataclass, field
from pathlib import Path

from understudy_failover.settings.problem import Problem

LIVE_FILES = ("cert.pem", "chain.pem", "privkey.pem")
"""https://eff-certbot.readthedocs.io/en/stable/using.html#where-are-my-certificates"""
ROLES = {
    3: ("the certificate", "the chain", "the private key"),
    2: ("the certificate and its chain", "the private key"),
}
MAX_BYTES = 1_000_000


@dataclass(frozen=True)
class Source:
    """What was read, with the names of the files for messages."""

    names: tuple[str, str, str]
    """Of the files with certificate, chain and key; the first two are the same where one file holds both."""
    leaf_pem: bytes
    chain_pem: bytes
    key_pem: bytes = field(repr=False)


def read(files: list[Path]) -> Source | list[Problem]:
    """Return what the files hold, or what is wrong with them; `-` as the last is stdin.

    Three files are certificate, chain and key; two are certificate with chain, and key.
    """
    contents: list[bytes] = []
    problems: list[Problem] = []
    for path, role in zip(files, ROLES[len(files)], strict=True):
        try:
            content = sys.stdin.buffer.read(MAX_BYTES + 1) if str(path) == "-" else _read(path)
        except OSError as error:
            problems.append(
                Problem(str(path), f"cannot be read: {error.strerror}", f"name a readable file with {role} in PEM")
            )
            continue
        if len(content) > MAX_BYTES:
            problems.append(Problem(str(path), "is larger than a megabyte", f"name the file with {role} in PEM"))
        contents.append(content)
    if problems:
        return problems
    names = [str(path) for path in files]
    if len(files) == 2:  # clients that write one file: uacme, acme-tiny, Caddy, mod_md
        names.insert(1, names[0])
        contents.insert(1, b"")
    return Source((names[0], names[1], names[2]), *contents)


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)
