"""The rehearsal's internet: which loopback socket stands for which public address and port.

Everything that would cross the internet (a health checker's probe, a viewer's connection through the
gateway) asks here where to go, and can therefore never leave this machine.
"""

import ipaddress
import threading

EDGE_IPV4: tuple[str, ...] = ("198.51.100.10", "198.51.100.74", "198.51.100.138", "198.51.100.202")
"""CloudFront's edge in the rehearsal; CloudFront answers four A records. TEST-NET-2, RFC 5737."""

EDGE_IPV6: tuple[str, ...] = ("2001:db8:cf::10", "2001:db8:cf::4a", "2001:db8:cf::8a", "2001:db8:cf::ca")
"""Likewise for IPv6. Documentation prefix, RFC 3849."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Network:
    """Routes public (address, port) pairs to sockets on loopback. Safe to use from several threads."""

    def __init__(self) -> None:
        self._routes: dict[tuple[Address, int], tuple[str, int]] = {}
        self._lock = threading.Lock()

    def route(self, address: str, port: int, to: tuple[str, int]) -> None:
        """Lets `address`:`port` lead to the loopback socket `to`; replaces an earlier route.

        Raises ValueError if `address` is no IP address, a port is none, or `to` is not on loopback.
        """
        key = (_address(address), _port(port))
        host, target_port = to
        if not _address(host).is_loopback:
            raise ValueError(
                f"route {address}:{port}: the target is {host}:{target_port}; "
                "only loopback is allowed (127.0.0.0/8 or ::1): the rehearsal never leaves this machine"
            )
        with self._lock:
            self._routes[key] = (host, _port(target_port))

    def unroute(self, address: str, port: int) -> None:
        """Takes a route away; none there is no error."""
        with self._lock:
            self._routes.pop((_address(address), port), None)

    def resolve(self, address: str, port: int) -> tuple[str, int] | None:
        """The loopback socket behind a public address and port, or None."""
        with self._lock:
            return self._routes.get((_address(address), port))

    def has_host(self, address: str) -> bool:
        """Whether any port of `address` is routed.

        A host that exists refuses a connection to its other ports; an address without a host swallows
        the packets and the connection times out.
        """
        wanted = _address(address)
        with self._lock:
            return any(routed == wanted for routed, _ in self._routes)

    def route_edge(self, *, https: tuple[str, int], http: tuple[str, int]) -> None:
        """Puts the CloudFront edge behind all its public addresses, ports 443 and 80."""
        for address in (*EDGE_IPV4, *EDGE_IPV6):
            self.route(address, 443, https)
            self.route(address, 80, http)

    def unroute_edge(self) -> None:
        """Takes the edge off the internet: nobody answers at its addresses any more."""
        for address in (*EDGE_IPV4, *EDGE_IPV6):
            self.unroute(address, 443)
            self.unroute(address, 80)


def _address(text: str) -> Address:
    try:
        return ipaddress.ip_address(text)
    except ValueError:
        raise ValueError(f"{text!r} is not an IP address; write it like 203.0.113.10 or 2001:db8::10") from None


def _port(port: int) -> int:
    if not 0 < port < 65536:
        raise ValueError(f"{port} is not a port; allowed are 1 to 65535")
    return port
