"""What failover.toml holds: servers, their health checks and host names, and the whole."""

from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BeforeValidator, Field, ValidationInfo, field_validator

from understudy_failover.contract.documentation import documentation
from understudy_failover.contract.regions import CHECKER_REGIONS, MINIMUM, CheckerRegion
from understudy_failover.contract.switch import FOR_ALL
from understudy_failover.settings.aws_values import (
    BadValueError,
    check_host_name,
    check_ipv4,
    check_ipv6,
    check_path,
    longest_zone,
)
from understudy_failover.settings.keys import Key
from understudy_failover.settings.notifications import Notifications
from understudy_failover.settings.pages import HostPage, Page
from understudy_failover.settings.report import AlreadyReportedError
from understudy_failover.settings.sharding import MAIN, PART_NAME, covering
from understudy_failover.settings.tables import (
    AccessLogs,
    AdditionalCertificate,
    CertificateSettings,
    HostedZone,
    Maintenance,
    Monitoring,
    Table,
    Timing,
    surroundings,
)

AppName = Annotated[
    str,
    Field(pattern=r"^[a-z][a-z0-9-]{0,30}[a-z0-9]$"),
    Key(
        "Name of this installation: first part of the names of its stacks (`<app>-maintenance`, "
        "`<app>-failover`) and of its certificates. To change it is to deploy a second one.",
        allowed="2 to 32 of a–z, 0–9 and -, beginning with a letter, not ending in -",
        example='"understudy-example"',
    ),
]
ServerName = Annotated[
    str,
    Field(pattern=r"^[a-z]([a-z0-9-]{0,30}[a-z0-9])?$"),
    Key(
        "Name of the server in health checks, outputs and commands. Hyphens alone make no difference.",
        allowed="1 to 32 of a–z, 0–9 and -, beginning with a letter, not ending in -",
        example='"web"',
    ),
]


@dataclass(frozen=True)
class Host:
    """A host name that fails over; `name` may be a wildcard."""

    name: str
    zone: HostedZone
    certificate: str = MAIN
    """The additional certificate that it belongs to; `MAIN` for the one of [certificate]."""


def _host(value: object, info: ValidationInfo) -> Host:
    if isinstance(value, Host):
        return value
    name = check_host_name(_text(value), wildcard=True)
    zones = {zone.name: zone for zone in surroundings(info).zones}
    zone = longest_zone(name, zones)
    certificates = surroundings(info).certificates
    named = info.data.get("certificate")
    candidates = covering(name, certificates, named if named is None or named in certificates else MAIN)
    if zone is None or len(candidates) != 1:
        raise AlreadyReportedError
    return Host(name, zones[zone], candidates[0])


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise BadValueError("is not text", "put it in quotation marks")
    return value


def _address(check: Callable[[str], Any]) -> BeforeValidator:
    return BeforeValidator(lambda value: check(_text(value)) if value is not None else None)


def _check_regions(regions: tuple[CheckerRegion, ...]) -> tuple[CheckerRegion, ...]:
    if len(set(regions)) < len(regions):
        raise BadValueError("names a region twice", "remove one of the two")
    if len(regions) < MINIMUM:
        raise BadValueError(f"names {len(regions)}", f"name {MINIMUM} or more, or leave regions out for all")
    return regions


