"""Write access to the switches."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import ClientError

from tests.rehearsal.faults.health import planted_window, stray_schedule
from tests.rehearsal.leaks.world import SCHEDULES, SCRIPT, Trial, World, allowed, by, permissions_checked, shows
from tests.rehearsal.verifying import findings
from understudy_failover.contract.switch import FOLDER
from understudy_failover.operations.observation import ServedBy


def _puts(world: World, name: str, **content: Any) -> None:
    """An object of whoever may write the switches, among them the role of the schedules."""
    client = world.client(SCHEDULES, "s3")
    client.put_object(Bucket=world.buckets["switch"], Key=f"{FOLDER}{name}", **content)


@contextmanager
def _put(world: World, name: str, **content: Any) -> Iterator[None]:
    with permissions_checked(world.bed):
        _puts(world, name, **content)
    try:
        yield
    finally:
        world.bed.switches().remove(name)


def _sends_clients_about(world: World) -> None:
    with _put(world, "web"):
        assert shows(world, ServedBy.PAGE)
        with permissions_checked(world.bed):
            key = f"{FOLDER}web"
            world.client(SCHEDULES, "s3").delete_object(Bucket=world.buckets["switch"], Key=key)
        assert shows(world, ServedBy.SERVER)


ODD_OBJECT = {
    "Body": SCRIPT,
    "ContentType": "text/html",
    "ContentDisposition": "attachment; filename=setup.exe",
    "Metadata": {"ends-at": "9999-99-99"},
}


def _text_is_shown(world: World) -> None:
    with _put(world, "web", **ODD_OBJECT):
        answer = world.ask(f"/{FOLDER}web")
    assert (answer.status, answer.body) == (200, SCRIPT)


def _nothing_is_run_loaded_or_saved(world: World) -> None:
    with _put(world, "web", **ODD_OBJECT):
        headers = world.ask(f"/{FOLDER}web").headers
    assert headers["content-security-policy"] == "default-src 'none'; sandbox"
    assert headers["x-content-type-options"] == "nosniff"
    assert headers["content-disposition"] == "inline"


def _other_objects_are_not_served(world: World) -> None:
    with permissions_checked(world.bed):
        assert not allowed(lambda: _puts(world, "login.html", **ODD_OBJECT))
    where = {"Bucket": world.buckets["switch"], "Key": f"{FOLDER}login.html"}
    s3 = world.bed.aws.client("s3")
    s3.put_object(**where, **ODD_OBJECT)
    try:
        answer = world.ask(f"/{FOLDER}login.html")
    finally:
        s3.delete_object(**where)
    assert answer.status == 503
    assert SCRIPT not in answer.body


def _off_works_whatever_the_object_is(world: World) -> None:
    encrypted = {"SSECustomerAlgorithm": "AES256", "SSECustomerKey": "0" * 32}
    for content in (ODD_OBJECT, encrypted):
        with _put(world, "web", **content):
            if content is encrypted:
                assert not _is_readable(world), "nobody else has the key"
            assert world.bed.switches().on(["web"]) == {"web"}
            world.understudy("maintenance", "on", "api", "--apply")
            world.understudy("maintenance", "off", "web", "api", "--apply")
            assert world.bed.switches().on(["web", "api"]) == set()


def _is_readable(world: World) -> bool:
    """Return whether the account's owner can read what is beside the object of a switch."""
    try:
        world.bed.aws.client("s3").head_object(Bucket=world.buckets["switch"], Key=f"{FOLDER}web")
    except ClientError:
        return False
    return True


def _verify_names_what_they_leave(world: World) -> None:
    s3, where = world.bed.aws.client("s3"), {"Bucket": world.buckets["switch"], "Key": f"{FOLDER}login.html"}
    s3.put_object(**where)
    try:
        with _put(world, "web", Body=b"x"), stray_schedule(world.bed), planted_window(world.bed):
            results = findings(world.bed)
    finally:
        s3.delete_object(**where)
    texts = " ".join(finding.text for finding in results if finding.verdict != "passed")
    assert "login.html' is no switch" in texts
    assert "has a body of 1 bytes" in texts
    assert "belongs to no window" in texts
    assert "another ScheduleExpression" in texts


def _off_ends_it(world: World) -> None:
    with _put(world, "web", **ODD_OBJECT):
        assert shows(world, ServedBy.PAGE)
        world.understudy("maintenance", "off", "web", "--apply")
        assert shows(world, ServedBy.SERVER)


TRIALS: Mapping[str, Trial] = {
    "to send clients to the page, and to take them off it": _sends_clients_about,
    "to state an end before which the alarm for overdue maintenance is silent": by(
        "monitor/test_overdue_switches.py::test_a_switch_within_its_time_is_not_overdue_and_one_beyond_it_is_by_minutes"
    ),
    "to have a text shown under every host name": _text_is_shown,
    "to plan windows, where `scheduler:CreateSchedule` leaked, too": by(
        "rehearsal/test_windows.py::test_a_window_begins_and_ends_by_itself_and_leaves_nothing"
    ),
    "browsers run, load and save nothing of an object": _nothing_is_run_loaded_or_saved,
    "CloudFront serves no object with another name": _other_objects_are_not_served,
    "no object keeps `maintenance off` from its work": _off_works_whatever_the_object_is,
    "`understudy verify` names bodies, other objects, and schedules that differ from those of `maintenance schedule`": (
        _verify_names_what_they_leave
    ),
    "the role of the schedules obeys no schedule of another group": by(
        "stacks/test_switches.py::test_schedules_of_this_account_may_flip_switches_and_nothing_else"
    ),
    "`understudy maintenance off SERVER --apply`": _off_ends_it,
}
