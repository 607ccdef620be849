"""The test bed of a rehearsal: embedded AWS, hosted zones, throwaway certificates, sample servers, the CDK."""

import contextlib
import shutil
import ssl
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Self

from understudy_failover.contract.set_identifiers import PLACEHOLDER
from understudy_failover.emulator import EmbeddedAws, environment_without_aws
from understudy_failover.operations.certificate import private_key
from understudy_failover.operations.certificate.files import with_version
from understudy_failover.operations.https_client import HttpsClient
from understudy_failover.operations.interruption import InterruptibleClock, Interruption
from understudy_failover.operations.name_server import NameServer
from understudy_failover.operations.observation import resolve
from understudy_failover.operations.switch import Switches
from understudy_failover.rehearsal.cdk import Cdk, Synthesis
from understudy_failover.rehearsal.certificates import Authority, CertificateAuthority, IssuedCertificate
from understudy_failover.rehearsal.errors import RehearsalError, UnknownServerError
from understudy_failover.rehearsal.modes import Mode
from understudy_failover.rehearsal.servers import SampleServer, sample_servers
from understudy_failover.settings import CertificateSettings, PublicCertificate, Server, Settings, load
from understudy_failover.settings.aws_values import longest_zone
from understudy_failover.settings.certificate import parse
from understudy_failover.settings.page_folder import FOLDER as PAGES_FOLDER

ACCOUNT = "000000000000"
"""The number of the embedded AWS's account."""
LIFETIME_DAYS = 90
"""The lifetime of a throwaway certificate."""
PROBE_LIMIT_SECONDS = 10
"""Emulated; after which a client of the rehearsal, on the same machine, reports that nothing answers."""
PATIENCE_SECONDS = 120
"""Emulated; for answers whose speed does not matter."""
NAME_SERVER_LIMIT_SECONDS = 60
"""Real time: without an answer the embedded AWS has ended."""
OWN_NAME_TTL_SECONDS = 300
"""The TTL of the record of a server's own name, which does not fail over."""
HEALTH_CHECK_LIMIT_SECONDS = 600
"""Emulated; more than the slowest timing profile needs for the first verdict."""


