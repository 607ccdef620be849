"""What a key is when the file leaves it out, and which keys it must not leave out."""

from pathlib import Path

import pytest

from tests.settings.samples import LEFT_OUT, changed, load_from, names, problems_from, read_at, smallest, steps
from understudy_failover.contract.regions import CHECKER_REGIONS
from understudy_failover.settings import Settings
from understudy_failover.settings.keys import described_keys

DEFAULTS: dict[str, object] = {
    "certificate.private_key_version": None,
    "timing.profile": "standard",
    "timing.request_interval_seconds": 10,
    "timing.failure_threshold": 3,
    "timing.ttl_seconds": 30,
    "timing.failback_hold_minutes": 0,
    "notifications.emails": (),
    "notifications.webhooks": (),
    "access_logs": None,
    "maintenance.switches": "per-server",
    "monitoring.alarms": True,
    "monitoring.dashboard": False,
    "notifications.encrypted": False,
    "page.language": "en",
    "page.languages": ("en", "ja", "de", "fr", "es", "it", "pt", "nl", "pl", "zh-Hans", "ko", "ar"),
    "page.service": "",
    "page.title": None,
    "page.message": None,
    "page.contact": "",
    "page.status_page": "",
    "page.accent": "#b45309",
    "page.accent_dark": "#f0b35a",
    "page.retry_after_seconds": 120,
    "page.strict_transport_security": "",
    "page.tls_policy": "TLSv1.2_2021",
    "certificates": (),
    "pages": (),
    "servers.0.ipv6": None,
    "servers.0.more_ipv4": (),
    "servers.0.more_ipv6": (),
    "servers.0.cname": None,
    "servers.0.stack": None,
    "servers.0.certificate": None,
    "servers.0.health_check.type": "HTTPS",
    "servers.0.health_check.host_name": "www.example.com",
    "servers.0.health_check.port": 443,
    "servers.0.health_check.path": "/",
    "servers.0.health_check.search_string": None,
    "servers.0.health_check.regions": CHECKER_REGIONS,
    "servers.0.health_check.measure_latency": False,
    "servers.0.health_check.per_host": False,
    "servers.0.health_check.per_address": False,
}
REQUIRED = {
    "app": 'add app = "understudy-example" at the top of the file',
    "certificate": "add [certificate]",
    "certificate.name": 'add name = "example" in [certificate]',
    "certificate.private_key_secret": 'add private_key_secret = "understudy/example/private-key" in [certificate]',
    "access_logs.keep_days": "add keep_days = 30 in [access_logs]",
    "zones": "add [[zones]]",
    "zones.0.name": 'add name = "example.com" in [[zones]]',
    "zones.0.id": 'add id = "Z0123456789EXAMPLE" in [[zones]]',
    "servers": "add [[servers]]",
    "servers.0.name": 'add name = "web" in [[servers]]',
    "servers.0.ipv4": 'add ipv4 = "203.0.113.10" in [[servers]]',
    "servers.0.hosts": 'add hosts = ["www.example.com", "*.example.org"] in [[servers]]',
}
TABLES = {("timing",), ("notifications",), ("maintenance",), ("monitoring",), ("page",), ("servers", "health_check")}
"""May be left out as a whole; their keys stand above."""


@pytest.mark.parametrize("place", DEFAULTS)
def test_a_key_that_is_left_out_has_its_default(folder: Path, place: str) -> None:
    assert read_at(load_from(folder, smallest()), place) == DEFAULTS[place]


@pytest.mark.parametrize("place", REQUIRED)
def test_a_required_key_that_is_left_out_is_the_one_problem(folder: Path, place: str) -> None:
    [problem] = problems_from(folder, changed(place, LEFT_OUT))
    assert problem.place == tuple(steps(place))
    assert (problem.wrong, problem.fix, problem.value) == ("is missing", REQUIRED[place], "")


def test_every_key_is_tested_here() -> None:
    known = {
        (*map(str, described_key.table), described_key.name)
        for described_key in described_keys(Settings)
        if described_key.table not in {("pages",), ("certificates",)}  # test_pages.py, test_sharding.py
    }
    assert known == {names(place) for place in (*DEFAULTS, *REQUIRED)} | TABLES
