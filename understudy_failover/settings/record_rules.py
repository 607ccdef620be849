"""Checks values for a server's record sets, in the parsed file."""

from collections.abc import Iterator, Mapping, Sequence, Set
from ipaddress import IPv4Network, IPv6Network, ip_address, ip_network
from typing import Any

from understudy_failover.settings.aws_values import longest_zone
from understudy_failover.settings.keys import Location
from understudy_failover.settings.problem import Problem
from understudy_failover.settings.report import written

CLOUDFRONT_DOMAIN = "cloudfront.net"
CLOUDFRONT_NETWORKS: tuple[IPv4Network | IPv6Network, ...] = tuple(
    map(
        ip_network,
        (
            "13.32.0.0/15",
            "13.35.0.0/16",
            "13.224.0.0/14",
            "13.249.0.0/16",
            "18.64.0.0/14",
            "52.84.0.0/15",
            "54.182.0.0/16",
            "54.192.0.0/16",
            "54.230.0.0/16",
            "54.239.128.0/18",
            "99.84.0.0/16",
            "143.204.0.0/16",
            "204.246.164.0/22",
            "205.251.192.0/19",
            "216.137.32.0/19",
            "2600:9000::/28",
        ),
    )
)
"""The large ranges of service CLOUDFRONT; not all of them, and none that other services share.

https://docs.aws.amazon.com/AmazonCloudFront/latest/DeveloperGuide/LocationsOfEdgeServers.html
"""
ADDRESS_KEYS = ("ipv4", "more_ipv4", "ipv6", "more_ipv6")


def record_problems(
    document: Mapping[str, Any], hosts: Sequence[tuple[Location, str]], zones: Sequence[str]
) -> Iterator[Problem]:
    """Yield the problems; `hosts` are valid host names with their places, `zones` the names of hosted zones."""
    servers = document.get("servers")
    for number, server in enumerate(servers if isinstance(servers, list) else ()):
        if not isinstance(server, Mapping):
            continue
        place: Location = ("servers", number)
        yield from _address_problems(place, server)
        yield from _cloudfront_problems(place, server)
        valid = {name for where, name in hosts if where[:2] == place}
        yield from _asked_host_problems(place, server, valid)
        if isinstance(server.get("cname"), str):
            own = [(where, name) for where, name in hosts if where[:2] == place]
            yield from _cname_problems(place, server, own, [name for _, name in hosts], zones)


def _addresses(server: Mapping[str, Any]) -> Iterator[tuple[Location, str]]:
    for key in ADDRESS_KEYS:
        value = server.get(key)
        if isinstance(value, str):
            yield (key,), value
        elif isinstance(value, list):
            yield from (((key, number), address) for number, address in enumerate(value) if isinstance(address, str))


def _asked_host_problems(place: Location, server: Mapping[str, Any], valid: Set[str]) -> Iterator[Problem]:
    """Yield a missing `host_name`: a default would change with the order of the hosts.

    A TCP check sends no name, and with `per_host` only wildcards share a check.
    """
    check, hosts = server.get("health_check", {}), server.get("hosts")
    if not isinstance(check, Mapping) or "host_name" in check or not isinstance(hosts, list):
        return
    if not set(map(str, hosts)) <= valid:  # some are wrong, and reported as such
        return
    concrete = [name for name in dict.fromkeys(hosts) if not name.startswith("*")]
    if hosts and not concrete:
        yield Problem(
            (*place, "health_check", "host_name"),
            "is missing",
            f'add host_name = "{hosts[0].replace("*", "www", 1)}" in [servers.health_check]',
            "a concrete host name: all hosts of this server are wildcards",
        )
    shared = check.get("per_host") is not True or len(concrete) < len(hosts)
    if len(concrete) > 1 and shared and check.get("type") != "TCP":
        yield Problem(
            (*place, "health_check", "host_name"),
            f"is missing, and the server has {len(concrete)} hosts that it could be",
            f'write host_name = "{concrete[0]}" under [servers.health_check] of this server. Keep the host that '
            "the deployed check requests (0.1.0: the first): a change takes effect at once",
            "a host name that needs your application to answer",
        )


def _address_problems(place: Location, server: Mapping[str, Any]) -> Iterator[Problem]:
    if isinstance(more := server.get("more_ipv6"), list) and more and "ipv6" not in server:
        yield Problem(
            (*place, "more_ipv6"),
            "stands without ipv6",
            "write the first of them as ipv6",
            "additional addresses, beside ipv6",
            written(more),
        )
    addresses: set[object] = set()
    for where, text in _addresses(server):
        try:
            address = ip_address(text)
        except ValueError:  # reported as such
            continue
        if f"ipv{address.version}" not in str(where[0]):  # likewise
            continue
        if address in addresses:
            yield Problem((*place, *where), "is an address of this server twice", "remove one", "", written(text))
        addresses.add(address)


def _cloudfront_problems(place: Location, server: Mapping[str, Any]) -> Iterator[Problem]:
    """Yield CloudFront as PRIMARY: a name can be on one distribution only, and that is the page's."""
    check = server.get("health_check")
    names: list[tuple[Location, object]] = [(("cname",), server.get("cname"))]
    if isinstance(check, Mapping):
        names.append((("health_check", "host_name"), check.get("host_name")))
    cloudfront_values: list[tuple[Location, str]] = [
        (where, name)
        for where, name in names
        if isinstance(name, str) and f".{name.lower().rstrip('.')}".endswith(f".{CLOUDFRONT_DOMAIN}")
    ]
    for where, text in _addresses(server):
        try:
            address = ip_address(text)
        except ValueError:
            continue
        if any(address in network for network in CLOUDFRONT_NETWORKS if network.version == address.version):
            cloudfront_values.append((where, text))
    for where, text in cloudfront_values:
        yield Problem(
            (*place, *where),
            "is CloudFront, which cannot be PRIMARY where CloudFront is SECONDARY: a host name belongs to one "
            "distribution, and that is the one of the page",
            "name the server itself; if your site is on CloudFront, use an origin group or custom error pages there",
            "a server that AWS does not manage",
            written(text),
        )


def _cname_problems(
    place: Location,
    server: Mapping[str, Any],
    own: Sequence[tuple[Location, str]],
    hosts: Sequence[str],
    zones: Sequence[str],
) -> Iterator[Problem]:
    cname = server["cname"]
    wildcard = f"*.{cname.partition('.')[2]}"
    if matched := next((name for name in (cname, wildcard) if name in hosts), None):
        yield Problem(
            (*place, "cname"),
            f"is a host that fails over ({matched}): its primary would lead to the page",
            "give the server a name of its own, which nothing here touches",
            "a name that does not fail over",
            written(cname),
        )
    for where, name in own:
        if longest_zone(name, zones) == name:
            yield Problem(
                where,
                "is the apex of its zone, where DNS allows no CNAME",
                "put it under a server without cname (the same machine may stand as two servers)",
                "names below the apex, where the server has a cname",
                written(name),
            )
    for key in ("ipv6", "more_ipv4", "more_ipv6"):
        if server.get(key):
            yield Problem(
                (*place, key),
                "has no meaning beside cname: clients find the addresses under that name",
                "remove it; ipv4 is the address that the health check asks",
                value=written(server[key]),
            )
