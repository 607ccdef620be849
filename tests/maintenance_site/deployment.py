"""The maintenance stack, deployed to the embedded AWS, asked by its host names past any failover."""

import contextlib
import http.client
import re
import ssl
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

from tests.rehearsal.deployed import bootstrapped
from tests.stacks.templates import ROOT, replaced, sample_text
from understudy_failover.emulator.network import EDGE_IPV4
from understudy_failover.page import SiteObject, Window, window_objects
from understudy_failover.rehearsal.bed import RehearsalBed
from understudy_failover.settings import Settings

LIMIT_SECONDS = 30
REQUESTS_OF_A_CONNECTION = 500
"""Fewer than after which a server may end it."""
IDLE_SECONDS = 20
"""Less than after which the edge ends it: other tests may run in between."""

PAGES = """
[[pages]]
name = "shop"
hosts = ["shop.example.com"]
language = "ja"
service = "Example Shop"
status_page = "https://status.example.net/"
accent = "#1d4ed8"
accent_dark = "#93b4ff"

[[pages]]
name = "arabic"
hosts = ["*.example.org"]
language = "ar"
title = "نعود قريبًا"
"""
"""Beside the sample's default: one page with a folder of its own, one for a wildcard."""

FOLDER = {
    "shop/logo.svg": '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 60 20"><rect width="60" height="20" rx="4" '
    'fill="#1d4ed8"/><path d="M8 10h44" stroke="#fff" stroke-width="4"/></svg>',
    "shop/ja.toml": '[planned]\ntitle = "ただいま棚卸し中です"\n',
}


def write_settings(folder: Path) -> Path:
    """A failover.toml with several pages, in `folder` beside its certificate."""
    (folder / "certificates").symlink_to(ROOT / "tests/sample/certificates")
    for name, text in FOLDER.items():
        file = folder / "pages" / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, encoding="utf-8")
    page = '[page]\nstrict_transport_security = "max-age=600"\n'
    text = replaced(sample_text(), "[page]\n", page)
    text = re.sub(r"(?m)^(?=\[\[zones\]\])", PAGES + "\n", text, count=1)
    (folder / "failover.toml").write_text(text, encoding="utf-8")
    return folder / "failover.toml"


@dataclass(frozen=True)
class Answer:
    """Header names are lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Talk:
    """Many HTTPS requests to one host on one connection; chain and name verified."""

    def __init__(self, host: str, gateway: tuple[str, int], trust: ssl.SSLContext) -> None:
        self._host = host
        self._connection = http.client.HTTPSConnection(*gateway, context=trust, timeout=LIMIT_SECONDS)
        self._connection.set_tunnel(host, 443)
        self._asked = 0
        self._asked_at = time.monotonic()

    def ask(self, method: str, path: str, headers: Mapping[str, str]) -> Answer:
        """One answer; `path` goes out to the letter."""
        self._asked += 1
        idle_seconds, self._asked_at = time.monotonic() - self._asked_at, time.monotonic()
        if self._asked % REQUESTS_OF_A_CONNECTION == 0 or idle_seconds > IDLE_SECONDS:
            self._connection.close()  # opened again by the next request
        self._connection.putrequest(method, path, skip_host=True, skip_accept_encoding=True)
        for name, value in {"Host": self._host, **headers}.items():
            self._connection.putheader(name, value)
        self._connection.endheaders()
        answer = self._connection.getresponse()
        fields = {name.lower(): value for name, value in answer.getheaders()}
        return Answer(answer.status, fields, answer.read())

    def close(self) -> None:
        self._connection.close()


class Deployment:
    """Distribution and bucket as deployed; every host name resolves to CloudFront."""

    def __init__(self, bed: RehearsalBed) -> None:
        self.bed = bed
        self._talks: dict[str, Talk] = {}
        self._s3 = bed.aws.client("s3")

    @property
    def settings(self) -> Settings:
        return self.bed.settings

    def ask(
        self,
        host: str = "www.example.com",
        method: str = "GET",
        path: str = "/",
        headers: Mapping[str, str] | None = None,
    ) -> Answer:
        """The answer to one HTTPS request."""
        if host not in self._talks:
            self._talks[host] = Talk(
                host, self.bed.aws.gateway, ssl.create_default_context(cafile=self.bed.certificate_authority)
            )
        return self._talks[host].ask(method, path, headers or {})

    def close(self) -> None:
        """Ends all connections."""
        for talk in self._talks.values():
            talk.close()

    @cached_property
    def bucket(self) -> str:
        """Name of the bucket with the pages."""
        pages = [name for name in self.bed.aws.resources()["buckets"] if "site" in name]
        (page,) = pages
        return page

    def put(self, objects: Iterable[SiteObject]) -> None:
        """Puts objects into the bucket as `maintenance on` will: with S3's data plane alone."""
        for site_object in objects:
            self._s3.put_object(
                Bucket=self.bucket,
                Key=site_object.key,
                Body=site_object.body.encode(),
                ContentType=site_object.content_type,
                CacheControl="no-store",
                Metadata=dict(site_object.metadata),
            )

    def put_window(self, server: str, window: Window | None) -> None:
        """Planned work on a server begins or, with None, ends."""
        self.put(window_objects(self.settings, server, window))

    @contextlib.contextmanager
    def window(self, server: str, window: Window) -> Iterator[None]:
        """Planned work on a server, for the length of a `with` block."""
        self.put_window(server, window)
        try:
            yield
        finally:
            self.put_window(server, None)


@contextlib.contextmanager
def deployment(settings_path: Path) -> Iterator[Deployment]:
    """A running deployment."""
    with bootstrapped(settings_path, rate=1) as bed:
        bed.cdk.deploy(_silent, stacks="Maintenance")
        _let_tests_alone_write_pages(bed)
        route53 = bed.aws.client("route53")
        for server in bed.settings.servers:
            for host in server.hosts:
                record = {"Name": host.name, "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": EDGE_IPV4[0]}]}
                change: dict[str, Any] = {"Action": "UPSERT", "ResourceRecordSet": record}
                route53.change_resource_record_sets(HostedZoneId=host.zone.id, ChangeBatch={"Changes": [change]})
        with contextlib.closing(Deployment(bed)) as running:
            yield running


def _let_tests_alone_write_pages(bed: RehearsalBed) -> None:
    """Let nothing start the monitor: it makes pages say what the switches say, and here no switch is turned on."""
    events = bed.aws.client("events")
    for rule in events.list_rules()["Rules"]:
        events.disable_rule(Name=rule["Name"])


def _silent(_: str) -> None:
    """The CDK's progress is of no interest here."""
