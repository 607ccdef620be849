"""The real dig and curl."""

import os
import shutil

import pytest


def real_tool(name: str) -> str:
    """The path of a tool; without it the test is skipped, or fails where UNDERSTUDY_REQUIRE_TOOLS says so."""
    path = shutil.which(name)
    if path is None:
        reason = f"{name} is not installed (Debian: apt install bind9-dnsutils curl)"
        if os.environ.get("UNDERSTUDY_REQUIRE_TOOLS"):
            pytest.fail(reason)
        pytest.skip(reason)
    return path
