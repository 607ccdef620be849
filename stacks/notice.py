"""Tells operators that something began, and that it is over: one message each, none in planned maintenance."""

import hashlib
from collections.abc import Sequence

from aws_cdk import aws_cloudwatch as cloudwatch, aws_cloudwatch_actions as actions
from constructs import Construct

from stacks.notifications import Notifications

LONGEST_NAME = 255
"""https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html"""


class Notice(Construct):
    """A composite alarm: `when` is in alarm, and none of `unless` is."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        description: str,
        when: cloudwatch.IAlarm,
        unless: Sequence[cloudwatch.IAlarm],
        notifications: Notifications,
    ) -> None:
        """`name` is the subject of its messages, `description` their text; both for beginning and end."""
        super().__init__(scope, id_)
        rule = cloudwatch.AlarmRule
        state = cloudwatch.AlarmState.ALARM
        self.alarm = cloudwatch.CompositeAlarm(
            self,
            "Alarm",
            composite_alarm_name=fitting(name),
            alarm_description=description,
            alarm_rule=rule.all_of(
                rule.from_alarm(when, state), *(rule.not_(rule.from_alarm(one, state)) for one in unless)
            ),
        )
        action = actions.SnsAction(notifications.topic)
        self.alarm.add_alarm_action(action)
        self.alarm.add_ok_action(action)


def fitting(name: str) -> str:
    """`name`, or where it is too long (a very long host name) its beginning with a digest of the whole."""
    if len(name) <= LONGEST_NAME:
        return name
    digest = hashlib.sha256(name.encode()).hexdigest()[:8]
    return f"{name[: LONGEST_NAME - 9]} {digest}"
