"""Rules of composite alarms, as text: built of the CDK's objects each alarm would cross to Node three times.

https://docs.aws.amazon.com/AmazonCloudWatch/latest/APIReference/API_PutCompositeAlarm.html
"""

from collections.abc import Iterable

from aws_cdk import aws_cloudwatch as cloudwatch


def in_alarm(alarm: cloudwatch.IAlarm) -> str:
    """`ALARM("arn:…")`."""
    return f'ALARM("{alarm.alarm_arn}")'


def one_without(when: str, unless: Iterable[str]) -> str:
    """True while `when` is, and none of `unless`; all of them rules."""
    return f"({' AND '.join((when, *(f'(NOT ({one}))' for one in unless)))})"
