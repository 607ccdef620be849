"""All stacks, wired: the one thing that another CDK app adds to have a failover of its own."""

from aws_cdk import Aws, Environment, Stage
from constructs import Construct

from settings import Settings
from settings.division import MAIN, stack_name
from settings.switch import switch_bucket
from stacks.expiry_watch import WatchedPage
from stacks.failover_stack import FailoverStack
from stacks.logical_ids import pascal_case
from stacks.maintenance_stack import MaintenanceStack


class FailoverStage(Stage):
    """The failover of one `Settings`, in whichever account the deploy is made with; docs/embedding.md has examples.

    Always in us-east-1: health check metrics and their alarms exist only there, and CloudFront's own as well.
    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/monitoring-health-checks.html
    """

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: Settings,
        accept_outage: bool = False,
        account: str | None = None,
    ) -> None:
        """With `accept_outage` the deploy goes on although a server is down or a switch is on.

        `account` is for a pipeline that deploys to an account which is not its own.
        """
        super().__init__(scope, id_, env=Environment(account=account, region="us-east-1"))
        # One distribution has one certificate and 100 host names, one stack 500 resources: settings/division.py.
        self.maintenance = {
            certificate: MaintenanceStack(
                self,
                f"Maintenance{pascal_case(certificate)}",
                settings=settings.for_certificate(certificate),
                name=stack_name(settings.app, "maintenance", certificate),
                switch_bucket=switch_bucket(settings.app, Aws.ACCOUNT_ID),
                with_switches=certificate == MAIN,
            )
            for certificate in settings.certificate_names
        }
        # All that crosses are the distributions' ids and domain names and their checks' ids, which outlive every
        # certificate.
        distributions = {name: stack.distribution for name, stack in self.maintenance.items()}
        pages = [
            WatchedPage(f"page {name}".rstrip(), settings.for_certificate(name).app, distribution)
            for name, distribution in distributions.items()
        ]
        self.failover: dict[str, FailoverStack] = {}
        for name in settings.stack_names:
            main = self.failover.get(MAIN)
            self.failover[name] = FailoverStack(
                self,
                f"Failover{pascal_case(name)}",
                settings=settings.for_stack(name),
                name=stack_name(settings.app, "failover", name),
                dashboard_name=f"{settings.app}-{name}" if name else settings.app,
                distributions=distributions,
                page_health={one: stack.page_health for one, stack in self.maintenance.items()},
                pages=[] if main else pages,
                notifications=main.notifications if main else None,
                accept_outage=accept_outage,
            )
