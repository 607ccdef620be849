"""Questions about health checks, their metrics and their alarms."""

from datetime import UTC, datetime, timedelta
from typing import Any

from understudy_failover.operations.confirm.context import Context
from understudy_failover.operations.confirm.question import Answer, Question, yes_or_no
from understudy_failover.operations.confirm.shared import (
    PRIMARY,
    SECONDARY,
    create_check,
    object_check,
    observations,
    site_of,
    zone_of,
)

NAMESPACE = "UnderstudyConfirm"
PERIOD_MINUTES = 5
SLIDES_WITHIN_MINUTES = 8.0
"""The last breaching value lies early in an aligned period: aligned periods end after 10 minutes, sliding after 5."""
CHECKER = "Amazon-Route53-Health-Check-Service"


def calculated_without_data(context: Context) -> Answer:
    site, zone = site_of(context), zone_of(context)
    child = create_check(context, "child", object_check(site.domain_name, "switch/never", Inverted=True))
    parent = create_check(context, "parent", {"Type": "CALCULATED", "ChildHealthChecks": [child], "HealthThreshold": 1})
    zone.pair("calculated", parent)
    seen: list[tuple[str, str]] = []

    def look() -> bool | None:
        values, _ = zone.answer("calculated")
        results = len(observations(context, child))
        if values and (not seen or seen[-1][0] != values[0]):
            seen.append((values[0], f"{_role(values[0])} with {results} results"))
        return True if results and values == (PRIMARY,) else None

    seconds = context.until(look, minutes=10)[1]
    if not seen:
        return Answer("open", "the name server answered nothing in 10 minutes")
    evidence = f"{', then '.join(text for _, text in seen)}; {seconds:.0f} s"
    return yes_or_no(seen[0][0] == SECONDARY, evidence)


def alarm_period(context: Context) -> Answer:
    zone, metric = zone_of(context), context.token
    zone.pair("alarm", _alarm_check(context, "alarm", metric, without_data="Healthy"))
    period = PERIOD_MINUTES * 60
    # The last breaching value lies early in an aligned period.
    context.clock.sleep(period - context.clock.now() % period + 5)
    for _ in range(2):
        _publish(context, metric, 0.0)
        last = context.clock.now()
        if zone.await_answer("alarm", SECONDARY, minutes=3)[0]:
            break
    else:
        return Answer("open", "a breaching value did not make the health check unhealthy in 6 minutes")
    published = last

    def look() -> float | None:
        nonlocal published
        if context.clock.now() - published >= 60:
            _publish(context, metric, 1.0)
            published = context.clock.now()
        return context.clock.now() - last if zone.answer("alarm")[0] == (PRIMARY,) else None

    seconds, _ = context.until(look, minutes=15)
    if seconds is None:
        return Answer("open", "the health check did not become healthy in 15 minutes after the last breaching value")
    return yes_or_no(
        seconds <= SLIDES_WITHIN_MINUTES * 60, f"healthy {seconds / 60:.1f} minutes after the last breaching value"
    )


def alarm_without_data(context: Context) -> Answer:
    zone, metric = zone_of(context), f"{context.token}-none"
    zone.pair("none", _alarm_check(context, "none", metric, without_data="Unhealthy"))
    # Until the first value there is no data either.
    before, seconds = zone.await_answer("none", SECONDARY, minutes=10)
    if not before:
        return yes_or_no(False, f"still healthy {seconds / 60:.0f} minutes after the creation, without a value")
    _publish(context, metric, 1.0)
    last = context.clock.now()
    if not zone.await_answer("none", PRIMARY, minutes=10)[0]:
        return Answer("open", "a good value did not make the health check healthy in 10 minutes")
    arrived, _ = zone.await_answer("none", SECONDARY, minutes=20)
    minutes = (context.clock.now() - last) / 60
    if not arrived:
        return yes_or_no(False, f"still healthy {minutes:.0f} minutes after the last value")
    return yes_or_no(True, f"insufficient data {minutes:.1f} minutes after the last value")


def metric_delay(context: Context) -> Answer:
    site = site_of(context)
    began = context.clock.now()
    check = create_check(context, "delay", object_check(site.domain_name, "index"))
    newest, seconds = context.until(lambda: _newest(context, check, began), minutes=15, every=10)
    if newest is None:
        return Answer("open", f"no HealthCheckStatus in {seconds / 60:.0f} minutes")
    shown = context.clock.now() - newest
    return Answer("measured", f"first value after {seconds:.0f} s, when it was {shown:.0f} s old")


