"""The health checks' configurations: what the stacks declare, and what `verify` compares Route 53 with.

Keys and values as in the API; keys that are left out have Route 53's own defaults.
https://docs.aws.amazon.com/Route53/latest/APIReference/API_HealthCheckConfig.html
"""

from collections.abc import Collection

from understudy_failover.contract.regions import CHECKER_REGIONS
from understudy_failover.contract.switch import INTERVAL_SECONDS, PORT, REGIONS, switch_key

Value = str | int | bool | list[str]
Config = dict[str, Value]


def server_config(
    *,
    type_: str,
    address: str,
    port: int,
    host_name: str,
    path: str,
    search_string: str | None,
    request_interval_seconds: int,
    failure_threshold: int,
    regions: Collection[str],
    measure_latency: bool,
) -> Config:
    """Return the check of a server by its address; `type_` is HTTPS, HTTP or TCP."""
    config: Config = {
        "Type": type_,
        "IPAddress": address,
        "Port": port,
        "RequestInterval": request_interval_seconds,
        "FailureThreshold": failure_threshold,
    }
    # Left out where they are Route 53's own defaults: to change the latter makes a new check.
    if set(regions) != set(CHECKER_REGIONS):
        config["Regions"] = sorted(regions)
    if measure_latency:
        config["MeasureLatency"] = True
    if type_ == "TCP":
        return config
    # Sent as the Host header and, for HTTPS, in the TLS handshake.
    config |= {"FullyQualifiedDomainName": host_name, "ResourcePath": path}
    if type_ == "HTTPS":
        config["EnableSNI"] = True
    if search_string:
        config |= {"Type": f"{type_}_STR_MATCH", "SearchString": search_string}
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
        # One is enough, both ways. Nothing but the object answers 200, so no accident turns the switch on; and lost
        # probes turn it off only if four in five checkers lose theirs at the same time.
        "FailureThreshold": 1,
    }


def page_config(domain_name: str) -> Config:
    """Return the check whether the distribution can be reached at all."""
    return {
        "Type": "TCP",
        "FullyQualifiedDomainName": domain_name,
        "Port": 443,
        # Route 53's own defaults, whatever the timing of the servers: nobody waits for this one.
        "RequestInterval": 30,
        "FailureThreshold": 3,
    }
