"""The tables of failover.toml that stand for themselves: certificate, timing, hosted zone.

Each key's annotation holds its rule and the words about it, which docs/configuration.md and the messages
about mistakes share.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationInfo, field_validator

from understudy_failover.settings.aws_values import BadValueError, check_host_name, check_secret, check_zone_id
from understudy_failover.settings.certificate import PublicCertificate
from understudy_failover.settings.keys import Key
from understudy_failover.settings.page_folder import PageFolder
from understudy_failover.settings.report import AlreadyReportedError
from understudy_failover.settings.sharding import MAIN, PART_NAME, Certificates

CERTIFICATE_NAME = r"^[A-Za-z0-9][A-Za-z0-9._-]{0,62}$"


@dataclass(frozen=True)
class TimingProfile:
    """How soon an outage is noticed, against what the checks cost and how often they ask the server."""

    request_interval_seconds: Literal[10, 30]
    failure_threshold: int
    ttl_seconds: int


TTL_FLOOR_SECONDS = 5
"""Below it Knot Resolver 5 sends a query for every question, and its answers still have 5 s (measured 2026-11-29)."""
TIMING_PROFILES = {
    "economy": TimingProfile(request_interval_seconds=30, failure_threshold=3, ttl_seconds=60),
    "standard": TimingProfile(request_interval_seconds=10, failure_threshold=3, ttl_seconds=30),
    "fast": TimingProfile(request_interval_seconds=10, failure_threshold=1, ttl_seconds=10),
}


@dataclass(frozen=True)
class Surroundings:
    """What a value is read with: the context of pydantic's validation."""

    zones: tuple["HostedZone", ...]
    certificates: Certificates
    """By the name that a host is assigned to; None where one cannot be used: the reasons are reported apart."""
    page_folders: Mapping[str, PageFolder] = field(default_factory=dict)
    """Logos and texts by the name of their page."""


def surroundings(info: ValidationInfo) -> Surroundings:
    """What `settings.load` gave to the validation."""
    if not isinstance(info.context, Surroundings):
        raise TypeError("settings come from settings.load()")
    return info.context


