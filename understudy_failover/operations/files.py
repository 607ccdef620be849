"""The writer of files that are never half written."""

import errno
import os
import tempfile
from collections.abc import Mapping
from pathlib import Path


def write_atomically(path: Path, text: str) -> None:
    """Write one file as `write_together`."""
    write_together({path: text})


def write_together(texts: Mapping[Path, str]) -> None:
    """Replace files as a whole, none before all are written: a reader sees the old text or the new text of each.

    Create their folders where there are none. An existing file keeps its mode. A link is replaced, not followed.
    Raise OSError: one cannot be written, or is neither file nor link, such as /dev/null.
    """
    temporaries: dict[Path, Path] = {}
    try:
        for path, text in texts.items():
            if os.path.lexists(path) and not (path.is_symlink() or path.is_file()):
                raise OSError(errno.EINVAL, "not a regular file", str(path))
            path.parent.mkdir(parents=True, exist_ok=True)
            descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}-")
            temporaries[path] = Path(name)
            with os.fdopen(descriptor, "wb") as file:
                file.write(text.encode())
                file.flush()
                os.fsync(file.fileno())
            # A temporary file is readable by its owner alone.
            temporaries[path].chmod(path.stat().st_mode & 0o777 if path.exists() else 0o644)
        for path, temporary in temporaries.items():
            temporary.replace(path)
    finally:
        for temporary in temporaries.values():
            temporary.unlink(missing_ok=True)
