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

    def __init__(self, *found: tuple[str, str]) -> None:
        self.found = list(found)

    def get_paginator(self, _: str) -> Any:
        page = {"Subscriptions": [{"Endpoint": endpoint, "SubscriptionArn": arn} for endpoint, arn in self.found]}
        return SimpleNamespace(paginate=lambda **_: [page])

    def subscribe(self, **arguments: str) -> None:
        self.found.append((arguments["Endpoint"], "PendingConfirmation"))


def seen(settings: Settings, sns: Sns, endpoints: Sequence[str], plan: Plan | None = None) -> list[Any]:
    emails = tuple(one for one in endpoints if "@" in one)
    webhooks = tuple(one for one in endpoints if "@" not in one)
    told = Notifications(emails=emails, webhooks=webhooks)
    deployment = Deployment(settings.model_copy(update={"notifications": told}), cast(Any, None))
    fake = cast(Any, deployment)
    fake.client = lambda _: sns
    fake.topic_arn = lambda: TOPIC
    fake.repairs = lambda: plan or Plan()
    return list(subscriptions(deployment))


def repair(sns: Sns, *endpoints: str) -> list[Action]:
    resources = [
        Resource("s", one, "AWS::SNS::Subscription", "", {"TopicArn": TOPIC, "Protocol": "email", "Endpoint": one})
        for one in endpoints
    ]
    return list(subscription_repairs(lambda _: sns, resources))


def test_everybody_who_has_confirmed_passes(settings: Settings) -> None:
    found = seen(settings, Sns((OPS, f"{TOPIC}:1"), (HOOK, f"{TOPIC}:2")), [OPS, HOOK])
    assert {one.verdict for one in found} == {Verdict.PASSED}


def test_nobody_to_notify_is_told_and_is_no_failure(settings: Settings) -> None:
    (found,) = seen(settings, Sns(), [])
    assert (found.verdict, "nobody is notified" in found.text) == (Verdict.PASSED, True)
    assert "[notifications]" in found.advice


def test_who_has_not_confirmed_or_is_gone_fails_and_repair_subscribes_again(settings: Settings) -> None:
    sns = Sns((OPS, "PendingConfirmation"), (HOOK, "Deleted"))
    actions = repair(sns, OPS, HOOK)
    found = seen(settings, sns, [OPS, HOOK], Plan(tuple(actions)))
    assert [(one.subject, one.verdict) for one in found] == [(OPS, Verdict.FAILED), (HOOK, Verdict.FAILED)]
    assert all("`understudy repair --apply`" in one.advice for one in found)
    assert "open the link" in found[0].advice
    for action in actions:
        action.apply()
    assert [endpoint for endpoint, arn in sns.found if arn == "PendingConfirmation"] == [OPS, OPS, HOOK]
    # The link is for the recipient to open, as the advice says.
    confirmed = Sns((OPS, f"{TOPIC}:1"), (HOOK, f"{TOPIC}:2"))
    assert {one.verdict for one in seen(settings, confirmed, [OPS, HOOK])} == {Verdict.PASSED}
    assert repair(confirmed, OPS, HOOK) == []


def test_who_was_only_written_into_the_file_yet_is_for_a_deploy(settings: Settings) -> None:
    (found,) = seen(settings, Sns(), [NIGHT])
    assert (found.verdict, "`cdk deploy --all`" in found.advice) == (Verdict.FAILED, True)
    assert endpoint_key(NIGHT) == ("endpoint", NIGHT)
