"""What every question uses: AWS's APIs, the internet, time, and the ledger of what was created."""

import functools
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar, cast

import boto3
from botocore.exceptions import BotoCoreError, ClientError

from understudy_failover.operations.aws import CONFIG, REGION
from understudy_failover.operations.certificate.source import Source
from understudy_failover.operations.confirm.ledger import Ledger
from understudy_failover.operations.confirm.world import World
from understudy_failover.operations.connection import UnreachableError
from understudy_failover.operations.name_server import DnsError

FAULTS = (BotoCoreError, ClientError, DnsError, UnreachableError, OSError)
"""What a question may meet and goes on after."""
LOOK_SECONDS = 2.0
Value = TypeVar("Value")


class Clock(Protocol):
    """Time, maybe emulated; `sleep` raises Interrupted."""

    def now(self) -> float: ...

    def sleep(self, seconds: float) -> None: ...


class Context:
    """One run; `token` is in the name of every resource that it creates."""

    def __init__(
        self,
        *,
        client: Callable[[str], Any],
        world: World,
        clock: Clock,
        ledger: Ledger,
        zone: str,
        token: str,
        certificates: Sequence[Source] = (),
        settings: Path | None = None,
        patience: float = 1.0,
    ) -> None:
        """`zone` is the name of the user's zone; `patience` shortens every wait of a test."""
        self.client = functools.cache(client)
        self.world = world
        self.clock = clock
        self.ledger = ledger
        self.token = token
        self.host = f"{token}.{zone}"
        self.certificates = certificates
        self.settings = settings
        self._patience = patience
        self._shared: dict[str, Any] = {}

    @functools.cached_property
    def account(self) -> str:
        """The number of the account."""
        return str(self.client("sts").get_caller_identity()["Account"])

    def session_client(self, service: str, credentials: Mapping[str, str]) -> Any:
        """Return a client with credentials of STS."""
        return boto3.client(
            service,
            region_name=REGION,
            config=CONFIG,
            aws_access_key_id=credentials["AccessKeyId"],
            aws_secret_access_key=credentials["SecretAccessKey"],
            aws_session_token=credentials["SessionToken"],
        )

    def create(self, kind: str, name: str, call: Callable[[], Value]) -> Value:
        """Record a resource in the ledger, then return what `call`, which creates it, returns.

        Raises:
            Interrupted: nothing was created.
            LedgerError: likewise.
        """
        self.clock.sleep(0)
        self.ledger.add(kind, name)
        return call()

    def once(self, name: str, make: Callable[[], Value]) -> Value:
        """Return what `make` returned at its first call; a failure is raised again, and nothing is made twice."""
        if name not in self._shared:
            try:
                self._shared[name] = make()
            except FAULTS as error:
                self._shared[name] = error
        found = self._shared[name]
        if isinstance(found, FAULTS):
            raise found
        return cast(Value, found)

    def until(
        self, look: Callable[[], Value | None], *, minutes: float, every: float = LOOK_SECONDS
    ) -> tuple[Value | None, float]:
        """Return the first value of `look` that is not None, and the seconds until then; None if none came in time."""
        began, limit = self.clock.now(), minutes * 60 * self._patience
        while True:
            value = look()
            seconds = self.clock.now() - began
            if value is not None or seconds >= limit:
                return value, seconds
            self.clock.sleep(every)

    def wait(self, minutes: float) -> None:
        """Wait so long."""
        self.clock.sleep(minutes * 60 * self._patience)


def code(error: ClientError) -> str:
    """Return AWS's code of an error."""
    return str(error.response.get("Error", {}).get("Code", ""))


def attempt(call: Callable[[], Any]) -> str:
    """Make a call; return `accepted`, or AWS's code and message."""
    try:
        call()
    except ClientError as error:
        return f"{code(error)}: {error.response['Error'].get('Message', '')}".strip(": ")
    return "accepted"
