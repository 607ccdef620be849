"""The function behind the switch, against buckets in memory: whatever S3 answers, pages are as the switches are."""

# ruff: noqa: N803 (arguments are called as boto3 calls them)

import io
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.monitor.modules import load as load_module
from understudy_failover.contract.switch import FOLDER, FOR_ALL, NOTE_KEY
from understudy_failover.contract.switch_end import ENDS_AT
from understudy_failover.page import PAGES, PLACEHOLDER, SiteObject, Window, site_objects, window_objects
from understudy_failover.settings import Settings, load

END = datetime(2026, 11, 25, 3, 30, tzinfo=UTC)
LATER = datetime(2026, 11, 26, 1, 0, tzinfo=UTC)
EXTENDED = """
[[pages]]
name = "shop"
hosts = ["shop.example.com"]
"""


def _nothing() -> None:
    """Nobody interferes."""


def _refused(status: int) -> ClientError:
    refused: Any = {"Error": {"Code": str(status)}, "ResponseMetadata": {"HTTPStatusCode": status}}
    return ClientError(refused, "HeadObject")


class Buckets:
    """As much of S3 as the function asks for."""

    def __init__(self) -> None:
        self.objects: dict[tuple[str, str], dict[str, Any]] = {}
        self.locked: set[tuple[str, str]] = set()
        """Objects that somebody has encrypted with a key of their own."""
        self.after_listing: Callable[[], None] = _nothing
        self.after_putting: Callable[[], None] = _nothing
        self.exceptions = type("exceptions", (), {"ClientError": ClientError})

    def put_object(self, *, Bucket: str, Key: str, **content: Any) -> None:
        self.objects[Bucket, Key] = content
        self.after_putting()

    def get_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:
        return {"Body": io.BytesIO(self.objects[Bucket, Key]["Body"])}

    def head_object(self, *, Bucket: str, Key: str) -> dict[str, Any]:
        if (Bucket, Key) not in self.objects:
            raise _refused(404)
        if (Bucket, Key) in self.locked:
            raise _refused(400)
        return {"Metadata": self.objects[Bucket, Key].get("Metadata", {})}

    def get_paginator(self, name: str) -> "Buckets":
        assert name == "list_objects_v2"
        return self

    def paginate(self, *, Bucket: str, Prefix: str = "") -> Iterator[dict[str, Any]]:
        keys = sorted(key for bucket, key in self.objects if bucket == Bucket and key.startswith(Prefix))
        yield {"Contents": [{"Key": key} for key in keys[:10]]}
        # An empty page has no "Contents".
        yield {"Contents": [{"Key": key} for key in keys[10:]]} if keys[10:] else {}
        if Bucket == "switches":
            self.after_listing()


class World:
    """Deployed, with the function behind it."""

    def __init__(self, settings: Settings, handler: Any) -> None:
        self.settings = settings
        self.handler = handler
        self.s3 = handler._s3()
        for site_object in site_objects(settings):
            self.s3.put_object(Bucket="pages", Key=site_object.key, Body=site_object.body.encode())
        self.s3.put_object(Bucket="switches", Key=NOTE_KEY)

    def turn_on(self, server: str, end: datetime | str | None = None, *, notify: bool = True) -> None:
        text = Window(end).ends_at_text if isinstance(end, datetime) else end
        metadata = {ENDS_AT: text} if text else {}
        self.s3.put_object(Bucket="switches", Key=f"{FOLDER}{server}", Metadata=metadata)
        if notify:
            self.notify(server)

    def turn_off(self, server: str, *, notify: bool = True) -> None:
        del self.s3.objects["switches", f"{FOLDER}{server}"]
        if notify:
            self.notify(server)

    def notify(self, *servers: str) -> None:
        for _ in servers:
            self.handler.refresh()

    def shows(self, server: str, window: Window | None) -> bool:
        """Whether every object of a server is that of `window`, its metadata, type and cache control included."""
        wanted = list(window_objects(self.settings, server, window))
        assert len(wanted) >= 25
        return all(self._is(site_object) for site_object in wanted)

    def _is(self, site_object: SiteObject) -> bool:
        stored = self.s3.objects["pages", site_object.key]
        if stored.keys() == {"Body"}:  # as the deploy put it
            return stored["Body"] == site_object.body.encode() and not site_object.metadata
        return bool(
            stored
            == {
                "Body": site_object.body.encode(),
                "ContentType": site_object.content_type,
                "CacheControl": "no-store",
                "Metadata": dict(site_object.metadata),
            }
        )


