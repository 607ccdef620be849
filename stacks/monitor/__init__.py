"""Monitors certificates that expire and switches that stay on, and writes planned work onto pages.

One function, as each task is a few seconds of work. It may read its distribution, its certificate and the switches,
write the pages, and publish metrics in one namespace. It changes no DNS record, distribution, certificate or switch.
"""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from aws_cdk import (
    Aws,
    Duration,
    aws_cloudfront as cloudfront,
    aws_events as events,
    aws_events_targets as targets,
    aws_iam as iam,
    aws_lambda as lambda_,
    aws_logs as logs,
    aws_s3 as s3,
)
from constructs import Construct

from understudy_failover.contract import switch_end
from understudy_failover.contract.switch import FOLDER, FOR_ALL, NOTE_KEY
from understudy_failover.page import PAGES, PLACEHOLDER
from understudy_failover.settings import Server, Settings

from ..function_role import FunctionRole, allow, global_arn
from ..purpose import declare_purpose
from ..python_function import python_function
from .alarms import HOUR, NAMESPACE, POLL, WITHOUT_END_HOURS, function_name

HANDLER = Path(__file__).parent / "handler"
SERVERS_FILE = "servers.json"
"""A file, because the environment of a function has a size limit."""


class Monitor(Construct):
    """The function of one page, and the rules that start it."""

    def __init__(
        self,
        scope: Construct,
        id_: str,
        *,
        app: str,
        settings: Settings,
        switch_bucket: str,
        pages: s3.IBucket,
        distribution: cloudfront.IDistribution,
        is_main: bool,
        log_group: logs.LogGroup,
    ) -> None:
        """`app` is the whole installation; `settings` are as of `Settings.for_certificate`.

        `switch_bucket` is the name of the switches' bucket, perhaps of another stack; the `is_main` monitor checks it.
        """
        super().__init__(scope, id_)
        with_alarms, with_switches = settings.monitoring.alarms, settings.has_switches
        access: list[iam.PolicyStatement] = []
        environment = {"APP": app}
        if with_alarms:
            access += self._certificate_access(settings.app, distribution)
            # By the distribution's id: the certificate's id changes with every renewal.
            environment |= {"DISTRIBUTION": distribution.distribution_id, "PATH_PREFIX": f"/cloudfront/{settings.app}/"}
        if with_switches:
            access += self._switch_access(f"arn:{Aws.PARTITION}:s3:::{switch_bucket}", pages)
            environment |= {
                "END": PLACEHOLDER.ends_at_text,
                "FOR_ALL": FOR_ALL,
                "NOTE": NOTE_KEY,
                "PAGES": PAGES,
                "PAGE_BUCKET": pages.bucket_name,
                "SWITCHES": FOLDER,
                "SWITCH_BUCKET": switch_bucket,
                "WITHOUT_END_HOURS": str(WITHOUT_END_HOURS),
            }
        servers = (
            [_server(server) for server in sorted(settings.servers, key=lambda server: server.name)]
            if with_alarms
            else []
        )
        self._function = python_function(
            self,
            "Function",
            name=function_name(settings.app),
            description=f"Monitors certificates and switches of {settings.app}, writes planned work onto its pages",
            entry="monitor",
            sources=[HANDLER, Path(switch_end.__file__)],
            files={SERVERS_FILE: json.dumps(servers)},
            environment=environment,
            timeout=Duration.minutes(5),
            memory_mb=512,
            role=FunctionRole(
                self,
                "Run",
                description=f"Reads certificates and switches of {settings.app}, writes its pages, publishes metrics",
                statements=access,
                log_group=log_group,
            ),
        )
        if with_alarms:
            self._every("Hourly", HOUR, "certificates", f"Checks the certificates of {settings.app}")
        if with_switches and with_alarms and is_main:
            self._every("Often", POLL, "switches", f"Checks the maintenance switches of {app}")
        if with_switches:
            self._when_switched(f"Starts when a maintenance switch of {app} is turned on or off", switch_bucket)

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
        target = targets.LambdaFunction(self._function, event=event, retry_attempts=2)
        rule = events.Rule(self, id_, description=description, targets=[target], **when)
        for child in rule.node.children:
            if isinstance(child, lambda_.CfnPermission):
                declare_purpose(child, f"Lets the EventBridge rule {id_} start the monitor")

    def _certificate_access(self, app: str, distribution: cloudfront.IDistribution) -> Sequence[iam.PolicyStatement]:
        distribution_arn = global_arn(self, "cloudfront", "distribution", distribution.distribution_id)
        certificates = global_arn(self, "iam", "server-certificate", f"cloudfront/{app}/{app}-*")
        namespace = {"StringEquals": {"cloudwatch:namespace": NAMESPACE}}
        return (
            allow("cloudfront:GetDistributionConfig", on=[distribution_arn]),
            allow("iam:GetServerCertificate", on=[certificates]),
            # IAM and CloudWatch support no narrower resource for these two.
            allow("iam:ListServerCertificates", on=["*"]),
            allow("cloudwatch:PutMetricData", on=["*"], conditions=namespace),
        )

    def _switch_access(self, switches: str, pages: s3.IBucket) -> Sequence[iam.PolicyStatement]:
        return (
            allow("s3:ListBucket", on=[switches, pages.bucket_arn]),
            allow("s3:GetObject", on=[f"{switches}/{FOLDER}*", pages.arn_for_objects("*")]),
            allow("s3:PutObject", on=[pages.arn_for_objects("*")]),
        )


def _server(server: Server) -> dict[str, object]:
    check = server.health_check
    # The host of the health check, unless that name does not fail over.
    names = sorted((host.name for host in server.hosts), key=lambda name: (name.startswith("*"), name))
    host = check.host_name if check.host_name in names else names[0]
    return {
        "certificate": f"server {server.name}",
        "address": str(server.ipv4),
        "port": check.port if check.type == "HTTPS" else 443,
        "host": host.replace("*", "understudy-watch", 1),
    }
