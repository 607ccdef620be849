"""Monitors: certificates that expire, switches that stay on, and pages that have to say what is planned.

One function, as each of them is a few seconds of work now and then. What it may do, all together: look at the
distributions and certificates that it watches, read the switches, write the words of planned work onto the pages, and
publish metrics in one namespace. It changes neither DNS nor a distribution, a certificate or a switch.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from aws_cdk import (
    Aws,
    Duration,
    Stack,
    aws_cloudfront as cloudfront,
    aws_events as events,
    aws_events_targets as targets,
    aws_iam as iam,
    aws_lambda as lambda_,
    aws_s3 as s3,
)
from constructs import Construct

from understudy_failover.contract.switch import ENDS_AT, FOLDER, FOR_ALL, NOTE_KEY, switch_bucket
from understudy_failover.page import PAGES, PLACEHOLDER
from understudy_failover.settings import Server

from ..function_role import FunctionRole
from ..purpose import declare_purpose
from ..python_function import python_function
from .alarms import LOOK, NAMESPACE, WITHOUT_END_HOURS

HANDLER = Path(__file__).parent / "handler"


@dataclass(frozen=True)
class MonitoredPage:
    """A distribution, whose certificate is monitored, and the bucket of its pages."""

    name: str
    """In the function's log: `page`; a server's is `server <name>`."""
    app: str
    """As its certificate's name and path in IAM begin."""
    distribution: cloudfront.IDistribution
    bucket: s3.IBucket


class Monitor(Construct):
    """The function, and what starts it."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        app: str,
        servers: Sequence[Server],
        pages: Sequence[MonitoredPage],
        with_alarms: bool,
        with_switches: bool,
    ) -> None:
        """Certificates of `servers` and `pages` are monitored `with_alarms`; pages and switches `with_switches`."""
        super().__init__(scope, id_)
        # By its name, which follows from app and account, as the command does: nothing more crosses the stacks.
        switches = switch_bucket(app, Aws.ACCOUNT_ID)
        access: list[iam.PolicyStatement] = []
        environment = {"APP": app}
        if with_alarms:
            access += self._certificate_access(pages)
            environment |= {"PAGES": _json(map(_page, pages)), "SERVERS": _json(map(_server, _sorted(servers)))}
        if with_switches:
            access += self._switch_access(f"arn:{Aws.PARTITION}:s3:::{switches}", [page.bucket for page in pages])
            environment |= {
                "END": PLACEHOLDER.ends_at_text,
                "ENDS_AT": ENDS_AT,
                "FOR_ALL": FOR_ALL,
                "NOTE": NOTE_KEY,
                "PAGES_FOLDER": PAGES,
                "PAGE_BUCKETS": _json(page.bucket.bucket_name for page in pages),
                "SWITCHES": FOLDER,
                "SWITCH_BUCKET": switches,
                "WITHOUT_END_HOURS": str(WITHOUT_END_HOURS),
            }
        self.function = python_function(
            self,
            "Function",
            description=f"Monitors certificates and maintenance switches of {app}, writes planned work onto its pages",
            entry="monitor",
            sources=[HANDLER],
            environment=environment,
            timeout=Duration.minutes(5),
            memory_mb=512,
            role=FunctionRole(
                self,
                "Run",
                description=f"Reads certificates and switches of {app}, writes its pages, publishes metrics",
                statements=access,
            ),
        )
        if with_alarms:
            self._every("Daily", Duration.days(1), "certificates", f"Looks at the certificates of {app}")
        if with_switches and with_alarms:
            self._every("Often", LOOK, "switches", f"Looks at the maintenance switches of {app}")
        if with_switches:
            self._when_switched(f"A maintenance switch of {app} was turned", switches)
        _declare_permissions(self)

    def _every(self, id_: str, interval: Duration, duty: str, description: str) -> None:
        self._rule(
            id_,
            description,
            events.RuleTargetInput.from_object({"duty": duty}),
            schedule=events.Schedule.rate(interval),
        )

    def _when_switched(self, description: str, switches: str) -> None:
        # https://docs.aws.amazon.com/AmazonS3/latest/userguide/ev-events.html
        pattern = events.EventPattern(
            source=["aws.s3"],
            detail_type=["Object Created", "Object Deleted"],
            detail={"bucket": {"name": [switches]}, "object": {"key": events.Match.prefix(FOLDER)}},
        )
        self._rule("Turned", description, events.RuleTargetInput.from_object({"duty": "pages"}), event_pattern=pattern)

    def _rule(self, id_: str, description: str, event: events.RuleTargetInput, **when: Any) -> None:
        target = targets.LambdaFunction(self.function, event=event, retry_attempts=2)
        events.Rule(self, id_, description=description, targets=[target], **when)

    def _certificate_access(self, pages: Sequence[MonitoredPage]) -> Iterator[iam.PolicyStatement]:
        stack = Stack.of(self)
        if pages:
            yield iam.PolicyStatement(
                actions=["cloudfront:GetDistributionConfig"],
                resources=[
                    stack.format_arn(
                        service="cloudfront",
                        region="",
                        resource="distribution",
                        resource_name=page.distribution.distribution_id,
                    )
                    for page in pages
                ],
            )
            yield iam.PolicyStatement(
                actions=["iam:GetServerCertificate"],
                resources=[
                    stack.format_arn(
                        service="iam",
                        region="",
                        resource="server-certificate",
                        resource_name=f"cloudfront/{page.app}/{page.app}-*",
                    )
                    for page in pages
                ],
            )
            # IAM and CloudWatch know no narrower resource for this one and the next.
            yield iam.PolicyStatement(actions=["iam:ListServerCertificates"], resources=["*"])
        yield iam.PolicyStatement(
            actions=["cloudwatch:PutMetricData"],
            resources=["*"],
            conditions={"StringEquals": {"cloudwatch:namespace": NAMESPACE}},
        )

    def _switch_access(self, switches: str, pages: Sequence[s3.IBucket]) -> list[iam.PolicyStatement]:
        return [
            iam.PolicyStatement(actions=["s3:ListBucket"], resources=[switches, *(one.bucket_arn for one in pages)]),
            iam.PolicyStatement(
                actions=["s3:GetObject"],
                resources=[f"{switches}/{FOLDER}*", *(one.arn_for_objects("*") for one in pages)],
            ),
            iam.PolicyStatement(actions=["s3:PutObject"], resources=[one.arn_for_objects("*") for one in pages]),
        ]


def _declare_permissions(scope: Construct) -> None:
    """Say what each permission is for, of which the CDK makes one for each rule."""
    for construct in scope.node.find_all():
        if isinstance(construct, lambda_.CfnPermission):
            declare_purpose(construct, "Lets its EventBridge rule start the function")


def _sorted(servers: Sequence[Server]) -> list[Server]:
    return sorted(servers, key=lambda server: server.name)


def _json(values: Any) -> str:
    return json.dumps(list(values))


def _page(page: MonitoredPage) -> dict[str, str]:
    # By the distribution's id: the certificate's changes with every renewal, and must not cross stacks.
    return {
        "certificate": page.name,
        "path": f"/cloudfront/{page.app}/",
        "distribution": page.distribution.distribution_id,
    }


def _server(server: Server) -> dict[str, object]:
    check = server.health_check
    # A concrete name if there is one; the same whatever the order in failover.toml.
    host = min((host.name for host in server.hosts), key=lambda name: (name.startswith("*"), name))
    return {
        "certificate": f"server {server.name}",
        "address": str(server.ipv4),
        "port": check.port if check.type == "HTTPS" else 443,
        "host": host.replace("*", "understudy-watch", 1),
    }
