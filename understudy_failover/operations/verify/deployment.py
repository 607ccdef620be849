"""What is deployed, from AWS's APIs and name servers: read only, each answer requested once."""

import threading
from collections.abc import Callable, Hashable, Sequence
from copy import copy
from datetime import UTC, datetime
from functools import partial
from typing import Any, TypeVar

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from understudy_failover.contract.printable import printable
from understudy_failover.operations import aws, lookups
from understudy_failover.operations.aws import credentials_fault
from understudy_failover.operations.hosted_zones import RecordSet, record_sets
from understudy_failover.operations.name_server import DnsError, NameServer
from understudy_failover.operations.orphaned_stacks import orphaned_stacks
from understudy_failover.operations.reach import Reach
from understudy_failover.operations.repair.buckets import deployed_files
from understudy_failover.operations.repair.compare import compare
from understudy_failover.operations.repair.declared import NotReadyError, Resource
from understudy_failover.operations.repair.plan import COMMAND, Key, Plan
from understudy_failover.operations.review.templates import identities_deployed
from understudy_failover.operations.switch import SwitchError, Switches
from understudy_failover.page import FILES_DIGEST, Window, files_digest, site_objects
from understudy_failover.settings import Host, HostedZone, Server, Settings
from understudy_failover.settings.sharding import MAIN, stack_name

DEPLOY = "failover.toml is not what is deployed: `cdk deploy --all`"
NOT_COMPARED = "not all of it could be compared with what was deployed; try again when AWS answers"
UNSURE = f"if somebody changed it: {COMMAND}; if failover.toml was edited since the last deploy: `cdk deploy --all`"


def bucket_name(domain_name: str) -> str:
    """`BUCKET.s3.us-east-1.amazonaws.com` → `BUCKET`."""
    return domain_name.partition(".s3.")[0]


