"""A question and its answer; the AWS APIs, the internet, the clock and the ledger that every question uses."""

import functools
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, TypeVar, cast

from botocore.exceptions import BotoCoreError, ClientError

from understudy_failover.operations.certificate.source import Source
from understudy_failover.operations.confirm.ledger import Ledger
from understudy_failover.operations.connection import UnreachableError
from understudy_failover.operations.https_client import OpenSession
from understudy_failover.operations.journal import Clock
from understudy_failover.operations.name_server import DnsError, NameServer, RecordsFound
from understudy_failover.operations.polling import poll
from understudy_failover.operations.reach import Reach
from understudy_failover.operations.tls_probe import presented

FAULTS = (BotoCoreError, ClientError, DnsError, UnreachableError, OSError)
"""Errors that leave one question open; the next one is asked."""
INTERVAL_SECONDS = 2.0
Value = TypeVar("Value")


class Internet:
    def __init__(self, reach: Reach) -> None:
        self._reach = reach

    def records(self, servers: Sequence[str], name: str) -> RecordsFound:
        """Return the A records that the first of these name servers answers. Raise DnsError if none does."""
        if self._reach.name_server:
            return NameServer(*self._reach.name_server).records(name, "A")
        fault = DnsError("no name server has an address")
        for server in servers:
            for address in self._reach.asked_resolver().addresses(server, "A"):
                try:
                    return NameServer(address).records(name, "A")
                except DnsError as error:
                    fault = error
        raise fault

    def status(self, host: str, path: str) -> int:
        return self._reach.client().request(host, path=path).status

    def speaks_http2(self, host: str) -> bool:
        """Return whether the host chooses HTTP/2 from HTTP/2 and HTTP/1.1. Raise UnreachableError."""
        return presented(host, host, timeout_seconds=self._reach.timeout_seconds, proxy=self._reach.proxy).speaks_http2

    def connect(self, host: str) -> OpenSession:
        return self._reach.client().open(host)


class Context:
    """One run; `token` is in the name of every resource that it creates."""

    def __init__(
        self,
        *,
        client: Callable[[str], Any],
        internet: Internet,
        clock: Clock,
        ledger: Ledger,
        zone: str,
        token: str,
        certificates: Sequence[Source] = (),
        settings: Path | None = None,
        patience: float = 1.0,
    ) -> None:
        """`zone` is the name of the user's zone; `patience` shortens every time limit in a test."""
        self.client = functools.cache(client)
        self.internet = internet
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
        return str(self.client("sts").get_caller_identity()["Account"])

    def create(self, kind: str, name: str, call: Callable[[], Value]) -> Value:
        """Record a resource in the ledger, then return what `call`, which creates it, returns.

        Raise Interrupted, LedgerError: nothing was created.
        """
        self.clock.sleep(0)
        self.ledger.add(kind, name)
        return call()

    def once(self, name: str, make: Callable[[], Value]) -> Value:
        """Return what `make` returned at its first call; raise its failure again instead of a second call."""
        if name not in self._shared:
            try:
                self._shared[name] = make()
            except FAULTS as error:
                self._shared[name] = error
        result = self._shared[name]
        if isinstance(result, FAULTS):
            raise result
        return cast(Value, result)

    def until(
        self, probe: Callable[[], Value | None], *, minutes: float, every: float = INTERVAL_SECONDS
    ) -> tuple[Value | None, float]:
        """Return the first value of `probe` that is not None and the seconds until then; None if none came in time."""
        limit = minutes * 60 * self._patience
        now, sleep = self.clock.now, self.clock.sleep
        return poll(probe, limit_seconds=limit, interval_seconds=every, now=now, sleep=sleep)


Verdict = Literal["yes", "no", "measured", "open"]
"""`open`: there is no answer yet; the evidence says why, and what to do."""


@dataclass(frozen=True)
class Answer:
    verdict: Verdict
    evidence: str


@dataclass(frozen=True)
class Question:
    id: str
    text: str
    ask: Callable[[Context], Answer]
    minutes: int
    """Time limit, without the shared resources."""
    dollars: float = 0.0
    """Cost at most, without the shared resources."""


def yes_or_no(yes: bool, evidence: str) -> Answer:
    return Answer("yes" if yes else "no", evidence)


def error_code(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get("Code", ""))


def attempt(call: Callable[[], Any]) -> str:
    """Make a call; return `accepted`, or AWS's code and message."""
    try:
        call()
    except ClientError as error:
        return f"{error_code(error)}: {error.response['Error'].get('Message', '')}".strip(": ")
    return "accepted"
