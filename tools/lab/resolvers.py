"""Resolvers, each at an address of its own, as Debian ships them but for where they listen and whom they ask."""

from collections.abc import Sequence

from tools.lab.network import AUTHORITY, ZONE
from tools.lab.programs import Bench, Need, Subject

UNBOUND = Need("unbound", "unbound", ("-V",))
DNSMASQ = Need("dnsmasq", "dnsmasq-base")
BEHIND = "198.18.1.20"
"""Of the resolver that another forwards to."""


def _unbound(bench: Bench, zone: str, address: str = "") -> list[str]:
    config = bench.write(
        "unbound.conf",
        f"""\
server:
  interface: {address or bench.subject.address}
  access-control: 0.0.0.0/0 allow
  do-ip6: no
  do-daemonize: no
  use-syslog: no
  username: ""
  chroot: ""
  pidfile: ""
  module-config: "iterator"
{zone}
remote-control:
  control-enable: no
""",
    )
    return [bench.path("unbound"), "-d", "-c", config]


def _iterating(bench: Bench) -> Sequence[Sequence[str]]:
    return [_unbound(bench, f"stub-zone:\n  name: {ZONE}\n  stub-addr: {AUTHORITY}\n")]


def _forwarding(bench: Bench) -> Sequence[Sequence[str]]:
    return [_unbound(bench, f"forward-zone:\n  name: .\n  forward-addr: {AUTHORITY}\n")]


def _bind(bench: Bench) -> Sequence[Sequence[str]]:
    config = bench.write(
        "named.conf",
        f"""\
options {{
  directory "{bench.folder}"; pid-file none; session-keyfile none; listen-on-v6 {{ none; }};
  listen-on {{ {bench.subject.address}; }}; allow-query {{ any; }}; allow-recursion {{ any; }};
  dnssec-validation no;
}};
controls {{ }};
zone "{ZONE}" {{ type static-stub; server-addresses {{ {AUTHORITY}; }}; }};
""",
    )
    return [[bench.path("named"), "-g", "-c", config]]


def _powerdns(bench: Bench) -> Sequence[Sequence[str]]:
    bench.write(
        "recursor.conf",
        f"""\
local-address={bench.subject.address}
allow-from=0.0.0.0/0
forward-zones={ZONE}={AUTHORITY}
dont-query=
dnssec=off
security-poll-suffix=
socket-dir={bench.folder}
threads=1
setuid=
setgid=
""",
    )
    return [[bench.path("pdns_recursor"), f"--config-dir={bench.folder}", "--daemon=no", "--write-pid=no"]]


def _knot(bench: Bench) -> Sequence[Sequence[str]]:
    config = bench.write(
        "kresd.conf",
        f"""\
net.listen('{bench.subject.address}', 53, {{ kind = 'dns' }})
modules = {{ 'hints > iterate', 'stats', 'predict' }}
trust_anchors.remove('.')
cache.size = 10 * MB
policy.add(policy.suffix(policy.STUB('{AUTHORITY}'), policy.todnames({{'{ZONE}'}})))
""",
    )
    return [[bench.path("kresd"), "-n", "-c", config, str(bench.folder)]]


def _dnsmasq(bench: Bench, upstream: str = AUTHORITY) -> list[str]:
    return [
        bench.path("dnsmasq"),
        "--no-daemon",  # nor another user, which a user namespace does not have
        "--conf-file=/dev/null",
        "--bind-interfaces",
        f"--listen-address={bench.subject.address}",
        "--no-resolv",
        "--no-hosts",
        f"--server={upstream}",
    ]


def _chain(bench: Bench) -> Sequence[Sequence[str]]:
    behind = _unbound(bench, f"forward-zone:\n  name: .\n  forward-addr: {AUTHORITY}\n", BEHIND)
    return [behind, _dnsmasq(bench, BEHIND)]


def _resolved(bench: Bench) -> Sequence[Sequence[str]]:
    bench.write(
        "resolved.conf",
        f"""\
[Resolve]
DNS={AUTHORITY}
Domains=~.
DNSStubListener=no
DNSStubListenerExtra={bench.subject.address}
DNSSEC=no
LLMNR=no
MulticastDNS=no
""",
    )
    # It reads no other place; /run is the lab's own.
    script = f"""\
mkdir -p /run/systemd/resolved.conf.d /run/systemd/resolve
cp {bench.folder}/resolved.conf /run/systemd/resolved.conf.d/lab.conf
exec {bench.path("systemd-resolved")}
"""
    return [["sh", "-c", script]]


def _nscd(bench: Bench) -> Sequence[Sequence[str]]:
    config = bench.write("nscd.conf", "enable-cache hosts yes\npersistent hosts no\ncheck-files hosts no\n")
    # Its socket is at a place of its own: every program that finds it would use it.
    script = f"""\
mkdir -p /run/nscd && mount -t tmpfs tmpfs /run/nscd && {bench.path("nscd")} -f {config} &&
exec /usr/bin/python3 {bench.environment["CLIENTS"]}/python_client.py getaddrinfo nscd
"""
    return [["unshare", "--mount", "sh", "-c", script]]


def _at(number: int) -> str:
    return f"198.18.1.{number}"


RESOLVERS = (
    Subject("unbound", (UNBOUND,), _iterating, False, _at(1)),
    Subject("unbound-forwarding", (UNBOUND,), _forwarding, False, _at(2)),
    Subject("bind", (Need("named", "bind9", ("-v",)),), _bind, False, _at(3)),
    Subject("powerdns", (Need("pdns_recursor", "pdns-recursor"),), _powerdns, False, _at(4)),
    Subject("knot", (Need("kresd", "knot-resolver", ("-V",)),), _knot, False, _at(5)),
    Subject("dnsmasq", (DNSMASQ,), lambda bench: [_dnsmasq(bench)], False, _at(6)),
    Subject("systemd-resolved", (Need("systemd-resolved", "systemd-resolved"),), _resolved, False, _at(7)),
    Subject("dnsmasq-unbound", (DNSMASQ, UNBOUND), _chain, False, _at(8)),
    Subject("nscd", (Need("nscd", "nscd"),), _nscd),
)