def metric_list(context: Context) -> Answer:
    site = site_of(context)
    child = create_check(context, "listed", object_check(site.domain_name, "index"))
    calculated = create_check(
        context, "listed-calculated", {"Type": "CALCULATED", "ChildHealthChecks": [child], "HealthThreshold": 1}
    )
    by_alarm = _alarm_check(context, "listed-alarm", f"{context.token}-listed", without_data="Healthy")
    kinds = {"endpoint": child, "calculated": calculated, "CLOUDWATCH_METRIC": by_alarm}

    def look() -> bool | None:
        return True if all(_is_listed(context, check) for check in kinds.values()) else None

    listed, _ = context.until(look, minutes=20, every=30)
    missing = [kind for kind, check in kinds.items() if not _is_listed(context, check)]
    return yes_or_no(bool(listed), f"not listed: {', '.join(missing)}" if missing else f"listed: {', '.join(kinds)}")


def fill(context: Context) -> Answer:
    now = datetime.fromtimestamp(context.clock.now(), UTC)
    dimensions = [{"Name": "Run", "Value": f"{context.token}-never"}]
    stat = {"Metric": {"Namespace": NAMESPACE, "MetricName": "Value", "Dimensions": dimensions}, "Period": 60}
    queries = [
        {"Id": "switch", "MetricStat": {**stat, "Stat": "Minimum"}, "ReturnData": False},
        {"Id": "filled", "Expression": "FILL(switch,1)"},
    ]
    found = context.client("cloudwatch").get_metric_data(
        MetricDataQueries=queries, StartTime=now - timedelta(minutes=10), EndTime=now
    )
    result = next(result for result in found["MetricDataResults"] if result["Id"] == "filled")
    values = set(result.get("Values", []))
    return yes_or_no(values == {1.0}, f"values {sorted(values) or 'none'}, status {result.get('StatusCode', 'none')}")


def checker_user_agent(context: Context) -> Answer:
    site = site_of(context)
    config = object_check(site.domain_name, "agent", SearchString=CHECKER) | {"Type": "HTTP_STR_MATCH"}
    check = create_check(context, "agent", config)
    wanted = 8  # the regions that check by default

    seen, _ = context.until(lambda: rows if len(rows := observations(context, check)) >= wanted else None, minutes=10)
    seen = seen or observations(context, check)
    if not seen:
        return Answer("open", "no checker reported in 10 minutes")
    return yes_or_no(all(seen), f"{sum(seen)} of {len(seen)} checkers send a User-Agent with {CHECKER}")


def switch_requests(context: Context) -> Answer:
    site = site_of(context)
    context.client("s3").put_bucket_metrics_configuration(
        Bucket=site.bucket, Id="all", MetricsConfiguration={"Id": "all"}
    )
    create_check(context, "requests", object_check(site.domain_name, "switch/absent-for-ever"))
    context.wait(30)
    viewers = _sum(context, "AWS/CloudFront", "Requests", DistributionId=site.id, Region="Global")
    origin = _sum(context, "AWS/S3", "AllRequests", BucketName=site.bucket, FilterId="all")
    if not viewers or origin is None:
        return Answer("open", "CloudWatch had no request metrics after 30 minutes; ask again with --only")
    return Answer("measured", f"{origin:.0f} of {viewers:.0f} requests reached S3 ({100 * origin / viewers:.0f} %)")


def health_check_bill(context: Context) -> Answer:
    today = datetime.fromtimestamp(context.clock.now(), UTC).date()
    found = context.client("ce").get_cost_and_usage(
        TimePeriod={"Start": str(today - timedelta(days=31)), "End": str(today)},
        Granularity="MONTHLY",
        Metrics=["UsageQuantity", "UnblendedCost"],
        GroupBy=[{"Type": "DIMENSION", "Key": "USAGE_TYPE"}],
        Filter={"Dimensions": {"Key": "SERVICE", "Values": ["Amazon Route 53"]}},
    )
    kinds: dict[str, float] = {}
    for part in found["ResultsByTime"]:
        for group in part["Groups"]:
            kind, metrics = group["Keys"][0], group["Metrics"]
            if "Health-Check" in kind:
                kinds[kind] = kinds.get(kind, 0.0) + float(metrics["UnblendedCost"]["Amount"])
    if not kinds:
        return Answer(
            "open", "no health check is on the bill of the last 31 days; ask again with --only two days after this run"
        )
    evidence = ", ".join(f"{kind} {dollars:.2f} USD" for kind, dollars in sorted(kinds.items()))
    return yes_or_no(any("Non-AWS" not in kind for kind in kinds), evidence)


