"""Which record sets Route 53 lets stand beside each other, and what a zone's own rules refuse; MiniStack takes any.

https://docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSet.html
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html (CNAME)
"""

import re
from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Any
from xml.sax.saxutils import escape

from understudy_failover.emulator.faults import MESSAGE
from understudy_failover.emulator.ministack import Answer, Ministack, Provisioner, ServiceHandler
from understudy_failover.emulator.model import RecordSet

NAMESPACE = "https://route53.amazonaws.com/doc/2013-04-01/"
Refusal = Callable[[str, Sequence[RecordSet], Sequence[RecordSet]], str | None]
"""Says why a zone's own rules (zone_features.py) refuse to go from some record sets to others, or None."""
CHANGE = re.compile(r"/2013-04-01/hostedzone/(?P<zone>[^/]+)/rrset/?")


def broken_rule(records: Sequence[RecordSet]) -> str | None:
    """What Route 53 would say of a zone with these record sets; None where nothing."""
    by_name: dict[str, list[RecordSet]] = defaultdict(list)
    for record in records:
        by_name[record.name].append(record)
    for name, there in by_name.items():
        types = Counter(record.type for record in there)
        if types["CNAME"] and len(types) > 1:
            other = next(iter(types.keys() - {"CNAME"}))
            return f"RRSet of type {other} with DNS name {name} is not permitted as a CNAME record of that name exists"
        for type_ in types:
            if fault := _of_one_type([record for record in there if record.type == type_]):
                return f"RRSet with DNS name {name}, type {type_} {fault}"
    return None


def _of_one_type(records: Sequence[RecordSet]) -> str | None:
    roles = Counter(record.failover for record in records)
    if roles[None] and len(roles) > 1:
        return "cannot be created as a non-simple one beside one of another routing policy"
    if max(roles["PRIMARY"], roles["SECONDARY"]) > 1:
        return "cannot be created: there is one with the same failover role already"
    if any(one.failover == "PRIMARY" and not one.alias_target and not one.health_check_id for one in records):
        return "is a non-alias primary and must have an associated health check"
    return None


def checked_api(route53: ServiceHandler, ministack: Ministack, refusal: Refusal) -> ServiceHandler:
    """Route 53's API that refuses a batch of changes, as a whole, which breaks a rule."""

    async def handle(
        method: str, path: str, headers: dict[str, str], body: bytes, query: dict[str, list[str]]
    ) -> Answer:
        wanted = CHANGE.fullmatch(path)
        if method != "POST" or wanted is None:
            return await route53(method, path, headers, body, query)
        with ministack.records_on_trial(wanted["zone"]) as trial:
            before = trial.records(None)
            answer = await route53(method, path, headers, body, query)
            if answer[0] != 200:
                return answer
            after = trial.records(None)
            code = "InvalidChangeBatch"
            fault = broken_rule(after)
            if fault is None and (fault := refusal(wanted["zone"], before, after)):
                # Which code a locked zone's has was seen by nobody, so that none may count.
                code = "InvalidInput" if fault.startswith("HostedZone ") else code
            if fault is None:
                return answer
            trial.undo()
        message = f"<Type>Sender</Type><Code>{code}</Code><Message>[{escape(fault)}]</Message>"
        error = f'<ErrorResponse xmlns="{NAMESPACE}"><Error>{message}</Error></ErrorResponse>'
        return 400, {"Content-Type": "text/xml"}, error.encode()

    return handle


def checked_provisioner(
    provisioner: Provisioner, ministack: Ministack, fails: Callable[[], bool], refusal: Refusal
) -> Provisioner:
    """CloudFormation's AWS::Route53::RecordSet, which meets the same refusals, and any that `fails` asks for."""

    def on_trial(act: Callable[..., Any], properties: dict[str, Any], *arguments: Any) -> Any:
        zone, name = properties["HostedZoneId"], properties["Name"].rstrip(".")
        with ministack.records_on_trial(zone) as trial:
            before = trial.records(name)
            result = act(*arguments)
            after = trial.records(name)
            if fault := broken_rule(after) or refusal(zone, before, after):
                trial.undo()
                raise ValueError(f"[{fault}]")
            return result

    def create(logical_id: str, properties: dict[str, Any], stack_name: str) -> Any:
        if fails():
            raise ValueError(MESSAGE)
        return on_trial(provisioner["create"], properties, logical_id, properties, stack_name)

    def update(physical_id: str, old: dict[str, Any], new: dict[str, Any], stack_name: str) -> Any:
        return on_trial(provisioner["update"], new, physical_id, old, new, stack_name)

    def delete(physical_id: str, properties: dict[str, Any]) -> Any:
        return on_trial(provisioner["delete"], properties, physical_id, properties)

    return {**provisioner, "create": create, "update": update, "delete": delete}
