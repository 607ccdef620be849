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
"""Prefix of the CDK's error after it has printed a report."""


def main() -> None:
    """Write the cloud assembly, or report all problems of the settings and exit with code 1."""
    # Stack traces of Node have no line of Python, and the tree repeats the templates.
    app = App(stack_traces=False, tree_metadata=False)
    try:
        settings = load(settings_path(app.node.try_get_context("settings")))
        accept_outage = str(app.node.try_get_context("accept_outage") or "false").lower()
        if accept_outage not in {"true", "false"}:
            sys.exit(f'context accept_outage is "{accept_outage}"; write --context accept_outage=true, or leave it out')
        Failover(app, settings=settings, accept_outage=accept_outage == "true")
    except (SettingsError, FunctionTooLargeError) as error:
        with suppress(OSError):  # the folder that App has made; not empty after a synthesis
            Path(app.outdir).rmdir()
        sys.exit(str(error))
    try:
        app.synth()
    except RuntimeError as error:
        if not str(error).startswith(VALIDATION_FAILED):
            raise
        sys.exit(1)
