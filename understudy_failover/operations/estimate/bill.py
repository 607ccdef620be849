"""The monthly cost of a deployment, item by item, from the settings alone."""

import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from understudy_failover.contract.regions import CHECKER_REGIONS
from understudy_failover.contract.switch import INTERVAL_SECONDS, REGIONS
from understudy_failover.settings import Server, Settings, Timing

CHECKERS = 15
"""Checkers of Route 53 for a health check from all regions, about; each sends a request per interval.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html
"""
SWITCH_CHECKERS = round(CHECKERS * len(REGIONS) / len(CHECKER_REGIONS))
"""Checkers of a maintenance switch."""
DAY_SECONDS = 86_400
MONTH_SECONDS = 2_629_800
"""Of an average month."""
FREE_REQUESTS = 10_000_000
"""Of CloudFront a month, if nothing else in the account uses them."""
CLOUDFRONT_LOG_BYTES, S3_LOG_BYTES = 100, 700
"""Of a request in an access log, about (assumed): CloudFront compresses its files, S3 does not."""
FREE_ALARMS = 10
FREE_AWS_CHECKS = 50
FREE_CHECKS = f"low: if CloudFront counts as an AWS endpoint, of which {FREE_AWS_CHECKS} are free"
FREE_DASHBOARDS = 3
"""Of an account a month, if nothing else in it uses them."""


FILE = Path(__file__).parent / "prices.toml"


@dataclass(frozen=True)
class Price:
    """USD for one `unit`."""

    unit: str
    usd: float
    source: str
    confirmed: bool
    """False where only a bill can show it."""


@dataclass(frozen=True)
class Prices:
    """The prices by name; `as_of` is their date."""

    as_of: str
    by_name: dict[str, Price]

    def usd(self, name: str) -> float:
        return self.by_name[name].usd


@dataclass(frozen=True)
class Item:
    what: str
    count: int
    low_usd: float
    high_usd: float
    remark: str = ""


def bill(settings: Settings, timing: Timing, prices: Prices, *, million_queries: float) -> list[Item]:
    """Return the items of a month, the largest kinds first; `million_queries` are DNS answers with server addresses."""
    pages = len(settings.certificate_names)
    checks = sum(map(_checks, settings.servers))
    calculated = sum(_calculated(settings, server, timing) for server in settings.servers)
    dashboards = len(_stacks(settings)) if settings.monitoring.dashboard else 0
    keys = 1 if settings.monitoring.alarms and settings.notifications.encrypted else 0
    items = [
        *(_of_server(server, timing, prices) for server in settings.servers),
        *_of_switches(settings, pages, prices),
        Item(
            "health checks of the pages",
            pages,
            0.0,
            pages * prices.usd("health_check"),
            f"TCP, 30 s; {FREE_CHECKS}",
        ),
        Item(
            "calculated health checks",
            calculated,
            0.0,
            calculated * prices.usd("calculated_health_check"),
            "AWS publishes no price of their own",
        ),
        Item("secret of the private key", 1, prices.usd("secret"), prices.usd("secret")),
        *_of_holds(timing, checks, prices),
        _beyond("metrics of alarms", alarm_metrics(settings, timing), FREE_ALARMS, prices.usd("alarm")),
        Item("key of the notifications' topic", keys, keys * prices.usd("kms_key"), keys * prices.usd("kms_key")),
        _beyond("dashboards", dashboards, FREE_DASHBOARDS, prices.usd("dashboard")),
        Item(
            f"DNS answers, {million_queries:g} million",
            1,
            million_queries * prices.usd("dns_queries"),
            million_queries * prices.usd("dns_queries"),
            "assumed; set yours with --queries. You pay them without Understudy, too",
        ),
        Item("CloudFront's page, the site in S3, Lambda, SNS", 1, 0.0, 0.01, "within free tiers, or a cent"),
    ]
    return [item for item in items if item.count]


def alarm_metrics(settings: Settings, timing: Timing) -> int:
    """Return the number of metrics that alarms read, which CloudWatch charges; a test counts them in the templates."""
    if not settings.monitoring.alarms:
        # A hold follows an alarm, whether alarms notify or not.
        return sum(map(_checks, settings.servers)) if timing.failback_hold_minutes else 0
    # The page and the monitor of each certificate; the shortest-lived certificate twice; the most overdue switch.
    count = 2 * len(settings.certificate_names) + 2 + settings.has_switches
    for server in settings.servers:
        alarms = 3 if server.health_check.measure_latency else 2
        of_check = alarms * (1 + len(settings.switches_of(server))) + bool(timing.failback_hold_minutes)
        count += _checks(server) * of_check
    return count


