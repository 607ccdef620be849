"""The CDK command line: from PATH, else from `npm ci` in the working folder."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path


def cdk_environment(inherited: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment of a `cdk` process; the app in cdk.json runs with this Python."""
    # An empty folder would be the working folder.
    folders = (str(Path(sys.executable).parent), inherited.get("PATH", ""), str(Path("node_modules/.bin").resolve()))
    return {**inherited, "PATH": os.pathsep.join(filter(None, folders)), "CDK_DISABLE_CLI_TELEMETRY": "true"}
