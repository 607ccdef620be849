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
from .limits import OWN_LIMITS, LimitsError, check_limits


def main() -> None:
    """Writes the cloud assembly, or reports everything that is wrong with the settings and exits 1."""
    # The stacks are Node's and have no line of Python, and the tree says once more what the templates say. Together
    # they took a tenth of the time of a large file (benchmarks/synth.md).
    app = App(context=OWN_LIMITS, stack_traces=False, tree_metadata=False)
    try:
        settings = load(settings_path(app.node.try_get_context("settings")))
        accept_outage = str(app.node.try_get_context("accept_outage") or "false").lower()
        if accept_outage not in {"true", "false"}:
            sys.exit(f'context accept_outage is "{accept_outage}"; write --context accept_outage=true, or leave it out')
        Failover(app, settings=settings, accept_outage=accept_outage == "true")
        check_limits(Path(app.synth().directory))
    except (SettingsError, FunctionTooLargeError, LimitsError) as error:
        with suppress(OSError):  # the folder that App has made; not empty where something was synthesised
            Path(app.outdir).rmdir()
        sys.exit(str(error))