class HealthCheck(Table):
    """How Route 53 asks whether a server works: at its IP address, never through the failover records."""

    type: Annotated[
        Literal["HTTPS", "HTTP", "TCP"],
        Key(
            "What counts as healthy. HTTPS and HTTP: an answer 2xx or 3xx; TCP: a connection. HTTPS uses TLS 1.0 to "
            "1.2 without a client certificate and checks no certificate: a server with TLS 1.3 only, such as "
            "lighttpd 1.4.77 by default, is always down.",
            allowed='"HTTPS", "HTTP" or "TCP"',
            example='"HTTPS"',
        ),
    ] = "HTTPS"
    host_name: Annotated[
        str,
        AfterValidator(check_host_name),
        Key(
            "Name sent as Host header and in TLS (SNI), by the health check and the expiry monitor.",
            allowed="a concrete host name; must be given unless the server has exactly one host that is no wildcard",
            example='"www.example.com"',
            default="the server's one host that is no wildcard",
        ),
    ]
    port: Annotated[
        int,
        Field(strict=True, ge=1, le=65_535),
        Key("TCP port.", allowed="a whole number from 1 to 65535", example="443", default="443; for HTTP 80"),
    ] = Field(default_factory=lambda data: 80 if data["type"] == "HTTP" else 443)
    path: Annotated[
        str,
        AfterValidator(check_path),
        Key(
            "Path and query to request. A health page that caches its verdict adds that time to the detection.",
            allowed='"/" and up to 254 printable ASCII characters; not for TCP',
            example='"/health"',
        ),
    ] = "/"
    search_string: Annotated[
        str | None,
        Field(min_length=1, max_length=255),
        Key(
            "Text that must stand in the first 5,120 bytes of the answer; case-sensitive.",
            allowed="1 to 255 characters; not for TCP",
            example='"healthy"',
            default="none: the status alone counts",
        ),
    ] = None
    regions: Annotated[
        tuple[CheckerRegion, ...],
        AfterValidator(_check_regions),
        Key(
            "Regions whose health checkers probe. With fewer, the server gets fewer requests, and each region "
            "counts for more: one of three is a third.",
            allowed=f"{MINIMUM} or more of {', '.join(CHECKER_REGIONS)}",
            example='["us-east-1", "eu-west-1", "ap-southeast-1"]',
            default="all",
        ),
    ] = CHECKER_REGIONS
    measure_latency: Annotated[
        bool,
        Field(strict=True),
        Key(
            "Measures the server's response time for CloudWatch. Costs extra; a change replaces the health check.",
            allowed="true or false",
            example="true",
        ),
    ] = False
    per_host: Annotated[
        bool,
        Field(strict=True),
        Key(
            "Gives each host its own health check, by name; it fails over alone. Wildcards share the check of "
            "`host_name`.",
            allowed="true or false; not for TCP, which asks for no name",
            example="true",
        ),
    ] = False
    per_address: Annotated[
        bool,
        Field(strict=True),
        Key(
            "Gives each address its own health check; the server works only while all answer. Otherwise only `ipv4` "
            "is checked.",
            allowed="true or false",
            example="true",
        ),
    ] = False