class Deployment:
    """One installation, or what one certificate of it has (`under`). Every method may raise one of `known.ERRORS`.

    Of the whole installation, what there is for each certificate is that of [certificate]: it has the switches.
    `account` is its number where that is told; `now` the time of this machine, in UTC; `ipv6` whether this machine
    can ask over IPv6; `config` another one for boto3's clients.
    """

    def __init__(
        self,
        settings: Settings,
        reach: Reach,
        *,
        account: str | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
        ipv6: bool = True,
        config: Config | None = None,
    ) -> None:
        self.settings = settings
        self.reach = reach
        self.now = now
        self.ipv6 = ipv6
        self._config = config
        self._account = account
        self._known = Known()
        self._certificate = MAIN
        self.whole = settings
        """The settings of the whole installation."""

    def under(self, certificate: str) -> "Deployment":
        """What the certificate of that name has: its settings (`Settings.for_certificate`), its distribution."""

        def part() -> Deployment:
            view = copy(self)
            view._certificate = certificate
            view.settings = self.whole.for_certificate(certificate)
            return view

        # Asked for by every host of a large file.
        return self._known.once(("part", certificate), part)

    @property
    def parts(self) -> "list[Deployment]":
        return [self.under(name) for name in self.whole.certificate_names]

    def client(self, service: str) -> Any:
        return self._known.once(("client", service), partial(aws.client, service, self._config))

    @property
    def has_switches(self) -> bool:
        """Whether the checks of the maintenance switches ask this distribution: that of [certificate]."""
        return self._certificate == MAIN and self.whole.has_switches

    @property
    def hosts(self) -> list[tuple[Server, Host]]:
        return [(server, host) for server in self.settings.servers for host in server.hosts]

    def identity(self) -> dict[str, Any]:
        return self._known.once("identity", lambda: dict(self.client("sts").get_caller_identity()))

    def account(self) -> str:
        return self._account or str(self.identity()["Account"])

    @property
    def stack_names(self) -> list[str]:
        """Of every certificate and of all servers, in the order in which they are deployed."""
        whole = self.whole
        return [
            *(stack_name(whole.app, "maintenance", name) for name in whole.certificate_names),
            *(stack_name(whole.app, "failover", name) for name in whole.stack_names),
        ]

    def stack(self, name: str) -> dict[str, Any]:
        def ask() -> dict[str, Any]:
            if stack := lookups.stack(self.client("cloudformation"), name):
                return stack
            raise NotThereError(f"stack {name} is not deployed")

        return self._known.once(("stack", name), ask)

    def topic_arn(self) -> str:
        """The topic of the notifications, which the first failover stack has."""

        def ask() -> str:
            name = stack_name(self.whole.app, "failover", MAIN)
            self.stack(name)
            for resource in lookups.stack_resources(self.client("cloudformation"), name):
                if resource["ResourceType"] == "AWS::SNS::Topic":
                    return str(resource["PhysicalResourceId"])
            raise NotThereError(f"stack {name} has no topic")

        return self._known.once("topic", ask)

    def planned_work(self) -> dict[str, Window] | None:
        """Return the planned work that the switches state now, by server; None: they cannot be read."""

        def ask() -> dict[str, Window] | None:
            whole = self.whole
            if not whole.has_switches:
                return {}
            try:
                positions = Switches(self.client("s3"), whole.app, self.account()).positions(whole.switches)
            except SwitchError:
                return None
            windows = {}
            for server in whole.servers:
                if on := [position for name in whole.switches_of(server) if (position := positions[name])]:
                    ends = [position.ends_at for position in on if position.ends_at]
                    windows[server.name] = Window(max(ends) if len(ends) == len(on) else None)
            return windows

        return self._known.once("planned work", ask)

    def repairs(self, *, assets: bool = False) -> Plan:
        """What differs from what was deployed, whoever changed it.

        Page objects are compared with the deployed `assets`, or without a look into those where the settings make what
        was deployed.
        """

        def ask() -> Plan:
            by_digest = {files_digest(part.settings): part.settings for part in self.parts}

            def files(_: Any, resource: Resource) -> dict[str, bytes] | None:
                settings = by_digest.get(resource.metadata.get(FILES_DIGEST, ""))
                return {page.key: page.body.encode() for page in site_objects(settings)} if settings else None

            deployed = deployed_files if assets else files
            return compare(self.client, self.stack_names, files=deployed, planned=self.planned_work())

        return self._known.once(("repairs", assets), ask)

    def cure(self, *keys: Key, otherwise: str = DEPLOY) -> str:
        """What to do about one of these resources: repair where it is not as deployed, else `otherwise`."""
        try:
            plan = self.repairs()
            # Without an answer of every service, nothing follows from a plan that is silent.
            return plan.advice(*keys) or (NOT_COMPARED if plan.unseen else otherwise)
        except ERRORS:
            return UNSURE

    def orphaned_stacks(self) -> list[str]:
        """Names of deployed stacks of this installation that the settings have no more, and that hold something."""
        cloudformation = self.client("cloudformation")
        left = orphaned_stacks(cloudformation, identities_deployed(cloudformation, self.stack_names))
        return [name for name, stack in left.items() if stack.template]

    def distribution(self) -> dict[str, Any]:
        return self._known.once(("distribution", self._certificate), self._distribution)

    def forget_distribution(self) -> None:
        self._known.forget(("distribution", self._certificate))

    def distribution_name(self) -> str:
        """Its id, and the name of an additional certificate, for people."""
        identifier = str(self.distribution()["Id"])
        return f"{identifier} ({self._certificate})" if self._certificate else identifier

    def config(self) -> dict[str, Any]:
        config: dict[str, Any] = self.distribution()["DistributionConfig"]
        return config

    def domain_name(self) -> str:
        return str(self.distribution()["DomainName"]).lower()

    def page_bucket(self) -> str:
        target = self.config()["DefaultCacheBehavior"]["TargetOriginId"]
        for origin in self.config()["Origins"]["Items"]:
            if origin["Id"] == target:
                return bucket_name(origin["DomainName"])
        raise NotThereError(f"the distribution has no origin {target}")

    def server_certificates(self, path: str) -> list[dict[str, Any]]:
        return self._known.once(("certificates", path), lambda: lookups.server_certificates(self.client("iam"), path))

    def records(self, zone: HostedZone) -> list[RecordSet]:
        return self._known.once(("records", zone.id), lambda: record_sets(self.client("route53"), zone.id))

    def records_of(self, host: Host) -> list[RecordSet]:
        return [record for record in self.records(host.zone) if record.name == host.name]

    def health_checks(self) -> dict[str, dict[str, Any]]:
        return self._known.once("health checks", lambda: lookups.health_checks(self.client("route53")))

    def delegation_set(self, zone: HostedZone) -> tuple[str, ...]:
        """The names of the name servers that Route 53 gave to a hosted zone, sorted."""

        def ask() -> tuple[str, ...]:
            answer = self.client("route53").get_hosted_zone(Id=zone.id)
            return tuple(sorted(name.rstrip(".").lower() for name in answer["DelegationSet"]["NameServers"]))

        return self._known.once(("delegation set", zone.id), ask)

    def name_servers(self, zone: HostedZone) -> Sequence[NameServer]:
        """The zone's own name servers: from the API or, where that does not answer, from public DNS."""
        if self.reach.name_server:
            return [NameServer(*self.reach.name_server)]
        return self._known.once(("name servers", zone.id), partial(self._name_servers, zone))

    def edge_addresses(self, kind: str) -> tuple[str, ...]:
        """Addresses of CloudFront's edge (`A` or `AAAA`) under the distribution's own name, which never fails over."""

        def ask() -> tuple[str, ...]:
            return self.reach.asked_resolver().records(self.domain_name(), kind).values

        return self._known.once(("edge", self._certificate, kind), ask)

    def _name_servers(self, zone: HostedZone) -> list[NameServer]:
        resolver = self.reach.asked_resolver()
        try:
            names = self.delegation_set(zone)
        except ERRORS:
            names = resolver.records(zone.name, "NS").values
        servers = [NameServer(address) for name in names for address in resolver.addresses(name.rstrip("."), "A")]
        if not servers:
            raise DnsError(f"no name server of {zone.name} is known, or none has an IPv4 address")
        return servers

    def _distribution(self) -> dict[str, Any]:
        cloudfront = self.client("cloudfront")
        return dict(cloudfront.get_distribution(Id=self._distribution_id(cloudfront))["Distribution"])

    def _distribution_id(self, cloudfront: Any) -> str:
        try:
            name = stack_name(self.whole.app, "maintenance", self._certificate)
            if identifier := lookups.outputs(self.stack(name)).get("DistributionId"):
                return identifier
        except ERRORS:
            # Without CloudFormation: by its alternate domain names, which no other distribution can have.
            hosts = {host.name for _, host in self.hosts}
            for distribution in lookups.distributions(cloudfront):
                if hosts & set(distribution.get("Aliases", {}).get("Items", ())):
                    return str(distribution["Id"])
        raise NotThereError(f"there is no distribution of {self.settings.app}")


