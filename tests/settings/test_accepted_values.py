"""Values at the edges of what each key allows, and what is read from them."""

from pathlib import Path
from typing import Any

import pytest

from tests.settings.samples import changed, load_from, names, read_at
from understudy_failover.contract.regions import CHECKER_REGIONS
from understudy_failover.settings import Host, HostedZone, Settings
from understudy_failover.settings.keys import described_keys, table_model

ACCEPTED: dict[str, list[object]] = {
    "app": ["ab", "a-1", "a" * 32],
    "certificate.name": ["example", "X", "1", "my_example.org-2026", "e" * 63],
    "certificate.private_key_secret": [
        "k",
        "prod/web_key+=.@-1",
        "k" * 128,
        "arn:aws:secretsmanager:us-east-1:111122223333:secret:understudy/key-AbCd12",
    ],
    "certificate.private_key_version": ["0123456789abcdef" * 2, "a1b2c3d4-5678-90ab-cdef-a1b2c3d4e5f6", "f" * 64],
    "timing.profile": ["economy", "standard", "fast"],
    "timing.request_interval_seconds": [10, 30],
    "timing.failure_threshold": [1, 10],
    "timing.ttl_seconds": [0, 60],
    "timing.failback_hold_minutes": [0, 1, 60],
    "notifications.emails": [
        [],
        ["ops@example.net", "o.p+s@mail.example.co.uk"],
        [f"a{n}@example.net" for n in range(20)],
    ],
    "notifications.webhooks": [[], ["https://hooks.example.net/a?b=c", "https://hooks.example.net:8443"]],
    "access_logs.keep_days": [1, 30, 3650],
    "maintenance.switches": ["per-server", "one", "none"],
    "monitoring.alarms": [True, False],
    "monitoring.dashboard": [True, False],
    "notifications.encrypted": [True, False],
    "page.language": ["en", "zh-Hans", "ar"],
    "page.languages": [["en"], ["ko", "en"]],
    "page.service": ["", "Example Shop", "s" * 60],
    "page.title": ["!", "Wartung – bis später", "t" * 80],
    "page.message": ["!", "One line.\nAnother line.", "m" * 600],
    "page.contact": ["", "help@example.com", "c" * 200],
    "page.status_page": ["", "https://status.example.net", "https://status.example.net:8443/a?b=c"],
    "page.accent": ["#000000", "#b45309"],
    "page.accent_dark": ["#ffffff", "#f0b35a"],
    "page.retry_after_seconds": [10, 86_400],
    "page.strict_transport_security": [
        "",
        "max-age=0",
        "max-age=31536000; includeSubDomains",
        "max-age=63072000; includeSubDomains; preload",
        "max-age=63072000; includeSubdomains; preload",
        "max-age=31536000;includeSubDomains",
        'max-age="31536000"',
        "includeSubDomains; max-age=31536000",
    ],
    "page.tls_policy": ["TLSv1.2_2021", "TLSv1.2_2025"],
    "zones.0.name": ["example.com", "www.example.com"],
    "zones.0.id": ["Z1", "Z0123456789ABCDEFGHIJKLMNOPQRSTU"],
    "servers.0.name": ["a", "web-1", "w" * 32],
    "servers.0.ipv4": ["198.51.100.1", "8.8.8.8"],
    "servers.0.ipv6": ["2001:db8::1", "2606:4700::1111"],
    "servers.0.more_ipv4": [[], ["198.51.100.1"], [f"198.51.100.{number}" for number in range(8)]],
    "servers.0.more_ipv6": [[]],
    "servers.0.cname": ["origin.example.net", "web.origin.example.com"],
    "servers.0.stack": ["a", "web-1", "w" * 32],
    "servers.0.certificate": ["example"],
    "servers.0.hosts": [["www.example.com"], ["example.com", "*.example.com"]],
    "servers.0.health_check.type": ["HTTPS", "HTTP", "TCP"],
    "servers.0.health_check.host_name": ["origin.example.net", "xn--bcher-kva.example"],
    "servers.0.health_check.port": [1, 65_535],
    "servers.0.health_check.path": ["/", "/health?deep=1&x=%20", "/" + "p" * 254],
    "servers.0.health_check.search_string": ["!", '"status": "ok"', "s" * 255],
    "servers.0.health_check.regions": [["us-east-1", "eu-west-1", "sa-east-1"], [*CHECKER_REGIONS]],
    "servers.0.health_check.measure_latency": [True, False],
    "servers.0.health_check.per_host": [True, False],
    "servers.0.health_check.per_address": [True, False],
}


def _cases() -> list[tuple[str, object]]:
    return [(place, value) for place, accepted in ACCEPTED.items() for value in accepted]


def _as_written(value: Any) -> object:
    if isinstance(value, tuple):
        return [str(getattr(item, "name", item)) for item in value]
    return value if isinstance(value, int) else str(value)


@pytest.mark.parametrize(("place", "value"), _cases(), ids=lambda part: str(part)[:40])
def test_an_allowed_value_is_read_as_it_is_written(own_folder: Path, place: str, value: object) -> None:
    document = changed(place, value)
    if place == "certificate.name":
        (own_folder / "certificates" / "example").rename(own_folder / "certificates" / str(value))
    assert _as_written(read_at(load_from(own_folder, document), place)) == value


def test_every_key_is_tested_here() -> None:
    # Those two: test_pages.py, test_sharding.py.
    known = {
        (*map(str, described_key.table), described_key.name)
        for described_key in described_keys(Settings)
        if not table_model(described_key.field.annotation)
        and described_key.table not in {("pages",), ("certificates",)}
    }
    assert known == {names(place) for place in ACCEPTED}


def test_a_host_knows_its_zone(folder: Path) -> None:
    settings = load_from(folder, changed("servers.0.hosts", ["example.com", "*.example.com"]))
    zone = HostedZone(name="example.com", id="Z0EXAMPLE")
    assert settings.servers[0].hosts == (Host("example.com", zone), Host("*.example.com", zone))