class Server(Table):
    """A server that AWS does not manage, and the host names that fail over when it is down."""

    name: ServerName
    ipv4: Annotated[
        IPv4Address,
        _address(check_ipv4),
        Key("Its public IPv4 address.", allowed="a public IPv4 address", example='"203.0.113.10"'),
    ]
    ipv6: Annotated[
        IPv6Address | None,
        _address(check_ipv6),
        Key(
            "Its public IPv6 address. Without it, hosts get no AAAA records.",
            allowed="a public IPv6 address",
            example='"2001:db8::10"',
            default="none",
        ),
    ] = None
    more_ipv4: Annotated[
        tuple[Annotated[IPv4Address, _address(check_ipv4)], ...],
        Field(max_length=8),
        Key(
            "Additional IPv4 addresses of the same server; its A records hold them all. See "
            f"{documentation('records')} for what is checked.",
            allowed="up to 8 public IPv4 addresses",
            example='["203.0.113.11"]',
        ),
    ] = ()
    more_ipv6: Annotated[
        tuple[Annotated[IPv6Address, _address(check_ipv6)], ...],
        Field(max_length=8),
        Key(
            "Additional IPv6 addresses of the same server.",
            allowed="up to 8 public IPv6 addresses, beside `ipv6`",
            example='["2001:db8::11"]',
        ),
    ] = ()
    cname: Annotated[
        str | None,
        AfterValidator(check_host_name),
        Key(
            "The server's own DNS name. Its hosts get CNAME pairs, which fail back sooner; not at the apex of a "
            f"zone. See {documentation('records')}.",
            allowed="a concrete host name, none of those that fail over; not beside ipv6, more_ipv4 and more_ipv6",
            example='"web.origin.example.net"',
            default="none: pairs of type A, and AAAA",
        ),
    ] = None
    stack: Annotated[
        str | None,
        Field(pattern=PART_NAME),
        Key(
            "Failover stack of its records and checks, where one cannot hold all servers: `<app>-failover-<stack>`. "
            "Choose it once: a change removes the server's resources and creates new ones.",
            allowed="1 to 32 of a–z, 0–9 and -, beginning with a letter, not ending in -",
            example='"shops"',
            default="none: `<app>-failover`",
        ),
    ] = None
    certificate: Annotated[
        str | None,
        Key(
            "Certificate of all its hosts. Required where several cover a host.",
            allowed="a name in [certificate] or [[certificates]]",
            example='"shops"',
            default="each host's own: that of [certificate] if it covers the host, else the additional one that does",
        ),
    ] = None
    hosts: Annotated[
        tuple[Annotated[Host, BeforeValidator(_host)], ...],
        Field(min_length=1),
        Key(
            "Host names of the server. Each lies in one of the zones and is covered by a certificate; at most 100 "
            "for each certificate.",
            allowed="lower-case host names, * as the whole first label alone, other alphabets as xn--…",
            example='["www.example.com", "*.example.org"]',
        ),
    ]
    health_check: Annotated[
        HealthCheck, Key("How Route 53 asks whether it works.", allowed="a table", example="[servers.health_check]")
    ] = Field(default={}, validate_default=True)  # completed below

    @property
    def addresses(self) -> tuple[IPv4Address | IPv6Address, ...]:
        """All of them; the first is the one that the health check asks."""
        return (self.ipv4, *self.more_ipv4, *((self.ipv6,) if self.ipv6 else ()), *self.more_ipv6)

    @property
    def record_values(self) -> dict[str, tuple[str, ...]]:
        """What its hosts' PRIMARY record sets hold, by type."""
        if self.cname:
            return {"CNAME": (self.cname,)}
        values_by_type = {
            "A": tuple(str(address) for address in self.addresses if address.version == 4),
            "AAAA": tuple(str(address) for address in self.addresses if address.version == 6),
        }
        return {kind: values for kind, values in values_by_type.items() if values}

    def has_own_check(self, host: Host) -> bool:
        """Whether `host` has a health check of its own."""
        return self.health_check.per_host and not host.name.startswith("*")

    @field_validator("health_check", mode="before")
    @classmethod
    def _name_from_hosts(cls, value: object, info: ValidationInfo) -> object:
        if not isinstance(value, dict) or "host_name" in value:
            return value
        if "hosts" not in info.data:  # invalid, and reported as such
            return {**value, "host_name": "unknown.invalid"}
        concrete = sorted(host.name for host in info.data["hosts"] if not host.name.startswith("*"))
        # A server of wildcards alone has none: record_rules.py reports it with one that they cover.
        return {**value, "host_name": concrete[0] if concrete else "unknown.invalid"}


