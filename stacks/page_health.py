"""The health check of the maintenance page: whether its distribution is reachable at all."""

from aws_cdk import aws_cloudfront as cloudfront
from constructs import Construct

from understudy_failover.contract.health_check_config import page_config

from .alarm import Comparison, declare_alarm
from .health_check_config import declare_health_check
from .health_metrics import health_metric
from .notifications import Notifications

ALARM_MINUTES = 3
"""An edge that fails and recovers several times within this time causes one pair of messages."""


class PageHealth(Construct):
    """The check of the SECONDARY record sets of a distribution; without it clients get a dead page if both are down.

    It only connects, to the distribution's own domain name, which never fails over. The edge answers 503 whatever is
    wrong with S3 or the page, and no such error may remove the page from DNS. An HTTP check calls a 503 unhealthy.

    No gate waits for it: a new check is healthy until it has data, and nothing failed over before the check existed.
    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html

    Its id crosses stacks, so it must live as long as its distribution: another type or interval makes another check.
    See docs/decisions/0014-page-health-check.md.
    """

    def __init__(self, scope: Construct, id_: str, *, app: str, distribution: cloudfront.IDistribution) -> None:
        super().__init__(scope, id_)
        self.name = f"{app} maintenance page"
        self.health_check_id = declare_health_check(
            self,
            self.name,
            page_config(distribution.distribution_domain_name),
            "Healthy while the page's distribution accepts TCP connections; otherwise DNS answers with the servers",
        ).attr_health_check_id


class PageAlarm(Construct):
    """In alarm from the first minute in which the check fails until `ALARM_MINUTES` have passed without failure."""

    def __init__(self, scope: Construct, id_: str, *, page: PageHealth, notifications: Notifications) -> None:
        super().__init__(scope, id_)
        declare_alarm(
            self,
            "Alarm",
            name=f"{page.name} cannot be reached",
            description=f"ALARM: Route 53's health checkers cannot reach the {page.name} at CloudFront. DNS keeps "
            "answering with the servers: clients of a server that fails now get no page, and maintenance switches have "
            "no effect. OK: the checkers reach the page again. Details: aws route53 get-health-check-status "
            f"--health-check-id {page.health_check_id}",
            metric=health_metric("HealthCheckStatus", page.health_check_id, "Minimum", ALARM_MINUTES),
            comparison=Comparison.LESS_THAN_THRESHOLD,
            threshold=1,
            notifications=notifications,
        )
