"""The dashboard for an outage: server or page, agreement of the health checkers, load of the page."""

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from aws_cdk import Duration, aws_cloudfront as cloudfront, aws_cloudwatch as cloudwatch
from constructs import Construct

from .health_check import HealthCheck
from .health_metrics import health_metric
from .page_health import PageHealth
from .purpose import declare_purpose

if TYPE_CHECKING:
    from .alarms import Checked

MINUTE = Duration.minutes(1)
FULL, HALF = 24, 12
"""Widths in the grid of a dashboard."""


class Dashboard(Construct):
    """One CloudWatch dashboard of a failover stack."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        name: str,
        checked: "Sequence[Checked]",
        outages: Sequence[cloudwatch.IAlarm],
        pages: Mapping[str, cloudfront.IDistribution],
        page_health: Sequence[PageHealth],
    ) -> None:
        """`pages` are distributions by the names of certificates."""
        super().__init__(scope, id_)
        checks = sorted((check for unit in checked for check in unit.checks), key=lambda check: check.id_)
        # The checks of one server's addresses share the check that decides: shown once, under the first name.
        first = {unit.health_check_id: unit.checks[0].name for unit in checked}
        serving = [
            health_metric("HealthCheckStatus", identifier, "Minimum", label=name)
            for identifier, name in sorted(first.items(), key=lambda item: item[1])
        ]
        every: list[HealthCheck | PageHealth] = [*checks, *page_health]
        healthy_share = [
            health_metric("HealthCheckPercentageHealthy", check.health_check_id, "Average", label=check.name)
            for check in every
        ]
        percent = cloudwatch.YAxisProps(min=0, max=100, label="%", show_units=False)
        dashboard = cloudwatch.Dashboard(self, "Dashboard", dashboard_name=name)
        if outages:
            dashboard.add_widgets(
                cloudwatch.AlarmStatusWidget(title="Failed over", alarms=list(outages), width=FULL, height=3)
            )
        declare_purpose(dashboard, "Server or page, checkers and traffic at a glance")
        dashboard.add_widgets(
            cloudwatch.GraphWidget(
                title="Clients get the server (1) or the maintenance page (0)",
                left=serving,
                left_y_axis=cloudwatch.YAxisProps(min=0, max=1, show_units=False),
                width=HALF,
            ),
            cloudwatch.GraphWidget(
                title="Health checkers that reach server or page", left=healthy_share, left_y_axis=percent, width=HALF
            ),
        )
        dashboard.add_widgets(
            cloudwatch.GraphWidget(
                title="Requests for the maintenance page, health checks of its switches included",
                left=_of_pages("Requests", pages),
                right=_of_pages("5xxErrorRate", pages, "Average"),
                right_y_axis=percent,
                width=HALF,
            ),
            cloudwatch.GraphWidget(
                title="Bytes sent by the maintenance page", left=_of_pages("BytesDownloaded", pages), width=HALF
            ),
        )
        with_latency = [check for check in checks if check.measures_latency]
        if with_latency:
            dashboard.add_widgets(
                cloudwatch.GraphWidget(
                    title="Milliseconds to the first byte, measured by the health checkers",
                    left=[
                        health_metric("TimeToFirstByte", check.health_check_id, "Average", label=check.name)
                        for check in with_latency
                    ],
                    width=FULL,
                )
            )


def _of_pages(
    name: str, pages: Mapping[str, cloudfront.IDistribution], statistic: str = "Sum"
) -> list[cloudwatch.IMetric]:
    """https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/programming-cloudwatch-metrics.html"""
    return [
        cloudwatch.Metric(
            namespace="AWS/CloudFront",
            metric_name=name,
            dimensions_map={"DistributionId": distribution.distribution_id, "Region": "Global"},
            statistic=statistic,
            period=MINUTE,
            # A single page needs no name.
            label=f"{name} {certificate}" if certificate else None,
        )
        for certificate, distribution in pages.items()
    ]
