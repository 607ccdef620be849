"""Tells operators that something began, and that it is over: one message each, none in planned maintenance."""

import hashlib
from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from .alarm_rule import one_without
from .notifications import Notifications

LONGEST_NAME = 255
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html"""


class Notice(Construct):
    """A composite alarm of rules: `when` holds, and none of `unless` does."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        description: str,
        when: str,
        unless: Sequence[str],
        notifications: Notifications,
    ) -> None:
        """`name` is the subject of its messages, `description` their text; both for beginning and end."""
        super().__init__(scope, id_)
        self.alarm = cloudwatch.CompositeAlarm(
            self,
            "Alarm",
            composite_alarm_name=fitting(name),
            alarm_description=description,
            alarm_rule=cloudwatch.AlarmRule.from_string(one_without(when, unless)),
        )
        notifications.tell(self.alarm)


def fitting(name: str) -> str:
    """`name`, or where it is too long (a very long host name) its beginning with a digest of the whole."""
    if len(name) <= LONGEST_NAME:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: LONGEST_NAME - 9]} {digest}"