class Settings(Table):
    """The whole of failover.toml, with the certificate it names."""

    app: AppName
    certificate: Annotated[CertificateSettings, Key("The certificate.", allowed="a table", example="[certificate]")]
    certificates: Annotated[
        tuple[AdditionalCertificate, ...],
        Key("Certificates of additional host names.", allowed="tables", example="[[certificates]]"),
    ] = ()
    timing: Annotated[Timing, Key("Timing of the failover.", allowed="a table", example="[timing]")] = Timing()
    notifications: Annotated[
        Notifications, Key("Recipients of alerts.", allowed="a table", example="[notifications]")
    ] = Notifications()
    maintenance: Annotated[Maintenance, Key("Maintenance switches.", allowed="a table", example="[maintenance]")] = (
        Maintenance()
    )
    monitoring: Annotated[Monitoring, Key("Alarms and dashboard.", allowed="a table", example="[monitoring]")] = (
        Monitoring()
    )
    access_logs: Annotated[
        AccessLogs | None, Key("Access logs.", allowed="a table", example="[access_logs]", default="none")
    ] = None
    page: Annotated[Page, Key("The page.", allowed="a table", example="[page]")] = Field(
        default={}, validate_default=True
    )  # completed from its folder
    pages: Annotated[
        tuple[HostPage, ...],
        Field(max_length=20),
        Key("Pages of their own for some hosts.", allowed="up to 20 tables", example="[[pages]]"),
    ] = ()
    zones: Annotated[
        tuple[HostedZone, ...],
        Field(min_length=1),
        Key("Hosted zones of the host names.", allowed="one table or more", example="[[zones]]"),
    ]
    servers: Annotated[
        tuple[Server, ...],
        Field(min_length=1),
        Key("Servers that fail over.", allowed="one table or more", example="[[servers]]"),
    ]

    @property
    def host_names(self) -> tuple[str, ...]:
        """Every host name of every server, in the order of the file."""
        return tuple(host.name for server in self.servers for host in server.hosts)

    @property
    def switches(self) -> tuple[str, ...]:
        """Every maintenance switch: `FOR_ALL` first, then one for each server that has its own."""
        every = (switch for server in self.servers for switch in self.switches_of(server))
        return tuple(sorted(dict.fromkeys(every), key=lambda switch: switch != FOR_ALL))

    @property
    def has_switches(self) -> bool:
        """Whether there is any maintenance switch."""
        return self.maintenance.switches != "none"

    def switches_of(self, server: "Server") -> tuple[str, ...]:
        """The switches that send the clients of `server` to the page; its own first where it has one."""
        return {"per-server": (server.name, FOR_ALL), "one": (FOR_ALL,), "none": ()}[self.maintenance.switches]

    def certificate_of(self, name: str) -> CertificateSettings:
        """The certificate under which a client meets `name`: a host, or a name that a wildcard stands for."""
        assigned = {host.name: host.certificate for server in self.servers for host in server.hosts}
        by_name = {certificate.name: certificate for certificate in self.certificates}
        wildcard = f"*.{name.partition('.')[2]}"
        return by_name.get(assigned.get(name, assigned.get(wildcard, MAIN)), self.certificate)

    def for_certificate(self, name: str) -> "Settings":
        """What one certificate's stack needs: this certificate as `certificate`, and its hosts alone.

        `app` makes the AWS names unique. No other app has the underscore of an additional certificate's `<app>_<name>`.
        """
        by_name = {certificate.name: certificate for certificate in self.certificates}
        servers = (
            server.model_copy(update={"hosts": hosts})
            for server in self.servers
            if (hosts := tuple(host for host in server.hosts if host.certificate == name))
        )
        return self.model_copy(
            update={
                "app": f"{self.app}_{name}" if name else self.app,
                "certificate": by_name.get(name, self.certificate),
                "certificates": (),
                "servers": tuple(servers),
            }
        )

    def for_stack(self, name: str) -> "Settings":
        """What one failover stack needs: the servers that name it."""
        return self.model_copy(
            update={"servers": tuple(server for server in self.servers if (server.stack or MAIN) == name)}
        )

    @property
    def certificate_names(self) -> tuple[str, ...]:
        """`MAIN`, and the additional certificates in the order of the file."""
        return (MAIN, *(certificate.name for certificate in self.certificates))

    @property
    def stack_names(self) -> tuple[str, ...]:
        """`MAIN`, and the additional failover stacks that servers name, sorted."""
        return (MAIN, *sorted({server.stack for server in self.servers if server.stack}))
