"""Where the maintenance switch is: names that follow from failover.toml and the account number alone.

Whoever flips the switch must find it while no control plane of AWS can be asked. See
docs/decisions/0007-the-switch-and-how-the-command-finds-it.md.
"""

FOLDER = ".understudy/switch/"
"""Of the switch objects in their bucket, and so of their paths at the distribution."""
FOR_ALL = "_all"
"""In the place of a server's name, which never begins with `_`: the switch of every server at once."""
NOTE_KEY = "README.txt"
"""A note in the bucket, there as long as the stack is."""


def switch_bucket(app: str, account: str) -> str:
    """Name of the bucket that holds the switch objects; `account` is a number or a token of CloudFormation."""
    return f"{app}-switch-{account}"


def switch_key(server: str) -> str:
    """Key of a server's switch object, or with `FOR_ALL` of the one for all: there means maintenance."""
    return f"{FOLDER}{server}"


def scheduler_role(app: str) -> str:
    """Name of the role with which EventBridge Scheduler flips the switches at the ends of a window."""
    return f"{app}-switch"