class RehearsalBed:
    """The environment of the deployed stacks, for the duration of a `with` block; it leaves nothing behind.

    The settings file is a copy of the owner's, with its pages, and throwaway certificates for the same names. If the
    owner's names a secret by ARN, the copy uses its name; a version of the secret becomes that of a throwaway key.
    """

    aws: EmbeddedAws
    clock: InterruptibleClock
    """The clock of the embedded AWS."""
    settings: Settings
    """As deployed: with throwaway certificates."""
    cdk: Cdk
    synthesis: Synthesis
    """Only with `synthesize`."""
    servers: dict[str, SampleServer]
    certificate_authority: Path
    """The root that clients of the rehearsal trust, a PEM file."""
    settings_path: Path

    def __init__(
        self,
        settings_path: Path,
        *,
        rate: float,
        interruption: Interruption,
        authority: Authority | None = None,
        synthesize: bool = False,
    ) -> None:
        """Load the settings.

        `rate` emulated seconds pass in a real one; `authority` issues the certificates, by default a throwaway one.
        With `synthesize`, the stacks are synthesized in the background. Raise SettingsError: the settings are wrong.
        """
        self._original_path = settings_path
        self._rate = rate
        self._synthesize = synthesize
        self._interruption = interruption
        self._exits = contextlib.ExitStack()
        self.authority: Authority = authority or CertificateAuthority()
        # The owner's certificates are replaced, so they need not exist.
        self._original = load(settings_path, throwaway=self._throwaway)

    def __enter__(self) -> Self:
        self._check_addresses()
        with contextlib.ExitStack() as stack:
            folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="understudy-rehearsal-")))
            self.certificate_authority = folder / "ca.pem"
            self.certificate_authority.write_text(self.authority.root_pem, encoding="ascii")
            certificates = self._copy_settings(folder)
            if self._synthesize:
                environment = environment_without_aws(folder)
                synthesis = Synthesis(environment, self.settings_path, folder, self._interruption)
                self.synthesis = stack.enter_context(synthesis)
            self.aws = stack.enter_context(EmbeddedAws(rate=self._rate))
            self.clock = InterruptibleClock(self.aws.clock, self._interruption)
            for zone in self.settings.zones:
                self.aws.control.create_hosted_zone(id=zone.id, name=zone.name)
            for secret in sorted({certificate.private_key_secret for certificate in self._declared()}):
                self.aws.client("secretsmanager").create_secret(Name=secret)
            for declared in self._declared():
                self._store_key(certificates[declared.folder_name], declared.private_key_secret)
            self._create_own_name_records()
            self.servers = stack.enter_context(
                sample_servers(
                    self.settings.servers,
                    _server_tls(list(certificates.values()), folder),
                    self.aws.clock,
                    self.aws.control,
                )
            )
            self.cdk = Cdk(self.aws.environment(), self.settings_path, folder, self._interruption)
            self._exits = stack.pop_all()
        return self

    def __exit__(self, *_: object) -> None:
        self._exits.close()

    def _check_addresses(self) -> None:
        """Check that every address has one server, because each has one sample server.

        Raise StageError: two servers have the same address.
        """
        by_address: dict[object, str] = {}
        pairs = [(server, address) for server in self._original.servers for address in server.addresses]
        for server, address in pairs:
            earlier = by_address.setdefault(address, server.name)
            if earlier != server.name:
                raise RehearsalError(
                    f"{self._original_path}: servers {earlier} and {server.name} share {address}. On AWS that works; "
                    "the rehearsal cannot let one of them fail alone. Rehearse with one of the two in a copy of the "
                    "file (--settings), or list the hosts of both under one server."
                )

    def chosen_servers(self, names: Sequence[str]) -> list[Server]:
        """Return the servers with these names, in the order of the file; all where there are none.

        Raise UnknownServerError: a name is in no `[[servers]]`.
        """
        known = [server.name for server in self._original.servers]
        if unknown := [name for name in names if name not in known]:
            raise UnknownServerError(
                f"{self._original_path} has no server {', '.join(unknown)}; it has {', '.join(known)}"
            )
        return [server for server in self._original.servers if not names or server.name in names]

    def renew_certificate(self) -> None:
        # It ends later, like a renewed certificate.
        certificate = self._issue(days=2 * LIFETIME_DAYS)
        certificate.write_public_files(_folder(self.settings_path, self._original.certificate))
        self._declare_version(certificate)
        self.settings = load(self.settings_path)
        self._store_key(certificate, self.settings.certificate.private_key_secret)

    def wait_for_health_checks(self) -> None:
        deadline = self.clock.now() + HEALTH_CHECK_LIMIT_SECONDS
        while waiting := [check for check in self.aws.control.health_checks() if not check["healthy"]]:
            if self.clock.now() > deadline:
                reasons = sorted({checker["reason"] for check in waiting for checker in check["checkers"]})
                raise RehearsalError(f"health checks do not become healthy: {'; '.join(reasons)}")
            self.clock.sleep(1)

    def client(self) -> HttpsClient:
        """Return a client that trusts only the throwaway authority, and resolves names by public DNS."""
        return self._client(PROBE_LIMIT_SECONDS)

    def patient_client(self) -> HttpsClient:
        """Return a client with a long time-out, for a busy machine."""
        return self._client(PATIENCE_SECONDS)

    def name_server(self) -> NameServer:
        return NameServer(*self.aws.nameserver, timeout_seconds=NAME_SERVER_LIMIT_SECONDS)

    def options(self) -> tuple[str, ...]:
        """Return the options of commands that inspect the deployment: `verify`, `status`."""
        addresses = {
            "--name-server": self.aws.nameserver,
            "--resolver": self.aws.resolver,
            "--proxy": self.aws.gateway,
        }
        named = [word for name, (host, port) in addresses.items() for word in (name, f"{host}:{port}")]
        return (*named, "--ca", str(self.certificate_authority))

    def switches(self) -> Switches:
        return Switches(self.aws.client("s3"), self.settings.app, ACCOUNT)

    def leftovers(self) -> list[str]:
        """Return what exists in the account, except the CDK's bootstrap and what the owner has: zones, names, secrets.

        And except the record sets that still answer with the servers (docs/decisions/0011-adoption.md), and the
        buckets of access logs, whose objects expire (docs/decisions/0015-access-logs.md).
        """
        owners = {f"{server.cname}. A" for server in self.settings.servers if server.cname}
        leftovers = {
            kind: [name for name in names if not name.endswith(f" {PLACEHOLDER}") and name not in owners]
            for kind, names in self.aws.resources().items()
        }
        leftovers["buckets"] = [name for name in leftovers["buckets"] if not self._has_expiration(name)]
        return [f"{kind}: {', '.join(names)}" for kind, names in leftovers.items() if names]

    def unanswered(self) -> list[str]:
        """Return the hosts for which DNS does not answer with their server's addresses."""
        owners = [(host, server) for server in self.settings.servers for host in server.hosts]
        name_server = self.name_server()
        return [host.name for host, server in owners if not resolve(host, name_server).are_of_server(server)]

    def _has_expiration(self, bucket: str) -> bool:
        s3 = self.aws.client("s3")
        try:
            rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
        except s3.exceptions.ClientError:  # no rules
            return False
        return any("Expiration" in rule for rule in rules)

    def _client(self, timeout_seconds: float) -> HttpsClient:
        trust = ssl.create_default_context(cafile=str(self.certificate_authority))
        return HttpsClient(trust, timeout_seconds=timeout_seconds, proxy=self.aws.gateway, clock=self.aws.clock)

    def _declared(self) -> tuple[CertificateSettings, ...]:
        return self.settings.certificate, *self.settings.certificates

    def _copy_settings(self, folder: Path) -> dict[str, IssuedCertificate]:
        """Write the copy of the settings; return the throwaway certificates by their folder."""
        self.settings_path = folder / "failover.toml"
        text = self._original_path.read_text(encoding="utf-8-sig")
        # An ARN has the account and the suffix of the real secret.
        owners = (self._original.certificate, *self._original.certificates)
        for secret in (certificate.private_key_secret for certificate in owners):
            if secret.startswith("arn:"):
                text = text.replace(secret, secret.rpartition(":")[2].rpartition("-")[0])
        pages = self._original_path.parent / PAGES_FOLDER
        if pages.is_dir():
            shutil.copytree(pages, folder / PAGES_FOLDER)
        issued: dict[str, IssuedCertificate] = {}
        for certificate in owners:
            if certificate.folder_name not in issued:
                issued[certificate.folder_name] = self._issue(certificate, days=LIFETIME_DAYS)
                issued[certificate.folder_name].write_public_files(_folder(self.settings_path, certificate))
        for additional in self._original.certificates:
            if additional.private_key_version:
                text = text.replace(additional.private_key_version, _version_id(issued[additional.folder_name]))
        self.settings_path.write_text(text, encoding="utf-8")
        self._declare_version(issued[self._original.certificate.folder_name])
        self.settings = load(self.settings_path)
        return issued

    def _declare_version(self, certificate: IssuedCertificate) -> None:
        """Write the version of the throwaway key to the copy, if the owner's settings have a version."""
        if self._original.certificate.private_key_version:
            text = with_version(self.settings_path.read_text(encoding="utf-8"), _version_id(certificate))
            self.settings_path.write_text(text, encoding="utf-8")

    def _create_own_name_records(self) -> None:
        """Create the record of each server's own name, in a zone of the settings or in a separate one."""
        names = {zone.name: zone.id for zone in self.settings.zones}
        for number, server in enumerate(self.settings.servers):
            if not server.cname:
                continue
            zone = longest_zone(server.cname, names)
            if zone is None:
                zone = server.cname.partition(".")[2]
                names[zone] = f"Z0OWNNAMEOFSERVER{number:04}"
                self.aws.control.create_hosted_zone(id=names[zone], name=zone)
            record = {
                "Name": f"{server.cname}.",
                "Type": "A",
                "TTL": OWN_NAME_TTL_SECONDS,
                "ResourceRecords": [{"Value": str(server.ipv4)}],
            }
            self.aws.client("route53").change_resource_record_sets(
                HostedZoneId=names[zone],
                ChangeBatch={"Changes": [{"Action": "UPSERT", "ResourceRecordSet": record}]},
            )

    def _store_key(self, certificate: IssuedCertificate, secret: str) -> None:
        self.aws.client("secretsmanager").put_secret_value(
            SecretId=secret,
            ClientRequestToken=_version_id(certificate),
            SecretString=certificate.private_key_pem,
        )

    def _throwaway(self, hosts: tuple[str, ...]) -> PublicCertificate:
        issued = self.authority.issue(_issuable(hosts), days=LIFETIME_DAYS)
        return parse(issued.body_pem.encode(), issued.chain_pem.encode())

    def _issue(self, owners: CertificateSettings | None = None, *, days: int) -> IssuedCertificate:
        """Return a throwaway certificate for the names of one of the owner's, by default that in [certificate]."""
        return self.authority.issue(_issuable((owners or self._original.certificate).public.names), days=days)


