"""The alarm behind a fail-back hold: the stack names it, Route 53 follows it by that name, `verify` compares them."""

NAME = "-down-"
"""Between app and health check in an alarm's name."""
WITHOUT_HOLD_MINUTES = 3
"""Then it decides nothing, and an outage that comes and goes within minutes is told as one."""


def window_minutes(hold_minutes: int) -> int:
    """How long the alarm looks back."""
    # A minute more than asked for: the one in which it recovered may hold no failure any more.
    return hold_minutes + 1 if hold_minutes else WITHOUT_HOLD_MINUTES


def alarm_name(app: str, health_check_id: str, hold_minutes: int) -> str:
    """Another check or another hold is another alarm.

    Route 53 keeps the settings that an alarm had when its own check was made or changed, and asks for them again
    only when that names another one.
    https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-updating-cloudwatch-alarm-settings.html
    """
    return f"{app}{NAME}{health_check_id}-{window_minutes(hold_minutes)}min"
