"""Custom::RecordCutover: the one SECONDARY of a name changes hands, and no name is left without an answer."""

# ruff: noqa: N803 (arguments are called as boto3 calls them)

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from botocore.exceptions import ClientError

from tests.handlers import STACKS, aws_client, load

FILE = STACKS / "record_cutover" / "handler" / "record_cutover.py"
WWW, SHOP, ORG = "www.example.com.", "shop.example.com.", "www.example.org."
ZONES = {WWW: "Z1", SHOP: "Z1", ORG: "Z2"}
ADDRESSES = {"A": "203.0.113.10", "AAAA": "2001:db8::10"}
PAGE = {"DomainName": "d1.cloudfront.net", "HealthCheckId": "of-the-page"}


def properties(*names: str, types: tuple[str, ...] = ("A", "AAAA")) -> dict[str, Any]:
    """Of the custom resource."""
    values = {type_: [ADDRESSES[type_]] for type_ in types}
    return {
        "Hosts": [{"HostedZoneId": ZONES[name], "Name": name, "Page": "", "Values": values} for name in names],
        "Pages": {"": PAGE},
        "AliasZoneId": "Z2FDTNDATAQYW2",
        "TtlSeconds": "30",  # CloudFormation makes text of every number
        "Primary": "server",
        "Secondary": "maintenance-page",
        "Placeholder": "kept-by-understudy",
    }


def record(type_: str, role: str, identifier: str, name: str = WWW) -> dict[str, Any]:
    """A record set with the server's address."""
    return {
        "Name": name,
        "Type": type_,
        "SetIdentifier": identifier,
        "Failover": role,
        "TTL": 30,
        "ResourceRecords": [{"Value": ADDRESSES[type_]}],
    }


def primary(type_: str = "A", name: str = WWW) -> dict[str, Any]:
    return record(type_, "PRIMARY", "server", name)


def placeholder(type_: str = "A", name: str = WWW) -> dict[str, Any]:
    return record(type_, "SECONDARY", "kept-by-understudy", name)


def page(type_: str = "A", name: str = WWW) -> dict[str, Any]:
    """As CloudFormation makes it from the template."""
    alias = {"DNSName": PAGE["DomainName"], "HostedZoneId": "Z2FDTNDATAQYW2", "EvaluateTargetHealth": False}
    return {
        "Name": name,
        "Type": type_,
        "SetIdentifier": "maintenance-page",
        "Failover": "SECONDARY",
        "AliasTarget": alias,
        "HealthCheckId": PAGE["HealthCheckId"],
    }


