"""Names of alarms, which are the subjects of their messages."""

import hashlib

LONGEST_NAME = 255
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutMetricAlarm.html"""


def fitting(name: str) -> str:
    """Return `name`, or where it is too long (a very long host name) its beginning with a digest of the whole."""
    if len(name) <= LONGEST_NAME:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: LONGEST_NAME - 9]} {digest}"
