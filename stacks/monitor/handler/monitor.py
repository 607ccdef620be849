"""The monitor's function; EventBridge sets its task in `duty`.

Deployed as it is: the standard library and the boto3 of the Lambda runtime.
"""

from typing import Any

import certificate_lifetimes
import overdue_switches
import planned_pages


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Check `certificates` or `switches`, or update the `pages`; return the result of the check."""
    if event["duty"] == "certificates":
        return certificate_lifetimes.check()
    overdue = overdue_switches.check() if event["duty"] == "switches" else {}
    planned_pages.refresh()
    return overdue
