"""What `verify` and `status` say of requests that the page still gets when every host is on its server."""

import gzip
import os
import re
import shlex
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from tests.operations.test_status_local_fault import SERVED, snapshot
from tests.operations.test_verify_options import MadeUp
from understudy_failover.operations.finding import Finding, Verdict
from understudy_failover.operations.observation import Answers, HttpsProbe, ServedBy
from understudy_failover.operations.status.screen import document, screen
from understudy_failover.operations.verify import page_requests as module
from understudy_failover.operations.verify.page_requests import PageRequests, page_requests, requests
from understudy_failover.settings import Host, Settings

NOON = datetime(2026, 11, 30, 12, tzinfo=UTC)
LOGS = {"Enabled": True, "Bucket": "app-logs.s3.us-east-1.amazonaws.com", "Prefix": "cloudfront/"}
EDGE = Answers(("198.51.100.10",), ("2001:db8:cf::10",))
MAKE_AWS = """#!/bin/sh
for last; do folder=$last; done
echo "$@" > "$CALLS"
cp "$LOG" "$folder/"
"""


class CloudWatch:
    """Answers with these sums, the last of them for the minute that ended at noon."""

    def __init__(self, *sums: float) -> None:
        self._sums = sums

    def get_metric_statistics(self, **asked: Any) -> dict[str, Any]:
        self.asked = asked
        ends = len(self._sums)
        points = [
            {"Timestamp": NOON - timedelta(minutes=ends - at), "Sum": value} for at, value in enumerate(self._sums)
        ]
        return {"Datapoints": points[::-1]}


def deployment(settings: Settings, *sums: float, logging: Any = None) -> MadeUp:
    fake = MadeUp(settings)
    fake.now = lambda: NOON + timedelta(minutes=2)
    fake.client = lambda service: CloudWatch(*sums)  # type: ignore[method-assign]
    fake.config = lambda: {"Logging": logging or {}}  # type: ignore[method-assign]
    fake.name_servers = lambda zone: [None]  # type: ignore[method-assign,list-item]
    return fake


