"""How far a host name is on its way into the failover, or out of it: told by its record sets alone.

simple → kept → pair → kept → simple. `kept` is a SECONDARY record set of our own with the server's address, with no
PRIMARY beside it; the deploy makes the pair out of it and leaves it behind when the pair goes
(stacks/handover, docs/decisions/0011-adoption.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from understudy_failover.contract.set_identifiers import KEPT, PAGE, SERVER
from understudy_failover.operations.hosted_zones import SIMPLE, RecordSet
from understudy_failover.settings import Host, Server

ADDRESSES = ("A", "AAAA")


class State(StrEnum):
    """Of one host name."""

    ABSENT = "has no record"
    SIMPLE = "has simple records"
    KEPT = "is kept for a deploy, or after one"
    PAIR = "fails over"
    FAILOVER = "has a failover pair of another tool"
    FOREIGN = "has records that cannot be taken over"


@dataclass(frozen=True)
class Name:
    """A host name with the record sets that its pair will replace, or has replaced."""

    host: Host
    server: Server
    records: tuple[RecordSet, ...]
    """Of types A, AAAA and CNAME; without a simple AAAA beside a server that has no IPv6, which stays."""
    bypassing: tuple[RecordSet, ...]
    """That AAAA."""
    blocking: tuple[RecordSet, ...] = ()
    """Of other types, where the pair is of type CNAME, beside which DNS allows none."""

    @property
    def types(self) -> tuple[str, ...]:
        """Record types of its pair."""
        return tuple(self.server.record_values)

    @property
    def state(self) -> State:
        """Where it is."""
        roles = {_role(record) for record in self.records if record.policy != SIMPLE}
        policies = {record.policy for record in self.records}
        only_simple = policies == {SIMPLE}
        states = (
            (State.ABSENT, not self.records),
            (State.SIMPLE, only_simple),
            (State.KEPT, SIMPLE not in policies and roles == {("SECONDARY", KEPT)}),
            (State.PAIR, SIMPLE not in policies and roles <= OURS),
            # Such as an AAAA record beside a pair of A: the server has got its IPv6 since.
            (State.SIMPLE, roles <= OURS),
            (State.FAILOVER, policies <= {SIMPLE, "failover"}),
        )
        return next((state for state, holds in states if holds), State.FOREIGN)

    def values(self, type_: str) -> tuple[str, ...]:
        """What the server's own records of that type answer."""
        return self.server.record_values[type_]


OURS = {("PRIMARY", SERVER), ("SECONDARY", PAGE), ("SECONDARY", KEPT)}


def name(host: Host, server: Server, records: Sequence[RecordSet]) -> Name:
    """A host name among the record sets of its zone."""
    found = [one for one in records if one.name == host.name and one.type in {*ADDRESSES, "CNAME"}]
    # A CNAME stands for IPv6, too, but goes.
    bypassing = [
        one for one in found if one.type == "AAAA" and server.record_values.keys() == {"A"} and one.policy == SIMPLE
    ]
    blocking = [
        one for one in records if one.name == host.name and one not in found and "CNAME" in server.record_values
    ]
    return Name(host, server, tuple(one for one in found if one not in bypassing), tuple(bypassing), tuple(blocking))


def _role(record: RecordSet) -> tuple[str, str]:
    return record.failover, record.set_identifier
