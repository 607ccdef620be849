"""How the CDK command line is found and started: from PATH, else from the working folder's `npm ci`."""

import os
import sys
from collections.abc import Mapping
from pathlib import Path


def cdk_environment(inherited: Mapping[str, str] = os.environ) -> dict[str, str]:
    """Return the environment of a `cdk` process.

    The app that cdk.json names is run by this very Python, whichever environment is active.
    """
    folders = (str(Path(sys.executable).parent), inherited.get("PATH", ""), str(Path("node_modules/.bin").resolve()))
    return {**inherited, "PATH": os.pathsep.join(folders), "CDK_DISABLE_CLI_TELEMETRY": "true"}
