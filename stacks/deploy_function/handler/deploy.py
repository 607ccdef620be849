"""The function that a deploy waits for: deploy gate and record cutover, each a custom resource of its own."""

from typing import Any

import health_gate
import record_cutover
from botocore.exceptions import ClientError
from responder import responder


def handle(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """Return what the handler of the event's resource type returns."""
    kind = event["ResourceType"]
    if kind == "Custom::Handover":
        # Release 0.1.0 had one for each host. Its Delete comes with the upgrade: Custom::RecordCutover has the hosts.
        return {}
    handle_kind = {"Custom::HealthGate": health_gate.handle, "Custom::RecordCutover": record_cutover.handle}[kind]
    return handle_kind(event, context)


handler = responder(handle, told=(health_gate.HealthGateError, record_cutover.RecordCutoverError, ClientError))
