"""The monitor's function: EventBridge tells in `duty` what to do.

Deployed as it is: the standard library and the boto3 of the Lambda runtime.
"""

from typing import Any

import certificate_lifetimes
import overdue_switches
import planned_pages


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Look at `certificates` or `switches`, or bring the `pages` into line with the switches; return what was seen."""
    if event["duty"] == "certificates":
        return certificate_lifetimes.look()
    seen = overdue_switches.look() if event["duty"] == "switches" else {}
    planned_pages.refresh()
    return seen
