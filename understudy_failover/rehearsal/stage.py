"""The stage of a rehearsal: an AWS of its own, hosted zones, a throwaway certificate, sample servers, the CDK."""

import contextlib
import shutil
import ssl
import tempfile
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Self

from understudy_failover.contract.set_identifiers import KEPT
from understudy_failover.emulator import EmbeddedAws, environment_without_aws
from understudy_failover.operations.certificate import private_key
from understudy_failover.operations.certificate.files import with_version
from understudy_failover.operations.https_client import HttpsClient
from understudy_failover.operations.interruption import InterruptibleClock, Interruption
from understudy_failover.operations.name_server import NameServer
from understudy_failover.operations.sight import resolve
from understudy_failover.operations.switch import Switches
from understudy_failover.rehearsal.cdk import Cdk, Synthesis
from understudy_failover.rehearsal.certificates import Authority, CertificateAuthority, IssuedCertificate
from understudy_failover.rehearsal.errors import StageError, UnknownServerError
from understudy_failover.rehearsal.modes import Mode
from understudy_failover.rehearsal.servers import SampleServer, sample_servers
from understudy_failover.settings import CertificateSettings, PublicCertificate, Server, Settings, load
from understudy_failover.settings.aws_values import longest_zone
from understudy_failover.settings.certificate import parse
from understudy_failover.settings.page_folder import FOLDER as PAGES_FOLDER

ACCOUNT = "000000000000"
"""Number of the embedded AWS's one account."""
LIFETIME_DAYS = 90
"""Of the throwaway certificate."""
LOOK_LIMIT_SECONDS = 10
"""Emulated; after which a client of the rehearsal, which is on the same machine, says that nobody answers."""
PATIENCE_SECONDS = 120
"""Emulated; for answers whose speed is not the question."""
NAME_SERVER_LIMIT_SECONDS = 60
"""Real: the embedded AWS answers or is gone."""
OWN_NAME_TTL_SECONDS = 300
"""Of the address under a server's own name, which does not fail over."""
HEALTH_CHECK_LIMIT_SECONDS = 600
"""Emulated; more than the slowest timing profile needs for its first verdict."""