Answer = TypeVar("Answer")


class NotThereError(Exception):
    """Something that a check needs does not exist; the text says what."""


ERRORS = (BotoCoreError, ClientError, DnsError, NotThereError, NotReadyError)
"""What looking at a deployment raises when it cannot see."""


class Known:
    """Remembers answers and errors by key; of several threads one asks, and the others wait for its answer."""

    def __init__(self) -> None:
        self._answers: dict[Hashable, Any] = {}
        self._errors: dict[Hashable, Exception] = {}
        # Also because a boto3 session makes its clients in one thread at a time; re-entrant, as answers need others.
        self._lock = threading.RLock()

    def once(self, key: Hashable, ask: Callable[[], Answer]) -> Answer:
        """The answer of `ask`, the first time; afterwards the same, or the same error again."""
        with self._lock:
            if key in self._errors:
                raise self._errors[key]
            if key not in self._answers:
                try:
                    self._answers[key] = ask()
                except ERRORS as error:
                    self._errors[key] = error
                    raise
            answer: Answer = self._answers[key]
            return answer

    def forget(self, key: Hashable) -> None:
        with self._lock:
            self._answers.pop(key, None)
            self._errors.pop(key, None)


def in_words(error: Exception) -> str:
    """Return a line for a person."""
    if fault := credentials_fault(error):
        return fault
    if isinstance(error, ClientError):
        answer = error.response.get("Error", {})
        words = f"{error.operation_name}: {answer.get('Code', 'error')}: {answer.get('Message', '')}".rstrip(": ")
        return printable(words)
    return printable(" ".join(str(error).split()))
