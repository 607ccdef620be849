"""The health check of a server's record sets: the server works, and no switch is on."""

from collections.abc import Sequence

from aws_cdk import aws_route53 as route53
from constructs import Construct

from .health_check_config import declare_health_check


class ServerHealth(Construct):
    """A calculated health check, healthy while all `children` are.

    Not nested: Route 53 does not monitor calculated checks with calculated checks.
    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html
    """

    def __init__(self, scope: Construct, id_: str, *, name: str, children: Sequence[str]) -> None:
        """`children` are ids of health checks."""
        super().__init__(scope, id_)
        config = route53.CfnHealthCheck.HealthCheckConfigProperty(
            type="CALCULATED", child_health_checks=list(children), health_threshold=len(children)
        )
        purpose = f"{name}: decides between server and page; healthy while all its checks are healthy"
        self.resource = declare_health_check(self, name, config, purpose)
        self.health_check_id = self.resource.attr_health_check_id
