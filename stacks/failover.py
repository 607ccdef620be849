"""All stacks of an installation, for an app or a stage."""

from aws_cdk import Aws, Environment, Validations
from constructs import Construct

from understudy_failover.contract.identity import Identity
from understudy_failover.contract.switch import switch_bucket
from understudy_failover.settings import Settings
from understudy_failover.settings.sharding import MAIN, stack_name

from .failover_stack import FailoverStack
from .limits import Limits
from .logical_ids import pascal_case
from .maintenance_stack import MaintenanceStack

REGION = "us-east-1"
"""The metrics of health checks and of CloudFront, and so their alarms, exist only there.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/monitoring-health-checks.html
"""


class Failover:
    """Adds the stacks of `settings` to `scope`, an App or a Stage.

    No construct, so that the ids of the stacks have no prefix (`cdk deploy Maintenance`).
    """

    def __init__(
        self, scope: Construct, *, settings: Settings, accept_outage: bool = False, account: str | None = None
    ) -> None:
        """With `accept_outage` the deploy continues although a server is down or a switch is on.

        `account` None is the account of the deploy's credentials.
        """
        environment = Environment(account=account, region=REGION)
        # One distribution has one certificate and 100 host names, one stack 500 resources: settings/sharding.py.
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
        # Only ids and domain names of distributions and ids of their checks cross stacks; no certificate changes them.
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
                page_health={certificate: stack.page_health for certificate, stack in self.maintenance.items()},
                main=main,
                accept_outage=accept_outage,
            )
        # Here, so that an embedding app has the limits, too.
        stacks = [*self.maintenance.values(), *self.failover.values()]
        Validations.of(scope).add_plugins(Limits(stacks))
