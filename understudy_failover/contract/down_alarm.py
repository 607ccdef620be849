"""The alarm of a fail-back hold: the stack and `verify` need its name, by which Route 53 follows it."""

NAME = "-down-"
"""Between app and health check in an alarm's name."""
WITHOUT_HOLD_MINUTES = 3
"""Without a hold the alarm only joins outages within minutes into one."""


def window_minutes(hold_minutes: int) -> int:
    # An additional minute: the minute of the recovery may have no failure.
    return hold_minutes + 1 if hold_minutes else WITHOUT_HOLD_MINUTES


def alarm_name(app: str, health_check_id: str, hold_minutes: int) -> str:
    """Return the name of the alarm, another name for another check or hold.

    Route 53 copies an alarm's settings when the check that follows it is created or gets another alarm's name.
    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-updating-cloudwatch-alarm-settings.html
    """
    return f"{app}{NAME}{health_check_id}-{window_minutes(hold_minutes)}min"
