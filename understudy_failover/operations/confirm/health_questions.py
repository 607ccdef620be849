"""Questions about health checks, their metrics and their alarms."""

from datetime import UTC, datetime, timedelta

from understudy_failover.operations.confirm.context import Answer, Context, Question, yes_or_no
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


def calculated_without_data(context: Context) -> Answer:
    site, zone = site_of(context), zone_of(context)
    child = create_check(context, "child", object_check(site.domain_name, "switch/never", Inverted=True))
    parent = create_check(context, "parent", {"Type": "CALCULATED", "ChildHealthChecks": [child], "HealthThreshold": 1})
    zone.create_pair("calculated", parent)
    answers: list[tuple[str, str]] = []

    def probe() -> bool | None:
        values = zone.answer("calculated")
        results = len(observations(context, child))
        if values and (not answers or answers[-1][0] != values[0]):
            role = {PRIMARY: "PRIMARY", SECONDARY: "SECONDARY"}.get(values[0], values[0])
            answers.append((values[0], f"{role} with {results} results"))
        return True if results and values == (PRIMARY,) else None

    seconds = context.until(probe, minutes=10)[1]
    if not answers:
        return Answer("open", "the name server answered nothing in 10 minutes")
    evidence = f"{', then '.join(text for _, text in answers)}; {seconds:.0f} s"
    return yes_or_no(answers[0][0] == SECONDARY, evidence)


def alarm_period(context: Context) -> Answer:
    zone, metric = zone_of(context), context.token
    zone.create_pair("alarm", _alarm_check(context, "alarm", metric, without_data="Healthy"))
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

    def probe() -> float | None:
        nonlocal published
        if context.clock.now() - published >= 60:
            _publish(context, metric, 1.0)
            published = context.clock.now()
        return context.clock.now() - last if zone.answer("alarm") == (PRIMARY,) else None

    seconds, _ = context.until(probe, minutes=15)
    if seconds is None:
        return Answer("open", "the health check did not become healthy in 15 minutes after the last breaching value")
    return yes_or_no(
        seconds <= SLIDES_WITHIN_MINUTES * 60, f"healthy {seconds / 60:.1f} minutes after the last breaching value"
    )


def alarm_without_data(context: Context) -> Answer:
    zone, metric = zone_of(context), f"{context.token}-none"
    zone.create_pair("none", _alarm_check(context, "none", metric, without_data="Unhealthy"))
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
    age = context.clock.now() - newest
    return Answer("measured", f"first value after {seconds:.0f} s, when it was {age:.0f} s old")


def fill(context: Context) -> Answer:
    now = datetime.fromtimestamp(context.clock.now(), UTC)
    dimensions = [{"Name": "Run", "Value": f"{context.token}-never"}]
    stat = {"Metric": {"Namespace": NAMESPACE, "MetricName": "Value", "Dimensions": dimensions}, "Period": 60}
    queries = [
        {"Id": "switch", "MetricStat": {**stat, "Stat": "Minimum"}, "ReturnData": False},
        {"Id": "filled", "Expression": "FILL(switch,1)"},
    ]
    data = context.client("cloudwatch").get_metric_data(
        MetricDataQueries=queries, StartTime=now - timedelta(minutes=10), EndTime=now
    )
    result = next(result for result in data["MetricDataResults"] if result["Id"] == "filled")
    values = set(result.get("Values", []))
    return yes_or_no(values == {1.0}, f"values {sorted(values) or 'none'}, status {result.get('StatusCode', 'none')}")


def _alarm_check(context: Context, label: str, metric: str, *, without_data: str) -> str:
    """Create an alarm of `metric`, and a health check that follows the alarm; return the id of the check."""
    alarm = {
        "AlarmName": metric,
        "Namespace": NAMESPACE,
        "MetricName": "Value",
        "Dimensions": [{"Name": "Run", "Value": metric}],
        "Statistic": "Minimum",
        "Period": PERIOD_MINUTES * 60,
        "EvaluationPeriods": 1,
        "Threshold": 1,
        "ComparisonOperator": "LessThanThreshold",
    }
    context.create("alarm", metric, lambda: context.client("cloudwatch").put_metric_alarm(**alarm))
    config = {
        "Type": "CLOUDWATCH_METRIC",
        "AlarmIdentifier": {"Region": "us-east-1", "Name": metric},
        "InsufficientDataHealthStatus": without_data,
    }
    return create_check(context, label, config)


def _publish(context: Context, name: str, value: float) -> None:
    datum = {
        "MetricName": "Value",
        "Dimensions": [{"Name": "Run", "Value": name}],
        "Timestamp": datetime.fromtimestamp(context.clock.now(), UTC),
        "Value": value,
    }
    context.client("cloudwatch").put_metric_data(Namespace=NAMESPACE, MetricData=[datum])


def _newest(context: Context, check: str, began: float) -> float | None:
    """Return the end of the newest minute with a status, in Unix seconds."""
    points = context.client("cloudwatch").get_metric_statistics(
        Namespace="AWS/Route53",
        MetricName="HealthCheckStatus",
        Dimensions=[{"Name": "HealthCheckId", "Value": check}],
        StartTime=datetime.fromtimestamp(began, UTC) - timedelta(minutes=1),
        EndTime=datetime.fromtimestamp(context.clock.now(), UTC) + timedelta(minutes=1),
        Period=60,
        Statistics=["Minimum"],
    )["Datapoints"]
    return max((point["Timestamp"].timestamp() + 60 for point in points), default=None)


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
    Question("fill", "Is FILL(switch,1) 1 where a metric has no data at all?", fill, 1, 0.01),
)
