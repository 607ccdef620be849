"""Resolvers, each at another address, as Debian ships them but for address and upstream; their settings: configs/."""

from collections.abc import Sequence

from tools.lab.network import AUTHORITY, ZONE
from tools.lab.programs import Bench, Need, Subject

UNBOUND = Need("unbound", "unbound", ("-V",))
DNSMASQ = Need("dnsmasq", "dnsmasq-base")
BEHIND = "198.18.1.20"
"""The address of the resolver that another forwards to."""
STUB = f"stub-zone:\n  name: {ZONE}\n  stub-addr: {AUTHORITY}\n"
FORWARD = f"forward-zone:\n  name: .\n  forward-addr: {AUTHORITY}\n"


def _unbound(bench: Bench, zones: str, interface: str = "") -> list[str]:
    config = bench.configure("unbound.conf", zones=zones, interface=interface or bench.subject.address)
    return [bench.path("unbound"), "-d", "-c", config]


def _bind(bench: Bench) -> Sequence[Sequence[str]]:
    return [[bench.path("named"), "-g", "-c", bench.configure("named.conf")]]


def _powerdns(bench: Bench) -> Sequence[Sequence[str]]:
    bench.configure("recursor.conf")
    return [[bench.path("pdns_recursor"), f"--config-dir={bench.folder}", "--daemon=no", "--write-pid=no"]]


def _knot(bench: Bench) -> Sequence[Sequence[str]]:
    return [[bench.path("kresd"), "-n", "-c", bench.configure("kresd.conf"), str(bench.folder)]]


def _dnsmasq(bench: Bench, upstream: str = AUTHORITY) -> list[str]:
    # Without --no-daemon it changes to a user that a user namespace does not have.
    options = "--no-daemon --conf-file=/dev/null --bind-interfaces"
    addresses = f"--listen-address={bench.subject.address} --no-resolv --no-hosts --server={upstream}"
    return [bench.path("dnsmasq"), *options.split(), *addresses.split()]


def _resolved(bench: Bench) -> Sequence[Sequence[str]]:
    # It reads no other folder; /run is mounted by the lab.
    script = f"""\
mkdir -p /run/systemd/resolved.conf.d /run/systemd/resolve
cp {bench.configure("resolved.conf")} /run/systemd/resolved.conf.d/lab.conf
exec {bench.path("systemd-resolved")}
"""
    return [["sh", "-c", script]]


def _nscd(bench: Bench) -> Sequence[Sequence[str]]:
    # In its own mount, because every program that finds its socket uses it.
    script = f"""\
mkdir -p /run/nscd && mount -t tmpfs tmpfs /run/nscd && {bench.path("nscd")} -f {bench.configure("nscd.conf")} &&
exec /usr/bin/python3 {bench.environment["CLIENTS"]}/python_client.py getaddrinfo nscd
"""
    return [["unshare", "--mount", "sh", "-c", script]]


def _at(number: int) -> str:
    return f"198.18.1.{number}"


RESOLVERS = (
    Subject("unbound", (UNBOUND,), lambda bench: [_unbound(bench, STUB)], False, _at(1)),
    Subject("unbound-forwarding", (UNBOUND,), lambda bench: [_unbound(bench, FORWARD)], False, _at(2)),
    Subject("bind", (Need("named", "bind9", ("-v",)),), _bind, False, _at(3)),
    Subject("powerdns", (Need("pdns_recursor", "pdns-recursor"),), _powerdns, False, _at(4)),
    Subject("knot", (Need("kresd", "knot-resolver", ("-V",)),), _knot, False, _at(5)),
    Subject("dnsmasq", (DNSMASQ,), lambda bench: [_dnsmasq(bench)], False, _at(6)),
    Subject("systemd-resolved", (Need("systemd-resolved", "systemd-resolved"),), _resolved, False, _at(7)),
    Subject(
        "dnsmasq-unbound",
        (DNSMASQ, UNBOUND),
        lambda bench: [_unbound(bench, FORWARD, BEHIND), _dnsmasq(bench, BEHIND)],
        False,
        _at(8),
    ),
    Subject("nscd", (Need("nscd", "nscd"),), _nscd),
)
