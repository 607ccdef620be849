"""Alarms on the metrics of `Monitor`: a certificate that expires, a switch that stays on, a monitor that fails."""

from aws_cdk import Duration, aws_cloudwatch as cloudwatch
from constructs import Construct

from understudy_failover.contract.documentation import documentation
from understudy_failover.settings.certificate_lifetime import ALARM_SHARES

from ..alarm import Comparison, Missing, declare_alarm
from ..logical_ids import shorten
from ..notifications import Notifications

NAMESPACE = "Understudy"
LIFETIME_LEFT = "LifetimeLeft"
OVERDUE = "SwitchOverdueMinutes"
HOUR = Duration.hours(1)
"""Between checks of certificates: the last alarm of a six-day certificate comes at least 25 hours before its end."""
POLL_MINUTES = 5
POLL = Duration.minutes(POLL_MINUTES)
"""Between checks of switches."""
TWO_POLLS = Duration.minutes(2 * POLL_MINUTES)
"""The period of the metric: a late check leaves no gap."""
GRACE_MINUTES = 10
"""After the end before the alarm: a window ends by itself within a minute or two."""
WITHOUT_END_HOURS = 24
"""For which a switch without an end may be on."""
FAILURES = 3
"""In an hour: Lambda retries a failed run twice, so a transient error causes at most two."""
FUNCTION_NAME_CHARACTERS = 64
"""https://docs.aws.amazon.com/lambda/latest/api/API_CreateFunction.html"""


def function_name(app: str) -> str:
    """Return the name of a monitor's function.

    It follows from the settings, because its alarm is in another stack: a name that CloudFormation chooses would be an
    export that could never go.
    """
    return shorten(f"{app}-monitor", FUNCTION_NAME_CHARACTERS, "-")


class MonitorAlarms(Construct):
    """The alarms for all certificates of an app, and for all its switches, whichever stack they are in."""

    def __init__(
        self, scope: Construct, id_: str, *, app: str, with_switches: bool, notifications: Notifications
    ) -> None:
        super().__init__(scope, id_)
        for (name, share), construct in zip(ALARM_SHARES.items(), ("Certificates", "CertificatesLast"), strict=True):
            percent = round(100 * share, 2)  # as many decimals as the metric has
            declare_alarm(
                self,
                construct,
                name=f"{app} certificate expires: {name.lower()}",
                description=f"ALARM: a certificate of {app} (page or server) has less than {percent:g} % of its "
                f"lifetime left. Find it: understudy verify. Renew it: {documentation('certificates')}.",
                metric=_metric(app, LIFETIME_LEFT, HOUR, "Minimum"),
                comparison=Comparison.LESS_THAN_THRESHOLD,
                threshold=percent,
                # A server that is down presents no certificate, which says nothing about its expiry.
                missing=Missing.IGNORE,
                notifications=notifications,
                when_over=False,
            )
        if with_switches:
            declare_alarm(
                self,
                "Overdue",
                name=f"{app} maintenance is overdue",
                description=f"ALARM: a maintenance switch of {app} is on after its end, or has been on without an end "
                f"for {WITHOUT_END_HOURS} h; its clients get the maintenance page. Find it: understudy maintenance "
                "status. Turn it off: understudy maintenance off SERVER --apply, or off --all --apply. OK: it is off, "
                "or has a later end.",
                metric=_metric(app, OVERDUE, TWO_POLLS, "Maximum"),
                comparison=Comparison.GREATER_THAN_THRESHOLD,
                threshold=GRACE_MINUTES,
                notifications=notifications,  # missing data: every switch is off
            )


def alarm_on_failures(scope: Construct, id_: str, *, app: str, notifications: Notifications) -> None:
    """Declare the alarm on a monitor whose function fails; `app` as of `Settings.for_certificate`."""
    declare_alarm(
        scope,
        id_,
        name=f"{app} monitor fails",
        description=f"ALARM: the monitor function of {app} fails. It checks certificates and switches, and writes "
        "planned work onto pages; failover does not depend on it. Cause: the log of its function.",
        metric=cloudwatch.Metric(
            namespace="AWS/Lambda",
            metric_name="Errors",
            dimensions_map={"FunctionName": function_name(app)},
            period=HOUR,
            statistic="Sum",
        ),
        comparison=Comparison.GREATER_THAN_OR_EQUAL_TO_THRESHOLD,
        threshold=FAILURES,
        notifications=notifications,
        when_over=False,
    )


def _metric(app: str, name: str, period: Duration, statistic: str) -> cloudwatch.Metric:
    return cloudwatch.Metric(
        namespace=NAMESPACE, metric_name=name, dimensions_map={"App": app}, period=period, statistic=statistic
    )