@pytest.fixture
def judge(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Returns what the check finds; every host is on its server, or `on_page`."""

    def run(*sums: float, on_page: bool = False, logging: Any = None) -> Finding:
        def resolve(host: Host, _: object) -> Answers:
            server = next(owner for owner in settings.servers if host in owner.hosts)
            own = Answers((str(server.ipv4),), (str(server.ipv6),) if server.ipv6 else ())
            return EDGE if on_page and host.name == "example.com" else own

        monkeypatch.setattr(module, "resolve", resolve)
        (finding,) = requests(deployment(settings, *sums, logging=logging))
        return finding

    return run


def test_requests_of_others_than_checkers_pass_with_a_note_that_says_how_many(judge: Any) -> None:
    # Three switches (all, web, api), six checkers each, twice a minute.
    finding = judge(900, 60, 90, 100)
    assert (finding.verdict, finding.id) == (Verdict.PASSED, "page-still-asked")
    assert finding.text == (
        "still asked: 250 requests in 3 minutes to 2026-11-30T12:00:00Z; "
        "Route 53's checks of the switches send about 108"
    )
    assert "[access_logs]" in finding.advice
    assert "understudy docs who-notices" in finding.advice


def test_more_requests_of_checkers_than_requests_are_not_a_part_of_them() -> None:
    assert str(PageRequests("E0000MAIN", 59, 108, NOON, "")) == (
        "59 requests in 3 minutes to 2026-11-30T12:00:00Z; Route 53's checks of the switches send about 108"
    )


@pytest.mark.parametrize(
    ("sums", "facts"),
    [
        ((36, 36, 36), {}),
        ((900, 50, 50, 50), {}),  # half as many again may be Route 53's own
        ((), {}),
        ((900, 900, 900), {"on_page": True}),
    ],
)
def test_checkers_alone_nobody_and_an_outage_are_no_news(judge: Any, sums: tuple[float, ...], facts: Any) -> None:
    finding = judge(*sums, **facts)
    assert (finding.verdict, finding.id, finding.advice) == (Verdict.PASSED, "", "")
    assert sums or finding.text == "no requests in 15 minutes"


def test_the_metric_is_that_of_the_distribution(settings: Settings) -> None:
    cloudwatch, made_up = CloudWatch(4, 4), deployment(settings)
    made_up.client = lambda service: cloudwatch  # type: ignore[method-assign]
    page_requests(made_up)
    assert {dimension["Name"]: dimension["Value"] for dimension in cloudwatch.asked["Dimensions"]} == {
        "DistributionId": "E0000MAIN",
        "Region": "Global",
    }
    asked = cloudwatch.asked
    assert (asked["Namespace"], asked["MetricName"], asked["Statistics"]) == ("AWS/CloudFront", "Requests", ["Sum"])
    # More than CloudWatch answers at once would be an error.
    assert (asked["EndTime"] - asked["StartTime"]) / timedelta(seconds=asked["Period"]) <= 1440


def test_without_switches_no_request_is_route_53s(settings: Settings) -> None:
    none = settings.model_copy(update={"maintenance": settings.maintenance.model_copy(update={"switches": "none"})})
    counted = page_requests(deployment(none, 2, 2, 2))
    assert (str(counted), counted.still_asked) == ("6 requests in 3 minutes to 2026-11-30T12:00:00Z", True)
    assert not page_requests(deployment(none, 1, 1, 1)).still_asked


@pytest.mark.usefixtures("processes")
def test_with_access_logs_the_advice_is_a_command_that_counts_hosts(judge: Any, tmp_path: Path) -> None:
    (command,) = re.findall(r"`(d=.*)`; `verify`", judge(200, 200, 200, logging=LOGS).advice)
    fields = ["2026-11-30", "11:58:01", "FRA2-C1", "900", "192.0.2.7", "GET", "d111.cloudfront.net", "/", "503", "-"]
    fields += ["python-requests/2.31", "-", "-", "Error", "id", "www.example.com", "https"]
    log = tmp_path / "E0000MAIN.2026-11-30-11.abcdef.gz"
    log.write_bytes(gzip.compress(("#Version: 1.0\n#Fields: date\n" + 2 * ("\t".join(fields) + "\n")).encode()))
    aws = tmp_path / "bin" / "aws"
    aws.parent.mkdir()
    aws.write_text(MAKE_AWS, encoding="utf-8")
    aws.chmod(0o755)
    environment = {
        **os.environ,
        "PATH": f"{aws.parent}:{os.environ['PATH']}",
        "LOG": str(log),
        "CALLS": str(tmp_path / "calls"),
        "TMPDIR": str(tmp_path),
    }
    done = subprocess.run(["sh", "-c", command], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["2", "www.example.com", "192.0.2.7", "python-requests/2.31"]
    words = shlex.split((tmp_path / "calls").read_text(encoding="utf-8"))
    assert words[-2] == "s3://app-logs/cloudfront/"
    assert words[words.index("--include") + 1] == "E0000MAIN.2026-11-30-11.*"


def test_status_says_it_and_says_nothing_of_checkers(settings: Settings) -> None:
    well = HttpsProbe(ServedBy.SERVER, "200", status=200)
    for count, expected in ((250, True), (110, False)):
        asked = PageRequests("E0000MAIN", count, 108, NOON, "look at the logs")
        result = snapshot(settings, probe=well, answers=SERVED, page_requests=[asked])
        lines = screen(result, settings).splitlines()
        shown_lines = [f"page         still asked: E0000MAIN: {asked}", "             → look at the logs"]
        assert [line for line in shown_lines if line in lines] == (shown_lines if expected else [])
        assert document(result, settings)["page_requests"] == [
            {
                "distribution": "E0000MAIN",
                "requests": count,
                "by_checkers": 108,
                "until": "2026-11-30T12:00:00Z",
                "still_asked": expected,
            }
        ]
