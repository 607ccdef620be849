"""Reverse proxies in front of the host, each at port 80 of another address; their settings: configs/."""

from collections.abc import Callable, Sequence

from tools.lab.network import AUTHORITY, NAME
from tools.lab.programs import Bench, Need, Subject

Commands = Callable[[Bench], Sequence[Sequence[str]]]


def _nginx(location: str) -> Commands:
    return lambda bench: [
        [
            bench.path("nginx"),
            *("-e", f"{bench.folder}/start.log", "-c", bench.configure("nginx.conf", location=location)),
        ]
    ]


def _apache(parameters: str) -> Commands:
    return lambda bench: [
        [bench.path("apache2"), "-D", "FOREGROUND", "-f", bench.configure("apache.conf", parameters=parameters)]
    ]


def _haproxy(server: str, resolvers: str = "") -> Commands:
    return lambda bench: [
        [bench.path("haproxy"), "-db", "-f", bench.configure("haproxy.cfg", server=server, resolvers=resolvers)]
    ]


def _caddy(transport: str = "") -> Commands:
    return lambda bench: [
        [
            bench.path("caddy"),
            *("run", "--config", bench.configure("Caddyfile", transport=transport), "--adapter", "caddyfile"),
        ]
    ]


def _lighttpd(bench: Bench) -> Sequence[Sequence[str]]:
    return [[bench.path("lighttpd"), "-D", "-f", bench.configure("lighttpd.conf")]]


def _squid(bench: Bench) -> Sequence[Sequence[str]]:
    bench.folder.chmod(0o777)  # it drops root
    return [[bench.path("squid"), "-N", "-f", bench.configure("squid.conf")]]


def _varnish(bench: Bench) -> Sequence[Sequence[str]]:
    config, address = bench.configure("default.vcl"), f"{bench.subject.address}:80"
    command = [bench.path("varnishd"), "-j", "none", "-F", "-f", config, "-a", address, "-s", "malloc,32m"]
    return [[*command, "-n", f"{bench.folder}/v"]]


def _stunnel(more: str) -> Commands:
    return lambda bench: [[bench.path("stunnel4"), bench.configure("stunnel.conf", more=more)]]


RESOLVERS = f"resolvers lab\n  nameserver authority {AUTHORITY}:53\n"
NGINX = (Need("nginx", "nginx-light", ("-v",)),)
APACHE = (Need("apache2", "apache2", ("-v",)),)
HAPROXY = (Need("haproxy", "haproxy", ("-v",)),)
CADDY = (Need("caddy", "caddy", ("version",)),)
STUNNEL = (Need("stunnel4", "stunnel4", ("-version",)),)
WITH_RESOLVER = f"resolver {AUTHORITY} ipv6=off; set $up {NAME}; proxy_pass http://$up;"
ROWS: tuple[tuple[str, tuple[Need, ...], Commands], ...] = (
    ("nginx", NGINX, _nginx(f"proxy_pass http://{NAME};")),
    ("nginx-resolver", NGINX, _nginx(WITH_RESOLVER)),
    ("apache", APACHE, _apache("")),
    ("apache-addressttl", APACHE, _apache("addressttl=5")),
    ("apache-disablereuse", APACHE, _apache("disablereuse=On")),
    ("haproxy", HAPROXY, _haproxy("")),
    ("haproxy-resolvers", HAPROXY, _haproxy("resolvers lab", RESOLVERS)),
    ("caddy", CADDY, _caddy()),
    ("caddy-keepalive-off", CADDY, _caddy("transport http {\n      keepalive off\n    }")),
    ("lighttpd", (Need("lighttpd", "lighttpd", ("-v",)),), _lighttpd),
    ("squid", (Need("squid", "squid", ("-v",)),), _squid),
    ("varnish", (Need("varnishd", "varnish", ("-V",)),), _varnish),
    ("stunnel", STUNNEL, _stunnel("")),
    ("stunnel-delay", STUNNEL, _stunnel("delay = yes")),
)
PROXIES = tuple(
    Subject(name, needs, commands, False, f"198.18.2.{number}", needs_root=name == "squid")
    for number, (name, needs, commands) in enumerate(ROWS, start=1)
)