@pytest.fixture
def world(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> World:
    (tmp_path / "certificates").symlink_to(root / "tests/sample/certificates")
    file = tmp_path / "failover.toml"
    file.write_text((root / "tests/sample/failover.toml").read_text(encoding="utf-8") + EXTENDED, encoding="utf-8")
    handler = load_module("planned_pages")
    buckets = Buckets()
    monkeypatch.setattr(handler, "_s3", lambda: buckets)
    for name, value in {
        "END": PLACEHOLDER.ends_at_text,
        "FOR_ALL": FOR_ALL,
        "NOTE": NOTE_KEY,
        "PAGES": PAGES,
        "PAGE_BUCKET": "pages",
        "SWITCHES": FOLDER,
        "SWITCH_BUCKET": "switches",
    }.items():
        monkeypatch.setenv(name, value)
    return World(load(file), handler)


@pytest.mark.parametrize("end", [None, END])
def test_a_switch_turns_the_pages_of_its_server_and_of_no_other(world: World, end: datetime | None) -> None:
    world.turn_on("web", end)
    assert world.shows("web", Window(end))
    assert world.shows("api", None)
    world.turn_off("web")
    assert world.shows("web", None)


def test_hosts_with_a_page_of_their_own_go_along(world: World) -> None:
    world.turn_on("web", END)
    keys = {site_object.key for site_object in window_objects(world.settings, "web", None)}
    assert {key.partition("/")[0] for key in keys} == {"web", "web.shop"}
    assert all(world.s3.objects["pages", key]["Metadata"]["planned"] == "true" for key in keys)


def test_the_switch_for_all_turns_everybodys(world: World) -> None:
    world.turn_on(FOR_ALL, END)
    assert world.shows("web", Window(END))
    assert world.shows("api", Window(END))
    world.turn_off(FOR_ALL)
    assert world.shows("web", None)
    assert world.shows("api", None)


@pytest.mark.parametrize(
    ("own", "for_all", "shown"), [(END, LATER, LATER), (LATER, END, LATER), (END, None, None), (None, END, None)]
)
def test_of_two_switches_the_last_end_counts_and_none_where_one_has_none(
    world: World, own: datetime | None, for_all: datetime | None, shown: datetime | None
) -> None:
    world.turn_on("web", own)
    world.turn_on(FOR_ALL, for_all)
    assert world.shows("web", Window(shown))
    assert world.shows("api", Window(for_all))
    world.turn_off(FOR_ALL)
    assert world.shows("web", Window(own))
    assert world.shows("api", None)


@pytest.mark.parametrize("end", ["tomorrow", "9999-12-31T23:59-14:00", "<b>soon</b>"])
def test_an_end_that_cannot_be_read_is_planned_work_without_an_end(world: World, end: str) -> None:
    world.turn_on("web", end)
    assert world.shows("web", Window())


@pytest.mark.parametrize("end", ["2026-11-25T03:30:00", "2026-11-25T04:30+01:00", "2026-11-25T03:30Z"])
def test_the_pages_state_every_end_in_utc(world: World, end: str) -> None:
    world.turn_on("web", end)
    assert world.shows("web", Window(END))


def test_the_later_end_counts_however_it_is_written(world: World) -> None:
    world.turn_on("web", "2026-11-25T03:00-08:00")
    world.turn_on(FOR_ALL, "2026-11-25T09:00Z")
    assert world.shows("web", Window(datetime(2026, 11, 25, 11, 0, tzinfo=UTC)))


def test_a_new_end_takes_the_place_of_the_old_one(world: World) -> None:
    world.turn_on("web", END)
    world.turn_on("web", LATER)
    assert world.shows("web", Window(LATER))


def test_events_may_come_late_twice_and_in_any_order(world: World) -> None:
    world.turn_on("web", END, notify=False)
    world.turn_off("web", notify=False)
    world.turn_on("api", notify=False)
    world.notify("web", "api", "web")
    world.notify("web")
    assert world.shows("web", None)
    assert world.shows("api", Window())


@pytest.mark.parametrize("step", ["after_listing", "after_putting"])
def test_a_switch_that_is_turned_meanwhile_is_seen_at_the_end(world: World, step: str) -> None:
    def turned_off() -> None:
        setattr(world.s3, step, _nothing)
        world.turn_off("web", notify=False)

    world.turn_on("web", END, notify=False)
    setattr(world.s3, step, turned_off)
    world.notify("web")
    assert world.shows("web", None)


def test_a_switch_that_nobody_can_read_counts_as_on_without_an_end_and_hides_no_other(world: World) -> None:
    """Whoever writes the object chooses its encryption."""
    world.turn_on("web", END, notify=False)
    world.s3.locked = {("switches", f"{FOLDER}web")}
    world.turn_on("api", LATER)
    world.notify("web")
    assert world.shows("web", Window())
    assert world.shows("api", Window(LATER))


def test_a_page_that_nobody_can_read_is_written_anew(world: World) -> None:
    def put(**content: Any) -> None:
        written.append(content["Key"])

    world.turn_on("web", END)
    written: list[str] = []
    world.s3.locked = {(bucket, key) for bucket, key in world.s3.objects if bucket == "pages" and key[:4] == "web/"}
    assert world.s3.locked
    world.s3.put_object = put
    world.notify("web")
    assert {key.partition("/")[0] for key in written} == {"web"}


def test_a_bucket_that_is_being_emptied_gets_no_new_pages(world: World) -> None:
    world.turn_on("web", END)
    del world.s3.objects["switches", NOTE_KEY]
    for key in [key for bucket, key in world.s3.objects if bucket == "pages" and not key.startswith(PAGES)]:
        del world.s3.objects["pages", key]
    before = dict(world.s3.objects)
    world.turn_off("web")
    assert world.s3.objects.keys() == before.keys() - {("switches", f"{FOLDER}web")}


def test_a_failure_of_s3_is_an_error_so_that_the_event_comes_again(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    def failing(**_: Any) -> None:
        raise ClientError({"Error": {"Code": "SlowDown"}}, "PutObject")

    world.turn_on("web", END, notify=False)
    monkeypatch.setattr(world.s3, "put_object", failing)
    with pytest.raises(ClientError):
        world.notify("web")


def test_pages_that_say_it_already_are_not_written_again(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    world.turn_on("web", END)

    def written(**_: Any) -> None:
        raise AssertionError("an object was written")

    monkeypatch.setattr(world.s3, "put_object", written)
    world.notify("web", "api")


def test_what_a_deploy_or_a_run_that_broke_off_left_is_put_right_by_the_next_run(world: World) -> None:
    world.turn_on("web", END)
    for site_object in site_objects(world.settings):  # a deploy brings the pages as they are without planned work
        world.s3.put_object(Bucket="pages", Key=site_object.key, Body=site_object.body.encode())
    assert not world.shows("web", Window(END))
    world.notify("web")
    assert world.shows("web", Window(END))


def test_a_run_that_breaks_off_within_a_page_is_not_taken_for_done(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    put, left = world.s3.put_object, iter(range(20))

    def breaks_off(**what: Any) -> None:
        if next(left, None) is None:
            raise ClientError({"Error": {"Code": "SlowDown"}}, "PutObject")
        put(**what)

    world.turn_on("web", END, notify=False)
    monkeypatch.setattr(world.s3, "put_object", breaks_off)
    with pytest.raises(ClientError):
        world.notify("web")
    monkeypatch.setattr(world.s3, "put_object", put)
    world.notify("web")
    assert world.shows("web", Window(END))


def test_a_switch_of_a_server_that_is_not_there_any_more_changes_nothing(world: World) -> None:
    before = dict(world.s3.objects)
    world.notify("gone")
    assert world.s3.objects == before