class Stage:
    """Everything around the deployed stacks, for the length of a `with` block; nothing is left afterwards.

    The settings file is the owner's own, copied with its pages beside a throwaway certificate for the same
    names. Only where it names the secret by ARN does the copy name it by its name, and its version by that of a
    throwaway key.
    """

    aws: EmbeddedAws
    clock: InterruptibleClock
    """Of the embedded AWS."""
    settings: Settings
    """As deployed here: with the throwaway certificate."""
    cdk: Cdk
    synthesis: Synthesis
    """Where the stage synthesizes."""
    servers: dict[str, SampleServer]
    certificate_authority: Path
    """The root that clients of the rehearsal trust, in PEM."""
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
        """`rate` emulated seconds pass in a real one; `authority` issues the certificates, a throwaway one by default.

        With `synthesize`, the stacks are synthesized while the rest is prepared.

        Raises:
            SettingsError: the settings are wrong.
        """
        self._original = settings_path
        self._rate = rate
        self._synthesize = synthesize
        self._interruption = interruption
        self._exits = contextlib.ExitStack()
        self.authority: Authority = authority or CertificateAuthority()
        # Throwaway certificates take the place of the owner's anyway, who may have none yet.
        self._owners = load(settings_path, throwaway=self._throwaway)

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
            for secret in sorted({one.private_key_secret for one in self._declared()}):
                self.aws.client("secretsmanager").create_secret(Name=secret)
            for declared in self._declared():
                self._store_key(certificates[declared.folder_name], declared.private_key_secret)
            self._name_servers_of_their_own()
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
        """Every server has a stand-in of its own, which would stand in for all that share its address.

        Raises:
            StageError: two servers have the same address.
        """
        by_address: dict[object, str] = {}
        every = ((server, address) for server in self._owners.servers for address in server.addresses)
        for server, address in every:
            earlier = by_address.setdefault(address, server.name)
            if earlier != server.name:
                raise StageError(
                    f"{self._original}: servers {earlier} and {server.name} share {address}. On AWS that works; "
                    "the rehearsal cannot let one of them fail alone. Rehearse with one of the two in a copy of the "
                    "file (--settings), or list the hosts of both under one server."
                )

    def chosen_servers(self, names: Sequence[str]) -> list[Server]:
        """The servers with these names, in the order of the file; all where there are none.

        Raises:
            UnknownServerError: a name is in no `[[servers]]`.
        """
        known = [server.name for server in self._owners.servers]
        if unknown := [name for name in names if name not in known]:
            raise UnknownServerError(f"{self._original} has no server {', '.join(unknown)}; it has {', '.join(known)}")
        return [server for server in self._owners.servers if not names or server.name in names]

    def renew_certificate(self) -> None:
        """Puts a new certificate and key where the old ones were, for the next deploy."""
        # It ends later, as renewed ones do.
        certificate = self._issue(days=2 * LIFETIME_DAYS)
        certificate.write_public_half(_folder(self.settings_path, self._owners.certificate))
        self._declare_version(certificate)
        self.settings = load(self.settings_path)
        self._store_key(certificate, self.settings.certificate.private_key_secret)

    def wait_for_health_checks(self) -> None:
        """Until every health check has its first verdict, and that is: healthy."""
        deadline = self.clock.now() + HEALTH_CHECK_LIMIT_SECONDS
        while waiting := [check for check in self.aws.control.health_checks() if not check["healthy"]]:
            if self.clock.now() > deadline:
                seen = sorted({checker["reason"] for check in waiting for checker in check["checkers"]})
                raise StageError(f"health checks do not become healthy: {'; '.join(seen)}")
            self.clock.sleep(1)

    def client(self) -> HttpsClient:
        """A client that trusts the throwaway authority alone and resolves names as the world does."""
        return self._client(LOOK_LIMIT_SECONDS)

    def patient_client(self) -> HttpsClient:
        """The same, for whom a busy machine is no outage."""
        return self._client(PATIENCE_SECONDS)

    def name_server(self) -> NameServer:
        """The authoritative name server of the hosted zones."""
        return NameServer(*self.aws.nameserver, timeout_seconds=NAME_SERVER_LIMIT_SECONDS)

    def options(self) -> tuple[str, ...]:
        """Of commands that look at what is deployed: `verify`, `status`."""
        addresses = {
            "--name-server": self.aws.nameserver,
            "--resolver": self.aws.resolver,
            "--proxy": self.aws.gateway,
        }
        named = [word for name, (host, port) in addresses.items() for word in (name, f"{host}:{port}")]
        return (*named, "--ca", str(self.certificate_authority))

    def switches(self) -> Switches:
        """The maintenance switches of what is deployed."""
        return Switches(self.aws.client("s3"), self.settings.app, ACCOUNT)

    def leftovers(self) -> list[str]:
        """What exists in the account apart from the CDK's bootstrap and what the owner has: zones, names, secrets.

        And apart from the record sets that go on answering as the servers (docs/decisions/0011-adoption.md), and the
        buckets of access logs, which empty themselves (docs/decisions/0015-access-logs.md).
        """
        owners = {f"{server.cname}. A" for server in self.settings.servers if server.cname}
        found = {
            kind: [name for name in names if not name.endswith(f" {KEPT}") and name not in owners]
            for kind, names in self.aws.resources().items()
        }
        found["buckets"] = [name for name in found["buckets"] if not self._empties_itself(name)]
        return [f"{kind}: {', '.join(names)}" for kind, names in found.items() if names]

    def unanswered(self) -> list[str]:
        """Hosts for which DNS does not answer with their server's addresses."""
        owners = [(host, server) for server in self.settings.servers for host in server.hosts]
        name_server = self.name_server()
        return [host.name for host, server in owners if not resolve(host, name_server).are_of_server(server)]

    def _empties_itself(self, bucket: str) -> bool:
        s3 = self.aws.client("s3")
        try:
            rules = s3.get_bucket_lifecycle_configuration(Bucket=bucket)["Rules"]
        except s3.exceptions.ClientError:  # it has none
            return False
        return any("Expiration" in one for one in rules)

    def _client(self, timeout_seconds: float) -> HttpsClient:
        trust = ssl.create_default_context(cafile=str(self.certificate_authority))
        return HttpsClient(trust, timeout_seconds=timeout_seconds, proxy=self.aws.gateway, clock=self.aws.clock)

    def _declared(self) -> tuple[CertificateSettings, ...]:
        """Every certificate of the deployed settings."""
        return self.settings.certificate, *self.settings.certificates

    def _copy_settings(self, folder: Path) -> dict[str, IssuedCertificate]:
        """Writes the copy, and answers the throwaway certificates by their folder."""
        self.settings_path = folder / "failover.toml"
        text = self._original.read_text(encoding="utf-8-sig")
        # An ARN holds an account and a suffix that only the real secret has.
        owners = (self._owners.certificate, *self._owners.certificates)
        for secret in (one.private_key_secret for one in owners):
            if secret.startswith("arn:"):
                text = text.replace(secret, secret.rpartition(":")[2].rpartition("-")[0])
        pages = self._original.parent / PAGES_FOLDER
        if pages.is_dir():
            shutil.copytree(pages, folder / PAGES_FOLDER)
        issued: dict[str, IssuedCertificate] = {}
        for one in owners:
            if one.folder_name not in issued:
                issued[one.folder_name] = self._issue(one, days=LIFETIME_DAYS)
                issued[one.folder_name].write_public_half(_folder(self.settings_path, one))
        for further in self._owners.certificates:
            if further.private_key_version:
                text = text.replace(further.private_key_version, _version_id(issued[further.folder_name]))
        self.settings_path.write_text(text, encoding="utf-8")
        self._declare_version(issued[self._owners.certificate.folder_name])
        self.settings = load(self.settings_path)
        return issued

    def _declare_version(self, certificate: IssuedCertificate) -> None:
        """Where the owner names the version of the secret, the copy names that of the throwaway key."""
        if self._owners.certificate.private_key_version:
            text = with_version(self.settings_path.read_text(encoding="utf-8"), _version_id(certificate))
            self.settings_path.write_text(text, encoding="utf-8")

    def _name_servers_of_their_own(self) -> None:
        """The records that a server's own name has with its owner, in a zone of the settings or in one apart."""
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
        """A throwaway certificate in the place of one of the owner's; of that in [certificate] where none is said."""
        return self.authority.issue(_issuable((owners or self._owners.certificate).public.names), days=days)


