"""What MiniStack's stores hold, in the terms of model.py."""

from datetime import datetime
from typing import Any, Literal, cast
from xml.etree import ElementTree
from zoneinfo import ZoneInfo

from understudy_failover.emulator.model import (
    Alarm,
    AliasTarget,
    Distribution,
    HealthCheck,
    Metric,
    RecordSet,
    Schedule,
)


def record_set(record: dict[str, Any]) -> RecordSet:
    alias = record.get("AliasTarget")
    return RecordSet(
        name=record["Name"].lower().replace("\\052", "*"),
        type=record["Type"],
        values=tuple(record.get("ResourceRecords", ())),
        ttl_seconds=int(record["TTL"]) if "TTL" in record else None,
        set_identifier=record.get("SetIdentifier"),
        failover=cast(Literal["PRIMARY", "SECONDARY"] | None, record.get("Failover")),
        health_check_id=record.get("HealthCheckId"),
        alias_target=AliasTarget(alias["DNSName"].lower(), alias["HostedZoneId"], bool(alias["EvaluateTargetHealth"]))
        if alias
        else None,
    )


def health_check(check: dict[str, Any]) -> HealthCheck:
    """Return a health check, with Route 53's defaults."""
    config = check["config"]
    secure = config["Type"].startswith("HTTPS")
    return HealthCheck(
        id=check["id"],
        type=config["Type"],
        ip_address=config.get("IPAddress"),
        fully_qualified_domain_name=config.get("FullyQualifiedDomainName"),
        port=int(config.get("Port") or (443 if secure else 80)),
        resource_path=config.get("ResourcePath") or "/",
        search_string=config.get("SearchString"),
        request_interval_seconds=int(config.get("RequestInterval", 30)),
        failure_threshold=int(config.get("FailureThreshold", 3)),
        enable_sni=_true(config.get("EnableSNI", secure)),
        inverted=_true(config.get("Inverted", False)),
        disabled=_true(config.get("Disabled", False)),
        regions=tuple(config.get("Regions", ())),
        child_health_checks=tuple(config.get("ChildHealthChecks", ())),
        health_threshold=int(config.get("HealthThreshold", 0)),
        measure_latency=_true(config.get("MeasureLatency", False)),
        alarm_name=(config.get("AlarmIdentifier") or {}).get("Name"),
        insufficient_data_status=config.get("InsufficientDataHealthStatus") or "LastKnownStatus",
    )


def alarm(stored: dict[str, Any]) -> Alarm:
    """Return an alarm on a metric, or on an expression."""
    queries = {query["Id"]: query for query in stored.get("Metrics") or ()}
    expressions = [query["Expression"] for query in queries.values() if query.get("Expression")]
    if queries:
        stats = {id_: query["MetricStat"] for id_, query in queries.items() if query.get("MetricStat")}
        metrics = {id_: (_metric(stat["Metric"]), stat["Stat"]) for id_, stat in stats.items()}
        period = next(stat["Period"] for stat in stats.values())
    else:
        metrics, period = {"m": (_metric(stored), stored.get("Statistic") or "Average")}, stored["Period"]
    return Alarm(
        name=stored["AlarmName"],
        metrics=metrics,
        expression=expressions[0] if expressions else next(iter(metrics)),
        period_seconds=int(period),
        evaluation_periods=int(stored["EvaluationPeriods"]),
        threshold=float(stored["Threshold"]),
        comparison=stored["ComparisonOperator"],
        treat_missing_data=stored.get("TreatMissingData") or "missing",
        datapoints_to_alarm=stored.get("DatapointsToAlarm"),
    )


def _true(value: object) -> bool:
    return str(value).lower() == "true"


def distribution(record: dict[str, Any]) -> Distribution:
    # Written by MiniStack itself from the template: no untrusted input.
    config = ElementTree.fromstring(record["config_xml"])  # noqa: S314

    def text(path: str, default: str = "") -> str:
        element = config.find("/".join(f"{{*}}{name}" for name in path.split("/")))
        return element.text or default if element is not None else default

    return Distribution(
        id=record["Id"],
        domain_name=record["DomainName"].lower(),
        enabled=record["enabled"],
        aliases=tuple((alias.text or "").lower() for alias in config.findall("{*}Aliases/{*}Items/{*}CNAME")),
        server_certificate_id=text("ViewerCertificate/IAMCertificateId") or None,
        http_versions=text("HttpVersion", "http2"),
        ipv6_enabled=_true(text("IsIPV6Enabled", "true")),
    )


def _metric(metric: dict[str, Any]) -> Metric:
    dimensions = frozenset((pair["Name"], pair["Value"]) for pair in metric.get("Dimensions") or [])
    return Metric(metric["Namespace"], metric["MetricName"], dimensions)


def schedule(key: tuple[str, ...], stored: dict[str, Any]) -> Schedule:
    at = datetime.fromisoformat(stored["ScheduleExpression"][3:-1])
    return Schedule(
        key,
        stored["Name"],
        at.replace(tzinfo=ZoneInfo(stored["ScheduleExpressionTimezone"])),
        stored["Target"]["Arn"],
        stored["Target"].get("Input", "{}"),
        stored["ActionAfterCompletion"] == "DELETE",
    )
