"""Understudy: Route 53 failover from your servers to a CloudFront maintenance page.

failover.toml → FailoverStage → two stacks in us-east-1, where CloudFront and Route 53 have their metrics:

<app>-maintenance   server certificate, bucket with the page, distribution. Together, because a new
                    certificate gets a new id, and only within one stack does CloudFormation move the
                    distribution to it before it deletes the old one.
<app>-failover      health check per server, failover record sets per host name. Apart, because servers and
                    host names come and go without touching the page that must be ready for them.

    cdk synth                               # failover.toml beside this file
    cdk synth -c settings=path/to.toml
"""

import sys
from pathlib import Path

from aws_cdk import App

from maintenance_site import FunctionTooLargeError
from settings import SettingsError, load
from stacks.stage import FailoverStage


def main() -> None:
    """Writes the cloud assembly, or reports everything that is wrong with the settings and exits 1."""
    app = App()
    path = Path(app.node.try_get_context("settings") or Path(__file__).with_name("failover.toml"))
    try:
        FailoverStage(app, "Understudy", settings=load(path))
    except (SettingsError, FunctionTooLargeError) as error:
        print(error, file=sys.stderr)
        sys.exit(1)
    app.synth()


if __name__ == "__main__":
    main()