def _issuable(names: Iterable[str]) -> tuple[str, ...]:
    """Without underscores, which real CAs take, and trustme and DNS host names do not."""
    return tuple(name for name in names if "_" not in name)


def _folder(settings_path: Path, certificate: CertificateSettings) -> Path:
    return settings_path.parent / "certificates" / certificate.folder_name


class StoppedServer:
    """A drill's outage on this stage: the sample server misbehaves."""

    def __init__(self, stage: Stage, mode: Mode) -> None:
        self._stage = stage
        self._mode = mode

    def begin(self, server: Server) -> str:
        """The server fails in the chosen way."""
        self._stage.servers[server.name].play(self._mode)
        return f"{server.name}: the server {self._mode}"

    def end(self, server: Server) -> str:
        """The server works again."""
        self._stage.servers[server.name].play(Mode.WELL)
        return f"{server.name}: the server works again"


def _version_id(certificate: IssuedCertificate) -> str:
    key = private_key.load("throwaway key", certificate.private_key_pem.encode())
    assert isinstance(key, private_key.PrivateKey)
    return key.version_id


class FlippedSwitch:
    """A drill's outage on this stage: the maintenance switch of a server that works."""

    def __init__(self, stage: Stage) -> None:
        self._switches = stage.switches()
        self._settings = stage.settings

    def begin(self, server: Server) -> str:
        """Turns it on, as `understudy maintenance on` does."""
        self._switches.put(self._settings.switches_of(server)[0], None)
        return f"{server.name}: maintenance on"

    def end(self, server: Server) -> str:
        """Turns it off."""
        self._switches.remove(self._settings.switches_of(server)[0])
        return f"{server.name}: maintenance off"


def _server_tls(certificates: Sequence[IssuedCertificate], folder: Path) -> ssl.SSLContext:
    """Presents the certificate that covers the name asked for; where none does, the first."""
    contexts = [(parse(one.body_pem.encode(), one.chain_pem.encode()), _tls(one, folder)) for one in certificates]

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
    # ssl reads keys from files alone; this one is gone after the block.
    with tempfile.NamedTemporaryFile("w", dir=folder, encoding="ascii", suffix=".pem") as file:
        file.write(certificate.body_pem + certificate.chain_pem + certificate.private_key_pem)
        file.flush()
        context.load_cert_chain(file.name)
    return context
