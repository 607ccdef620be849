"""Understudy: Route 53 failover from your servers to a CloudFront maintenance page.

failover.toml → FailoverStage → two stacks in us-east-1, where CloudFront and Route 53 have their metrics
(more of each kind for many hosts: docs/scale.md):

<app>-maintenance   server certificate, buckets of page and switches, distribution and its health check. Together,
                    because a new certificate gets a new id, and only within one stack does CloudFormation move
                    the distribution to it before it deletes the old one.
<app>-failover      health checks of servers and switches, the gate, failover record sets per host name. Apart,
                    because servers and host names come and go without touching the page that must be ready.

    cdk synth                               # failover.toml beside this file
    cdk synth -c settings=path/to.toml
    cdk deploy -c accept_outage=true        # past the gate, in the middle of an outage
"""

import gc
import sys
from contextlib import suppress
from pathlib import Path

# Before the imports, which make most of what there is: a synthesis ends before any of it is garbage.
if __name__ == "__main__":
    gc.disable()

from aws_cdk import App

from maintenance_site import FunctionTooLargeError
from settings import SettingsError, load
from stacks.limits import OWN_LIMITS, LimitsError, check_limits
from stacks.stage import FailoverStage


def main() -> None:
    """Writes the cloud assembly, or reports everything that is wrong with the settings and exits 1."""
    # The stacks are Node's and have no line of Python, and the tree says once more what the templates say. Together
    # they took a tenth of the time of a large file (benchmarks/synth.md).
    app = App(context=OWN_LIMITS, stack_traces=False, tree_metadata=False)
    try:
        settings = load(Path(app.node.try_get_context("settings") or Path(__file__).with_name("failover.toml")))
        accept_outage = str(app.node.try_get_context("accept_outage") or "false").lower()
        if accept_outage not in {"true", "false"}:
            sys.exit(f'context accept_outage is "{accept_outage}"; write --context accept_outage=true, or leave it out')
        FailoverStage(app, "Understudy", settings=settings, accept_outage=accept_outage == "true")
        check_limits(Path(app.synth().directory))
    except (SettingsError, FunctionTooLargeError, LimitsError) as error:
        with suppress(OSError):  # the folder that App has made; not empty where something was synthesised
            Path(app.outdir).rmdir()
        sys.exit(str(error))


if __name__ == "__main__":
    main()
    gc.freeze()  # or the end of the process would collect it all
