"""The state of a host name between simple records and a failover pair, from its record sets alone.

simple → placeholder → pair → placeholder → simple. A placeholder is a SECONDARY record set of our own with the server's
address and no PRIMARY beside it; the deploy replaces it by the pair and leaves it when the pair is removed
(stacks/record_cutover, docs/decisions/0011-adoption.md).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from understudy_failover.contract.set_identifiers import PAGE, PLACEHOLDER, SERVER
from understudy_failover.operations.hosted_zones import SIMPLE, RecordSet
from understudy_failover.settings import Host, Server

ADDRESSES = ("A", "AAAA")


class State(StrEnum):
    ABSENT = "has no record"
    SIMPLE = "has simple records"
    PLACEHOLDER = "has a placeholder record"
    PAIR = "fails over"
    FAILOVER = "has a failover pair of another tool"
    FOREIGN = "has records that cannot be taken over"


@dataclass(frozen=True)
class Name:
    """A host name with the record sets that its pair replaces, or has replaced."""

    host: Host
    server: Server
    records: tuple[RecordSet, ...]
    """Of types A, AAAA and CNAME; without a simple AAAA beside a server that has no IPv6, which stays."""
    bypassing: tuple[RecordSet, ...]
    """That AAAA."""
    blocking: tuple[RecordSet, ...] = ()
    """Records of other types, beside which DNS allows no CNAME."""

    @property
    def types(self) -> tuple[str, ...]:
        return tuple(self.server.record_values)

    @property
    def state(self) -> State:
        roles = {_role(record) for record in self.records if record.policy != SIMPLE}
        policies = {record.policy for record in self.records}
        only_simple = policies == {SIMPLE}
        states = (
            (State.ABSENT, not self.records),
            (State.SIMPLE, only_simple),
            (State.PLACEHOLDER, SIMPLE not in policies and roles == {("SECONDARY", PLACEHOLDER)}),
            (State.PAIR, SIMPLE not in policies and roles <= OWN_ROLES),
            # Such as an AAAA record beside a pair of type A, whose server has an IPv6 address now.
            (State.SIMPLE, roles <= OWN_ROLES),
            (State.FAILOVER, policies <= {SIMPLE, "failover"}),
        )
        return next((state for state, holds in states if holds), State.FOREIGN)

    def values(self, type_: str) -> tuple[str, ...]:
        return self.server.record_values[type_]


OWN_ROLES = {("PRIMARY", SERVER), ("SECONDARY", PAGE), ("SECONDARY", PLACEHOLDER)}


def name(host: Host, server: Server, records: Sequence[RecordSet]) -> Name:
    own = [record for record in records if record.name == host.name and record.type in {*ADDRESSES, "CNAME"}]
    # A CNAME answers IPv6, too, but it is replaced.
    bypassing = [
        record
        for record in own
        if record.type == "AAAA" and server.record_values.keys() == {"A"} and record.policy == SIMPLE
    ]
    blocking = [
        record
        for record in records
        if record.name == host.name and record not in own and "CNAME" in server.record_values
    ]
    return Name(
        host, server, tuple(record for record in own if record not in bypassing), tuple(bypassing), tuple(blocking)
    )


def _role(record: RecordSet) -> tuple[str, str]:
    return record.failover, record.set_identifier
