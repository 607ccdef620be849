"""The embedded AWS: a stand-in for rehearsals and tests, on loopback only. README.md says what it is not.

    with EmbeddedAws(rate=10) as aws:
        subprocess.run(["cdk", "deploy", "**"], env=aws.environment())

`python -m emulator` runs it in the foreground.
"""

from emulator.clock import Clock
from emulator.control import Control
from emulator.embedded import EmbeddedAws, EmbeddedAwsError

__all__ = ["Clock", "Control", "EmbeddedAws", "EmbeddedAwsError"]
