"""The real dig, curl and checkov."""

import os
import shutil

import pytest


def real_tool(name: str, how: str = "Debian: apt install bind9-dnsutils curl") -> str:
    """The path of a tool, which comes by `how`.

    Without it the test is skipped, or fails where UNDERSTUDY_REQUIRE_TOOLS says so.
    """
    path = shutil.which(name)
    if path is None:
        reason = f"{name} is not installed ({how})"
        if os.environ.get("UNDERSTUDY_REQUIRE_TOOLS"):
            pytest.fail(reason)
        pytest.skip(reason)
    return path
