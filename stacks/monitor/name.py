"""The name of a monitor's function, which follows from the settings.

Its alarm is in another stack: a name that only CloudFormation knows would have to cross, and could then never go.
"""

import hashlib

LONGEST_NAME = 64
"""https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html"""


def function_name(app: str) -> str:
    """Return `<app>-monitor`, or where that is too long its beginning with a digest of the whole."""
    name = f"{app}-monitor"
    if len(name) <= LONGEST_NAME:
        return name
    return f"{name[: LONGEST_NAME - 9]}-{hashlib.sha256(name.encode()).hexdigest()[:8]}"
