"""What a deployment costs a month, item by item, from the settings alone."""

from dataclasses import dataclass

from understudy_failover.operations.estimate.prices import Prices
from understudy_failover.settings import Server, Settings, Timing

CHECKERS = 15
"""Of Route 53 for one health check, about; each asks once in a request interval.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html
"""
DAY_SECONDS = 86_400
MONTH_SECONDS = 2_629_800
"""Of an average one."""
FREE_REQUESTS = 10_000_000
"""Of CloudFront a month, as long as nothing else in the account uses them."""
CLOUDFRONT_LOG_BYTES, S3_LOG_BYTES = 100, 700
"""Of a request in an access log, about: CloudFront's files are compressed, S3's are not. Assumed."""
FREE_ALARMS = 10
FREE_DASHBOARDS = 3
"""Of an account a month, as long as nothing else in it uses them."""


@dataclass(frozen=True)
class Item:
    """A line of the bill: between two amounts, where AWS does not say which."""

    what: str
    count: int
    low_usd: float
    high_usd: float
    remark: str = ""


def bill(settings: Settings, timing: Timing, prices: Prices, *, million_queries: float) -> list[Item]:
    """The items of one month, the largest kinds first; `million_queries` are DNS answers with servers' addresses."""
    stacks = len(settings.stack_names)
    # Every failover stack has a check of the switch for all.
    switches = len(settings.servers) + stacks
    pages = len(settings.certificate_names)
    calculated = sum(map(_checks, settings.servers))
    switch_high = prices.usd("health_check") + _options(timing) * prices.usd("health_check_option")
    switch_low = prices.usd("aws_health_check") + _options(timing) * prices.usd("aws_health_check_option")
    requests = switches * CHECKERS * MONTH_SECONDS // timing.request_interval_seconds
    million_requests = requests / 1e6
    plain, composite = alarms(settings)
    return [
        *(_of_server(server, timing, prices) for server in settings.servers),
        Item(
            "health checks of the switches",
            switches,
            switches * switch_low,
            switches * switch_high,
            "low: if CloudFront counts as an AWS endpoint",
        ),
        Item(
            "health checks of the pages",
            pages,
            pages * prices.usd("aws_health_check"),
            pages * prices.usd("health_check"),
            "TCP, 30 s; low: if CloudFront counts as an AWS endpoint",
        ),
        Item(
            "calculated health checks",
            calculated,
            0.0,
            calculated * prices.usd("calculated_health_check"),
            "AWS publishes no price of their own",
        ),
        Item(
            "the switches' requests to CloudFront",
            requests,
            max(0.0, requests - FREE_REQUESTS) / 1e6 * prices.usd("cloudfront_requests"),
            million_requests * prices.usd("cloudfront_requests"),
            "low: if nothing else uses the free 10 million",
        ),
        Item(
            "what of them CloudFront asks S3",
            requests,
            million_requests / 2 * prices.usd("s3_requests"),
            million_requests * prices.usd("s3_requests"),
            "low: if its error caching spares every second one",
        ),
        *_of_logs(settings, requests, prices),
        Item("secret of the private key", 1, prices.usd("secret"), prices.usd("secret")),
        *_of_holds(timing, calculated, prices),
        Item(
            "alarms",
            plain,
            max(0, plain - FREE_ALARMS) * prices.usd("alarm"),
            plain * prices.usd("alarm"),
            "low: if nothing else uses the free 10",
        ),
        Item(
            "composite alarms",
            composite,
            composite * prices.usd("composite_alarm"),
            composite * prices.usd("composite_alarm"),
        ),
        Item("key of the notifications' topic", 1, prices.usd("kms_key"), prices.usd("kms_key")),
        Item(
            "dashboards",
            stacks,
            max(0, stacks - FREE_DASHBOARDS) * prices.usd("dashboard"),
            stacks * prices.usd("dashboard"),
            "low: if nothing else uses the free 3",
        ),
        Item(
            f"DNS answers, {million_queries:g} million",
            1,
            million_queries * prices.usd("dns_queries"),
            million_queries * prices.usd("dns_queries"),
            "assumed; --queries tells yours. You pay them without Understudy, too",
        ),
        Item(
            "CloudFront's page, the site in S3, Lambda, SNS",
            1,
            0.0,
            0.01,
            "within free tiers, or a cent",
        ),
    ]


def alarms(settings: Settings) -> tuple[int, int]:
    """Plain ones and composite ones; a test counts them in the templates."""
    stacks = len(settings.stack_names)
    # Two for each certificate's end and one for its page; in each stack one for the switch for all and one for a watch
    # that fails; one for a switch for all that is overdue, and one for the watch over that.
    plain, composite = 3 * len(settings.certificate_names) + 2 * stacks + 2, 0
    for server in settings.servers:
        of_check = 3 if server.health_check.measure_latency else 2
        # Its certificate's end, its switch, and that being overdue.
        plain += 4 + _checks(server) * of_check
        composite += _checks(server) * of_check
    return plain, composite


def total(items: list[Item]) -> tuple[float, float]:
    """Low and high, in USD."""
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


def _checks(server: Server) -> int:
    """One for all hosts, or one for each that asks for itself and one for the others together; of every address."""
    own = sum(server.asks_for_itself(host) for host in server.hosts)
    return (own + (own < len(server.hosts))) * (len(server.addresses) if server.health_check.per_address else 1)


def _of_holds(timing: Timing, count: int, prices: Prices) -> list[Item]:
    if not timing.failback_hold_minutes:
        return []
    high = count * prices.usd("calculated_health_check")
    return [Item("health checks of the holds", count, 0.0, high, "AWS publishes no price of their own")]


def _of_logs(settings: Settings, requests: int, prices: Prices) -> list[Item]:
    """Of the health checkers' requests: all that CloudFront logs, and what S3 is asked, as above."""
    if not settings.access_logs:
        return []
    days = settings.access_logs.keep_days
    kept = requests * days * DAY_SECONDS / MONTH_SECONDS
    low, high = (kept * (CLOUDFRONT_LOG_BYTES + share * S3_LOG_BYTES) / 1e9 for share in (0.5, 1))
    return [
        Item(
            f"access logs of them, kept {days} day{'' if days == 1 else 's'}",
            1,
            low * prices.usd("s3_storage"),
            high * prices.usd("s3_storage"),
            f"{low:.1f} to {high:.1f} GB, assumed; your visitors' requests come on top",
        )
    ]


def _options(timing: Timing) -> int:
    # HTTPS, and the short interval where it is one.
    return 2 if timing.request_interval_seconds == 10 else 1