class Table(BaseModel):
    """A table of the file: frozen, and without a key it does not know."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class CertificateSettings(Table):
    """The certificate that the maintenance page is served under."""

    name: Annotated[
        str,
        Field(pattern=CERTIFICATE_NAME),
        Key(
            "Folder of the public files beside this one: `certificates/<name>/certificate.pem` (the server's "
            "own certificate) and `chain.pem` (the intermediates, its issuer first).",
            allowed="1 to 63 of A–Z, a–z, 0–9, dot, _ and -, beginning with a letter or digit",
            example='"example"',
        ),
    ]
    private_key_secret: Annotated[
        str,
        AfterValidator(check_secret),
        Key(
            "Secrets Manager secret with the private key: PEM, unencrypted.",
            allowed="name (up to 128 characters) or full ARN of a secret in us-east-1",
            example='"understudy/example/private-key"',
            confidential=True,
        ),
    ]
    private_key_version: Annotated[
        str | None,
        Field(pattern=r"^[0-9a-f-]{32,64}$"),
        Key(
            "Version of that secret with the key of this certificate, so that `cdk diff` shows a new key and a "
            "rollback finds the old one. `understudy certificate push` writes it.",
            allowed="a version id of Secrets Manager: 32 to 64 of 0–9, a–f and -",
            example='"a1b2c3d4-5678-90ab-cdef-a1b2c3d4e5f6"',
            default="the secret's current version, or where that has another key, the one before",
            confidential=True,
        ),
    ] = None
    public: PublicCertificate = Field(default=None, validate_default=True)  # set below

    @field_validator("public", mode="before")
    @classmethod
    def _from_folder(cls, value: object, info: ValidationInfo) -> object:
        if isinstance(value, PublicCertificate):
            return value
        if value is not None:
            raise BadValueError("is not a key", "remove it")
        certificate = surroundings(info).certificates.get(cls.assigned_as(info))
        if certificate is None:
            raise AlreadyReportedError
        return certificate

    @property
    def folder_name(self) -> str:
        """Of its folder in `certificates/`."""
        return self.name

    @classmethod
    def assigned_as(cls, _: ValidationInfo) -> str:
        """The name under which hosts are assigned to it."""
        return MAIN


class AdditionalCertificate(CertificateSettings):
    """A certificate of other host names, with a page and a distribution of its own; see docs/scale.md."""

    name: Annotated[
        str,
        Field(pattern=PART_NAME),
        Key(
            "Name in this file, and end of the stack's name: `<app>-maintenance-<name>`. Another name creates "
            "another distribution.",
            allowed="1 to 32 of a–z, 0–9 and -, beginning with a letter, not ending in -",
            example='"shops"',
        ),
    ]
    folder: Annotated[
        str,
        Field(pattern=CERTIFICATE_NAME),
        Key(
            "Folder of its public files, as `name` in [certificate]. Several may share one.",
            allowed="1 to 63 of A–Z, a–z, 0–9, dot, _ and -, beginning with a letter or digit",
            example='"shops"',
            default="its name",
        ),
    ] = Field(default_factory=lambda data: data["name"])

    @property
    def folder_name(self) -> str:
        """Its folder."""
        return self.folder

    @classmethod
    def assigned_as(cls, info: ValidationInfo) -> str:
        """Its name."""
        return str(info.data.get("name"))


class Timing(Table):
    """When a server counts as down, and for how long its address is kept; for all servers alike."""

    profile: Annotated[
        Literal["economy", "standard", "fast"],
        Key(
            "Sets the other three: economy 30 s × 3, TTL 60 s; standard 10 s × 3, TTL 30 s; fast 10 s × 1, TTL 10 s.",
            allowed='"economy", "standard" or "fast"',
            example='"standard"',
        ),
    ] = "standard"
    request_interval_seconds: Annotated[
        Literal[10, 30],
        Key(
            "Seconds between two requests of each of Route 53's about 15 health checkers. 10 costs extra.",
            allowed="10 or 30",
            example="10",
            default="the profile's",
        ),
    ] = Field(default_factory=lambda data: TIMING_PROFILES[data["profile"]].request_interval_seconds)
    failure_threshold: Annotated[
        int,
        Field(strict=True, ge=1, le=10),
        Key(
            "Consecutive requests that must fail before a checker reports the server unhealthy, or succeed before "
            "it reports it healthy.",
            allowed="a whole number from 1 to 10",
            example="3",
            default="the profile's",
        ),
    ] = Field(default_factory=lambda data: TIMING_PROFILES[data["profile"]].failure_threshold)
    ttl_seconds: Annotated[
        int,
        Field(strict=True, ge=0, le=60),
        Key(
            "Seconds that resolvers may cache the server's address. Below 5, with a warning: Knot Resolver then "
            "forwards every query, and each is billed.",
            allowed="a whole number from 0 to 60 (Route 53 advises 60 at most beside a health check)",
            example="30",
            default="the profile's",
        ),
    ] = Field(default_factory=lambda data: TIMING_PROFILES[data["profile"]].ttl_seconds)
    failback_hold_minutes: Annotated[
        int,
        Field(strict=True, ge=0, le=60),
        Key(
            "Minutes that a server must be healthy before its clients return after an outage, so that an unstable "
            "server does not move them back and forth. 0: at once. Does not delay the page; delays the end of "
            "maintenance only if the server was down.",
            allowed="a whole number from 0 to 60",
            example="10",
        ),
    ] = 0


class HostedZone(Table):
    """A public Route 53 hosted zone that holds host names of this file; the longest match counts."""

    name: Annotated[
        str,
        AfterValidator(check_host_name),
        Key("Domain of the zone.", allowed="a lower-case domain name without a final dot", example='"example.com"'),
    ]
    id: Annotated[
        str,
        AfterValidator(check_zone_id),
        Key("Its id in Route 53.", allowed="Z and up to 31 of A–Z, 0–9", example='"Z0123456789EXAMPLE"'),
    ]


SwitchMode = Literal["per-server", "one", "none"]


class Maintenance(Table):
    """Switches that send clients to the maintenance page for planned work. See docs/decisions/0007."""

    switches: Annotated[
        SwitchMode,
        Key(
            "`per-server`: a switch for each server and one for all. `one`: one for all servers. `none`: clients "
            "reach the page in an outage only. Each switch is a health check: `understudy estimate` shows its cost.",
            allowed='"per-server", "one" or "none"',
            example='"per-server"',
        ),
    ] = "per-server"


class AccessLogs(Table):
    """Access logs of each maintenance page and of its buckets. With the table they are kept, without it none are.

    They hold visitors' IP addresses. See docs/decisions/0015-access-logs.md.
    """

    keep_days: Annotated[
        int,
        Field(strict=True, ge=1, le=3650),
        Key(
            "Days after which S3 deletes them. `cdk destroy` leaves their bucket, which empties itself by this rule.",
            allowed="a whole number from 1 to 3650",
            example="30",
        ),
    ]


class Monitoring(Table):
    """What CloudWatch watches. Failover itself needs none of it."""

    alarms: Annotated[
        bool,
        Field(strict=True),
        Key(
            "Alarms for outages, an unreachable page, expiring certificates and switches left on. false removes "
            "them, their topic and the certificate checks.",
            allowed="true or false",
            example="true",
        ),
    ] = True
    dashboard: Annotated[
        bool,
        Field(strict=True),
        Key(
            "A CloudWatch dashboard for each failover stack. Beyond the account's 3 free ones, each costs 3 USD a "
            "month.",
            allowed="true or false",
            example="true",
        ),
    ] = False
