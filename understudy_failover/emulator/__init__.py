"""The embedded AWS: a stand-in for rehearsals and tests, on loopback only. Its limits: README.md.

    with EmbeddedAws(rate=10) as aws:
        subprocess.run(["cdk", "deploy", "**"], env=aws.environment())

`python -m understudy_failover.emulator` runs it in the foreground.
"""

from understudy_failover.emulator.clock import Clock
from understudy_failover.emulator.control import Control
from understudy_failover.emulator.embedded import EmbeddedAws, EmbeddedAwsError, environment_without_aws

__all__ = ["Clock", "Control", "EmbeddedAws", "EmbeddedAwsError", "environment_without_aws"]
