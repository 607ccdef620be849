"""Write access to the page's bucket."""

import base64
import hashlib
import re
from collections.abc import Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime
from typing import Any

from tests.rehearsal.faults.case import WWW
from tests.rehearsal.leaks.world import MONITOR, SCRIPT, Trial, World, permissions_checked
from understudy_failover.page import Window, window_objects

PAGE = "web/en.html"
END = datetime(2036, 1, 1, tzinfo=UTC)


@contextmanager
def _page_written(world: World, key: str = PAGE, **content: Any) -> Iterator[None]:
    """Another page of whoever may write the bucket, among them the role of the monitor."""
    where = {"Bucket": world.buckets["site"], "Key": key}
    s3 = world.bed.aws.client("s3")
    before = s3.get_object(**where)
    body = before["Body"].read()
    # Whatever it claims to be.
    written = {"Body": SCRIPT, "ContentType": "text/html", "Metadata": {"planned": "true"}} | content
    with permissions_checked(world.bed):
        world.client(MONITOR, "s3").put_object(**where, **written)
    try:
        yield
    finally:
        s3.put_object(**where, Body=body, ContentType=before["ContentType"], CacheControl="no-store")


def _any_text_on_the_page(world: World) -> None:
    with _page_written(world):
        answer = world.ask()
    assert (answer.status, answer.body) == (503, SCRIPT)


def _no_script_of_theirs(world: World) -> None:
    with _page_written(world):
        policy = world.ask().headers["content-security-policy"]
    (scripts,) = re.findall("script-src ([^;]+)", policy)
    assert all(source.startswith("'sha256-") for source in scripts.split())
    digest = base64.b64encode(hashlib.sha256(SCRIPT.partition(b">")[2].partition(b"<")[0]).digest()).decode()
    assert digest not in policy


def _others_see_nothing_of_it(world: World) -> None:
    with _page_written(world):
        answer = world.bed.patient_client().request(WWW)
    assert answer.status == 200
    assert SCRIPT not in answer.body


def _announces_an_end(world: World) -> None:
    with _falsely_planned(world):
        answer = world.ask()
        assert END.strftime("%Y-%m-%d %H:%M UTC") in answer.body.decode()
        assert int(answer.headers["retry-after"]) > 3600


def _falsely_planned(world: World) -> AbstractContextManager[None]:
    """The page exactly as the monitor would write it, while every switch is off."""
    (page,) = (
        candidate for candidate in window_objects(world.bed.settings, "web", Window(END)) if candidate.key == PAGE
    )
    body, metadata = page.body.encode(), dict(page.metadata)
    return _page_written(world, Body=body, ContentType=page.content_type, Metadata=metadata)


def _refreshes(world: World) -> None:
    """Only a sandbox without scripts would, and the page needs its own.

    https://html.spec.whatwg.org/multipage/browsers.html#sandboxed-automatic-features-browsing-context-flag
    """
    refresh = b'<meta http-equiv="refresh" content="0; url=https://elsewhere.example/">'
    with _page_written(world, Body=refresh):
        answer = world.ask()
    assert answer.body == refresh
    assert not {"sandbox", "navigate-to"} & _directives(answer.headers).keys()


def _sends_no_form(world: World) -> None:
    with _page_written(
        world, Body=b'<base href="https://elsewhere.example/"><form action="https://elsewhere.example/">'
    ):
        directives = _directives(world.ask().headers)
    assert (directives["form-action"], directives["base-uri"], directives["default-src"]) == ("'none'",) * 3


def _directives(headers: Mapping[str, str]) -> dict[str, str]:
    parts = headers["content-security-policy"].split("; ")
    return {name: value for name, _, value in (part.partition(" ") for part in parts)}


def _headers_of_objects_stay(world: World) -> None:
    names = world.ask().headers.keys()
    odd: dict[str, Any] = {
        "CacheControl": "max-age=31536000",
        "ContentDisposition": "attachment",
        "ContentLanguage": "tlh",
        "Expires": datetime(2099, 1, 1, tzinfo=UTC),
        "WebsiteRedirectLocation": "https://elsewhere.example/",
        "Metadata": {"refresh": "0; url=https://elsewhere.example/", "ends-at": "x", "location": "/"},
    }
    with _page_written(world, **odd):
        headers = world.ask().headers
    assert headers.keys() == names
    assert headers["cache-control"] == "no-store"
    assert headers["content-language"] == "en"


ALTERED: Mapping[str, dict[str, Any]] = {
    "contents": {},
    "types": {"ContentType": "text/plain"},
    "encodings": {"ContentEncoding": "gzip"},
    "metadata": {"Metadata": {"planned": "true", "ends-at": "2036-01-01T00:00:00Z"}},
}


def _contents_are_compared(world: World) -> None:
    s3, where = world.bed.aws.client("s3"), {"Bucket": world.buckets["site"], "Key": PAGE}
    right = {"Body": s3.get_object(**where)["Body"].read(), "ContentType": "text/html", "Metadata": {}}
    for name, content in ALTERED.items():
        with _page_written(world, **({} if name == "contents" else right | content)):
            assert PAGE in world.verify("page objects"), name
    with _falsely_planned(world):
        assert "speak of planned work that no switch states: web/en.html" in world.verify("page objects")
    assert world.verify("page objects") == ""


def repair_restores_the_page(world: World) -> None:
    for written in (_page_written, _falsely_planned):
        with written(world):
            world.understudy("repair", "--apply")
            assert world.verify("page objects") == ""


TRIALS: Mapping[str, Trial] = {
    "to show clients of a host that is on the page any text and link": _any_text_on_the_page,
    "to announce an end of planned work": _announces_an_end,
    'to lead browsers elsewhere by `<meta http-equiv="refresh">`, which no header forbids': _refreshes,
    "no script but the page's own runs": _no_script_of_theirs,
    "no form is sent, and no link is read against another base": _sends_no_form,
    "no header of an object but its encoding, length and times reaches a client": _headers_of_objects_stay,
    "clients of a server that works see nothing of it": _others_see_nothing_of_it,
    "`understudy verify` compares contents, types, encodings and metadata with the settings and the switches": (
        _contents_are_compared
    ),
}
