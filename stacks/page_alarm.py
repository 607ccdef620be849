"""Tells operators that the maintenance page cannot be reached, and that it can be again."""

from aws_cdk import aws_cloudwatch as cloudwatch
from constructs import Construct

from .health_metrics import health_metric
from .notifications import Notifications
from .page_health import PageHealth

MINUTES = 3
"""An edge that comes and goes makes one pair of messages."""


class PageAlarm(Construct):
    """In alarm from the first minute in which the page's check fails until `MINUTES` have been without failure."""

    def __init__(self, scope: Construct, id_: str, *, page: PageHealth, notifications: Notifications) -> None:
        super().__init__(scope, id_)
        alarm = cloudwatch.Alarm(
            self,
            "Alarm",
            alarm_name=f"{page.name} cannot be reached",
            alarm_description=f"ALARM: Route 53's checkers cannot reach the {page.name} at CloudFront. Servers that "
            "work are answered as ever; one that fails now is answered as well, and no switch turns on. OK: they reach "
            f"it again. What they saw: aws route53 get-health-check-status --health-check-id {page.health_check_id}",
            metric=health_metric("HealthCheckStatus", page.health_check_id, "Minimum", MINUTES),
            threshold=1,
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            evaluation_periods=1,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        notifications.notify(alarm)