@dataclass
class World:
    """Route 53 with two zones, listed one record set at a time; CloudFormation; Lambda's context."""

    records: list[dict[str, Any]]
    status: str = "UPDATE_IN_PROGRESS"
    errors: list[str] = field(default_factory=list)
    """Codes of errors that the next listings and questions raise."""
    refused_zone: str = ""
    refusal: str = "[refused]"
    not_taken_back: bool = False
    """Whether a zone, once a batch of it was taken, refuses the next one."""
    recovery: dict[str, list[str]] = field(default_factory=dict)
    """By zone its states of accelerated recovery, each for one question; empty: boto3 knows of none."""
    left_seconds: float = 200.0
    batches: list[list[tuple[str, str, str]]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    """Changes whose status was asked for; `in_sync_after` so many questions it is INSYNC."""
    in_sync_after: int = 1
    unanswered: list[str] = field(default_factory=list)
    """Names that some change left without a record set."""

    def client(self, *_: Any, **__: Any) -> Any:
        return self

    def get_remaining_time_in_millis(self) -> int:
        return int(self.left_seconds * 1000)

    def describe_stacks(self, **_: str) -> dict[str, Any]:
        return {"Stacks": [{"StackStatus": self.status}]}

    def get_paginator(self, operation: str) -> Any:
        assert operation == "list_resource_record_sets"
        return self

    def paginate(self, *, HostedZoneId: str) -> Iterator[dict[str, Any]]:
        if self.errors:
            raise ClientError({"Error": {"Code": self.errors.pop(0)}}, "ListResourceRecordSets")
        for record in self.records:
            if ZONES.get(record["Name"].replace("\\052", "*"), "Z1") == HostedZoneId:
                yield {"ResourceRecordSets": [record]}

    def change_resource_record_sets(self, *, HostedZoneId: str, ChangeBatch: dict[str, Any]) -> Any:
        if self.recovery.get(HostedZoneId):
            # Nobody has published the code of this one.
            raise ClientError({"Error": {"Code": "Unpublished"}}, "ChangeResourceRecordSets")
        if HostedZoneId == self.refused_zone or (self.not_taken_back and self.batches):
            error = {"Code": "InvalidChangeBatch", "Message": self.refusal}
            raise ClientError({"Error": error}, "ChangeResourceRecordSets")
        names = {record["Name"] for record in self.records}
        self.batches.append([])
        for change in ChangeBatch["Changes"]:
            record = change["ResourceRecordSet"]
            self.batches[-1].append((change["Action"], record["Type"], record["SetIdentifier"]))
            (self.records.remove if change["Action"] == "DELETE" else self.records.append)(record)
        for record in self.records:
            same = [
                other for other in self.records if (other["Name"], other["Type"]) == (record["Name"], record["Type"])
            ]
            roles = [other.get("Failover") for other in same]
            assert len(roles) == len(set(roles)), "Route 53 accepts one PRIMARY and one SECONDARY"
        self.unanswered += sorted(names - {record["Name"] for record in self.records})
        return {"ChangeInfo": {"Id": f"/change/C{len(self.batches)}"}}

    def get_hosted_zone(self, *, Id: str) -> dict[str, Any]:
        self.left_seconds -= 30
        states = self.recovery.get(Id, [])
        status = states.pop(0) if states else "ENABLED"
        return {"HostedZone": {"Features": {"AcceleratedRecoveryStatus": status}} if self.recovery else {}}

    def get_change(self, *, Id: str) -> dict[str, Any]:
        self.asked.append(Id)
        if self.errors:
            raise ClientError({"Error": {"Code": self.errors.pop(0)}}, "GetChange")
        self.left_seconds -= 60
        return {"ChangeInfo": {"Status": "INSYNC" if len(self.asked) >= self.in_sync_after else "PENDING"}}

    def identifiers(self, name: str, type_: str = "A") -> list[str]:
        """Set identifiers of a name's record sets."""
        return sorted(
            record["SetIdentifier"] for record in self.records if (record["Name"], record["Type"]) == (name, type_)
        )


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> Any:
    aws_client()
    handler: Any = load("record_cutover_handler", FILE)
    monkeypatch.setattr(handler.time, "sleep", lambda _: None)
    return handler


@pytest.fixture
def run(module: Any, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Sends one event to the handler in a world; returns the physical id."""

    def run(
        world: World, request: str, now: dict[str, Any], *, before: dict[str, Any] | None = None, physical_id: str = ""
    ) -> str:
        monkeypatch.setattr(module, "_client", world.client)
        event = {"RequestType": request, "StackId": "stack", "ResourceProperties": now}
        event |= {"OldResourceProperties": before} if before is not None else {}
        event |= {"PhysicalResourceId": physical_id} if physical_id else {}
        identifier: str = module.handle(event, world)["PhysicalResourceId"]
        assert world.unanswered == []
        return identifier

    return run


def test_adopted_names_are_handed_to_their_primaries_in_one_change_of_a_zone(run: Any) -> None:
    other = placeholder(name="zzz.example.com.")
    world = World([primary(), placeholder(), primary(name=SHOP), placeholder(name=SHOP), other])
    run(world, "Create", properties(WWW, SHOP, types=("A",)))
    assert world.batches == [[("DELETE", "A", "kept-by-understudy")] * 2]
    assert world.records == [primary(), primary(name=SHOP), other]


def test_of_new_names_nothing_is_changed(run: Any) -> None:
    world = World([primary("A"), primary("AAAA")])
    run(world, "Create", properties(WWW))
    assert world.batches == []


def test_without_its_primary_a_placeholder_is_never_deleted_nor_any_other(run: Any) -> None:
    records = [primary(name=SHOP), placeholder(name=SHOP), placeholder()]
    world = World(list(records))
    with pytest.raises(Exception, match=r"www\.example\.com\. A has no PRIMARY record set server"):
        run(world, "Create", properties(SHOP, WWW, types=("A",)))
    assert world.records == records


def test_before_the_primaries_go_placeholders_answer_for_every_host(run: Any) -> None:
    world = World([primary(), primary(name=SHOP), primary(name=ORG)], status="DELETE_IN_PROGRESS")
    gone = properties(WWW, SHOP, ORG, types=("A",))
    assert run(world, "Delete", gone, physical_id="record-cutover-0") == "record-cutover-0"
    assert [world.identifiers(name) for name in (WWW, SHOP, ORG)] == [["kept-by-understudy", "server"]] * 3
    assert len(world.batches) == 2, "one change of each zone"
    run(world, "Delete", gone, physical_id="record-cutover-0")
    assert len(world.batches) == 2, "a repetition, as after a lost answer, changes nothing"


def test_the_primaries_go_only_when_every_name_server_knows_the_placeholders(run: Any) -> None:
    world = World([primary(), primary(name=ORG)], in_sync_after=3, left_seconds=400)
    run(world, "Delete", properties(WWW, ORG, types=("A",)), physical_id="record-cutover-0")
    assert world.asked == ["/change/C1"] * 3 + ["/change/C2"]


def test_what_takes_longer_than_the_function_may_is_not_waited_for(run: Any) -> None:
    world = World([primary()], in_sync_after=99)
    run(world, "Delete", properties(WWW, types=("A",)), physical_id="record-cutover-0")
    assert placeholder() in world.records
    assert 0 < len(world.asked) < 5


def test_a_rollback_of_a_first_deploy_leads_to_what_there_was(run: Any) -> None:
    declared = properties(SHOP, WWW, ORG, types=("A",))
    world = World([primary(), placeholder(), primary(name=SHOP), primary(name=ORG), placeholder(name=ORG)])
    identifier = run(world, "Create", declared)
    world.status = "ROLLBACK_IN_PROGRESS"
    run(world, "Delete", declared, physical_id=identifier)
    assert world.identifiers(WWW) == world.identifiers(ORG) == ["kept-by-understudy", "server"]
    assert world.identifiers(SHOP) == ["server"], "a name that had no record gets none"


def test_the_physical_id_fits_however_many_hosts_a_stack_has(module: Any) -> None:
    hosts = properties(*[WWW] * 500)["Hosts"]
    assert len(module._physical_id(hosts, {("Z1", WWW)})) < 1_024


def test_a_page_that_is_still_there_makes_room_in_the_same_change(run: Any) -> None:
    world = World([primary(), page()])
    run(world, "Delete", properties(WWW, types=("A",)), physical_id="record-cutover-0")
    assert world.batches == [[("DELETE", "A", "maintenance-page"), ("CREATE", "A", "kept-by-understudy")]]


def test_a_name_that_somebody_made_simple_is_left_alone(run: Any) -> None:
    simple = {"Name": WWW, "Type": "A", "TTL": 30, "ResourceRecords": [{"Value": "203.0.113.10"}]}
    world = World([simple])
    run(world, "Delete", properties(WWW, types=("A",)), physical_id="record-cutover-1")
    assert world.records == [simple]


def test_an_update_keeps_the_physical_id_and_cuts_over_what_came_later(run: Any) -> None:
    world = World([primary("A"), primary("AAAA"), page("A"), placeholder("AAAA")])
    before, now = properties(WWW, types=("A",)), properties(WWW)
    assert run(world, "Update", now, before=before, physical_id="record-cutover-1") == "record-cutover-1"
    assert world.records == [primary("A"), primary("AAAA"), page("A")]


def test_an_update_without_a_change_of_hosts_changes_no_record_set(run: Any) -> None:
    world = World([primary(), page()])
    same = properties(WWW, types=("A",))
    run(world, "Update", same | {"TtlSeconds": "60"}, before=same, physical_id="record-cutover-0")
    assert world.batches == []


def test_a_host_that_goes_is_answered_by_its_placeholder_before_its_pair_goes(run: Any) -> None:
    world = World([primary(), page(), primary(name=SHOP), page(name=SHOP)], in_sync_after=2)
    before, now = properties(WWW, SHOP, types=("A",)), properties(WWW, types=("A",))
    run(world, "Update", now, before=before, physical_id="record-cutover-0")
    assert world.identifiers(SHOP) == ["kept-by-understudy", "server"]
    assert world.identifiers(WWW) == ["maintenance-page", "server"]
    assert len(world.asked) == 2


def test_when_that_update_rolls_back_the_host_has_its_page_again(run: Any) -> None:
    pair = [primary(name=SHOP), page(name=SHOP)]
    world = World([primary(), page(), *pair])
    before, now = properties(WWW, SHOP, types=("A",)), properties(WWW, types=("A",))
    run(world, "Update", now, before=before, physical_id="record-cutover-0")
    world.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    run(world, "Update", before, before=now, physical_id="record-cutover-0")
    assert [record for record in world.records if record["Name"] == SHOP] == pair


def test_the_page_of_a_cname_pair_comes_back_as_a_cname(run: Any) -> None:
    named = {**record("A", "SECONDARY", "kept-by-understudy"), "Type": "CNAME"}
    first = {**primary(), "Type": "CNAME"}
    world = World([first, named], status="UPDATE_ROLLBACK_IN_PROGRESS")
    declared = properties(WWW, types=("A",))
    declared["Hosts"][0]["Values"] = {"CNAME": ["web.example.net"]}
    run(world, "Update", declared, before=properties(), physical_id="record-cutover-0")
    (restored,) = (record for record in world.records if record["SetIdentifier"] == "maintenance-page")
    assert restored == {
        **{key: page()[key] for key in ("Name", "SetIdentifier", "Failover", "HealthCheckId")},
        "Type": "CNAME",
        "TTL": 30,
        "ResourceRecords": [{"Value": PAGE["DomainName"]}],
    }


def test_an_adopted_host_of_an_update_that_rolls_back_keeps_an_answer(run: Any) -> None:
    world = World([primary(), page(), primary(name=SHOP), placeholder(name=SHOP)])
    before, now = properties(WWW, types=("A",)), properties(WWW, SHOP, types=("A",))
    run(world, "Update", now, before=before, physical_id="record-cutover-0")
    world.records.append(page(name=SHOP))  # CloudFormation goes on, and fails later
    world.status = "UPDATE_ROLLBACK_IN_PROGRESS"
    run(world, "Update", before, before=now, physical_id="record-cutover-0")
    assert world.identifiers(SHOP) == ["kept-by-understudy", "server"]


def test_what_a_zone_refuses_leaves_the_others_as_they_were(run: Any, module: Any) -> None:
    records = [primary(), placeholder(), primary(name=ORG), placeholder(name=ORG)]
    world = World(list(records), refused_zone="Z2", refusal="[ACTIVE_RECORD_CHECK: still asked]")
    with pytest.raises(module.RecordCutoverError) as error:
        run(world, "Create", properties(WWW, ORG, types=("A",)))
    assert sorted(map(str, world.records)) == sorted(map(str, records))
    assert "Z2: [ACTIVE_RECORD_CHECK: still asked]. No record set was changed." in str(error.value)


def test_what_cannot_be_taken_back_either_is_named(run: Any, module: Any) -> None:
    world = World([primary(), placeholder(), primary(name=ORG), placeholder(name=ORG)], not_taken_back=True)
    with pytest.raises(module.RecordCutoverError, match=r"Z2: .*Changes of Z1 could not be undone"):
        run(world, "Create", properties(WWW, ORG, types=("A",)))


@pytest.mark.parametrize(
    "state", ["ENABLING", "ENABLING_HOSTED_ZONE_LOCKED", "DISABLING", "DISABLING_HOSTED_ZONE_LOCKED"]
)
def test_a_transition_of_accelerated_recovery_is_waited_for_while_there_is_time(
    run: Any, module: Any, state: str
) -> None:
    world = World([primary(), placeholder()], recovery={"Z1": [state] * 3})
    run(world, "Create", properties(WWW, types=("A",)))
    assert world.records == [primary()]
    world = World([primary(), placeholder()], recovery={"Z1": [state] * 99})
    with pytest.raises(module.RecordCutoverError, match=f"Z1: accelerated recovery is {state}. No record set"):
        run(world, "Create", properties(WWW, types=("A",)))


def test_a_host_that_moves_to_another_zone_leaves_one_and_comes_to_the_other(
    run: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = properties(WWW, types=("A",))
    monkeypatch.setitem(ZONES, WWW, "Z2")
    world = World([primary()])
    run(world, "Update", properties(WWW, types=("A",)), before=before, physical_id="record-cutover-0")
    assert world.batches == [], "its old zone has no such PRIMARY here"


def test_a_wildcard_is_found_as_route_53_writes_it(run: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(ZONES, "*.example.com.", "Z1")
    world = World([{**record, "Name": "\\052.example.com."} for record in (primary(), placeholder())])
    run(world, "Create", properties("*.example.com.", types=("A",)))
    assert [record["Failover"] for record in world.records] == ["PRIMARY"]


def test_too_many_questions_are_waited_for_and_a_zone_that_is_gone_is_not(run: Any) -> None:
    world = World([primary(), placeholder()], errors=["PriorRequestNotComplete", "Throttling"])
    run(world, "Create", properties(WWW, types=("A",)))
    assert world.records == [primary()]
    run(World([], errors=["NoSuchHostedZone"]), "Delete", properties(WWW), physical_id="record-cutover-1")
    with pytest.raises(ClientError):
        run(World([primary()], errors=["Throttling"], left_seconds=5), "Create", properties(WWW))
