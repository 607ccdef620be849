"""Finds files that must not be beside the public certificates: private keys of any form, and other files."""

import base64
import errno
import re
from collections.abc import Iterator
from pathlib import Path

from understudy_failover.contract.regular_file import read_file
from understudy_failover.settings.certificate_rules import CHAIN_FILE, LEAF_FILE
from understudy_failover.settings.problem import Problem

FOLDER = "certificates"

KEY_MARKS = re.compile(
    r"PRIVATE KEY(?: BLOCK)? ?----"  # PEM of any kind; OpenPGP's and SSH's forms, too
    r"|PuTTY-User-Key-File"
    r'|"(?:d|k)"\s*:\s*"[\w-]{20,}"'  # JWK: https://datatracker.ietf.org/doc/html/rfc7518#section-6
    r"|<InverseQ>"  # XML: https://www.w3.org/TR/xkms/#RSAKeyPair
)
KEY_IN_DER = re.compile(
    rb"\x30(?:[\x2e-\x80]|\x81.|\x82..|\x83...)"  # a sequence of the size of a key
    rb"(?:\x02\x01[\x00\x01\x03][\x02\x04\x30]"  # the version, and what follows it in PKCS #1, #8, #12 and SEC 1
    rb"|\x30[\x00-\x7f]\x06.\x2a\x86\x48\x86\xf7\x0d\x01[\x05\x0c])",  # encrypted by PKCS #5 or #12
    re.DOTALL,
)
"""The begin of a private key. It is not parsed: OpenSSL reads keys that `cryptography` does not, GnuTLS's for one."""
KEY_STORES = (b"\xfe\xed\xfe\xed", b"\xce\xce\xce\xce", b"\x1e\xf1\xb5\xb0")
"""The begin of a file of Java (JKS, JCEKS) or Windows (PVK)."""
BASE64 = re.compile(r"(?<![A-Za-z0-9+/])M[A-Za-z0-9+/]{15}")
"""The begin of a DER sequence in base64."""
BEGIN_CHARACTERS = 48
"""Of base64 with its line ends, for `KEY_IN_DER`."""

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
    """Return whether a file holds a private key: in PEM, DER, base64, PKCS #12, JWK, or a tool's own form."""
    text = content.replace(b"\0", b"").decode("latin-1")  # UTF-16 of either byte order, too
    if KEY_MARKS.search(text) or content.startswith(KEY_STORES) or KEY_IN_DER.match(content):
        return True
    begins = (match.start() for match in BASE64.finditer(text))
    return any(KEY_IN_DER.match(_decoded(text[begin : begin + BEGIN_CHARACTERS])) for begin in begins)


def _decoded(text: str) -> bytes:
    """Return the bytes of the base64 at the start of a text, and more if words follow it."""
    run = "".join(re.split(r"[^A-Za-z0-9+/\s]", text, maxsplit=1)[0].split())
    return base64.b64decode(run + "A" * (-len(run) % 4))
