"""The files of a certificate as the owner has them: leaf, chain, private key."""

import sys
from dataclasses import dataclass, field
from pathlib import Path

from understudy_failover.settings.problem import Problem

LIVE_FILES = ("cert.pem", "chain.pem", "privkey.pem")
"""https://eff-certbot.readthedocs.io/en/stable/using.html#where-are-my-certificates"""
ROLES = ("the certificate", "the chain", "the private key")
MAX_BYTES = 1_000_000


@dataclass(frozen=True)
class Source:
    """What was read, with the names of the files for messages."""

    names: tuple[str, str, str]
    leaf_pem: bytes
    chain_pem: bytes
    key_pem: bytes = field(repr=False)


def read(files: list[Path]) -> Source | list[Problem]:
    """The three files, or what is wrong with them; `-` as the third is stdin."""
    contents: list[bytes] = []
    problems: list[Problem] = []
    for path, role in zip(files, ROLES, strict=True):
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
    return Source((str(files[0]), str(files[1]), str(files[2])), *contents)


def _read(path: Path) -> bytes:
    with path.open("rb") as file:
        return file.read(MAX_BYTES + 1)
