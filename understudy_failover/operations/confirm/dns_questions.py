"""Questions about the records and name servers of Route 53."""

from botocore.exceptions import ParamValidationError

from understudy_failover.operations.confirm.context import Answer, Context, Question, attempt, yes_or_no
from understudy_failover.operations.confirm.shared import (
    PRIMARY,
    SECONDARY,
    Zone,
    create_check,
    is_healthy,
    object_check,
    site_of,
    unhealthy_check,
    zone_of,
)

GUARDRAIL = "ALIAS_TARGET_CHECK"


def both_unhealthy(context: Context) -> Answer:
    zone, check = zone_of(context), create_check(context, "both", unhealthy_check())
    zone.create_pair("both", check, check)
    values, seconds = _first_answer(context, zone, "both")
    return yes_or_no(values == (PRIMARY,), f"answered {_text(values)} after {seconds:.0f} s")


def secondary_alone(context: Context) -> Answer:
    zone = zone_of(context)
    zone.change(("CREATE", zone.half("alone", "SECONDARY")))
    values, seconds = _first_answer(context, zone, "alone")
    return yes_or_no(values == (SECONDARY,), f"answered {_text(values)} after {seconds:.0f} s")


def status_to_name_server(context: Context) -> Answer:
    site, zone = site_of(context), zone_of(context)
    site.put("switch/status")
    check = create_check(context, "status", object_check(site.domain_name, "switch/status"))
    if context.until(lambda: is_healthy(context, check) or None, minutes=10)[0] is None:
        return Answer("open", "the health check of an object at the distribution did not become healthy in 10 minutes")
    zone.create_pair("status", check)
    if not zone.await_answer("status", PRIMARY, minutes=10)[0]:
        return Answer("open", "PRIMARY was not answered in 10 minutes although its health check is healthy")
    site.delete("switch/status")
    failover = _answer_delay(context, zone, check, healthy=False)
    site.put("switch/status")
    failback = _answer_delay(context, zone, check, healthy=True)
    if failover is None or failback is None:
        return Answer("open", "status or answer did not change in 10 minutes")
    return Answer("measured", f"unhealthy: answered after {failover:.0f} s; healthy: answered after {failback:.0f} s")


def alias_ttl(context: Context) -> Answer:
    site, zone = site_of(context), zone_of(context)
    zone.change(("CREATE", zone.alias("alias", site.domain_name)))
    seconds, _ = context.until(lambda: zone.ttl_seconds("alias") or None, minutes=5)
    if seconds is None:
        return Answer("open", "the name server answered no address for the alias in 5 minutes")
    return Answer("measured", f"TTL {seconds} s")


def addresses_to_cname(context: Context) -> Answer:
    zone = zone_of(context)
    old = [zone.record("moved", "A", PRIMARY), zone.record("moved", "AAAA", "2001:db8::1")]
    zone.change(*(("CREATE", record) for record in old))
    new = zone.record("moved", "CNAME", f"elsewhere.{context.host}")
    outcome = attempt(lambda: zone.change(*(("DELETE", record) for record in old), ("CREATE", new)))
    return yes_or_no(outcome == "accepted", outcome)


def guarded_half(context: Context) -> Answer:
    zone = zone_of(context)
    guardrails = [{"Name": GUARDRAIL, "Status": "ENABLED"}]
    try:
        context.client("route53").update_hosted_zone_features(HostedZoneId=zone.id, ChangeGuardrails=guardrails)
    except ParamValidationError:
        return Answer("open", "this boto3 has no Change Guardrails: run `pip install --upgrade boto3`, then ask again")
    try:
        zone.create_pair("guarded", create_check(context, "guarded", unhealthy_check()))
        target = {"DNSName": zone.name("guarded"), "HostedZoneId": zone.id, "EvaluateTargetHealth": False}
        zone.change(("CREATE", {"Name": zone.name("alias-of-guarded"), "Type": "A", "AliasTarget": target}))
        outcome = attempt(lambda: zone.change(("DELETE", zone.half("guarded", "SECONDARY"))))
    finally:
        guardrails[0]["Status"] = "DISABLED"
        context.client("route53").update_hosted_zone_features(HostedZoneId=zone.id, ChangeGuardrails=guardrails)
    return yes_or_no(outcome == "accepted", outcome)


def _first_answer(context: Context, zone: Zone, label: str) -> tuple[tuple[str, ...], float]:
    values, seconds = context.until(lambda: zone.answer(label) or None, minutes=3)
    return values or (), seconds


def _answer_delay(context: Context, zone: Zone, check: str, *, healthy: bool) -> float | None:
    """Return the seconds from the change of the status to the change of the answer; None: one of them did not come."""
    times: dict[str, float] = {}
    address = PRIMARY if healthy else SECONDARY

    def probe() -> bool | None:
        if zone.answer("status") == (address,):
            times.setdefault("answer", context.clock.now())
        if is_healthy(context, check) is healthy:
            times.setdefault("status", context.clock.now())
        return len(times) == 2 or None

    changed, _ = context.until(probe, minutes=10, every=1)
    return times["answer"] - times["status"] if changed else None


def _text(values: tuple[str, ...]) -> str:
    names = {PRIMARY: "PRIMARY", SECONDARY: "SECONDARY"}
    return ", ".join(names.get(value, value) for value in values) or "nothing"


QUESTIONS = (
    Question(
        "both-unhealthy", "Is PRIMARY answered while both halves of a pair are unhealthy?", both_unhealthy, 3, 0.75
    ),
    Question("secondary-alone", "Is SECONDARY answered where there is no PRIMARY?", secondary_alone, 3),
    Question(
        "status-to-name-server",
        "How many seconds from a status change to the name server's answer?",
        status_to_name_server,
        40,
        2.00,
    ),
    Question("alias-ttl", "Which TTL has the answer of an alias to CloudFront?", alias_ttl, 5),
    Question("a-to-cname", "Does Route 53 accept one batch that replaces A and AAAA by CNAME?", addresses_to_cname, 1),
    Question(
        "guarded-half",
        f"Does {GUARDRAIL} let a record set be deleted while another of its name and type remains?",
        guarded_half,
        1,
        0.75,
    ),
)
