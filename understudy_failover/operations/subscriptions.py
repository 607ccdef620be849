"""Who receives the notifications: the subscriptions of the topic, as SNS has them."""

from enum import StrEnum
from typing import Any


class Confirmation(StrEnum):
    """Of one endpoint."""

    CONFIRMED = "confirmed"
    PENDING = "not confirmed"
    """SNS delivers nothing until the link of its first message has been opened."""


def confirmations(sns: Any, topic_arn: str) -> dict[str, Confirmation]:
    """By endpoint; needs sns:ListSubscriptionsByTopic.

    https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html

    Raises:
        BotoCoreError, ClientError: SNS refuses, or cannot be reached.
    """
    found: dict[str, Confirmation] = {}
    for page in sns.get_paginator("list_subscriptions_by_topic").paginate(TopicArn=topic_arn):
        for one in page["Subscriptions"]:
            # In place of an ARN: `PendingConfirmation`, and `Deleted` after somebody has unsubscribed.
            if one["SubscriptionArn"].startswith("arn:"):
                found[one["Endpoint"]] = Confirmation.CONFIRMED
            elif one["SubscriptionArn"] != "Deleted":
                found.setdefault(one["Endpoint"], Confirmation.PENDING)
    return found
