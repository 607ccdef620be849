"""What the monitor publishes of the maintenance switches that it finds."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.monitor.modules import load

FOLDER = ".understudy/switch/"


MONITOR = load("overdue_switches")


class FakeAws:
    """A bucket with switch objects, and what was published."""

    exceptions = SimpleNamespace(ClientError=ClientError)

    def __init__(self) -> None:
        self.switches: dict[str, tuple[datetime, str | None]] = {}
        """Switch → when it was written, and the end that it states."""
        self.refused: dict[str, int] = {}
        """Switch → S3's status when its object is asked for."""
        self.published: list[dict[str, Any]] = []
        self.calls = 0

    def client(self, _: str) -> "FakeAws":
        return self

    def get_paginator(self, operation: str) -> Any:
        assert operation == "list_objects_v2"

        def paginate(**wanted: str) -> Iterator[dict[str, Any]]:
            assert wanted == {"Bucket": "shop-switch", "Prefix": FOLDER}
            if not self.switches:
                yield {}
            for name, (written, _) in self.switches.items():
                yield {"Contents": [{"Key": f"{FOLDER}{name}", "LastModified": written}]}

        return SimpleNamespace(paginate=paginate)

    def head_object(self, **wanted: str) -> dict[str, Any]:
        name = wanted["Key"].removeprefix(FOLDER)
        if status := self.refused.get(name):
            refused: Any = {"Error": {"Code": str(status)}, "ResponseMetadata": {"HTTPStatusCode": status}}
            raise ClientError(refused, "HeadObject")
        end = self.switches[name][1]
        return {"Metadata": {} if end is None else {"ends-at": end}}

    def put_metric_data(self, **data: Any) -> None:
        assert data["Namespace"] == "Understudy"
        assert 0 < len(data["MetricData"]) <= 1_000
        self.calls += 1
        self.published += data["MetricData"]


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> FakeAws:
    fake = FakeAws()
    monkeypatch.setattr(MONITOR, "aws_client", SimpleNamespace(client=fake.client))
    values = {"APP": "shop", "SWITCH_BUCKET": "shop-switch", "SWITCHES": FOLDER, "WITHOUT_END_HOURS": "24"}
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return fake


def _in(hours: float) -> datetime:
    return datetime.now(UTC) + timedelta(hours=hours)


def _written_end(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def test_nothing_is_published_while_every_switch_is_off(aws: FakeAws) -> None:
    assert MONITOR.check() == {}
    assert aws.calls == 0


def test_a_switch_within_its_time_is_not_overdue_and_one_beyond_it_is_by_minutes(aws: FakeAws) -> None:
    aws.switches = {"web": (_in(-9), _written_end(_in(1))), "_all": (_in(-9), _written_end(_in(-0.5)))}
    overdue = MONITOR.check()
    assert overdue == {"web": 0, "_all": pytest.approx(30, abs=0.2)}
    assert aws.published == [
        {
            "MetricName": "SwitchOverdueMinutes",
            "Dimensions": [{"Name": "App", "Value": "shop"}],
            "Value": overdue["_all"],
            "Unit": "None",
        }
    ]


@pytest.mark.parametrize("end", [None, "", "tomorrow", "9999-12-31T23:59-14:00", "9" * 5_000])
def test_a_switch_without_an_end_that_can_be_read_is_overdue_after_a_day(aws: FakeAws, end: str | None) -> None:
    aws.switches = {"web": (_in(-23), end), "api": (_in(-25), end)}
    assert MONITOR.check() == {"web": 0, "api": pytest.approx(60, abs=0.2)}


def test_an_end_without_a_time_zone_is_utc(aws: FakeAws) -> None:
    aws.switches = {"web": (_in(-2), f"{_in(-1):%Y-%m-%dT%H:%M:%S}")}
    assert MONITOR.check() == {"web": pytest.approx(60, abs=0.2)}


def test_a_switch_that_is_turned_off_meanwhile_is_off(aws: FakeAws) -> None:
    aws.switches = {"web": (_in(-2), None), "api": (_in(-1), None)}
    aws.refused = {"web": 404}
    assert MONITOR.check() == {"api": 0}


def test_an_object_that_nobody_can_read_is_given_a_while_and_hides_no_other(aws: FakeAws) -> None:
    """Whoever writes the object chooses its encryption."""
    aws.switches = {
        "web": (_in(-25), _written_end(_in(9))),
        "all": (_in(-25), None),
        "api": (_in(-1), _written_end(_in(-0.5))),
    }
    aws.refused = {"web": 400, "all": 403}
    hour = pytest.approx(60, abs=0.2)
    assert MONITOR.check() == {"web": hour, "all": hour, "api": pytest.approx(30, abs=0.2)}


def test_trouble_with_s3_fails_the_run_as_its_alarm_shows(aws: FakeAws) -> None:
    aws.switches = {"web": (_in(-2), None)}
    aws.refused = {"web": 503}
    with pytest.raises(ClientError):
        MONITOR.check()


def test_one_value_is_published_however_many_switches_are_on(aws: FakeAws) -> None:
    aws.switches = {f"s{number}": (_in(-1), _written_end(_in(-number / 60))) for number in range(3)}
    MONITOR.check()
    assert [datum["Value"] for datum in aws.published] == [pytest.approx(2, abs=0.2)]
