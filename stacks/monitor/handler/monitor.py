"""The monitor's function: EventBridge tells in `duty` what to do.

Deployed as it is: the standard library and the boto3 of the Lambda runtime.
"""

from typing import Any

import certificate_lifetimes
import overdue_switches
import planned_pages


def handler(event: dict[str, Any], _context: object) -> None:
    """Look at `certificates` or `switches`, or bring the `pages` into line with the switches."""
    if event["duty"] == "certificates":
        certificate_lifetimes.look()
        return
    if event["duty"] == "switches":
        overdue_switches.look()
    planned_pages.refresh()
