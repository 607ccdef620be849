"""Whether anybody is notified, against made-up answers of SNS and CloudFormation."""

from collections.abc import Sequence
from types import SimpleNamespace
from typing import Any, cast

from understudy_failover.operations.finding import Verdict
from understudy_failover.operations.repair.declared import Resource
from understudy_failover.operations.repair.plan import Action, Plan, endpoint_key
from understudy_failover.operations.subscriptions import subscription_repairs
from understudy_failover.operations.verify.deployment import Deployment
from understudy_failover.operations.verify.subscriptions import subscriptions
from understudy_failover.settings import Notifications, Settings

TOPIC = "arn:aws:sns:us-east-1:000000000000:topic"
OPS, NIGHT, HOOK = "ops@example.net", "night@example.net", "https://hooks.example.net/x"


class Sns:
    """SNS as it answers of one topic; a new subscription is not confirmed."""

    def __init__(self, *subscribed: tuple[str, str]) -> None:
        self.subscribed = list(subscribed)

    def get_paginator(self, _: str) -> Any:
        page = {"Subscriptions": [{"Endpoint": endpoint, "SubscriptionArn": arn} for endpoint, arn in self.subscribed]}
        return SimpleNamespace(paginate=lambda **_: [page])

    def subscribe(self, **arguments: str) -> None:
        self.subscribed.append((arguments["Endpoint"], "PendingConfirmation"))


def findings_of(settings: Settings, sns: Sns, endpoints: Sequence[str], plan: Plan | None = None) -> list[Any]:
    emails = tuple(endpoint for endpoint in endpoints if "@" in endpoint)
    webhooks = tuple(endpoint for endpoint in endpoints if "@" not in endpoint)
    notifications = Notifications(emails=emails, webhooks=webhooks)
    deployment = Deployment(settings.model_copy(update={"notifications": notifications}), cast(Any, None))
    fake = cast(Any, deployment)
    fake.client = lambda _: sns
    fake.topic_arn = lambda: TOPIC
    fake.repairs = lambda: plan or Plan()
    return list(subscriptions(deployment))


def repair(sns: Sns, *endpoints: str) -> list[Action]:
    resources = [
        Resource(
            "s", endpoint, "AWS::SNS::Subscription", "", {"TopicArn": TOPIC, "Protocol": "email", "Endpoint": endpoint}
        )
        for endpoint in endpoints
    ]
    return list(subscription_repairs(lambda _: sns, resources))


def test_everybody_who_has_confirmed_passes(settings: Settings) -> None:
    findings = findings_of(settings, Sns((OPS, f"{TOPIC}:1"), (HOOK, f"{TOPIC}:2")), [OPS, HOOK])
    assert {finding.verdict for finding in findings} == {Verdict.PASSED}


def test_nobody_to_notify_is_reported_and_is_no_failure(settings: Settings) -> None:
    (finding,) = findings_of(settings, Sns(), [])
    assert (finding.verdict, "nobody is notified" in finding.text) == (Verdict.PASSED, True)
    assert "[notifications]" in finding.advice


def test_who_has_not_confirmed_or_is_gone_fails_and_repair_subscribes_again(settings: Settings) -> None:
    sns = Sns((OPS, "PendingConfirmation"), (HOOK, "Deleted"))
    actions = repair(sns, OPS, HOOK)
    findings = findings_of(settings, sns, [OPS, HOOK], Plan(tuple(actions)))
    assert [(finding.subject, finding.verdict) for finding in findings] == [
        (OPS, Verdict.FAILED),
        (HOOK, Verdict.FAILED),
    ]
    assert all("`understudy repair --apply`" in finding.advice for finding in findings)
    assert "open the link" in findings[0].advice
    for action in actions:
        action.apply()
    assert [endpoint for endpoint, arn in sns.subscribed if arn == "PendingConfirmation"] == [OPS, OPS, HOOK]
    # The link is for the recipient to open, as the advice says.
    confirmed = Sns((OPS, f"{TOPIC}:1"), (HOOK, f"{TOPIC}:2"))
    assert {finding.verdict for finding in findings_of(settings, confirmed, [OPS, HOOK])} == {Verdict.PASSED}
    assert repair(confirmed, OPS, HOOK) == []


def test_who_was_only_written_into_the_file_yet_is_for_a_deploy(settings: Settings) -> None:
    (finding,) = findings_of(settings, Sns(), [NIGHT])
    assert (finding.verdict, "`cdk deploy --all`" in finding.advice) == (Verdict.FAILED, True)
    assert endpoint_key(NIGHT) == ("endpoint", NIGHT)
