"""The topic of alarms and its subscriptions."""

from aws_cdk import (
    ArnFormat,
    Aws,
    Duration,
    RemovalPolicy,
    Stack,
    aws_cloudwatch as cloudwatch,
    aws_cloudwatch_actions as actions,
    aws_iam as iam,
    aws_kms as kms,
    aws_sns as sns,
)
from constructs import Construct

from understudy_failover.settings import Notifications as Recipients

from .logical_ids import free_id
from .purpose import declare_purpose


class Notifications(Construct):
    """The topic of an app's alarms, to which CloudWatch may publish, and its subscriptions."""

    def __init__(self, scope: Construct, id_: str, *, app: str, recipients: Recipients) -> None:
        super().__init__(scope, id_)
        # https://docs.aws.amazon.com/IAM/latest/UserGuide/confused-deputy.html
        alarms = Stack.of(self).format_arn(
            service="cloudwatch", resource="alarm", resource_name="*", arn_format=ArnFormat.COLON_RESOURCE_NAME
        )
        publisher = iam.ServicePrincipal(
            "cloudwatch.amazonaws.com",
            conditions={"StringEquals": {"aws:SourceAccount": Aws.ACCOUNT_ID}, "ArnLike": {"aws:SourceArn": alarms}},
        )
        key = self._key(app, publisher) if recipients.encrypted else None
        self.topic = sns.Topic(self, "Topic", display_name=f"Understudy {app}", enforce_ssl=True, master_key=key)
        declare_purpose(self.topic, "Sends alarms to the recipients in [notifications]")
        # A topic with a policy loses the default policy, which allows the account's alarms.
        self.topic.grant_publish(publisher)
        declare_purpose(self.topic.node.find_child("Policy"), "Lets CloudWatch publish; refuses requests without TLS")
        self._action = actions.SnsAction(self.topic)
        protocols = {"email": recipients.emails, "https": recipients.webhooks}
        for protocol, address in ((key, address) for key, addresses in protocols.items() for address in addresses):
            subscription = sns.CfnSubscription(
                self,
                free_id(self, f"{protocol.capitalize()} {address}", address),
                topic_arn=self.topic.topic_arn,
                protocol=protocol,
                endpoint=address,
            )
            declare_purpose(subscription, "A recipient in [notifications]")

    def notify(self, alarm: cloudwatch.AlarmBase, *, when_over: bool = True) -> None:
        """Send a message when `alarm` begins and, with `when_over`, when it is over."""
        alarm.add_alarm_action(self._action)
        if when_over:
            alarm.add_ok_action(self._action)

    def _key(self, app: str, publisher: iam.ServicePrincipal) -> kms.Key:
        # A key of its own: CloudWatch may not use the AWS managed key of SNS, and alarms would be lost.
        # https://docs.aws.amazon.com/sns/latest/dg/sns-key-management.html
        key = kms.Key(
            self,
            "Key",
            description=f"Notifications of {app}",
            enable_key_rotation=True,
            # SNS keeps no message after its delivery, so nothing is lost with the key.
            removal_policy=RemovalPolicy.DESTROY,
            pending_window=Duration.days(7),
        )
        key.grant(publisher, "kms:Decrypt", "kms:GenerateDataKey*")
        return key
