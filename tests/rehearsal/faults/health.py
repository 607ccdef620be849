"""Faults of health checks, switches and windows."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, suppress
from datetime import UTC, datetime, timedelta
from typing import Any

from tests.rehearsal.faults.case import FAILED, REPAIR, Case
from tests.rehearsal.looking import server_named, wait
from tests.rehearsal.verifying import check_changed, check_of
from understudy_failover.contract.switch import FOLDER, FOR_ALL, switch_key
from understudy_failover.operations.bounds import ALIAS_TTL_SECONDS
from understudy_failover.operations.observation import resolve
from understudy_failover.operations.windows import Window, Windows
from understudy_failover.rehearsal.bed import ACCOUNT, RehearsalBed
from understudy_failover.rehearsal.modes import Mode


def _check(part: str, **changes: Any) -> Callable[[RehearsalBed], AbstractContextManager[None]]:
    return lambda bed: check_changed(bed, part, **changes)


@contextmanager
def _on_page(bed: RehearsalBed, *servers: str) -> Iterator[None]:
    """Until the name server leads the servers' hosts to the page; afterwards, until it leads back."""
    _await_dns(bed, servers, page=True)
    yield


def _await_dns(bed: RehearsalBed, servers: tuple[str, ...], *, page: bool) -> None:
    def is_answered() -> bool:
        for name in servers:
            server = server_named(bed, name)
            for host in server.hosts:
                answers = resolve(host, bed.name_server())
                if not (answers.are_of_page(server) if page else answers.are_of_server(server)):
                    return False
        return True

    assert wait(bed, ALIAS_TTL_SECONDS, is_answered), (servers, page)


@contextmanager
def _check_on_page(bed: RehearsalBed, part: str, **changes: Any) -> Iterator[None]:
    with check_changed(bed, part, **changes), _on_page(bed, "web"):
        yield
    _await_dns(bed, ("web",), page=False)


@contextmanager
def _down(bed: RehearsalBed) -> Iterator[None]:
    bed.servers["web"].play(Mode.REFUSES)
    try:
        with _on_page(bed, "web"):
            yield
    finally:
        bed.servers["web"].play(Mode.WELL)
        _await_dns(bed, ("web",), page=False)


@contextmanager
def _switched(bed: RehearsalBed, name: str, *servers: str, ends_at: datetime | None = None) -> Iterator[None]:
    bed.switches().put(name, ends_at)
    try:
        with _on_page(bed, *servers):
            yield
    finally:
        bed.switches().remove(name)
        _await_dns(bed, servers, page=False)


@contextmanager
def _foreign_object(bed: RehearsalBed) -> Iterator[None]:
    """Something under the switches' prefix that is none, put there past the command."""
    s3 = bed.aws.client("s3")
    where = {"Bucket": bed.switches().bucket, "Key": f"{FOLDER}login.html"}
    s3.put_object(**where, Body=b"<script>alert(1)</script>", ContentType="text/html")
    try:
        yield
    finally:
        s3.delete_object(**where)


@contextmanager
def _switch_with_a_body(bed: RehearsalBed) -> Iterator[None]:
    s3 = bed.aws.client("s3")
    s3.put_object(Bucket=bed.switches().bucket, Key=switch_key("web"), Body=b"x")
    try:
        with _on_page(bed, "web"):
            yield
    finally:
        bed.switches().remove("web")
        _await_dns(bed, ("web",), page=False)


def _overdue_window(bed: RehearsalBed) -> AbstractContextManager[None]:
    start = datetime(2026, 1, 1, tzinfo=UTC)
    name = Window(start, start + timedelta(hours=1), "web").name("off")
    return _schedule(bed, name, "at(2026-01-01T01:00:00)", "deleteObject")


def stray_schedule(bed: RehearsalBed) -> AbstractContextManager[None]:
    return _schedule(bed, "again-and-again", "rate(1 minutes)", "putObject")


@contextmanager
def planted_window(bed: RehearsalBed) -> Iterator[None]:
    """Of a window but for its time: it would turn the switch off every minute."""
    scheduler, start = bed.aws.client("scheduler"), datetime(2036, 6, 1, 2, tzinfo=UTC)
    window = Window(start, start + timedelta(hours=1), "web")
    windows = Windows(scheduler, bed.settings.app, ACCOUNT, bed.settings.switches)
    windows.create(window, began=True)
    name = {"GroupName": bed.settings.app, "Name": window.name("off")}
    there = scheduler.get_schedule(**name)
    members = {key: there[key] for key in ("FlexibleTimeWindow", "ScheduleExpressionTimezone", "Target")}
    scheduler.update_schedule(
        **name, **members, ScheduleExpression="rate(1 minutes)", ActionAfterCompletion="DELETE", State="DISABLED"
    )
    try:
        yield
    finally:
        windows.delete(window)


@contextmanager
def _schedule(bed: RehearsalBed, name: str, when: str, calls: str) -> Iterator[None]:
    scheduler = bed.aws.client("scheduler")
    scheduler.create_schedule(
        GroupName=bed.settings.app,
        Name=name,
        State="DISABLED",
        ScheduleExpression=when,
        FlexibleTimeWindow={"Mode": "OFF"},
        Target={"Arn": f"arn:aws:scheduler:::aws-sdk:s3:{calls}", "RoleArn": "arn:aws:iam::000000000000:role/x"},
    )
    try:
        yield
    finally:
        with suppress(scheduler.exceptions.ResourceNotFoundException):
            scheduler.delete_schedule(GroupName=bed.settings.app, Name=name)


