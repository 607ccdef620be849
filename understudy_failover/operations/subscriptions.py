"""The recipients of notifications: the subscriptions of the topic."""

from collections.abc import Callable, Iterable, Iterator
from enum import StrEnum
from functools import partial
from typing import Any

from understudy_failover.operations.lookups import members
from understudy_failover.operations.repair.declared import Resource
from understudy_failover.operations.repair.plan import Action, endpoint_key


class Confirmation(StrEnum):
    CONFIRMED = "confirmed"
    PENDING = "not confirmed"
    """SNS delivers nothing until the link of its first message has been opened."""


def confirmations(sns: Any, topic_arn: str) -> dict[str, Confirmation]:
    """Return the states by endpoint; needs sns:ListSubscriptionsByTopic. Raise ClientError or BotoCoreError.

    https://docs.aws.amazon.com/sns/latest/api/API_ListSubscriptionsByTopic.html
    """
    states: dict[str, Confirmation] = {}
    for subscription in members(sns, "list_subscriptions_by_topic", "Subscriptions", TopicArn=topic_arn):
        # In place of an ARN: `PendingConfirmation`, and `Deleted` after somebody has unsubscribed.
        if subscription["SubscriptionArn"].startswith("arn:"):
            states[subscription["Endpoint"]] = Confirmation.CONFIRMED
        elif subscription["SubscriptionArn"] != "Deleted":
            states.setdefault(subscription["Endpoint"], Confirmation.PENDING)
    return states


SUBSCRIPTION = "AWS::SNS::Subscription"


def subscription_repairs(client: Callable[[str], Any], resources: Iterable[Resource]) -> Iterator[Action]:
    """Needs sns:ListSubscriptionsByTopic; the action sns:Subscribe."""
    ours = [resource for resource in resources if resource.type == SUBSCRIPTION and resource.known()]
    topics = {str(resource.properties["TopicArn"]) for resource in ours}
    by_topic = {topic: confirmations(client("sns"), topic) for topic in topics}
    for resource in ours:
        topic, endpoint = str(resource.properties["TopicArn"]), str(resource.properties["Endpoint"])
        if by_topic[topic].get(endpoint) is Confirmation.CONFIRMED:
            continue
        text = "subscribe again; SNS sends a confirmation link, which must be opened within 3 days"
        # SNS answers a second subscription of an endpoint by sending the confirmation again.
        # https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
        protocol = str(resource.properties["Protocol"])
        act = partial(client("sns").subscribe, TopicArn=topic, Protocol=protocol, Endpoint=endpoint)
        yield Action(endpoint_key(endpoint), endpoint, text, act)
