"""All stacks as a stage, for a CDK pipeline or another app."""

from aws_cdk import Environment, Stage
from constructs import Construct

from understudy_failover.settings import Settings

from .failover import REGION, Failover


class FailoverStage(Stage):
    """The stacks of `settings`, as a stage of another CDK app or pipeline; docs/embedding.md has examples.

    `cdk list`, `diff` and `deploy` see the stacks of a stage by their path alone: `cdk deploy 'Understudy/*'`.
    """

    def __init__(
        self, scope: Construct, id_: str, *, settings: Settings, accept_outage: bool = False, account: str | None = None
    ) -> None:
        """With `accept_outage` the deploy continues although a server is down or a switch is on.

        `account` is for a pipeline that deploys to another account.
        """
        super().__init__(scope, id_, env=Environment(account=account, region=REGION))
        failover = Failover(self, settings=settings, accept_outage=accept_outage, account=account)
        self.maintenance = failover.maintenance
        self.failover = failover.failover
