"""Finds files that must not be beside the public certificates: private keys of any form, and other files."""

import base64
import errno
import re
from collections.abc import Iterator
from pathlib import Path

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.serialization import load_der_private_key

from understudy_failover.contract.regular_file import read_file
from understudy_failover.settings.certificate_pem import SEQUENCE, has_pkcs_12_version
from understudy_failover.settings.certificate_rules import CHAIN_FILE, LEAF_FILE
from understudy_failover.settings.problem import Problem

FOLDER = "certificates"

KEY_MARKS = re.compile(
    r"PRIVATE KEY-----"  # PEM of any kind, OpenSSH's too
    r"|PuTTY-User-Key-File"
    r'|"(?:d|k)"\s*:\s*"[\w-]{20,}"'  # JWK: https://datatracker.ietf.org/doc/html/rfc7518#section-6
)
JAVA_KEY_STORE = b"\xfe\xed\xfe\xed"
BASE64 = re.compile(r"(?<![A-Za-z0-9+/])M[A-Za-z0-9+/]{15}")
"""The begin of a DER sequence in base64."""
INTEGER = 0x02
MAX_CHARACTERS = 16_384
"""Limit of a key in base64 with its line ends; a key of RSA 8192 has 6,400."""

SYSTEM_FILES = frozenset({".DS_Store", "Thumbs.db", "desktop.ini"})
"""Files of file managers."""


def folder_problems(folder: Path) -> Iterator[Problem]:
    """Yield a problem for each file in `certificates/` of `folder` that must not be committed, in a fixed order."""
    top = folder / FOLDER
    for path in sorted(top.rglob("*")):
        place = path.relative_to(folder).as_posix()
        try:
            if not path.is_file():
                continue
            content = read_file(path)
        except OSError as error:  # git cannot commit an unreadable file either; `read` reports its own files
            if error.errno == errno.EFBIG:
                yield Problem(place, f"is {error.strerror}", "move it elsewhere", f"{LEAF_FILE} and {CHAIN_FILE} alone")
            continue
        if holds_private_key(content):
            yield Problem(
                place,
                "holds a PRIVATE KEY. Do not commit it",
                "delete it here; if it was ever committed or copied, treat the key as exposed and have the "
                "certificate issued again for a new one",
                "public certificates alone; the key lives in Secrets Manager and nowhere else",
            )
        elif path.parent != top and path.name not in {LEAF_FILE, CHAIN_FILE, *SYSTEM_FILES}:
            yield Problem(place, "does not belong there", "move it elsewhere", f"{LEAF_FILE} and {CHAIN_FILE} alone")


def holds_private_key(content: bytes) -> bool:
    """Return whether a file holds a private key: in PEM, DER, PKCS #12, base64, JWK, PuTTY's or Java's form."""
    if b"\0P\0R\0I\0V\0A\0T\0E\0" in content:  # UTF-16 of either byte order
        return True
    text = content.decode("latin-1")
    if KEY_MARKS.search(text) or content.startswith(JAVA_KEY_STORE) or _is_key_in_der(content):
        return True
    begins = (match.start() for match in BASE64.finditer(text) if _begins_as_key(_decoded(match[0])))
    return any(_is_key_in_der(_decoded(text[begin : begin + MAX_CHARACTERS])) for begin in begins)


def _decoded(text: str) -> bytes:
    """Return the bytes of the base64 at the start of a text, and more if words follow it."""
    run = "".join(re.split(r"[^A-Za-z0-9+/\s]", text, maxsplit=1)[0].split())
    return base64.b64decode(run + "A" * (-len(run) % 4))


def _is_key_in_der(content: bytes) -> bool:
    if content[:1] != bytes([SEQUENCE]):
        return False
    if has_pkcs_12_version(content):
        return True
    try:
        load_der_private_key(content[: _extent(content)[1]], password=None)
    except TypeError:  # it is encrypted
        return True
    except (ValueError, UnsupportedAlgorithm):
        return False
    return True


def _begins_as_key(der: bytes) -> bool:
    """Return whether a version follows, or the algorithm of an encrypted key: a quick filter for most texts."""
    start, _ = _extent(der)
    return der[start : start + 1] in {bytes([INTEGER]), bytes([SEQUENCE])}


def _extent(der: bytes) -> tuple[int, int]:
    """Return start and end of the content of the first DER element."""
    size, start = int.from_bytes(der[1:2], "big"), 2
    if size & 0x80:
        start += size & 0x7F
        size = int.from_bytes(der[2:start], "big")
    return start, start + size
