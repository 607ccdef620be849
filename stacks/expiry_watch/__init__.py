"""Watches how long certificates last: the one that viewers of the page get, and those of the servers.

IAM renews nothing, and Route 53's HTTPS checks accept expired certificates, so that nobody else would notice.
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/dns-failover-determining-health-of-endpoints.html
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from aws_cdk import (
    Duration,
    Stack,
    aws_cloudfront as cloudfront,
    aws_cloudwatch as cloudwatch,
    aws_events as events,
    aws_events_targets as targets,
    aws_iam as iam,
)
from constructs import Construct

from understudy_failover.settings import Server

from ..function_role import FunctionRole
from ..logical_ids import pascal_case
from ..notifications import Notifications
from ..python_function import python_function

HANDLER = Path(__file__).parent / "handler"
NAMESPACE = "Understudy"
DAY = Duration.days(1)
LIMITS_PERCENT = {"Third": 33.3, "Sixth": 16.7}
"""Of the lifetime: at a third CAs advise to renew, at a sixth somebody must do it by hand."""


@dataclass(frozen=True)
class WatchedPage:
    """A distribution whose certificate is watched."""

    name: str
    """Value of the dimension Certificate: `page`; a server's is `server <name>`."""
    app: str
    """As its certificate's name and path in IAM begin."""
    distribution: cloudfront.IDistribution


class ExpiryWatch(Construct):
    """A function that looks once a day, and alarms on what it publishes."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        app: str,
        servers: Sequence[Server],
        pages: Sequence[WatchedPage],
        notifications: Notifications,
    ) -> None:
        super().__init__(scope, id_)
        role = FunctionRole(self, "Watch")
        for statement in self._access(pages):
            role.role.add_to_policy(statement)
        function = python_function(
            self,
            "Function",
            description=f"Publishes how long the certificates of {app} last",
            handler="expiry_watch.handler",
            folder=HANDLER,
            environment={
                "APP": app,
                # By the distribution's id: the certificate's changes with every renewal, and must not cross stacks.
                "PAGES": json.dumps(
                    [
                        {
                            "certificate": page.name,
                            "path": f"/cloudfront/{page.app}/",
                            "distribution": page.distribution.distribution_id,
                        }
                        for page in pages
                    ]
                ),
                "SERVERS": json.dumps([_target(server) for server in sorted(servers, key=lambda server: server.name)]),
            },
            timeout=Duration.minutes(5),
            role=role,
        )
        events.Rule(
            self,
            "Daily",
            description=f"Looks at the certificates of {app}",
            schedule=events.Schedule.rate(DAY),
            targets=[targets.LambdaFunction(function, retry_attempts=2)],
        )
        for certificate in (*(page.name for page in pages), *(f"server {server.name}" for server in servers)):
            for share, percent in LIMITS_PERCENT.items():
                notifications.tell(self._alarm(app, certificate, share, percent), when_over=False)
        failed = function.metric_errors(period=DAY, statistic="Sum").create_alarm(
            self,
            "Failed",
            alarm_description=f"The watch over the certificates of {app} fails: see its log.",
            threshold=1,
            evaluation_periods=1,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
            treat_missing_data=cloudwatch.TreatMissingData.NOT_BREACHING,
        )
        notifications.tell(failed, when_over=False)

    def _alarm(self, app: str, certificate: str, share: str, percent: float) -> cloudwatch.Alarm:
        metric = cloudwatch.Metric(
            namespace=NAMESPACE,
            metric_name="LifetimeLeft",
            dimensions_map={"App": app, "Certificate": certificate},
            period=DAY,
            statistic="Minimum",
            unit=cloudwatch.Unit.PERCENT,
        )
        return cloudwatch.Alarm(
            self,
            f"{pascal_case(certificate).replace(' ', '')}{share}",
            alarm_description=f"Certificate of {certificate} ({app}): under a {share.lower()} of its lifetime is left.",
            metric=metric,
            threshold=percent,
            comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
            evaluation_periods=1,
            # A server that is down shows no certificate, which is no news about its expiry.
            treat_missing_data=cloudwatch.TreatMissingData.IGNORE,
        )

    def _access(self, pages: Sequence[WatchedPage]) -> Iterator[iam.PolicyStatement]:
        stack = Stack.of(self)
        if pages:
            distributions = (
                stack.format_arn(
                    service="cloudfront",
                    region="",
                    resource="distribution",
                    resource_name=page.distribution.distribution_id,
                )
                for page in pages
            )
            yield iam.PolicyStatement(actions=["cloudfront:GetDistributionConfig"], resources=list(distributions))
            certificates = (
                stack.format_arn(
                    service="iam",
                    region="",
                    resource="server-certificate",
                    resource_name=f"cloudfront/{page.app}/{page.app}-*",
                )
                for page in pages
            )
            yield iam.PolicyStatement(actions=["iam:GetServerCertificate"], resources=list(certificates))
            # IAM and CloudWatch know no narrower resource for this one and the next.
            yield iam.PolicyStatement(actions=["iam:ListServerCertificates"], resources=["*"])
        yield iam.PolicyStatement(
            actions=["cloudwatch:PutMetricData"],
            resources=["*"],
            conditions={"StringEquals": {"cloudwatch:namespace": NAMESPACE}},
        )


def _target(server: Server) -> dict[str, object]:
    check = server.health_check
    # The host that the health check asks for, unless that is a name which does not fail over.
    names = sorted((host.name for host in server.hosts), key=lambda name: (name.startswith("*"), name))
    host = check.host_name if check.host_name in names else names[0]
    return {
        "certificate": f"server {server.name}",
        "address": str(server.ipv4),
        "port": check.port if check.type == "HTTPS" else 443,
        "host": host.replace("*", "understudy-watch", 1),
    }
