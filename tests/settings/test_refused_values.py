"""What is said about a value that is not allowed: where, which, what is allowed, how to fix it."""

from dataclasses import dataclass
from datetime import date
from pathlib import Path

import pytest

from tests.settings.samples import changed, names, problems_from, steps
from understudy_failover.contract.regions import CHECKER_REGIONS
from understudy_failover.settings import Settings
from understudy_failover.settings.keys import described_keys

FORM = "is not in the allowed form"
COPY = "copy what your server sends: curl -sI https://HOST/ | grep -i strict-transport-security"
SMALL, LARGE, LONG, EMPTY = "is too small", "is too large", "is too long", "is empty"
NO_NUMBER, NO_TEXT, NO_LIST, NO_TABLE = "is not a whole number", "is not text", "is not a list", "is not a table"


@dataclass(frozen=True)
class Key:
    """What every message about a key says, and the values it is said about."""

    allowed: str
    sample: str
    refused: dict[str, tuple[object, str] | tuple[object, str, str]]
    """For the value as the report shows it: the value, what is wrong, and how to fix it if not by the sample."""


KEYS = {
    "app": Key(
        "2 to 32 of a–z, 0–9 and -, beginning with a letter, not ending in -",
        'app = "understudy-example" at the top of the file',
        {
            '"a"': ("a", FORM),
            '"Web"': ("Web", FORM),
            '"1a"': ("1a", FORM),
            '"a-"': ("a-", FORM),
            '"a_b"': ("a_b", FORM),
            '"ab\\n"': ("ab\n", FORM),
            '"' + "a" * 33 + '"': ("a" * 33, FORM),
            "5": (5, NO_TEXT),
        },
    ),
    "certificate": Key("a table", "[certificate]", {'"example"': ("example", NO_TABLE)}),
    "certificate.name": Key(
        "1 to 63 of A–Z, a–z, 0–9, dot, _ and -, beginning with a letter or digit",
        'name = "example" in [certificate]',
        {
            '""': ("", FORM),
            '"../example"': ("../example", FORM),
            '".."': ("..", FORM),
            '"/etc/ssl"': ("/etc/ssl", FORM),
            '"example\\u0000"': ("example\0", FORM),
            '"' + "e" * 58 + "…": ("e" * 300, FORM),
            "true": (True, NO_TEXT),
        },
    ),
    "certificate.private_key_secret": Key(
        "name (up to 128 characters) or full ARN of a secret in us-east-1",
        'private_key_secret = "understudy/example/private-key" in [certificate]',
        {
            "(not shown)": (
                "arn:aws:secretsmanager:eu-west-1:111122223333:secret:key-AbCd12",
                "names no secret in us-east-1",
                "copy its name or ARN from Secrets Manager there",
            )
        },
    ),
    "certificate.private_key_version": Key(
        "a version id of Secrets Manager: 32 to 64 of 0–9, a–f and -",
        'private_key_version = "a1b2c3d4-5678-90ab-cdef-a1b2c3d4e5f6" in [certificate]',
        {"(not shown)": ("A1B2C3D4-5678-90AB-CDEF-A1B2C3D4E5F6", FORM)},
    ),
    "certificates": Key("tables", "[[certificates]]", {'"example"': ("example", NO_LIST)}),
    "timing": Key("a table", "[timing]", {"10": (10, NO_TABLE)}),
    "timing.profile": Key(
        '"economy", "standard" or "fast"',
        'profile = "standard" in [timing]',
        {'"turbo"': ("turbo", FORM), '"Fast"': ("Fast", FORM)},
    ),
    "timing.request_interval_seconds": Key(
        "10 or 30", "request_interval_seconds = 10 in [timing]", {"20": (20, FORM), '"10"': ("10", FORM)}
    ),
    "timing.failure_threshold": Key(
        "a whole number from 1 to 10",
        "failure_threshold = 3 in [timing]",
        {"0": (0, SMALL), "11": (11, LARGE), "3.0": (3.0, NO_NUMBER), '"3"': ("3", NO_NUMBER)},
    ),
    "timing.ttl_seconds": Key(
        "a whole number from 0 to 60 (Route 53 advises 60 at most beside a health check)",
        "ttl_seconds = 30 in [timing]",
        {"-1": (-1, SMALL), "61": (61, LARGE), '"30"': ("30", NO_NUMBER)},
    ),
    "timing.failback_hold_minutes": Key(
        "a whole number from 0 to 60",
        "failback_hold_minutes = 10 in [timing]",
        {"-1": (-1, SMALL), "61": (61, LARGE), "1.5": (1.5, NO_NUMBER), '"10"': ("10", NO_NUMBER)},
    ),
    "access_logs": Key("a table", "[access_logs]", {"true": (True, NO_TABLE)}),
    "access_logs.keep_days": Key(
        "a whole number from 1 to 3650",
        "keep_days = 30 in [access_logs]",
        {"0": (0, SMALL), "3651": (3651, LARGE), "1.5": (1.5, NO_NUMBER), '"30"': ("30", NO_NUMBER)},
    ),
    "maintenance": Key("a table", "[maintenance]", {"10": (10, NO_TABLE)}),
    "maintenance.switches": Key(
        '"per-server", "one" or "none"',
        'switches = "per-server" in [maintenance]',
        {'"all"': ("all", FORM), "true": (True, FORM)},
    ),
    "monitoring": Key("a table", "[monitoring]", {"10": (10, NO_TABLE)}),
    "monitoring.alarms": Key("true or false", "alarms = true in [monitoring]", {'"yes"': ("yes", FORM)}),
    "monitoring.dashboard": Key("true or false", "dashboard = true in [monitoring]", {"1": (1, FORM)}),
    "notifications": Key("a table", "[notifications]", {"10": (10, NO_TABLE)}),
    "notifications.encrypted": Key("true or false", "encrypted = true in [notifications]", {"1": (1, FORM)}),
    "notifications.emails": Key(
        "up to 20 email addresses",
        'emails = ["ops@example.net"] in [notifications]',
        {"a list of 21": ([f"a{number}@example.net" for number in range(21)], FORM)},
    ),
    "notifications.webhooks": Key(
        "up to 20 https:// addresses",
        'webhooks = ["https://hooks.example.net/understudy"] in [notifications]',
        {"a table": ({}, NO_LIST)},
    ),
    "page": Key("a table", "[page]", {"a list of 0": ([], NO_TABLE)}),
    "page.language": Key(
        "en, ja, de, fr, es, it, pt, nl, pl, zh-Hans, ko, ar",
        'language = "en" in [page]',
        {'"english"': ("english", FORM), '"EN"': ("EN", FORM), '"en-GB"': ("en-GB", FORM)},
    ),
    "page.languages": Key("a list of these", 'languages = ["en", "ja"] in [page]', {"a list of 0": ([], EMPTY)}),
    "page.service": Key(
        "up to 60 characters in one line",
        'service = "Example Shop" in [page]',
        {'"' + "s" * 58 + "…": ("s" * 61, LONG)},
    ),
    "page.title": Key(
        "1 to 80 characters in one line",
        'title = "Down for maintenance" in [page]',
        {'""': ("", EMPTY), '"two\\nlines"': ("two\nlines", FORM), '"' + "t" * 58 + "…": ("t" * 81, LONG)},
    ),
    "page.message": Key(
        "1 to 600 characters; line ends are kept",
        'message = "We will be back shortly." in [page]',
        {'""': ("", EMPTY), '"' + "m" * 58 + "…": ("m" * 601, LONG), '"tab\\t"': ("tab\t", FORM)},
    ),
    "page.contact": Key(
        "up to 200 characters in one line",
        'contact = "Questions: help@example.com" in [page]',
        {'"' + "c" * 58 + "…": ("c" * 201, LONG), '"two\\nlines"': ("two\nlines", FORM)},
    ),
    "page.status_page": Key(
        "an https:// address on a host that does not fail over",
        'status_page = "https://status.example.net/" in [page]',
        {
            f'"{address}"': (address, "is not an https:// address", 'write it like "https://status.example.net/"')
            for address in ("http://status.example.net/", "status.example.net", "https://s.example.net/<b>")
        },
    ),
    "page.accent": Key(
        '"#rrggbb", dark enough',
        'accent = "#b45309" in [page]',
        {
            '"red"': ("red", "is not a colour", 'write it like "#b45309"'),
            '"#ffff00"': (
                "#ffff00",
                "has a contrast of 1.1:1 on the page's #ffffff, too little for many people",
                "choose a darker one: 4.5:1 or more",
            ),
        },
    ),
    "page.accent_dark": Key(
        '"#rrggbb", light enough',
        'accent_dark = "#f0b35a" in [page]',
        {
            '"#000080"': (
                "#000080",
                "has a contrast of 1.0:1 on the page's #1d2026, too little for many people",
                "choose a lighter one: 4.5:1 or more",
            )
        },
    ),
    "page.strict_transport_security": Key(
        "max-age, and if your servers send them includeSubDomains and preload, in any order",
        'strict_transport_security = "max-age=31536000" in [page]',
        {
            '"includeSubDomains"': ("includeSubDomains", "has no max-age", COPY),
            '"max-age=1; max-age=2"': ("max-age=1; max-age=2", "names max-age twice", COPY),
            '"max-age=soon"': ("max-age=soon", "has a max-age that is no number of seconds", COPY),
            '"max-age=1; secure"': ("max-age=1; secure", "has secure, which is no directive of it", COPY),
        },
    ),
    "page.tls_policy": Key(
        "TLSv1.2_2021 or TLSv1.2_2025",
        'tls_policy = "TLSv1.2_2025" in [page]',
        {
            '"TLSv1.3_2025"': (
                "TLSv1.3_2025",
                "turns away clients without TLS 1.3; your servers accept them, as Route 53's health checkers speak TLS "
                "1.2 at most",
                "use TLSv1.2_2025, which agrees on TLS 1.3 where a client can",
            ),
            '"TLSv1.1_2016"': (
                "TLSv1.1_2016",
                "is no security policy that the page can have",
                "use TLSv1.2_2021 or TLSv1.2_2025",
            ),
        },
    ),
    "pages": Key("up to 20 tables", "[[pages]]", {"a table": ({}, NO_LIST)}),
    "page.retry_after_seconds": Key(
        "a whole number from 10 to 86400 (a day)",
        "retry_after_seconds = 120 in [page]",
        {"9": (9, SMALL), "86401": (86_401, LARGE), '"120"': ("120", NO_NUMBER)},
    ),
    "zones": Key("one table or more", "[[zones]]", {"a list of 0": ([], EMPTY), "a table": ({}, NO_LIST)}),
    "zones.0.name": Key(
        "a lower-case domain name without a final dot",
        'name = "example.com" in [[zones]]',
        {
            '"example.com."': ("example.com.", "ends in a dot", 'write "example.com"'),
            '"*.example.com"': ("*.example.com", "is a wildcard", "write one concrete name"),
            "5": (5, NO_TEXT),
        },
    ),
    "zones.0.id": Key(
        "Z and up to 31 of A–Z, 0–9",
        'id = "Z0123456789EXAMPLE" in [[zones]]',
        {
            '"/hostedzone/Z0EXAMPLE"': ("/hostedzone/Z0EXAMPLE", "has a prefix", 'write "Z0EXAMPLE" alone'),
            '"example.com"': (
                "example.com",
                "is not a hosted zone id",
                "copy it from Route 53 (aws route53 list-hosted-zones)",
            ),
            '"Z0123456789ABCDEFGHIJKLMNOPQRSTUV"': (
                "Z0123456789ABCDEFGHIJKLMNOPQRSTUV",
                "is not a hosted zone id",
                "copy it from Route 53 (aws route53 list-hosted-zones)",
            ),
        },
    ),
    "servers": Key("one table or more", "[[servers]]", {"a list of 0": ([], EMPTY), '"web"': ("web", NO_LIST)}),
    "servers.0": Key("one table or more", "[[servers]]", {'"web"': ("web", NO_TABLE)}),
    "servers.0.name": Key(
        "1 to 32 of a–z, 0–9 and -, beginning with a letter, not ending in -",
        'name = "web" in [[servers]]',
        {'""': ("", FORM), '"Web"': ("Web", FORM), '"w-"': ("w-", FORM), '"' + "w" * 33 + '"': ("w" * 33, FORM)},
    ),
    "servers.0.ipv4": Key(
        "a public IPv4 address",
        'ipv4 = "203.0.113.10" in [[servers]]',
        {
            '"web.example.com"': ("web.example.com", "is not an IPv4 address", "write four numbers, like 203.0.113.10"),
            '"192.168.1.10"': (
                "192.168.1.10",
                "is in 192.168.0.0/16 (private), where Route 53 checks nothing",
                "write the address at which the internet reaches the server",
            ),
            "203.0": (203.0, NO_TEXT, "put it in quotation marks"),
        },
    ),
    "servers.0.ipv6": Key(
        "a public IPv6 address",
        'ipv6 = "2001:db8::10" in [[servers]]',
        {
            '"203.0.113.10"': (
                "203.0.113.10",
                "is not an IPv6 address",
                "write one like 2001:db8::10, or leave ipv6 out",
            ),
            '"fe80::1"': (
                "fe80::1",
                "is in fe80::/10 (link-local), where Route 53 checks nothing",
                "write the address at which the internet reaches the server",
            ),
            "false": (False, NO_TEXT, "put it in quotation marks"),
        },
    ),
    "servers.0.more_ipv4": Key(
        "up to 8 public IPv4 addresses",
        'more_ipv4 = ["203.0.113.11"] in [[servers]]',
        {
            '"203.0.113.11"': ("203.0.113.11", NO_LIST),
            "a list of 9": ([f"198.51.100.{number}" for number in range(9)], FORM),
        },
    ),
    "servers.0.more_ipv6": Key(
        "up to 8 public IPv6 addresses, beside `ipv6`",
        'more_ipv6 = ["2001:db8::11"] in [[servers]]',
        {"true": (True, NO_LIST)},
    ),
    "servers.0.cname": Key(
        "a concrete host name, none of those that fail over; not beside ipv6, more_ipv4 and more_ipv6",
        'cname = "web.origin.example.net" in [[servers]]',
        {'"*.example.net"': ("*.example.net", "is a wildcard", "write one concrete name"), "5": (5, NO_TEXT)},
    ),
    "servers.0.stack": Key(
        "1 to 32 of a–z, 0–9 and -, beginning with a letter, not ending in -",
        'stack = "shops" in [[servers]]',
        {'""': ("", FORM), '"Web"': ("Web", FORM), "1": (1, NO_TEXT)},
    ),
    "servers.0.certificate": Key(
        "a name in [certificate] or [[certificates]]",
        'certificate = "shops" in [[servers]]',
        {
            '"other"': ("other", "is no certificate of this file", "write one of example, or declare it"),
            "true": (True, NO_TEXT),
        },
    ),
    "servers.0.hosts": Key(
        "lower-case host names, * as the whole first label alone, other alphabets as xn--…",
        'hosts = ["www.example.com", "*.example.org"] in [[servers]]',
        {"a list of 0": ([], EMPTY), '"www.example.com"': ("www.example.com", NO_LIST)},
    ),
    "servers.0.hosts.0": Key(
        "lower-case host names, * as the whole first label alone, other alphabets as xn--…",
        "",
        {
            '"https://www.example.com/"': (
                "https://www.example.com/",
                "is more than a host name",
                "write the name alone: no https://, port, path or blank",
            ),
            "5": (5, NO_TEXT, "put it in quotation marks"),
        },
    ),
    "servers.0.health_check": Key("a table", "[servers.health_check]", {'"/health"': ("/health", NO_TABLE)}),
    "servers.0.health_check.type": Key(
        '"HTTPS", "HTTP" or "TCP"',
        'type = "HTTPS" in [servers.health_check]',
        {'"https"': ("https", FORM), '"HTTPS_STR_MATCH"': ("HTTPS_STR_MATCH", FORM)},
    ),
    "servers.0.health_check.host_name": Key(
        "a concrete host name; must be given unless the server has exactly one host that is no wildcard",
        'host_name = "www.example.com" in [servers.health_check]',
        {
            '"*.example.com"': ("*.example.com", "is a wildcard", "write one concrete name"),
            '"203.0.113.10"': (
                "203.0.113.10",
                "is an address, not a name",
                'write the host name, like "www.example.com"',
            ),
        },
    ),
    "servers.0.health_check.port": Key(
        "a whole number from 1 to 65535",
        "port = 443 in [servers.health_check]",
        {"0": (0, SMALL), "65536": (65_536, LARGE), '"443"': ("443", NO_NUMBER)},
    ),
    "servers.0.health_check.path": Key(
        '"/" and up to 254 printable ASCII characters; not for TCP',
        'path = "/health" in [servers.health_check]',
        {
            '"health"': ("health", 'does not begin with "/"', 'write "/health"'),
            '"/a b"': (
                "/a b",
                "is too long or holds characters that no URL has",
                "shorten it, or write them as %20 and so on",
            ),
            '"/a#b"': (
                "/a#b",
                "is too long or holds characters that no URL has",
                "shorten it, or write them as %20 and so on",
            ),
            '"/' + "p" * 57 + "…": (
                "/" + "p" * 255,
                "is too long or holds characters that no URL has",
                "shorten it, or write them as %20 and so on",
            ),
        },
    ),
    "servers.0.health_check.search_string": Key(
        "1 to 255 characters; not for TCP",
        'search_string = "healthy" in [servers.health_check]',
        {'""': ("", EMPTY), '"' + "s" * 58 + "…": ("s" * 256, LONG), "true": (True, NO_TEXT)},
    ),
    "servers.0.health_check.regions": Key(
        f"3 or more of {', '.join(CHECKER_REGIONS)}",
        'regions = ["us-east-1", "eu-west-1", "ap-southeast-1"] in [servers.health_check]',
        {
            '"us-east-1"': ("us-east-1", NO_LIST),
            "a list of 2": (["us-east-1", "eu-west-1"], "names 2", "name 3 or more, or leave regions out for all"),
            "a list of 4": (
                ["us-east-1", "eu-west-1", "sa-east-1", "eu-west-1"],
                "names a region twice",
                "remove one of the two",
            ),
        },
    ),
    "servers.0.health_check.measure_latency": Key(
        "true or false", "measure_latency = true in [servers.health_check]", {'"yes"': ("yes", FORM), "1": (1, FORM)}
    ),
    "servers.0.health_check.per_address": Key(
        "true or false", "per_address = true in [servers.health_check]", {'"true"': ("true", FORM), "1": (1, FORM)}
    ),
    "servers.0.health_check.per_host": Key(
        "true or false; not for TCP, which asks for no name",
        "per_host = true in [servers.health_check]",
        {'"true"': ("true", FORM), "0": (0, FORM)},
    ),
}


