"""Where alarms go: one topic, to which the owner subscribes."""

from aws_cdk import aws_iam as iam, aws_sns as sns
from constructs import Construct


class Notifications(Construct):
    """The topic of one app's alarms, which CloudWatch may publish to."""

    def __init__(self, scope: Construct, id_: str, *, app: str) -> None:
        super().__init__(scope, id_)
        self.topic = sns.Topic(self, "Topic", display_name=f"Understudy {app}", enforce_ssl=True)
        # With a policy of its own a topic no longer has the default one, which let the account's alarms in.
        self.topic.grant_publish(iam.ServicePrincipal("cloudwatch.amazonaws.com"))
