"""Which settings file a command or `cdk` reads: the same rule for both."""

import os
from pathlib import Path

DEFAULT = "failover.toml"
VARIABLE = "UNDERSTUDY_SETTINGS"
HELP = f"default: ${VARIABLE}, else {DEFAULT}"


def settings_path(named: str | Path | None = None) -> Path:
    """Return the file in `named` (`--settings FILE`, `-c settings=FILE`), else the variable's, else the default.

    A relative path starts at the working folder.
    """
    return Path(named or os.environ.get(VARIABLE) or DEFAULT)