def _alarm_check(context: Context, label: str, metric: str, *, without_data: str) -> str:
    """Create an alarm of `metric` and return the id of a health check that follows it."""
    _create_alarm(context, metric)
    config = {
        "Type": "CLOUDWATCH_METRIC",
        "AlarmIdentifier": {"Region": "us-east-1", "Name": metric},
        "InsufficientDataHealthStatus": without_data,
    }
    return create_check(context, label, config)


def _create_alarm(context: Context, name: str) -> None:
    context.create(
        "alarm",
        name,
        lambda: context.client("cloudwatch").put_metric_alarm(
            AlarmName=name,
            Namespace=NAMESPACE,
            MetricName="Value",
            Dimensions=[{"Name": "Run", "Value": name}],
            Statistic="Minimum",
            Period=PERIOD_MINUTES * 60,
            EvaluationPeriods=1,
            Threshold=1,
            ComparisonOperator="LessThanThreshold",
        ),
    )


def _publish(context: Context, name: str, value: float) -> None:
    context.client("cloudwatch").put_metric_data(
        Namespace=NAMESPACE,
        MetricData=[
            {
                "MetricName": "Value",
                "Dimensions": [{"Name": "Run", "Value": name}],
                "Timestamp": datetime.fromtimestamp(context.clock.now(), UTC),
                "Value": value,
            }
        ],
    )


def _newest(context: Context, check: str, began: float) -> float | None:
    """Return the end of the newest minute with a status, in Unix seconds."""
    found = context.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Route53",
        MetricName="HealthCheckStatus",
        Dimensions=[{"Name": "HealthCheckId", "Value": check}],
        StartTime=datetime.fromtimestamp(began, UTC) - timedelta(minutes=1),
        EndTime=datetime.fromtimestamp(context.clock.now(), UTC) + timedelta(minutes=1),
        Period=60,
        Statistics=["Minimum"],
    )["Datapoints"]
    return max((point["Timestamp"].timestamp() + 60 for point in found), default=None)


def _is_listed(context: Context, check: str) -> bool:
    found = context.client("cloudwatch").list_metrics(
        Namespace="AWS/Route53",
        MetricName="HealthCheckStatus",
        Dimensions=[{"Name": "HealthCheckId", "Value": check}],
    )
    return bool(found["Metrics"])


def _sum(context: Context, namespace: str, name: str, **dimensions: str) -> float | None:
    now = datetime.fromtimestamp(context.clock.now(), UTC)
    found: list[dict[str, Any]] = context.client("cloudwatch").get_metric_statistics(
        Namespace=namespace,
        MetricName=name,
        Dimensions=[{"Name": key, "Value": value} for key, value in dimensions.items()],
        StartTime=now - timedelta(minutes=30),
        EndTime=now,
        Period=1800,
        Statistics=["Sum"],
    )["Datapoints"]
    return sum(point["Sum"] for point in found) if found else None


def _role(address: str) -> str:
    return {PRIMARY: "PRIMARY", SECONDARY: "SECONDARY"}.get(address, address)


QUESTIONS = (
    Question(
        "calculated-without-data",
        "Does a calculated check count a new inverted child as unhealthy until it has data?",
        calculated_without_data,
        10,
        2.75,
    ),
    Question("alarm-period", "Does a period of 5 minutes slide from minute to minute?", alarm_period, 30, 0.60),
    Question("alarm-without-data", "Is a period without data read as insufficient data?", alarm_without_data, 40, 0.60),
    Question("metric-delay", "How late does HealthCheckStatus arrive in CloudWatch?", metric_delay, 15, 2.00),
    Question("metric-list", "Does CloudWatch list HealthCheckStatus of every kind of check?", metric_list, 20, 3.10),
    Question("fill", "Is FILL(switch,1) 1 where a metric has no data at all?", fill, 1, 0.01),
    Question("checker-user-agent", f"Do health checkers send {CHECKER}?", checker_user_agent, 10, 4.00),
    Question("switch-requests", "How many requests of health checkers reach S3?", switch_requests, 30, 2.30),
    Question(
        "health-check-bill", "Is CloudFront billed as an AWS endpoint of health checks?", health_check_bill, 1, 0.01
    ),
)
