"""The recipients of notifications: the subscriptions of the topic."""

from enum import StrEnum
from typing import Any


class Confirmation(StrEnum):
    CONFIRMED = "confirmed"
    PENDING = "not confirmed"
    """SNS delivers nothing until the link of its first message has been opened."""


def confirmations(sns: Any, topic_arn: str) -> dict[str, Confirmation]:
    """Return the states by endpoint; needs sns:ListSubscriptionsByTopic. Raise ClientError or BotoCoreError.

    https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html
    """
    states: dict[str, Confirmation] = {}
    for page in sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic_arn):
        for subscription in page["Subscriptions"]:
            # In place of an ARN: `PendingConfirmation`, and `Deleted` after somebody has unsubscribed.
            if subscription["SubscriptionArn"].startswith("arn:"):
                states[subscription["Endpoint"]] = Confirmation.CONFIRMED
            elif subscription["SubscriptionArn"] != "Deleted":
                states.setdefault(subscription["Endpoint"], Confirmation.PENDING)
    return states
