"""All stacks, wired: what an app, or a stage of one, adds to have a failover."""

from aws_cdk import Aws, Environment, Validations
from constructs import Construct

from understudy_failover.contract.identity import Identity
from understudy_failover.contract.switch import switch_bucket
from understudy_failover.settings import Settings
from understudy_failover.settings.division import MAIN, stack_name

from .failover_stack import FailoverStack
from .limits import Limits
from .logical_ids import pascal_case
from .maintenance_stack import MaintenanceStack

REGION = "us-east-1"
"""Health check metrics and their alarms exist only there, and CloudFront's own as well.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/monitoring-health-checks.html
"""


class Failover:
    """The stacks of one `Settings`, added to `scope`: an App or a Stage.

    No construct: the ids of the stacks stand alone (`cdk deploy Maintenance`), and logical ids do not depend on it.
    """

    def __init__(
        self, scope: Construct, *, settings: Settings, accept_outage: bool = False, account: str | None = None
    ) -> None:
        """With `accept_outage` the deploy goes on although a server is down or a switch is on.

        `account` None is whichever account the deploy is made with.
        """
        environment = Environment(account=account, region=REGION)
        # One distribution has one certificate and 100 host names, one stack 500 resources: settings/division.py.
        self.maintenance = {
            certificate: MaintenanceStack(
                scope,
                f"Maintenance{pascal_case(certificate)}",
                env=environment,
                identity=Identity(
                    settings.app,
                    "maintenance",
                    f"Maintenance page of {settings.for_certificate(certificate).app} on CloudFront, "
                    "under its own certificate",
                ),
                settings=settings.for_certificate(certificate),
                app=settings.app,
                name=stack_name(settings.app, "maintenance", certificate),
                switch_bucket=switch_bucket(settings.app, Aws.ACCOUNT_ID),
                switches=settings.switches,
                is_main=certificate == MAIN,
            )
            for certificate in settings.certificate_names
        }
        # All that crosses are the distributions' ids and domain names and their checks' ids, which outlive every
        # certificate.
        distributions = {name: stack.distribution for name, stack in self.maintenance.items()}
        self.failover: dict[str, FailoverStack] = {}
        for name in settings.stack_names:
            main = self.failover.get(MAIN)
            self.failover[name] = FailoverStack(
                scope,
                f"Failover{pascal_case(name)}",
                env=environment,
                identity=Identity(
                    settings.app,
                    "failover",
                    f"DNS failover of {settings.for_stack(name).app} from its servers to the maintenance page",
                ),
                settings=settings.for_stack(name),
                name=stack_name(settings.app, "failover", name),
                dashboard_name=f"{settings.app}-{name}" if name else settings.app,
                distributions=distributions,
                page_health={one: stack.page_health for one, stack in self.maintenance.items()},
                main=main,
                accept_outage=accept_outage,
            )
        # Here and not in the app, so that an embedding app has them, too.
        stacks = [*self.maintenance.values(), *self.failover.values()]
        Validations.of(scope).add_plugins(Limits(stacks))
