"""Reverse proxies before the name, each at port 80 of an address of its own."""

from collections.abc import Sequence

from tools.lab.network import AUTHORITY, NAME
from tools.lab.programs import Bench, Need, Subject

APACHE_MODULES = "mpm_event authz_core proxy proxy_http"


def _nginx(bench: Bench, location: str) -> Sequence[Sequence[str]]:
    temporary = "".join(
        f"  {kind}_temp_path {bench.folder}/{kind};\n" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
    )
    config = bench.write(
        "nginx.conf",
        f"""\
daemon off; user root; worker_processes 1; pid {bench.folder}/pid; error_log {bench.folder}/error.log;
events {{ }}
http {{
{temporary}  access_log off;
  server {{
    listen {bench.subject.address}:80;
    location / {{ proxy_set_header Host {NAME}; {location} }}
  }}
}}
""",
    )
    return [[bench.path("nginx"), "-e", f"{bench.folder}/start.log", "-c", config]]


def _apache(bench: Bench, parameters: str) -> Sequence[Sequence[str]]:
    modules = "".join(
        f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n" for name in APACHE_MODULES.split()
    )
    config = bench.write(
        "apache.conf",
        f"""\
{modules}ServerRoot {bench.folder}
ServerName {NAME}
Listen {bench.subject.address}:80
PidFile {bench.folder}/pid
DefaultRuntimeDir {bench.folder}
Mutex file:{bench.folder}
User www-data
Group www-data
ErrorLog {bench.folder}/error.log
ProxyPass / http://{NAME}/ {parameters}
""",
    )
    return [[bench.path("apache2"), "-D", "FOREGROUND", "-f", config]]


def _haproxy(bench: Bench, server: str, resolvers: str = "") -> Sequence[Sequence[str]]:
    config = bench.write(
        "haproxy.cfg",
        f"""\
defaults
  mode http
  timeout client 10s
  timeout server 10s
  timeout connect 2s
{resolvers}
listen lab
  bind {bench.subject.address}:80
  http-request set-header Host {NAME}
  server s {NAME}:80 {server}
""",
    )
    return [[bench.path("haproxy"), "-db", "-f", config]]


RESOLVERS = f"resolvers lab\n  nameserver authority {AUTHORITY}:53\n"


def _caddy(bench: Bench, transport: str = "") -> Sequence[Sequence[str]]:
    config = bench.write(
        "Caddyfile",
        f"""\
{{
  admin off
  auto_https off
}}
http:// {{
  bind {bench.subject.address}
  reverse_proxy http://{NAME}:80 {{
    {transport}
  }}
}}
""",
    )
    return [[bench.path("caddy"), "run", "--config", config, "--adapter", "caddyfile"]]


def _lighttpd(bench: Bench) -> Sequence[Sequence[str]]:
    config = bench.write(
        "lighttpd.conf",
        f"""\
server.modules = ("mod_proxy")
server.bind = "{bench.subject.address}"
server.port = 80
server.document-root = "{bench.folder}"
proxy.server = ("" => (("host" => "{NAME}", "port" => 80)))
""",
    )
    return [[bench.path("lighttpd"), "-D", "-f", config]]


def _squid(bench: Bench) -> Sequence[Sequence[str]]:
    bench.folder.chmod(0o777)  # it gives up root
    config = bench.write(
        "squid.conf",
        f"""\
http_port {bench.subject.address}:80 accel defaultsite={NAME}
http_access allow all
always_direct allow all
cache deny all
pinger_enable off
icp_port 0
pid_filename {bench.folder}/pid
cache_log {bench.folder}/cache.log
access_log none
coredump_dir {bench.folder}
shutdown_lifetime 1 seconds
""",
    )
    return [[bench.path("squid"), "-N", "-f", config]]


def _varnish(bench: Bench) -> Sequence[Sequence[str]]:
    config = bench.write(
        "default.vcl",
        f"""\
vcl 4.1;
backend default {{ .host = "{NAME}"; .port = "80"; }}
sub vcl_recv {{ return (pass); }}
""",
    )
    address = f"{bench.subject.address}:80"
    command = [bench.path("varnishd"), "-j", "none", "-F", "-f", config, "-a", address, "-s", "malloc,32m"]
    return [[*command, "-n", f"{bench.folder}/v"]]


def _stunnel(bench: Bench, more: str) -> Sequence[Sequence[str]]:
    config = bench.write(
        "stunnel.conf",
        f"""\
foreground = yes
pid =
[lab]
client = yes
accept = {bench.subject.address}:80
connect = {NAME}:443
{more}
""",
    )
    return [[bench.path("stunnel4"), config]]


def _at(number: int) -> str:
    return f"198.18.2.{number}"


NGINX = (Need("nginx", "nginx-light", ("-v",)),)
APACHE = (Need("apache2", "apache2", ("-v",)),)
HAPROXY = (Need("haproxy", "haproxy", ("-v",)),)
CADDY = (Need("caddy", "caddy", ("version",)),)
STUNNEL = (Need("stunnel4", "stunnel4", ("-version",)),)

PROXIES = (
    Subject("nginx", NGINX, lambda bench: _nginx(bench, f"proxy_pass http://{NAME};"), False, _at(1)),
    Subject(
        "nginx-resolver",
        NGINX,
        lambda bench: _nginx(bench, f"resolver {AUTHORITY} ipv6=off; set $up {NAME}; proxy_pass http://$up;"),
        False,
        _at(2),
    ),
    Subject("apache", APACHE, lambda bench: _apache(bench, ""), False, _at(3)),
    Subject("apache-addressttl", APACHE, lambda bench: _apache(bench, "addressttl=5"), False, _at(4)),
    Subject("apache-disablereuse", APACHE, lambda bench: _apache(bench, "disablereuse=On"), False, _at(5)),
    Subject("haproxy", HAPROXY, lambda bench: _haproxy(bench, ""), False, _at(6)),
    Subject("haproxy-resolvers", HAPROXY, lambda bench: _haproxy(bench, "resolvers lab", RESOLVERS), False, _at(7)),
    Subject("caddy", CADDY, _caddy, False, _at(8)),
    Subject(
        "caddy-keepalive-off",
        CADDY,
        lambda bench: _caddy(bench, "transport http {\n      keepalive off\n    }"),
        False,
        _at(9),
    ),
    Subject("lighttpd", (Need("lighttpd", "lighttpd", ("-v",)),), _lighttpd, False, _at(10)),
    Subject("squid", (Need("squid", "squid", ("-v",)),), _squid, False, _at(11), needs_root=True),
    Subject("varnish", (Need("varnishd", "varnish", ("-V",)),), _varnish, False, _at(12)),
    Subject("stunnel", STUNNEL, lambda bench: _stunnel(bench, ""), False, _at(13)),
    Subject("stunnel-delay", STUNNEL, lambda bench: _stunnel(bench, "delay = yes"), False, _at(14)),
)
