"""What a deployment costs a month, item by item, from the settings alone."""

from dataclasses import dataclass

from operations.estimate.prices import Prices
from settings import Server, Settings, Timing

CHECKERS = 15
"""Of Route 53 for one health check, about; each asks once in a request interval.

https://docs.aws.amazon.com/Route53/latest/DeveloperGuide/health-checks-creating-values.html
"""
MONTH_SECONDS = 2_629_800
"""Of an average one."""
FREE_REQUESTS = 10_000_000
"""Of CloudFront a month, as long as nothing else in the account uses them."""
ALARMS_OF_A_STAGE = 2
"""At least: the declared certificate's and the distribution's expiry. Those of servers come on top."""


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
    switches = len(settings.servers) + 1
    calculated = sum(map(_checks, settings.servers))
    switch_high = prices.usd("health_check") + _options(timing) * prices.usd("health_check_option")
    switch_low = prices.usd("aws_health_check") + _options(timing) * prices.usd("aws_health_check_option")
    requests = switches * CHECKERS * MONTH_SECONDS // timing.request_interval_seconds
    million_requests = requests / 1e6
    alarms = ALARMS_OF_A_STAGE + len(settings.servers)
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
        Item("secret of the private key", 1, prices.usd("secret"), prices.usd("secret")),
        Item("alarms", alarms, 0.0, alarms * prices.usd("alarm"), "low: within the account's free 10"),
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
    """One for all hosts, or one for each that asks for itself and one for the others together."""
    own = sum(server.asks_for_itself(host) for host in server.hosts)
    return own + (own < len(server.hosts))


def _options(timing: Timing) -> int:
    # HTTPS, and the short interval where it is one.
    return 2 if timing.request_interval_seconds == 10 else 1
