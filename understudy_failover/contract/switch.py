"""The names of the maintenance switches, from failover.toml and the account number alone.

A command must find a switch without any control plane of AWS. See
docs/decisions/0007-the-switch-and-how-the-command-finds-it.md.
"""

from understudy_failover.contract.regions import CheckerRegion

FOLDER = ".understudy/switch/"
"""Prefix of the switch objects, in their bucket and in their paths at the distribution."""
FOR_ALL = "_all"
"""The switch of all servers, in place of a server's name, which never begins with `_`."""
NOTE_KEY = "README.txt"
"""A note in the bucket, which exists as long as the stack."""

INTERVAL_SECONDS = 30
"""Between two requests of a checker for a switch object; 10 s cost extra, and planned work can wait."""
REGIONS: tuple[CheckerRegion, ...] = ("us-east-1", "eu-west-1", "ap-southeast-1")
"""The regions whose checkers request a switch object: as few as Route 53 accepts."""
PORT = 80
"""The distribution's port for switch checks: plain HTTP, because HTTPS costs extra. See docs/threat-model.md."""


def switch_bucket(app: str, account: str) -> str:
    """Return the name of the bucket of the switch objects; `account` is a number or a token of CloudFormation."""
    return f"{app}-switch-{account}"


def switch_key(server: str) -> str:
    """Return the key of the switch object of a server, or of all with `FOR_ALL`. If it exists, maintenance is on."""
    return f"{FOLDER}{server}"


def scheduler_role(app: str) -> str:
    """Return the name of EventBridge Scheduler's role, which turns switches on and off for a window."""
    return f"{app}-switch"
