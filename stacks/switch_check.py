"""Asks whether a maintenance switch is off: an inverted health check of its object, read through CloudFront."""

from aws_cdk import aws_route53 as route53
from constructs import Construct

from understudy_failover.contract.health_check_config import switch_config
from understudy_failover.contract.switch import FOR_ALL, REGIONS, switch_key

from .health_check_config import health_check_config
from .health_gate import GatedCheck
from .purpose import declare_purpose


class SwitchCheck(Construct):
    """Healthy while there is no object; whatever is wrong with S3 or CloudFront counts as no object.

    At the distribution's own domain name, which never fails over. A check of a name asks over IPv4.

    Route 53 calls a new inverted check unhealthy until it has data, so nothing may depend on this one before
    `HealthGate` has seen it report.
    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html
    """

    def __init__(self, scope: Construct, id_: str, *, app: str, server: str, distribution_domain_name: str) -> None:
        """`server` is a server's name or `FOR_ALL`."""
        super().__init__(scope, id_)
        whose = "all servers" if server == FOR_ALL else server
        self.name = f"{app} switch of {whose}"
        resource = route53.CfnHealthCheck(
            self,
            "Resource",
            health_check_config=health_check_config(switch_config(server, distribution_domain_name)),
            health_check_tags=[route53.CfnHealthCheck.HealthCheckTagProperty(key="Name", value=self.name)],
        )
        declare_purpose(resource, f"Is the maintenance switch of {whose} off? Healthy while its object is not there")
        self.id_ = id_
        self.health_check_id = resource.attr_health_check_id
        self._path = f"/{switch_key(server)}"

    def gated(self) -> GatedCheck:
        """How a deploy waits for it: until nobody anywhere finds the object.

        Two looks, although one turns its status: nobody documents how many Route 53 needs for the first.
        """
        return GatedCheck(
            name=self.name,
            health_check_id=self.health_check_id,
            expects="none",
            looks=2,
            regions=REGIONS,
            asks=f"{self._path} at the distribution",
        )
