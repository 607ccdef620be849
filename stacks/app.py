"""The CDK app: reads the settings file, writes the cloud assembly.

In an owner's repository cdk.json runs `python -m understudy_failover.stacks`, in this one `python app.py`.
"""

import sys
from contextlib import suppress
from pathlib import Path

from aws_cdk import App

from understudy_failover.page import FunctionTooLargeError
from understudy_failover.settings import SettingsError, load
from understudy_failover.settings.location import settings_path

from .failover import Failover

VALIDATION_FAILED = "ValidationFailed"
"""Begins the CDK's own word for a report that it has printed already."""


def main() -> None:
    """Write the cloud assembly, or report everything that is wrong with the settings and exit 1."""
    # The stacks are Node's and have no line of Python, and the tree says once more what the templates say.
    app = App(stack_traces=False, tree_metadata=False)
    try:
        settings = load(settings_path(app.node.try_get_context("settings")))
        accept_outage = str(app.node.try_get_context("accept_outage") or "false").lower()
        if accept_outage not in {"true", "false"}:
            sys.exit(f'context accept_outage is "{accept_outage}"; write --context accept_outage=true, or leave it out')
        Failover(app, settings=settings, accept_outage=accept_outage == "true")
    except (SettingsError, FunctionTooLargeError) as error:
        with suppress(OSError):  # the folder that App has made; not empty where something was synthesised
            Path(app.outdir).rmdir()
        sys.exit(str(error))
    try:
        app.synth()
    except RuntimeError as error:
        if not str(error).startswith(VALIDATION_FAILED):
            raise
        sys.exit(1)
