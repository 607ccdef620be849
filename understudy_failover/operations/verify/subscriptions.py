"""Whether anybody is notified: the subscriptions of the topic, as SNS has them."""

from collections.abc import Iterator

from understudy_failover.operations.finding import Finding, failed, noted, passed
from understudy_failover.operations.repair.plan import endpoint_key
from understudy_failover.operations.subscriptions import Confirmation, confirmations
from understudy_failover.operations.verify.deployment import Deployment


def subscriptions(deployment: Deployment) -> Iterator[Finding]:
    """All recipients have confirmed; SNS delivers nothing before."""
    settings = deployment.whole.notifications
    endpoints = (*settings.emails, *settings.webhooks)
    if not endpoints:
        advice = "add emails to [notifications] in failover.toml, then `cdk deploy --all`"
        yield noted("nobody-notified", deployment.settings.app, "nobody is notified of an outage", advice)
        return
    by_endpoint = confirmations(deployment.client("sns"), deployment.topic_arn())
    for endpoint in endpoints:
        match by_endpoint.get(endpoint):
            case Confirmation.CONFIRMED:
                yield passed(endpoint, "confirmed")
            case Confirmation.PENDING:
                what = "open the link that SNS sent it" if "@" in endpoint else "let it visit the SubscribeURL of SNS"
                again = deployment.cure(endpoint_key(endpoint))
                yield failed(
                    "subscription-not-confirmed",
                    endpoint,
                    "has not confirmed: SNS delivers nothing to it",
                    f"{what}; to send it anew, {again}",
                )
            case _:
                text = "is not subscribed: SNS delivers nothing to it"
                yield failed("subscription-missing", endpoint, text, deployment.cure(endpoint_key(endpoint)))
