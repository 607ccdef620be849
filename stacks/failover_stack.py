"""What decides, request by request, between a server and the maintenance page: data plane alone."""

from aws_cdk import CfnOutput, Stack, aws_cloudfront as cloudfront
from constructs import Construct

from settings import Settings
from stacks.expiry_watch import ExpiryWatch
from stacks.failover_records import FailoverRecords
from stacks.health_check import HealthCheck
from stacks.logical_ids import pascal_case
from stacks.notifications import Notifications


class FailoverStack(Stack):
    """A health check per server, the record sets of its host names, and a watch over the certificates."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        settings: Settings,
        distribution: cloudfront.IDistribution,
    ) -> None:
        super().__init__(
            scope,
            id_,
            stack_name=f"{settings.app}-failover",
            description=f"DNS failover of {settings.app} from its servers to the maintenance page",
        )
        ExpiryWatch(
            self,
            "ExpiryWatch",
            app=settings.app,
            servers=settings.servers,
            distribution=distribution,
            notifications=Notifications(self, "Notifications", app=settings.app),
        )
        for server in settings.servers:
            name = pascal_case(server.name)
            health_check = HealthCheck(
                self, f"HealthCheck{name}", app=settings.app, server=server, timing=settings.timing
            )
            CfnOutput(self, f"HealthCheckId{name}", value=health_check.health_check_id)
            for host in server.hosts:
                FailoverRecords(
                    self,
                    pascal_case(host.name),
                    host=host,
                    server=server,
                    ttl_seconds=settings.timing.ttl_seconds,
                    health_check=health_check,
                    distribution=distribution,
                )
