"""The real dig, curl, nginx and checkov."""

import os
import shutil
from typing import NoReturn

import pytest


def real_tool(name: str, how: str = "Debian: apt install bind9-dnsutils curl") -> str:
    """The path of a tool, which comes by `how`.

    Without it the test is skipped, or fails where UNDERSTUDY_REQUIRE_TOOLS says so.
    """
    # Debian has servers in /usr/sbin, which is not in the PATH of ordinary users.
    path = shutil.which(name) or shutil.which(name, path="/usr/sbin")
    if path is None:
        missing(f"{name} is not installed ({how})")
    return path


def missing(reason: str) -> NoReturn:
    """Skip the test, or fail it where UNDERSTUDY_REQUIRE_TOOLS says so."""
    if os.environ.get("UNDERSTUDY_REQUIRE_TOOLS"):
        pytest.fail(reason)
    pytest.skip(reason)
