"""Route 53 health checks where MiniStack has none: in CloudFormation, and the API of their status.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-route53-healthcheck.html
https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetHealthCheckStatus.html
"""

import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from understudy_failover.emulator.aws_calls import ROUTE53, Answer, Call, ServiceHandler, intercept, xml, xml_error
from understudy_failover.emulator.health_checkers import Observation
from understudy_failover.emulator.ministack import Ministack, Provisioner

IMMUTABLE = ("Type", "RequestInterval", "MeasureLatency", "RoutingControlArn")
"""Members of HealthCheckConfig whose change means replacement."""


def provisioner(ministack: Ministack) -> Provisioner:
    """Return the provisioner of AWS::Route53::HealthCheck.

    A change of a member in `IMMUTABLE` creates a new health check; the engine deletes the old one in its clean-up.
    """

    def create(logical_id: str, properties: dict[str, Any], stack_name: str) -> tuple[str, dict[str, str]]:
        identifier = str(uuid.uuid4())
        return _store(identifier, f"{stack_name}-{logical_id}-{identifier[:8]}", properties)

    def update(
        physical_id: str, old: dict[str, Any], new: dict[str, Any], stack_name: str
    ) -> tuple[str, dict[str, str]]:
        before, after = old["HealthCheckConfig"], new["HealthCheckConfig"]
        if any(before.get(name) != after.get(name) for name in IMMUTABLE):
            return create(physical_id, new, stack_name)
        return _store(physical_id, f"{stack_name}-{physical_id[:8]}", new)

    def _store(identifier: str, reference: str, properties: dict[str, Any]) -> tuple[str, dict[str, str]]:
        ministack.store_health_check(identifier, reference, properties["HealthCheckConfig"])
        tags = {tag["Key"]: tag["Value"] for tag in properties.get("HealthCheckTags", [])}
        ministack.tag_health_check(identifier, tags)
        return identifier, {"HealthCheckId": identifier}

    return {
        "create": create,
        "update": update,
        "delete": lambda physical_id, _: ministack.delete_health_check(physical_id),
    }


def add_status(route53: ServiceHandler, observations: Callable[[str], Sequence[Observation] | None]) -> ServiceHandler:
    """Return Route 53's API with GetHealthCheckStatus and GetHealthCheckLastFailureReason.

    `observations(id)` returns the last probe of each checker; None for a health check that is not probed (yet).
    """

    async def answer(call: Call) -> Answer:
        probes = observations(call.match["id"])
        if not probes:
            # It is new, calculated, or does not exist: Route 53 itself knows.
            own = await call.forward(route53, f"/2013-04-01/healthcheck/{call.match['id']}")
            if own[0] != 200:
                return own
            if b"<Type>CALCULATED</Type>" in own[2]:
                return xml_error(ROUTE53, "InvalidInput", "It is a calculated health check.")
        only_failures = call.match["report"] == "lastfailurereason"
        items = "".join(_observation(probe) for probe in probes or () if not (only_failures and probe.healthy))
        root = f"GetHealthCheck{'LastFailureReason' if only_failures else 'Status'}Response"
        return xml(ROUTE53, root, f"<HealthCheckObservations>{items}</HealthCheckObservations>")

    path = "/2013-04-01/healthcheck/(?P<id>[^/]+)/(?P<report>status|lastfailurereason)"
    return intercept(route53, "GET", path, answer)


def _observation(probe: Observation) -> str:
    checked_at = datetime.fromtimestamp(probe.checked_at, UTC)
    return (
        f"<HealthCheckObservation><Region>{probe.region}</Region><IPAddress>{probe.checker}</IPAddress>"
        f"<StatusReport><Status>{escape(probe.reason)}</Status>"
        f"<CheckedTime>{checked_at:%Y-%m-%dT%H:%M:%S.000Z}</CheckedTime></StatusReport>"
        "</HealthCheckObservation>"
    )
