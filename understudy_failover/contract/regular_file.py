"""Reads files of a working folder, which somebody else may have written."""

import errno
import os
import stat
from pathlib import Path

LIMIT_BYTES = 16 * 1024 * 1024
"""The largest template that CloudFormation accepts is a sixteenth of it."""


def read_file(path: Path, *, limit_bytes: int = LIMIT_BYTES) -> bytes:
    """Return the content of a regular file; nothing else is read, as a FIFO or a device never ends.

    Raises:
        OSError: it cannot be read, is no regular file, or is longer than the limit.
    """
    # Not to wait for a writer of a FIFO.
    with open(path, "rb", opener=lambda name, flags: os.open(name, flags | os.O_NONBLOCK)) as file:
        if not stat.S_ISREG(os.fstat(file.fileno()).st_mode):
            raise OSError(errno.EINVAL, "not a regular file")
        content = file.read(limit_bytes + 1)
    if len(content) > limit_bytes:
        raise OSError(errno.EFBIG, f"larger than {limit_bytes:,} bytes")
    return content
