"""Both stacks, wired: the one thing that another CDK app adds to have a failover of its own."""

from aws_cdk import Environment, Stage
from constructs import Construct

from settings import Settings
from stacks.failover_stack import FailoverStack
from stacks.maintenance_stack import MaintenanceStack


class FailoverStage(Stage):
    """The failover of one `Settings`, in whichever account the deploy is made with.

    Always in us-east-1: health check metrics and their alarms exist only there, and CloudFront's own as well.
    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/monitoring-health-checks.html
    """

    def __init__(self, scope: Construct, id_: str, *, settings: Settings, accept_outage: bool = False) -> None:
        """With `accept_outage` the deploy goes on although a server is down or a switch is on."""
        super().__init__(scope, id_, env=Environment(region="us-east-1"))
        self.maintenance = MaintenanceStack(self, "Maintenance", settings=settings)
        # All that crosses is the distribution's id and domain name, which outlive every certificate.
        self.failover = FailoverStack(
            self,
            "Failover",
            settings=settings,
            distribution=self.maintenance.distribution,
            accept_outage=accept_outage,
        )