def _raise_quota(bed: RehearsalBed) -> None:
    bed.aws.control.set_quota("health checks", 200)


def _delete_object(bed: RehearsalBed) -> None:
    bed.aws.client("s3").delete_object(Bucket=bed.switches().bucket, Key=f"{FOLDER}login.html")


def _start_server(bed: RehearsalBed) -> None:
    bed.servers["web"].play(Mode.WELL)


@contextmanager
def _few_health_checks(bed: RehearsalBed) -> Iterator[None]:
    bed.aws.control.set_quota("health checks", 8)
    try:
        yield
    finally:
        bed.aws.control.set_quota("health checks", 200)


CASES: dict[str, Case] = {
    "health check quota nearly used": Case(
        _few_health_checks, {"health check quota": FAILED}, "of 8", by_hand=_raise_quota
    ),
    "child of the calculated check deleted": Case(
        lambda bed: check_changed(
            bed,
            "calculated",
            ChildHealthChecks=["gone", check_of(bed, "web")["Id"], check_of(bed, FOR_ALL)["Id"]],
        ),
        {"server checks": FAILED},
        "deleted",
        advice=REPAIR,
        plays=("check-deleted",),
    ),
    "calculated check without a switch": Case(
        lambda bed: check_changed(
            bed,
            "calculated",
            HealthThreshold=2,
            ChildHealthChecks=[check_of(bed, "server")["Id"], check_of(bed, "web")["Id"]],
        ),
        {"calculated checks": FAILED},
        "does not watch",
        advice=REPAIR,
        plays=("calculated-check-wrong",),
    ),
    "calculated check healthy too soon": Case(
        _check("calculated", HealthThreshold=1), {"calculated checks": FAILED}, "healthy with 1 of 3", advice=REPAIR
    ),
    "check disabled by hand": Case(
        _check("server", Disabled=True),
        {"server checks": FAILED},
        "Disabled is true",
        advice=REPAIR,
        plays=("check-differs",),
    ),
    "check from three regions alone": Case(
        lambda bed: check_changed(bed, "server", Regions=["eu-west-1", "us-east-1", "us-west-1"]),
        {"server checks": FAILED},
        "Regions is",
        advice=REPAIR,
    ),
    "check inverted": Case(
        lambda bed: _check_on_page(bed, "server", Inverted=True),
        {"server checks": FAILED, "serving": FAILED},
        "Inverted is true",
        advice=REPAIR,
    ),
    "threshold changed": Case(
        _check("server", FailureThreshold=2), {"server checks": FAILED}, "FailureThreshold is 2", advice=REPAIR
    ),
    "switch check not inverted": Case(
        lambda bed: _check_on_page(bed, "web", Inverted=False),
        {"switch checks": FAILED, "serving": FAILED},
        "Inverted is false",
        advice=REPAIR,
    ),
    "switch check asks for another path": Case(
        _check("web", ResourcePath="/.understudy/switch/wbe"),
        {"calculated checks": FAILED},
        "the switch of wbe",
        advice=REPAIR,
    ),
    "server down": Case(
        _down, {"server verdicts": FAILED, "serving": FAILED}, "is down", by_hand=_start_server, plays=("server-down",)
    ),
    "switch left on": Case(
        lambda bed: _switched(bed, "web", "web"),
        {"switches": FAILED, "switch verdicts": FAILED, "serving": FAILED},
        "maintenance off web",
        advice="understudy maintenance off web --apply",
        plays=(
            "switch-on",
            "switch-seen-on",
        ),
    ),
    "switch for all left on after its end": Case(
        lambda bed: _switched(bed, FOR_ALL, "web", "api", ends_at=datetime(2026, 1, 1, tzinfo=UTC)),
        {"switches": FAILED, "switch verdicts": FAILED, "serving": FAILED},
        "which is over",
        advice="understudy maintenance off --all --apply",
    ),
    "object that is no switch": Case(
        _foreign_object,
        {"switch objects": FAILED},
        "login.html",
        by_hand=_delete_object,
        plays=("object-not-a-switch",),
    ),
    "switch with a body": Case(
        _switch_with_a_body,
        {"switch objects": FAILED, "switches": FAILED, "switch verdicts": FAILED, "serving": FAILED},
        "a body of 1 bytes",
        advice="understudy maintenance off web --apply",
        plays=("switch-with-body",),
    ),
    "schedule that turns a switch on again": Case(
        stray_schedule,
        {"windows": FAILED},
        "the schedule again-and-again belongs to no window",
        advice="aws scheduler delete-schedule --group-name=understudy-example --name=again-and-again",
        plays=("schedule-stray",),
    ),
    "schedule with the name of a window": Case(
        planted_window,
        {"windows": FAILED},
        "another ScheduleExpression",
        advice="understudy maintenance cancel web --from 2036-06-01T02:00:00Z --apply",
        plays=("schedule-differs",),
    ),
    "window overdue": Case(
        _overdue_window,
        {"windows": FAILED},
        "has not run",
        advice="understudy maintenance cancel web --apply",
        plays=("window-overdue",),
    ),
}
