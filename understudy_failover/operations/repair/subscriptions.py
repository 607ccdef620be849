"""Subscriptions of the notifications' topic that were deleted, or whose confirmation is outstanding."""

from collections.abc import Callable, Iterable, Iterator
from functools import partial
from typing import Any

from understudy_failover.operations.repair.declared import Resource
from understudy_failover.operations.repair.plan import Action, endpoint_key
from understudy_failover.operations.subscriptions import Confirmation, confirmations

SUBSCRIPTION = "AWS::SNS::Subscription"


def subscription_repairs(client: Callable[[str], Any], resources: Iterable[Resource]) -> Iterator[Action]:
    """Needs sns:ListSubscriptionsByTopic; the action sns:Subscribe."""
    ours = [one for one in resources if one.type == SUBSCRIPTION and one.known()]
    topics = {str(one.properties["TopicArn"]) for one in ours}
    found = {topic: confirmations(client("sns"), topic) for topic in topics}
    for resource in ours:
        topic, endpoint = str(resource.properties["TopicArn"]), str(resource.properties["Endpoint"])
        if found[topic].get(endpoint) is Confirmation.CONFIRMED:
            continue
        text = "subscribe again; SNS sends a confirmation link, which must be opened within 3 days"
        # SNS answers a second subscription of an endpoint by sending the confirmation again.
        # https://docs.aws.amazon.com/sns/latest/api/API_Subscribe.html
        protocol = str(resource.properties["Protocol"])
        act = partial(client("sns").subscribe, TopicArn=topic, Protocol=protocol, Endpoint=endpoint)
        yield Action(endpoint_key(endpoint), endpoint, text, act)
