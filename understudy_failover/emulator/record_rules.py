"""Which record sets Route 53 allows beside each other, and what the features of a zone refuse; MiniStack allows all.

https://docs.aws.amazon.com/Route53/latest/APIReference/API_ResourceRecordSet.html
https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/ResourceRecordTypes.html (CNAME)
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Sequence
from typing import Any

from understudy_failover.emulator.aws_calls import ROUTE53, Answer, Call, ServiceHandler, intercept, xml_error
from understudy_failover.emulator.faults import MESSAGE
from understudy_failover.emulator.ministack import Ministack, Provisioner
from understudy_failover.emulator.model import RecordSet

Refusal = Callable[[str, Sequence[RecordSet], Sequence[RecordSet]], str | None]
"""Returns why the features of a zone (zone_features.py) refuse a change of its record sets, or None."""


def broken_rule(records: Sequence[RecordSet]) -> str | None:
    """Return Route 53's message for a zone with these record sets; None where they are allowed."""
    by_name: dict[str, list[RecordSet]] = defaultdict(list)
    for record in records:
        by_name[record.name].append(record)
    for name, same_name in by_name.items():
        types = Counter(record.type for record in same_name)
        if types["CNAME"] and len(types) > 1:
            other = next(iter(types.keys() - {"CNAME"}))
            return f"RRSet of type {other} with DNS name {name} is not permitted as a CNAME record of that name exists"
        for type_ in types:
            if fault := _fault_of_type([record for record in same_name if record.type == type_]):
                return f"RRSet with DNS name {name}, type {type_} {fault}"
    return None


def _fault_of_type(records: Sequence[RecordSet]) -> str | None:
    roles = Counter(record.failover for record in records)
    if roles[None] and len(roles) > 1:
        return "cannot be created as a non-simple one beside one of another routing policy"
    if max(roles["PRIMARY"], roles["SECONDARY"]) > 1:
        return "cannot be created: there is one with the same failover role already"
    for record in records:
        if record.failover == "PRIMARY" and not record.alias_target and not record.health_check_id:
            return "is a non-alias primary and must have an associated health check"
    return None


def check_api(route53: ServiceHandler, ministack: Ministack, refusal: Refusal) -> ServiceHandler:
    """Return Route 53's API that refuses a whole batch of changes if it breaks a rule."""

    async def answer(call: Call) -> Answer:
        zone = call.match["zone"]
        before = ministack.record_sets(zone)
        undo = ministack.records_snapshot(zone)
        reply = await call.forward(route53)
        if reply[0] != 200:
            return reply
        after, code = ministack.record_sets(zone), "InvalidChangeBatch"
        fault = broken_rule(after)
        if fault is None and (fault := refusal(zone, before, after)):
            # The code for a locked zone is not documented: InvalidInput, so that no test relies on InvalidChangeBatch.
            code = "InvalidInput" if fault.startswith("HostedZone ") else code
        if fault is None:
            return reply
        undo()
        return xml_error(ROUTE53, code, f"[{fault}]")

    return intercept(route53, "POST", "/2013-04-01/hostedzone/(?P<zone>[^/]+)/rrset/?", answer)


def check_provisioner(
    provisioner: Provisioner, ministack: Ministack, fails: Callable[[], bool], refusal: Refusal
) -> Provisioner:
    """Return the provisioner of AWS::Route53::RecordSet with the same refusals; creating fails if `fails` is true."""

    def check(operation: str, properties: dict[str, Any], *arguments: Any) -> Any:
        # The rest of a large zone need not be read.
        zone, name = properties["HostedZoneId"], properties["Name"].rstrip(".")
        before, undo = ministack.record_sets(zone, name), ministack.records_snapshot(zone)
        result = provisioner[operation](*arguments)
        after = ministack.record_sets(zone, name)
        if fault := broken_rule(after) or refusal(zone, before, after):
            undo()
            raise ValueError(f"[{fault}]")
        return result

    def create(logical_id: str, properties: dict[str, Any], stack_name: str) -> Any:
        if fails():
            raise ValueError(MESSAGE)
        return check("create", properties, logical_id, properties, stack_name)

    return {
        **provisioner,
        "create": create,
        "update": lambda physical_id, old, new, stack: check("update", new, physical_id, old, new, stack),
        "delete": lambda physical_id, properties: check("delete", properties, physical_id, properties),
    }
