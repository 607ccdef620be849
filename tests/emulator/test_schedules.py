"""EventBridge Scheduler's one-time schedules with universal targets on S3, at emulated time."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest

from tests.emulator.support import wait_until
from understudy_failover.emulator import EmbeddedAws

BUCKET = "scheduled"
ROLE = "arn:aws:iam::000000000000:role/any"


@pytest.fixture(scope="module", autouse=True)
def _bucket(aws: EmbeddedAws) -> Iterator[None]:
    s3 = aws.client("s3")
    s3.create_bucket(Bucket=BUCKET)
    yield
    for item in s3.list_objects_v2(Bucket=BUCKET).get("Contents", []):
        s3.delete_object(Bucket=BUCKET, Key=item["Key"])
    s3.delete_bucket(Bucket=BUCKET)


def _schedule(aws: EmbeddedAws, name: str, seconds: float, action: str, *, zone: str = "UTC", **more: Any) -> None:
    """In so many emulated seconds, rounded up to a whole one."""
    at = datetime.fromtimestamp(aws.clock.now() + seconds + 1, UTC).astimezone(ZoneInfo(zone))
    arguments = {"Bucket": BUCKET, "Key": name, **more.pop("arguments", {})}
    aws.client("scheduler").create_schedule(
        Name=name,
        ScheduleExpression=f"at({at:%Y-%m-%dT%H:%M:%S})",
        ScheduleExpressionTimezone=zone,
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": f"arn:aws:scheduler:::aws-sdk:s3:{action}", "RoleArn": ROLE, "Input": json.dumps(arguments)},
        **more,
    )


def _exists(aws: EmbeddedAws, key: str) -> bool:
    result = aws.client("s3").list_objects_v2(Bucket=BUCKET, Prefix=key).get("Contents", [])
    return [entry["Key"] for entry in result] == [key]


def _names(aws: EmbeddedAws) -> list[str]:
    return [schedule["Name"] for schedule in aws.client("scheduler").list_schedules()["Schedules"]]


def test_an_object_is_put_with_its_metadata_and_the_schedule_deletes_itself(aws: EmbeddedAws) -> None:
    arguments = {"Metadata": {"ends-at": "2036-01-01T00:00:00Z"}}
    _schedule(aws, "put", 5, "putObject", ActionAfterCompletion="DELETE", arguments=arguments)
    wait_until(lambda: _exists(aws, "put"))
    assert aws.client("s3").head_object(Bucket=BUCKET, Key="put")["Metadata"] == arguments["Metadata"]
    wait_until(lambda: "put" not in _names(aws))


def test_an_object_is_removed(aws: EmbeddedAws) -> None:
    aws.client("s3").put_object(Bucket=BUCKET, Key="remove")
    _schedule(aws, "remove", 0, "deleteObject", ActionAfterCompletion="DELETE")
    wait_until(lambda: not _exists(aws, "remove"))


def test_a_schedule_that_does_not_delete_itself_stays_and_runs_once(aws: EmbeddedAws) -> None:
    _schedule(aws, "stays", 0, "putObject")
    wait_until(lambda: _exists(aws, "stays"))
    aws.client("s3").delete_object(Bucket=BUCKET, Key="stays")
    # Another one that was due later has run: this one has had its chance.
    _schedule(aws, "later", 0, "putObject", ActionAfterCompletion="DELETE")
    wait_until(lambda: _exists(aws, "later"))
    assert not _exists(aws, "stays")
    assert "stays" in _names(aws)
    aws.client("scheduler").delete_schedule(Name="stays")


def test_a_time_zone_is_minded(aws: EmbeddedAws) -> None:
    _schedule(aws, "zone", 0, "putObject", zone="Pacific/Kiritimati", ActionAfterCompletion="DELETE")
    wait_until(lambda: _exists(aws, "zone"))


def test_one_that_is_not_due_waits(aws: EmbeddedAws) -> None:
    _schedule(aws, "tomorrow", timedelta(days=1).total_seconds(), "putObject", ActionAfterCompletion="DELETE")
    _schedule(aws, "now", 0, "putObject", ActionAfterCompletion="DELETE")
    wait_until(lambda: _exists(aws, "now"))
    assert not _exists(aws, "tomorrow")
    aws.client("scheduler").delete_schedule(Name="tomorrow")


def test_one_that_fails_is_tried_again(aws: EmbeddedAws) -> None:
    aws.control.stop_services("s3")
    try:
        _schedule(aws, "again", 0, "putObject", ActionAfterCompletion="DELETE")
        wait_until(lambda: "schedule again failed" in aws.log())
        assert "again" in _names(aws)
    finally:
        aws.control.start_services()
    wait_until(lambda: _exists(aws, "again"))
