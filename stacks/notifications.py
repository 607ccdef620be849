"""Where alarms go: one encrypted topic, and who is told through it."""

from aws_cdk import (
    Duration,
    RemovalPolicy,
    aws_cloudwatch as cloudwatch,
    aws_cloudwatch_actions as actions,
    aws_iam as iam,
    aws_kms as kms,
    aws_sns as sns,
)
from constructs import Construct

from understudy_failover.settings import Notifications as Told

from .logical_ids import free_id


class Notifications(Construct):
    """The topic of one app's alarms, which CloudWatch may publish to, and its subscriptions."""

    def __init__(self, scope: Construct, id_: str, *, app: str, told: Told) -> None:
        super().__init__(scope, id_)
        publisher = iam.ServicePrincipal("cloudwatch.amazonaws.com")
        # A key of its own: CloudWatch may not use the one that AWS manages for SNS, and alarms would be lost.
        # https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
        key = kms.Key(
            self,
            "Key",
            description=f"Notifications of {app}",
            enable_key_rotation=True,
            # Nothing lives longer than its delivery, so nothing is lost with the key.
            removal_policy=RemovalPolicy.DESTROY,
            pending_window=Duration.days(7),
        )
        key.grant(publisher, "kms:Decrypt", "kms:GenerateDataKey*")
        self.topic = sns.Topic(self, "Topic", display_name=f"Understudy {app}", enforce_ssl=True, master_key=key)
        # With a policy of its own a topic no longer has the default one, which let the account's alarms in.
        self.topic.grant_publish(publisher)
        self._action = actions.SnsAction(self.topic)
        addresses = [("email", address) for address in told.emails] + [("https", address) for address in told.webhooks]
        for protocol, address in addresses:
            sns.CfnSubscription(
                self,
                free_id(self, f"{protocol.capitalize()} {address}", address),
                topic_arn=self.topic.topic_arn,
                protocol=protocol,
                endpoint=address,
            )

    def tell(self, alarm: cloudwatch.AlarmBase, *, when_over: bool = True) -> None:
        """When `alarm` begins, and unless told otherwise when it is over."""
        alarm.add_alarm_action(self._action)
        if when_over:
            alarm.add_ok_action(self._action)
