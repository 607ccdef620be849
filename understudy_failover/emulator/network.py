"""The network of the rehearsal: a loopback socket for each public address and port.

All connections over the internet (probes of health checkers, viewers through the gateway) use these routes, and so
never leave this machine.
"""

import ipaddress
import threading

EDGE_IPV4: tuple[str, ...] = ("198.51.100.10", "198.51.100.74", "198.51.100.138", "198.51.100.202")
"""Addresses of CloudFront's edge; CloudFront has four A records. TEST-NET-2, RFC 5737."""

EDGE_IPV6: tuple[str, ...] = ("2001:db8:cf::10", "2001:db8:cf::4a", "2001:db8:cf::8a", "2001:db8:cf::ca")
"""The same for IPv6. Documentation prefix, RFC 3849."""

Address = ipaddress.IPv4Address | ipaddress.IPv6Address


class Network:
    """Routes from public (address, port) to sockets on loopback. Thread-safe."""

    def __init__(self) -> None:
        self._routes: dict[tuple[Address, int], tuple[str, int]] = {}
        self._lock = threading.Lock()

    def route(self, address: str, port: int, to: tuple[str, int]) -> None:
        """Route `address`:`port` to the loopback socket `to`; replace an earlier route.

        Raise ValueError: an address or a port is invalid, or `to` is not on loopback.
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
        with self._lock:
            self._routes.pop((_address(address), port), None)

    def resolve(self, address: str, port: int) -> tuple[str, int] | None:
        """Return the loopback socket of a public address and port, or None."""
        with self._lock:
            return self._routes.get((_address(address), port))

    def has_host(self, address: str) -> bool:
        """Return whether any port of `address` is routed.

        A host refuses connections to its other ports; to an address without a host, they time out.
        """
        wanted = _address(address)
        with self._lock:
            return any(routed == wanted for routed, _ in self._routes)

    def route_edge(self, *, https: tuple[str, int], http: tuple[str, int]) -> None:
        """Route all addresses of CloudFront's edge, ports 443 and 80."""
        for address in (*EDGE_IPV4, *EDGE_IPV6):
            self.route(address, 443, https)
            self.route(address, 80, http)

    def unroute_edge(self) -> None:
        """Remove the routes of CloudFront's edge: connections to it time out."""
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