def total(items: list[Item]) -> tuple[float, float]:
    return sum(item.low_usd for item in items), sum(item.high_usd for item in items)


def _of_server(server: Server, timing: Timing, prices: Prices) -> Item:
    check, count = server.health_check, _checks(server)
    options = [
        *(["HTTPS"] if check.type == "HTTPS" else []),
        *(["string"] if check.search_string else []),
        *(["10 s"] if timing.request_interval_seconds == 10 else []),
        *(["latency"] if check.measure_latency else []),
    ]
    usd = count * (prices.usd("health_check") + len(options) * prices.usd("health_check_option"))
    return Item(f"health check of {server.name}", count, usd, usd, ", ".join(options) or "no options")


def _units(server: Server) -> int:
    """Return the number of failover units: all hosts, or each host with its own check and the others together."""
    own = sum(server.has_own_check(host) for host in server.hosts)
    return own + (own < len(server.hosts))


def _checks(server: Server) -> int:
    """Return the number of checks: one of each unit, or one of every address."""
    return _units(server) * (len(server.addresses) if server.health_check.per_address else 1)


def _calculated(settings: Settings, server: Server, timing: Timing) -> int:
    """Return the number of calculated checks: one of each unit, unless a unit depends on a single check."""
    joined = len(settings.switches_of(server)) + bool(timing.failback_hold_minutes)
    return _units(server) if joined or _checks(server) > _units(server) else 0


def _stacks(settings: Settings) -> set[str | None]:
    return {server.stack for server in settings.servers}


def _of_switches(settings: Settings, pages: int, prices: Prices) -> list[Item]:
    # Every failover stack has a check of the switch for all.
    own = len(settings.servers) if settings.maintenance.switches == "per-server" else 0
    switches = own + len(_stacks(settings)) if settings.has_switches else 0
    requests = switches * SWITCH_CHECKERS * MONTH_SECONDS // INTERVAL_SECONDS
    millions = requests / 1e6
    return [
        Item(
            "health checks of the switches",
            switches,
            max(0, switches + pages - FREE_AWS_CHECKS) * prices.usd("aws_health_check"),
            switches * prices.usd("health_check"),
            f"HTTP, {INTERVAL_SECONDS} s; {FREE_CHECKS}",
        ),
        Item(
            "the switches' requests to CloudFront",
            requests,
            max(0.0, requests - FREE_REQUESTS) / 1e6 * prices.usd("cloudfront_http_requests"),
            millions * prices.usd("cloudfront_http_requests"),
            "low: if nothing else uses the free 10 million",
        ),
        Item(
            "switch requests forwarded to S3",
            requests,
            millions / 2 * prices.usd("s3_requests"),
            millions * prices.usd("s3_requests"),
            "low: if CloudFront's error caching spares every second one",
        ),
        *_of_logs(settings, requests, prices),
    ]


def _beyond(what: str, count: int, free: int, usd: float) -> Item:
    return Item(what, count, max(0, count - free) * usd, count * usd, f"low: if nothing else uses the free {free}")


def _of_holds(timing: Timing, count: int, prices: Prices) -> list[Item]:
    if not timing.failback_hold_minutes:
        return []
    high = count * prices.usd("calculated_health_check")
    return [Item("health checks of the holds", count, 0.0, high, "AWS publishes no price of their own")]


def _of_logs(settings: Settings, requests: int, prices: Prices) -> list[Item]:
    """Return the cost of the health checkers' log lines: CloudFront's, and S3's of the forwarded requests."""
    if not (settings.access_logs and requests):
        return []
    days = settings.access_logs.keep_days
    stored = requests * days * DAY_SECONDS / MONTH_SECONDS
    low, high = (stored * (CLOUDFRONT_LOG_BYTES + share * S3_LOG_BYTES) / 1e9 for share in (0.5, 1))
    return [
        Item(
            f"access logs of the switch requests, kept {days} day{'' if days == 1 else 's'}",
            1,
            low * prices.usd("s3_storage"),
            high * prices.usd("s3_storage"),
            f"{low:.1f} to {high:.1f} GB, assumed; your visitors' requests come on top",
        )
    ]


@cache
def prices() -> Prices:
    tables = tomllib.loads(FILE.read_text(encoding="utf-8"))
    return Prices(tables.pop("as_of"), {name: Price(**table) for name, table in tables.items()})
