"""Alarms and healthy clients do not meet, and the alarms leave time; simulated by the clients' own rules."""

import re

import pytest

from benchmarks.renewals import (
    CLIENTS,
    HOUR,
    LIFETIMES_DAYS,
    Renew,
    certbot,
    daily,
    merge_within_days,
    pipeline,
    share_left_at_alarm,
    simulate,
)
from docs.generate_renewals import PAGE, page
from understudy_failover.settings.certificate_lifetime import ALARM_SHARES, FIRST_ALARM_SHARE, RENEWAL_SHARE

RUNS = 2_000
LAST_ALARM_SHARE = min(ALARM_SHARES.values())
CERTIFICATES = (PAGE.parent / "certificates.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("lifetime", LIFETIMES_DAYS)
@pytest.mark.parametrize("client", CLIENTS)
def test_no_alarm_goes_off_while_a_healthy_client_renews(client: str, lifetime: float) -> None:
    renewals = simulate(CLIENTS[client], lifetime, runs=RUNS)
    assert [renewals.alarms(share) for share in ALARM_SHARES.values()] == [0, 0]


@pytest.mark.parametrize(
    ("renew", "lowest"),
    [(certbot(ari=True), 0.2), (certbot(ari=False), 0.2), (daily(30), 0.4)],
    ids=["ARI", "", "lego"],
)
def test_an_alarm_at_a_third_goes_off_during_many_renewals(renew: Renew, lowest: float) -> None:
    """So the simulation can see a false alarm. Looked at once a day, as earlier versions did."""
    assert simulate(renew, 90, runs=RUNS, every=1).alarms(1 / 3) > lowest


@pytest.mark.parametrize("lifetime", LIFETIMES_DAYS)
@pytest.mark.parametrize("checks", [1, 2], ids=["", "one check fails"])
def test_the_last_alarm_leaves_at_least_15_percent_of_the_lifetime(lifetime: float, checks: int) -> None:
    assert share_left_at_alarm(lifetime, LAST_ALARM_SHARE, every=checks * HOUR) >= 0.15


def test_a_daily_check_would_see_six_days_end_too_late() -> None:
    assert share_left_at_alarm(160 / 24, LAST_ALARM_SHARE, every=1) < 0.02


def test_the_table_of_the_certificates_page_has_the_times_of_the_alarms() -> None:
    """In whole days, of the 160-hour certificate in whole hours behind a check. 47 and 45 days share a row."""
    unit = r"(\d+) (?:days|h) left \| "
    rows = re.findall(rf"^\|[^|]+\|[^|]+\| {unit}{unit}", CERTIFICATES, re.MULTILINE)
    *long, short = (days for days in LIFETIMES_DAYS if days != 47)
    times = [[int(days * share) for share in ALARM_SHARES.values()] for days in long]
    times.append([int(24 * short * share_left_at_alarm(short, share)) for share in ALARM_SHARES.values()])
    assert [[int(first), int(last)] for first, last in rows] == times


@pytest.mark.parametrize("lifetime", LIFETIMES_DAYS)
def test_a_request_of_the_pipeline_may_wait_as_long_as_the_page_says(lifetime: float) -> None:
    days = merge_within_days(lifetime, FIRST_ALARM_SHARE)
    assert days > 0
    assert simulate(pipeline(days), lifetime, runs=RUNS).alarms(FIRST_ALARM_SHARE) == 0
    assert simulate(pipeline(days + 1.1), lifetime, runs=RUNS).alarms(FIRST_ALARM_SHARE) > 0


def test_the_pipeline_renews_before_every_client_and_every_alarm() -> None:
    assert RENEWAL_SHARE == 1 / 2
    assert RENEWAL_SHARE > 1 / 3 > FIRST_ALARM_SHARE > LAST_ALARM_SHARE


@pytest.mark.lengthy
def test_the_page_is_up_to_date() -> None:
    """If not: `python -m docs.generate_renewals`."""
    assert PAGE.read_text(encoding="utf-8") == page()
