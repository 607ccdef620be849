"""The function of two custom resources: deploy gate and record cutover."""

from typing import Any

import health_gate
import record_cutover
from botocore.exceptions import ClientError
from responder import responder


def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Return the result of the handler of the event's resource type."""
    kind = event["ResourceType"]
    if kind == "Custom::Handover":
        # Release 0.1.0 had one for each host. The upgrade deletes them; Custom::RecordCutover has their hosts.
        return {}
    handle_kind = {"Custom::HealthGate": health_gate.handle, "Custom::RecordCutover": record_cutover.handle}[kind]
    return handle_kind(event, context)


handler = responder(handle, expected=(health_gate.HealthGateError, record_cutover.RecordCutoverError, ClientError))
