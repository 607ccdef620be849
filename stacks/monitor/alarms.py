"""Alarms on what `Monitor` publishes: a certificate that expires, a switch that stays on, a monitor that fails."""

from aws_cdk import Duration, aws_cloudwatch as cloudwatch
from constructs import Construct

from understudy_failover.contract.documentation import documentation
from understudy_failover.settings.certificate_lifetime import ALARM_SHARES

from ..notifications import Notifications
from .name import function_name

NAMESPACE = "Understudy"
LIFETIME_LEFT = "LifetimeLeft"
OVERDUE = "SwitchOverdueMinutes"
HOUR = Duration.hours(1)
"""How often certificates are looked at: the last alarm of a six-day one comes at least 25 hours before its end."""
LOOK_MINUTES = 5
LOOK = Duration.minutes(LOOK_MINUTES)
"""How often switches are looked at."""
TWO_LOOKS = Duration.minutes(2 * LOOK_MINUTES)
"""The period of the metric: one look that comes late leaves no gap."""
GRACE_MINUTES = 10
"""Beyond the end before anybody is told: a window ends by itself within a minute or two."""
WITHOUT_END_HOURS = 24
"""For how long a switch without an end may be on."""
FAILURES = 3
"""In an hour: Lambda runs what failed two times more, so that trouble which passes makes no more than two."""
NOT_BREACHING = cloudwatch.TreatMissingData.NOT_BREACHING


class MonitorAlarms(Construct):
    """One alarm for all certificates of an app, and one for all its switches, whichever stack they are in."""

    def __init__(
        self, scope: Construct, id_: str, *, app: str, with_switches: bool, notifications: Notifications
    ) -> None:
        super().__init__(scope, id_)
        for (name, share), construct in zip(ALARM_SHARES.items(), ("Certificates", "CertificatesLast"), strict=True):
            certificates = cloudwatch.Alarm(
                self,
                construct,
                alarm_name=f"{app} certificate expires: {name.lower()}",
                alarm_description=f"ALARM: a certificate of {app}, of the page or of a server, has less than "
                f"{_percent(share):g} % of its lifetime left. Which one: understudy verify. How to renew: "
                f"{documentation('certificates')}.",
                metric=_metric(app, LIFETIME_LEFT, HOUR, "Minimum"),
                threshold=_percent(share),
                comparison_operator=cloudwatch.ComparisonOperator.LESS_THAN_THRESHOLD,
                evaluation_periods=1,
                # A server that is down shows no certificate, which is no news about its expiry.
                treat_missing_data=cloudwatch.TreatMissingData.IGNORE,
            )
            notifications.notify(certificates, when_over=False)
        if not with_switches:
            return
        overdue = cloudwatch.Alarm(
            self,
            "Overdue",
            alarm_name=f"{app} maintenance is overdue",
            alarm_description=f"ALARM: a maintenance switch of {app} is on beyond its end, or without one "
            f"for {WITHOUT_END_HOURS} h; its clients are on the page. Which: understudy maintenance status. "
            "Turn it off: understudy maintenance off SERVER --apply, or off --all. OK: it is off, or has a later end.",
            metric=_metric(app, OVERDUE, TWO_LOOKS, "Maximum"),
            threshold=GRACE_MINUTES,
            comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_THRESHOLD,
            evaluation_periods=1,
            # Nothing is published while every switch is off.
            treat_missing_data=NOT_BREACHING,
        )
        notifications.notify(overdue)


def alarm_on_failures(scope: Construct, id_: str, *, app: str, notifications: Notifications) -> None:
    """Make the alarm on the monitor of a page whose function fails; `app` as of `Settings.for_certificate`."""
    alarm = cloudwatch.Alarm(
        scope,
        id_,
        alarm_name=f"{app} monitor fails",
        metric=cloudwatch.Metric(
            namespace="AWS/Lambda",
            metric_name="Errors",
            dimensions_map={"FunctionName": function_name(app)},
            period=Duration.hours(1),
            statistic="Sum",
        ),
        alarm_description=f"ALARM: the monitor of {app} fails. It looks at certificates and switches, and writes "
        "planned work onto pages; failover does not depend on it. Why: the log of its function.",
        threshold=FAILURES,
        evaluation_periods=1,
        comparison_operator=cloudwatch.ComparisonOperator.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        treat_missing_data=NOT_BREACHING,
    )
    notifications.notify(alarm, when_over=False)


def _percent(share: float) -> float:
    """Return a share in per cent, with as many decimals as the metric has."""
    return round(100 * share, 2)


def _metric(app: str, name: str, period: Duration, statistic: str) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=NAMESPACE, metric_name=name, dimensions_map={"App": app}, period=period, statistic=statistic
    )
