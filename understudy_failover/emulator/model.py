"""The input of the data plane of the embedded AWS, in the terms of AWS.

`ministack.py` reads it from MiniStack's stores. Name server, health checkers and edge use nothing else, so that each
can be tested without MiniStack.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal, Protocol


@dataclass(frozen=True)
class AliasTarget:
    """The target of an alias record set; `dns_name` is absolute, with its trailing dot, lower case."""

    dns_name: str
    hosted_zone_id: str
    evaluate_target_health: bool


@dataclass(frozen=True)
class RecordSet:
    """A Route 53 record set; `name` is absolute, with its trailing dot, lower case, `*` unescaped."""

    name: str
    type: str
    values: tuple[str, ...] = ()
    ttl_seconds: int | None = None
    set_identifier: str | None = None
    failover: Literal["PRIMARY", "SECONDARY"] | None = None
    health_check_id: str | None = None
    alias_target: AliasTarget | None = None


@dataclass(frozen=True)
class HostedZone:
    """A public hosted zone; `name` is absolute, with its trailing dot, lower case."""

    id: str
    name: str
    record_sets: tuple[RecordSet, ...]


@dataclass(frozen=True)
class HealthCheck:
    """A Route 53 health check's configuration (API HealthCheckConfig)."""

    id: str
    type: Literal["HTTP", "HTTPS", "HTTP_STR_MATCH", "HTTPS_STR_MATCH", "TCP", "CALCULATED", "CLOUDWATCH_METRIC"]
    ip_address: str | None = None
    fully_qualified_domain_name: str | None = None
    port: int | None = None
    resource_path: str = "/"
    search_string: str | None = None
    request_interval_seconds: int = 30
    failure_threshold: int = 3
    enable_sni: bool = False
    inverted: bool = False
    disabled: bool = False
    regions: tuple[str, ...] = ()
    """Empty: Route 53's default, all eight."""
    child_health_checks: tuple[str, ...] = ()
    health_threshold: int = 0
    measure_latency: bool = False
    alarm_name: str | None = None
    """The CloudWatch alarm whose data a CLOUDWATCH_METRIC check uses."""
    insufficient_data_status: Literal["Healthy", "Unhealthy", "LastKnownStatus"] = "LastKnownStatus"


@dataclass(frozen=True)
class Alarm:
    """A CloudWatch alarm on one metric, or on an expression of several."""

    name: str
    metrics: Mapping[str, tuple["Metric", str]]
    """Metric and statistic, by its id in the expression."""
    expression: str
    """Metric math; for an alarm on a metric, its id."""
    period_seconds: int
    evaluation_periods: int
    threshold: float
    comparison: str
    treat_missing_data: str = "missing"
    datapoints_to_alarm: int | None = None


@dataclass(frozen=True)
class Metric:
    """A metric of CloudWatch; with other dimensions it is another metric."""

    namespace: str
    name: str
    dimensions: frozenset[tuple[str, str]]


@dataclass(frozen=True)
class Sample:
    """A publication of a metric: one value, or the statistics of several."""

    at: float
    """Emulated Unix seconds."""
    count: float
    total: float
    minimum: float
    maximum: float


@dataclass(frozen=True)
class Distribution:
    """A CloudFront distribution as its viewers see it; aliases are lower case, without a trailing dot."""

    id: str
    domain_name: str
    enabled: bool
    aliases: tuple[str, ...] = ()
    server_certificate_id: str | None = None
    http_versions: str = "http2"
    ipv6_enabled: bool = True


@dataclass(frozen=True)
class Schedule:
    """A one-time schedule of EventBridge Scheduler: at `at`, `target` is called with `input` (JSON)."""

    key: tuple[str, ...]
    """The key in MiniStack's store."""
    name: str
    at: datetime
    target: str
    input: str
    deletes_itself: bool


@dataclass(frozen=True)
class ServerCertificate:
    """An IAM server certificate with its private key, which no API returns."""

    id: str
    name: str
    path: str
    body_pem: str
    chain_pem: str | None
    private_key_pem: str = field(repr=False)


@dataclass(frozen=True)
class ViewerRequest:
    """A request as a viewer sent it to the edge.

    `headers` has lower-case names; `host` is the viewer's, not the distribution's domain name; repeated fields are
    joined (RFC 9110 5.2, RFC 9113 8.2.3). `path` is percent-decoded, `raw_path` and `query_string` (without `?`) are as
    sent.
    """

    method: str
    scheme: Literal["http", "https"]
    path: str
    raw_path: str
    query_string: str
    headers: dict[str, str]
    body: bytes
    client_ip: str


@dataclass(frozen=True)
class ViewerResponse:
    """The response of a distribution; the edge drops the body where HTTP has none (HEAD, 204, 304)."""

    status: int
    headers: tuple[tuple[str, str], ...]
    body: bytes = b""


class ServeViewer(Protocol):
    """Returns a distribution's response to a viewer's request."""

    async def __call__(self, distribution_id: str, request: ViewerRequest) -> ViewerResponse: ...
