"""The configurations of health checks, which the stacks declare and `verify` compares.

Keys and values as in the API; omitted keys have Route 53's defaults.
https://docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html
"""

from collections.abc import Collection
from typing import Protocol

from understudy_failover.contract.regions import CHECKER_REGIONS
from understudy_failover.contract.switch import INTERVAL_SECONDS, PORT, REGIONS, switch_key

Value = str | int | bool | list[str]
Config = dict[str, Value]


DEFAULTS: Config = {"Disabled": False, "Inverted": False, "Regions": list(CHECKER_REGIONS)}
"""Route 53's defaults of keys that UpdateHealthCheck changes."""


class Check(Protocol):
    """`[servers.health_check]` of the settings."""

    @property
    def type(self) -> str: ...
    @property
    def port(self) -> int: ...
    @property
    def path(self) -> str: ...
    @property
    def search_string(self) -> str | None: ...
    @property
    def regions(self) -> Collection[str]: ...
    @property
    def measure_latency(self) -> bool: ...


class Timing(Protocol):
    """`[timing]` of the settings."""

    @property
    def request_interval_seconds(self) -> int: ...
    @property
    def failure_threshold(self) -> int: ...


def server_config(check: Check, timing: Timing, *, address: str, host_name: str) -> Config:
    """Return the check of a server at `address`, with `host_name` as Host and SNI."""
    config: Config = {
        "Type": check.type,
        "IPAddress": address,
        "Port": check.port,
        "RequestInterval": timing.request_interval_seconds,
        "FailureThreshold": timing.failure_threshold,
    }
    # Omitted where they are Route 53's defaults: a change of MeasureLatency makes a new check.
    if set(check.regions) != set(CHECKER_REGIONS):
        config["Regions"] = sorted(check.regions)
    if check.measure_latency:
        config["MeasureLatency"] = True
    if check.type == "TCP":
        return config
    # Sent as the Host header and, for HTTPS, in the TLS handshake.
    config |= {"FullyQualifiedDomainName": host_name, "ResourcePath": check.path}
    if check.type == "HTTPS":
        config["EnableSNI"] = True
    if check.search_string:
        config |= {"Type": f"{check.type}_STR_MATCH", "SearchString": check.search_string}
    return config


def switch_config(switch: str, domain_name: str) -> Config:
    """Return the inverted check of a switch's object, read at the distribution's own domain name."""
    return {
        "Type": "HTTP",
        "FullyQualifiedDomainName": domain_name,
        "Port": PORT,
        "ResourcePath": f"/{switch_key(switch)}",
        "Inverted": True,
        "RequestInterval": INTERVAL_SECONDS,
        "Regions": sorted(REGIONS),
        # One is enough. Only the object answers 200, so no error turns the switch on; lost probes turn it off only if
        # four in five checkers lose theirs at the same time.
        "FailureThreshold": 1,
    }


def page_config(domain_name: str) -> Config:
    """Return the check whether the distribution can be reached at all."""
    return {
        "Type": "TCP",
        "FullyQualifiedDomainName": domain_name,
        "Port": 443,
        # Route 53's defaults, for every timing of the servers: no client waits for this check.
        "RequestInterval": 30,
        "FailureThreshold": 3,
    }
