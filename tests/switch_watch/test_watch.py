"""What the watch over maintenance switches publishes of each that it finds."""

import importlib.util
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from botocore.exceptions import ClientError

from understudy_failover.contract import switch_end

FILE = Path(__file__).resolve().parents[2] / "stacks" / "switch_watch" / "handler" / "switch_watch.py"
FOLDER = ".understudy/switch/"


def _load() -> Any:
    spec = importlib.util.spec_from_file_location("switch_watch_handler", FILE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(Path(switch_end.__file__).parent)  # as it is deployed
        spec.loader.exec_module(module)
    return module


WATCH = _load()


class FakeAws:
    """A bucket with switch objects, and what was published."""

    exceptions = SimpleNamespace(ClientError=ClientError)

    def __init__(self) -> None:
        self.switches: dict[str, tuple[datetime, str | None]] = {}
        """Switch → when it was written, and the end that it tells."""
        self.vanishing: set[str] = set()
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
        if name in self.vanishing:
            raise ClientError({"Error": {"Code": "404", "Message": ""}}, "HeadObject")
        told = self.switches[name][1]
        return {"Metadata": {} if told is None else {"ends-at": told}}

    def put_metric_data(self, **data: Any) -> None:
        assert data["Namespace"] == "Understudy"
        assert 0 < len(data["MetricData"]) <= 1_000
        self.calls += 1
        self.published += data["MetricData"]


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> FakeAws:
    fake = FakeAws()
    monkeypatch.setattr(WATCH, "boto3", SimpleNamespace(client=fake.client))
    values = {"APP": "shop", "BUCKET": "shop-switch", "FOLDER": FOLDER, "WITHOUT_END_HOURS": "24"}
    for name, value in values.items():
        monkeypatch.setenv(name, value)
    return fake


def _in(hours: float) -> datetime:
    return datetime.now(UTC) + timedelta(hours=hours)


def _told(at: datetime) -> str:
    return f"{at:%Y-%m-%dT%H:%M:%SZ}"


def test_nothing_is_published_while_every_switch_is_off(aws: FakeAws) -> None:
    assert WATCH.handler({}, None) == {}
    assert aws.calls == 0


def test_a_switch_within_its_time_is_not_overdue_and_one_beyond_it_is_by_minutes(aws: FakeAws) -> None:
    aws.switches = {"web": (_in(-9), _told(_in(1))), "_all": (_in(-9), _told(_in(-0.5)))}
    found = WATCH.handler({}, None)
    assert found == {"web": 0, "_all": pytest.approx(30, abs=0.2)}
    assert [(one["MetricName"], one["Dimensions"][1]["Value"], one["Value"]) for one in aws.published] == [
        ("SwitchOverdueMinutes", "web", 0),
        ("SwitchOverdueMinutes", "_all", found["_all"]),
    ]
    assert {one["Dimensions"][0]["Value"] for one in aws.published} == {"shop"}


@pytest.mark.parametrize("told", [None, "", "tomorrow", "9999-12-31T23:59-14:00", "9" * 5_000])
def test_a_switch_without_an_end_that_can_be_read_is_overdue_after_a_day(aws: FakeAws, told: str | None) -> None:
    aws.switches = {"web": (_in(-23), told), "api": (_in(-25), told)}
    assert WATCH.handler({}, None) == {"web": 0, "api": pytest.approx(60, abs=0.2)}


def test_an_end_without_a_time_zone_is_utc(aws: FakeAws) -> None:
    aws.switches = {"web": (_in(-2), f"{_in(-1):%Y-%m-%dT%H:%M:%S}")}
    assert WATCH.handler({}, None) == {"web": pytest.approx(60, abs=0.2)}


def test_a_switch_that_is_turned_off_meanwhile_is_off(aws: FakeAws) -> None:
    aws.switches = {"web": (_in(-2), None), "api": (_in(-1), None)}
    aws.vanishing = {"web"}
    assert WATCH.handler({}, None) == {"api": 0}


def test_trouble_with_s3_fails_the_run_as_its_alarm_tells(aws: FakeAws, monkeypatch: pytest.MonkeyPatch) -> None:
    aws.switches = {"web": (_in(-2), None)}

    def denied(**_: str) -> None:
        raise ClientError({"Error": {"Code": "403", "Message": ""}}, "HeadObject")

    monkeypatch.setattr(aws, "head_object", denied)
    with pytest.raises(ClientError):
        WATCH.handler({}, None)


def test_more_switches_than_one_call_takes_are_published_in_several(aws: FakeAws) -> None:
    aws.switches = {f"s{number}": (_in(-1), None) for number in range(501)}
    WATCH.handler({}, None)
    assert (aws.calls, len(aws.published)) == (2, 501)