def _issuable(names: Iterable[str]) -> tuple[str, ...]:
    """Return the names without underscores, which real CAs accept, but trustme does not."""
    return tuple(name for name in names if "_" not in name)


def _folder(settings_path: Path, certificate: CertificateSettings) -> Path:
    return settings_path.parent / "certificates" / certificate.folder_name


class ServerOutage:
    def __init__(self, bed: RehearsalBed, mode: Mode) -> None:
        self._bed = bed
        self._mode = mode

    def begin(self, server: Server) -> str:
        """Let the server fail; return a line for the journal."""
        self._bed.servers[server.name].play(self._mode)
        return f"{server.name}: the server {self._mode}"

    def end(self, server: Server) -> str:
        """Let the server work; return a line for the journal."""
        self._bed.servers[server.name].play(Mode.WELL)
        return f"{server.name}: the server works again"


def _version_id(certificate: IssuedCertificate) -> str:
    key = private_key.load("throwaway key", certificate.private_key_pem.encode())
    assert isinstance(key, private_key.PrivateKey)
    return key.version_id


class SwitchOutage:
    """An outage of a drill: the maintenance switch of a working server."""

    def __init__(self, bed: RehearsalBed) -> None:
        self._switches = bed.switches()
        self._settings = bed.settings

    def begin(self, server: Server) -> str:
        """Turn the switch on, as `understudy maintenance on` does; return a line for the journal."""
        self._switches.put(self._settings.switches_of(server)[0], None)
        return f"{server.name}: maintenance on"

    def end(self, server: Server) -> str:
        """Turn the switch off; return a line for the journal."""
        self._switches.remove(self._settings.switches_of(server)[0])
        return f"{server.name}: maintenance off"


def _server_tls(certificates: Sequence[IssuedCertificate], folder: Path) -> ssl.SSLContext:
    """Return TLS settings that present the certificate for the SNI; if none covers it, the first."""
    contexts = [
        (parse(certificate.body_pem.encode(), certificate.chain_pem.encode()), _tls(certificate, folder))
        for certificate in certificates
    ]

    def choose(connection: ssl.SSLObject | ssl.SSLSocket, name: str | None, _: ssl.SSLContext) -> None:
        for public, context in contexts:
            if name and public.covers(name):
                connection.context = context
                return

    first = contexts[0][1]
    if len(contexts) > 1:
        first.sni_callback = choose
    return first


def _tls(certificate: IssuedCertificate, folder: Path) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    # ssl reads keys only from files; this one is removed after the block.
    with tempfile.NamedTemporaryFile("w", dir=folder, encoding="ascii", suffix=".pem") as file:
        file.write(certificate.body_pem + certificate.chain_pem + certificate.private_key_pem)
        file.flush()
        context.load_cert_chain(file.name)
    return context
