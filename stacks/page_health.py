"""Asks whether the maintenance page can be reached at all: a health check of its distribution."""

from aws_cdk import aws_cloudfront as cloudfront, aws_route53 as route53
from constructs import Construct

from understudy_failover.contract.health_check_config import page_config

from .health_check_config import health_check_config
from .purpose import declare_purpose


class PageHealth(Construct):
    """What the SECONDARY record sets of a distribution's host names go by; without it both down means a dead page.

    A connection is all that it asks for, at the distribution's own domain name, which never fails over. Whoever
    reaches the edge gets a 503 in some form, whatever is wrong with S3 or the page: nothing of that may take the page
    away. And every path answers 503, which an HTTP check calls unhealthy.

    No gate waits for it: a new check counts as healthy until it has data, and nothing failed over before there was one.
    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html

    Its id crosses stacks, so it must live as long as its distribution: another type or interval would be another check.
    See docs/decisions/0014-page-health-check.md.
    """

    def __init__(self, scope: Construct, id_: str, *, app: str, distribution: cloudfront.IDistribution) -> None:
        super().__init__(scope, id_)
        self.name = f"{app} maintenance page"
        resource = route53.CfnHealthCheck(
            self,
            "Resource",
            health_check_config=health_check_config(page_config(distribution.distribution_domain_name)),
            health_check_tags=[route53.CfnHealthCheck.HealthCheckTagProperty(key="Name", value=self.name)],
        )
        declare_purpose(
            resource, "Does the page's distribution accept connections (TCP)? If not, hosts stay with their servers"
        )
        self.health_check_id = resource.attr_health_check_id
