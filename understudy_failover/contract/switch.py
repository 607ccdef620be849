"""Where the maintenance switch is: names that follow from failover.toml and the account number alone.

Whoever flips the switch must find it while no control plane of AWS can be asked. See
docs/decisions/0007-the-switch-and-how-the-command-finds-it.md.
"""

from understudy_failover.contract.regions import CheckerRegion

FOLDER = ".understudy/switch/"
"""Of the switch objects in their bucket, and so of their paths at the distribution."""
FOR_ALL = "_all"
"""In the place of a server's name, which never begins with `_`: the switch of every server at once."""
NOTE_KEY = "README.txt"
"""A note in the bucket, there as long as the stack is."""

INTERVAL_SECONDS = 30
"""Between two requests of one checker for a switch object; 10 s cost extra, and planned work can wait."""
REGIONS: tuple[CheckerRegion, ...] = ("us-east-1", "eu-west-1", "ap-southeast-1")
"""Whose checkers ask for a switch object: as few as Route 53 accepts."""
PORT = 80
"""Of the distribution, for switch checks: plain HTTP, as HTTPS is an option that costs extra.

docs/threat-model.md says what an attacker on that path could do.
"""


def switch_bucket(app: str, account: str) -> str:
    """Name of the bucket that holds the switch objects; `account` is a number or a token of CloudFormation."""
    return f"{app}-switch-{account}"


def switch_key(server: str) -> str:
    """Key of a server's switch object, or with `FOR_ALL` of the one for all: there means maintenance."""
    return f"{FOLDER}{server}"


def scheduler_role(app: str) -> str:
    """Name of the role with which EventBridge Scheduler flips the switches at the ends of a window."""
    return f"{app}-switch"
