"""What decides about a server's record sets: it works, and no switch asks for the maintenance page."""

from collections.abc import Sequence

from aws_cdk import aws_route53 as route53
from constructs import Construct

from .purpose import declare_purpose


class ServerHealth(Construct):
    """A calculated health check, healthy while every one of `children` is.

    Flat: Route 53 does not monitor calculated checks with calculated checks.
    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html
    """

    def __init__(self, scope: Construct, id_: str, *, name: str, children: Sequence[str]) -> None:
        """`children` are ids of health checks."""
        super().__init__(scope, id_)
        self.resource = route53.CfnHealthCheck(
            self,
            "Resource",
            health_check_config=route53.CfnHealthCheck.HealthCheckConfigProperty(
                type="CALCULATED", child_health_checks=list(children), health_threshold=len(children)
            ),
            health_check_tags=[route53.CfnHealthCheck.HealthCheckTagProperty(key="Name", value=name)],
        )
        declare_purpose(self.resource, f"{name}: decides between server and page; healthy while all of its checks are")
        self.health_check_id = self.resource.attr_health_check_id
