"""Route 53 health checks where MiniStack has none: in CloudFormation, and the API of their status.

https://docs.aws.amazon.com/AWSCloudFormation/latest/UserGuide/aws-resource-route53-healthcheck.html
https://docs.aws.amazon.com/Route53/latest/APIReference/API_GetHealthCheckStatus.html
"""

import re
import uuid
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any
from xml.sax.saxutils import escape

from understudy_failover.emulator.health_checkers import Observation
from understudy_failover.emulator.ministack import Answer, Ministack, Provisioner, ServiceHandler

NAMESPACE = "https://route53.amazonaws.com/doc/2013-04-01/"
PATH = re.compile(r"/2013-04-01/healthcheck/(?P<id>[^/]+)/(?P<what>status|lastfailurereason)")


def provisioner(ministack: Ministack) -> Provisioner:
    """How CloudFormation creates, updates and deletes AWS::Route53::HealthCheck.

    Type, request interval and the few others that Route 53 cannot change make a new health check; the engine
    deletes the old one in its clean-up.
    """

    def create(logical_id: str, properties: dict[str, Any], stack_name: str) -> tuple[str, dict[str, str]]:
        identifier = str(uuid.uuid4())
        reference = f"{stack_name}-{logical_id}-{identifier[:8]}"
        ministack.store_health_check(identifier, reference, properties["HealthCheckConfig"])
        ministack.tag_health_check(identifier, _tags(properties))
        return identifier, {"HealthCheckId": identifier}

    def update(
        physical_id: str, old: dict[str, Any], new: dict[str, Any], stack_name: str
    ) -> tuple[str, dict[str, str]]:
        before, after = old["HealthCheckConfig"], new["HealthCheckConfig"]
        if any(before.get(name) != after.get(name) for name in IMMUTABLE):
            return create(physical_id, new, stack_name)
        ministack.store_health_check(physical_id, f"{stack_name}-{physical_id[:8]}", after)
        ministack.tag_health_check(physical_id, _tags(new))
        return physical_id, {"HealthCheckId": physical_id}

    def delete(physical_id: str, properties: dict[str, Any]) -> None:
        ministack.delete_health_check(physical_id)

    return {"create": create, "update": update, "delete": delete}


IMMUTABLE = ("Type", "RequestInterval", "MeasureLatency", "RoutingControlArn")
"""Members of HealthCheckConfig whose change means replacement."""


def with_status(route53: ServiceHandler, observations: Callable[[str], Sequence[Observation] | None]) -> ServiceHandler:
    """Route 53's API with GetHealthCheckStatus and GetHealthCheckLastFailureReason.

    `observations(id)` is what each checker last saw; None for a health check that is not watched (yet).
    """

    async def handle(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
    ) -> Answer:
        wanted = PATH.fullmatch(path)
        if method != "GET" or wanted is None:
            return await route53(method, path, headers, body, query)
        found = observations(wanted["id"])
        if not found:
            # It is new, calculated, or there is none: Route 53 itself knows.
            answer = await route53(method, f"/2013-04-01/healthcheck/{wanted['id']}", headers, body, query)
            if answer[0] != 200:
                return answer
            if b"<Type>CALCULATED</Type>" in answer[2]:
                message = (
                    "<Type>Sender</Type><Code>InvalidInput</Code><Message>It is a calculated health check.</Message>"
                )
                return _xml(400, "ErrorResponse", f"<Error>{message}</Error>")
            found = []
        failures = wanted["what"] == "lastfailurereason"
        shown = "".join(_observation(one) for one in found if not (failures and one.healthy))
        root = "GetHealthCheckLastFailureReasonResponse" if failures else "GetHealthCheckStatusResponse"
        return _xml(200, root, f"<HealthCheckObservations>{shown}</HealthCheckObservations>")

    return handle


def _observation(one: Observation) -> str:
    checked_at = datetime.fromtimestamp(one.checked_at, UTC)
    return (
        f"<HealthCheckObservation><Region>{one.region}</Region><IPAddress>{one.checker}</IPAddress>"
        f"<StatusReport><Status>{escape(one.reason)}</Status>"
        f"<CheckedTime>{checked_at:%Y-%m-%dT%H:%M:%S.000Z}</CheckedTime></StatusReport>"
        "</HealthCheckObservation>"
    )


def _tags(properties: dict[str, Any]) -> dict[str, str]:
    return {tag["Key"]: tag["Value"] for tag in properties.get("HealthCheckTags", [])}


def _xml(status: int, root: str, inner: str) -> Answer:
    return status, {"Content-Type": "text/xml"}, f'<{root} xmlns="{NAMESPACE}">{inner}</{root}>'.encode()