def _cases() -> list[tuple[str, str]]:
    return [(place, shown) for place, key in KEYS.items() for shown in key.refused]


@pytest.mark.parametrize(("place", "shown"), _cases())
def test_a_refused_value_is_the_one_problem_with_all_that_fixes_it(folder: Path, place: str, shown: str) -> None:
    key = KEYS[place]
    value, wrong, *fix = key.refused[shown]
    [problem] = problems_from(folder, changed(place, value))
    assert (problem.place, problem.value) == (tuple(steps(place)), shown)
    assert (problem.wrong, problem.allowed) == (wrong, key.allowed)
    assert problem.fix == (fix[0] if fix else f"write for example {key.sample}")


@pytest.mark.parametrize("place", KEYS)
def test_no_key_takes_a_date_for_anything_else(folder: Path, place: str) -> None:
    """Neither text nor number nor list nor table: nothing is made of it."""
    [problem] = problems_from(folder, changed(place, date(2026, 1, 1)))
    assert problem.place == tuple(steps(place))


def test_every_key_is_tested_here() -> None:
    known = {
        (*map(str, described_key.table), described_key.name)
        for described_key in described_keys(Settings)
        if described_key.table not in {("pages",), ("certificates",)}  # test_pages.py, test_sharding.py
    }
    assert known == {names(place) for place in KEYS}
