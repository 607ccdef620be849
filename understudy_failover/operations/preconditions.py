"""The preconditions of a drill: the deployment is in a steady state, and is what failover.toml declares."""

from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Executor
from datetime import datetime, timedelta
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError

from understudy_failover.contract.switch import FOR_ALL
from understudy_failover.operations.aws import in_words
from understudy_failover.operations.cached_failure import ANOTHER_RESOLVER
from understudy_failover.operations.failover_pairs import Kind, Pair, pairs, wrong
from understudy_failover.operations.https_client import HttpsClient
from understudy_failover.operations.maintenance_response import PageRequest, ask
from understudy_failover.operations.name_server import AddressSource
from understudy_failover.operations.observation import ServedBy, client_name, observe
from understudy_failover.operations.switch import SwitchError, Switches
from understudy_failover.operations.switch_command import whose
from understudy_failover.operations.timestamps import rfc3339
from understudy_failover.operations.undeployed import DEPLOY_OR_UNDO, undeployed
from understudy_failover.operations.windows import Windows
from understudy_failover.settings import Server, Settings

PairsByRecord = Mapping[tuple[str, Kind], Pair]


class Preconditions:
    """What a drill runs on. Every method yields what is wrong, or what cannot be checked and why."""

    def __init__(
        self,
        settings: Settings,
        servers: Sequence[Server],
        *,
        switches: Switches,
        windows: Windows,
        route53: Any,
        cloudformation: Any,
        client: HttpsClient,
        name_server: AddressSource,
        workers: Executor,
    ) -> None:
        self._settings = settings
        self._servers = servers
        self._switches = switches
        self._windows = windows
        self._route53 = route53
        self._cloudformation = cloudformation
        self._client = client
        self._name_server = name_server
        self._workers = workers

    def violations(self, now: datetime, seconds: float) -> Iterator[str]:
        """Yield every reason against a drill that begins `now` and lasts at most `seconds`."""
        yield from self._switched_on()
        yield from self._windows_until(now, now + timedelta(seconds=seconds))
        yield from self._not_on_their_servers()
        deployed_pairs: dict[tuple[str, Kind], Pair] = {}
        try:
            for zone in self._settings.zones:
                deployed_pairs |= pairs(self._route53, zone)
        except (BotoCoreError, ClientError) as error:
            yield f"the record sets cannot be read: {in_words(error)}"
            return
        for server in self._servers:
            for host in server.hosts:
                yield from wrong(server, host, deployed_pairs, self._settings.timing.ttl_seconds)
        yield from self._undeployed()
        yield from self._bad_pages(deployed_pairs)

    def _undeployed(self) -> Iterator[str]:
        """Hosts, thresholds and holds that failover.toml has otherwise: the bounds of the drill would be wrong."""
        try:
            differences = undeployed(self._cloudformation, self._settings, ttls=False)
        except (BotoCoreError, ClientError) as error:
            yield f"the deployed templates cannot be read: {in_words(error)}"
            return
        for difference in differences:
            yield f"failover.toml is not what is deployed: {difference}; {DEPLOY_OR_UNDO}"

    def _switched_on(self) -> Iterator[str]:
        try:
            positions = self._switches.positions(self._settings.switches)
        except (SwitchError, BotoCoreError, ClientError) as error:
            yield f"the switches cannot be read: {in_words(error)}"
            return
        for name, position in positions.items():
            if position:
                command = f"understudy maintenance off {'--all' if name == FOR_ALL else name} --apply"
                yield f"{whose(name)}: its switch is on since {rfc3339(position.since)}; turn it off with `{command}`"

    def _windows_until(self, begin: datetime, end: datetime) -> Iterator[str]:
        try:
            windows = self._windows.all()
        except (BotoCoreError, ClientError) as error:
            yield f"the maintenance windows cannot be read: {in_words(error)}"
            return
        for window in windows:
            if window.start <= end and window.end >= begin:
                yield (
                    f"{whose(window.server)}: a maintenance window lasts from {rfc3339(window.start)} to "
                    f"{rfc3339(window.end)}; wait, or cancel it with `maintenance cancel`"
                )

    def _not_on_their_servers(self) -> Iterator[str]:
        every = [(server, host) for server in self._settings.servers for host in server.hosts]
        observations = self._workers.map(lambda owned: observe(owned[1], self._name_server, self._client), every)
        for (server, host), observation in zip(every, observations, strict=True):
            if observation.cached_failure:
                yield f"{host.name}: {observation.cached_failure}; {ANOTHER_RESOLVER}"
            elif observation.probe.served_by is not ServedBy.SERVER or not observation.answers.are_of_server(server):
                yield f"{host.name}: not on its server, but {observation}"

    def _bad_pages(self, deployed_pairs: PairsByRecord) -> Iterator[str]:
        """The page is asked for at the distribution itself, before anybody is sent there."""
        questions = {
            client_name(host): (PageRequest("GET", "/", address=pair.secondary),)
            for server in self._servers
            for host in server.hosts
            if (pair := deployed_pairs.get((host.name, "CNAME" if server.cname else "A"))) and pair.secondary
        }
        for text in ask(questions, self._client, self._settings, self._workers):
            yield f"the page at the distribution: {text}"
