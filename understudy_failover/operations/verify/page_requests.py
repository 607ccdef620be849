"""Whether the page is still asked when every host is on its server: by clients that keep their connections.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/programming-cloudwatch-metrics.html
"""

import shlex
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from understudy_failover.contract.switch import INTERVAL_SECONDS
from understudy_failover.operations.estimate.bill import SWITCH_CHECKERS
from understudy_failover.operations.finding import Finding, noted, passed
from understudy_failover.operations.observation import resolve
from understudy_failover.operations.pooled_client import WHO_NOTICES
from understudy_failover.operations.timestamps import rfc3339
from understudy_failover.operations.verify.deployment import Deployment, bucket_name

MINUTE = timedelta(minutes=1)
MINUTES = 3
"""That are looked at: the last ones of which CloudWatch has data."""
BACK = timedelta(minutes=15)
"""How old those may be. CloudFront's metrics come within a few minutes."""
AHEAD = timedelta(hours=20)
"""The clock of this machine may be behind AWS's, and the embedded AWS runs ahead."""
TOLERANCE = 0.5
"""Share by which Route 53's checkers may be more than "about" as many as documented."""
COUNT_HOSTS = (
    'd=$(mktemp -d) && aws s3 cp --recursive --only-show-errors --exclude "*" --include {files} {folder} "$d" && '
    "gzip -dc \"$d\"/*.gz | awk '!/^#/ {{print $16, $5, $11}}' | sort | uniq -c | sort -rn"
)
"""Host, address and User-Agent of an hour's requests: fields of CloudFront's standard log.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/standard-logs-reference.html
"""


@dataclass(frozen=True)
class PageRequests:
    """How often one distribution was asked in `MINUTES`."""

    subject: str
    count: int
    by_checkers: int
    """About how many the checkers of the maintenance switches send: not exact, so it can be more than `count`."""
    until: datetime | None
    """The end of the last minute; None: CloudWatch has no data, so that nobody asked."""
    advice: str

    @property
    def still_asked(self) -> bool:
        """Whether there are more than the checkers' and one a minute."""
        return self.count - self.by_checkers > max(MINUTES, TOLERANCE * self.by_checkers)

    def __str__(self) -> str:
        if not self.until:
            return f"no requests in {BACK // MINUTE} minutes"
        checkers = f"; Route 53's checks of the switches send about {self.by_checkers}" if self.by_checkers else ""
        return f"{self.count} requests in {MINUTES} minutes to {rfc3339(self.until)}{checkers}"


def requests(deployment: Deployment) -> Iterator[Finding]:
    """While the servers serve every host, only switch checkers request the page; a note reports other requests."""
    counted = page_requests(deployment)
    answers = ((server, resolve(host, deployment.name_servers(host.zone)[0])) for server, host in deployment.hosts)
    if counted.still_asked and all(host_answers.are_of_server(server) for server, host_answers in answers):
        yield noted("page-still-asked", counted.subject, f"still asked: {counted}", counted.advice)
    else:
        yield passed(counted.subject, str(counted))


def page_requests(deployment: Deployment) -> PageRequests:
    now = deployment.now()
    answer = deployment.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/CloudFront",
        MetricName="Requests",
        Dimensions=[
            {"Name": "DistributionId", "Value": str(deployment.distribution()["Id"])},
            {"Name": "Region", "Value": "Global"},
        ],
        StartTime=now - BACK,
        EndTime=now + AHEAD,
        Period=60,
        Statistics=["Sum"],
    )
    sums: dict[datetime, float] = {point["Timestamp"]: point["Sum"] for point in answer["Datapoints"]}
    until = max(sums) + MINUTE if sums else None
    count = sum(value for at, value in sums.items() if until and at >= until - MINUTES * MINUTE)
    switches = len(deployment.whole.switches) if deployment.has_switches else 0
    by_checkers = switches * SWITCH_CHECKERS * MINUTES * 60 // INTERVAL_SECONDS
    return PageRequests(
        deployment.distribution_name(),
        round(count),
        by_checkers if count else 0,
        until,
        _advice(deployment.config(), str(deployment.distribution()["Id"]), until - MINUTE if until else now),
    )


def _advice(config: dict[str, Any], identifier: str, at: datetime) -> str:
    """How to see who asks for which host, and what moves such clients."""
    logging = config.get("Logging", {})
    known = (
        f"`verify`, `drill` and scanners count as well; what moves a client that keeps its connection: {WHO_NOTICES}"
    )
    if not logging.get("Enabled"):
        return f"with [access_logs] in failover.toml, CloudFront logs for which host; {known}"
    folder = f"s3://{bucket_name(logging['Bucket'])}/{logging.get('Prefix', '')}"
    command = COUNT_HOSTS.format(
        files=shlex.quote(f"{identifier}.{at:%Y-%m-%d-%H}.*"),
        folder=shlex.quote(folder),
    )
    return f"hosts, addresses and programs, once the logs of the hour are there: `{command}`; {known}"
