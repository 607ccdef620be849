"""Custom::Handover: the one SECONDARY of a name changes hands, and nobody is left without an answer."""

import importlib.util
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

FILE = Path(__file__).resolve().parents[2] / "stacks" / "handover" / "handler" / "index.py"
NAME = "www.example.com."
ADDRESSES = {"A": "203.0.113.10", "AAAA": "2001:db8::10"}
PROPERTIES = {
    "HostedZoneId": "Z1",
    "Name": NAME,
    "Values": {type_: [address] for type_, address in ADDRESSES.items()},
    "TtlSeconds": "30",  # CloudFormation makes text of every number
    "Primary": "server",
    "Secondary": "maintenance-page",
    "Kept": "kept-by-understudy",
}


def record(type_: str, role: str, identifier: str, *, name: str = NAME) -> dict[str, Any]:
    """A record set with the server's address."""
    return {
        "Name": name,
        "Type": type_,
        "SetIdentifier": identifier,
        "Failover": role,
        "TTL": 30,
        "ResourceRecords": [{"Value": ADDRESSES[type_]}],
    }


def primary(type_: str) -> dict[str, Any]:
    return record(type_, "PRIMARY", "server")


def kept(type_: str) -> dict[str, Any]:
    return record(type_, "SECONDARY", "kept-by-understudy")


@dataclass
class World:
    """Route 53 with one zone, listed one record set at a time; CloudFormation; Lambda's context."""

    records: list[dict[str, Any]]
    status: str = "UPDATE_IN_PROGRESS"
    errors: list[str] = field(default_factory=list)
    """Codes of errors that the next calls raise."""
    left_seconds: float = 200.0
    batches: list[list[tuple[str, str, str]]] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    """Changes whose status was asked for; `in_sync_after` so many questions it is INSYNC."""
    in_sync_after: int = 1

    def client(self, *_: Any, **__: Any) -> Any:
        return self

    def get_remaining_time_in_millis(self) -> int:
        return int(self.left_seconds * 1000)

    def describe_stacks(self, **_: str) -> dict[str, Any]:
        return {"Stacks": [{"StackStatus": self.status}]}

    def list_resource_record_sets(self, **where: str) -> dict[str, Any]:
        if self.errors:
            raise ClientError({"Error": {"Code": self.errors.pop(0)}}, "ListResourceRecordSets")
        start = tuple(where.get(f"StartRecord{part}", "") for part in ("Name", "Type", "Identifier"))
        there = [one for one in sorted(self.records, key=_key) if _key(one) >= start]
        if len(there) <= 1:
            return {"ResourceRecordSets": there, "IsTruncated": False}
        name, type_, identifier = _key(there[1])
        more = {"NextRecordName": name, "NextRecordType": type_, "NextRecordIdentifier": identifier}
        return {"ResourceRecordSets": there[:1], "IsTruncated": True, **more}

    def change_resource_record_sets(self, *, HostedZoneId: str, ChangeBatch: dict[str, Any]) -> Any:  # noqa: N803
        assert HostedZoneId == "Z1"
        self.batches.append([])
        for change in ChangeBatch["Changes"]:
            one = change["ResourceRecordSet"]
            self.batches[-1].append((change["Action"], one["Type"], one["SetIdentifier"]))
            (self.records.remove if change["Action"] == "DELETE" else self.records.append)(one)
        return {"ChangeInfo": {"Id": f"/change/C{len(self.batches)}"}}

    def get_change(self, *, Id: str) -> dict[str, Any]:  # noqa: N803
        self.asked.append(Id)
        if self.errors:
            raise ClientError({"Error": {"Code": self.errors.pop(0)}}, "GetChange")
        self.left_seconds -= 60
        return {"ChangeInfo": {"Status": "INSYNC" if len(self.asked) >= self.in_sync_after else "PENDING"}}


def _key(one: dict[str, Any]) -> tuple[str, ...]:
    return one["Name"], one["Type"], one.get("SetIdentifier", "")


def run(monkeypatch: pytest.MonkeyPatch, world: World, request: str, physical_id: str = "", **more: Any) -> str:
    """The physical id that the handler answers."""
    spec = importlib.util.spec_from_file_location("handover_handler", FILE)
    assert spec
    assert spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    monkeypatch.setattr(module, "_client", world.client)
    monkeypatch.setattr(module.time, "sleep", lambda _: None)
    event = {"RequestType": request, "StackId": "stack", "ResourceProperties": PROPERTIES | more}
    found: str = module.handler(event | {"PhysicalResourceId": physical_id}, world)["PhysicalResourceId"]
    return found


def test_an_adopted_name_is_handed_to_its_primaries_in_one_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    others = [record("A", "SECONDARY", "kept-by-understudy", name="zzz.example.com.")]
    world = World([primary("A"), primary("AAAA"), kept("A"), kept("AAAA"), *others])
    assert run(monkeypatch, world, "Create") == f"Z1/{NAME}/adopted"
    assert world.batches == [[("DELETE", "A", "kept-by-understudy"), ("DELETE", "AAAA", "kept-by-understudy")]]
    assert world.records == [primary("A"), primary("AAAA"), *others]


def test_of_a_new_name_nothing_is_changed(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World([primary("A"), primary("AAAA")])
    assert run(monkeypatch, world, "Create") == f"Z1/{NAME}/new"
    assert world.batches == []


def test_without_its_primary_the_kept_one_is_never_deleted(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World([kept("A")])
    with pytest.raises(Exception, match=r"www\.example\.com\. A has no PRIMARY record set server"):
        run(monkeypatch, world, "Create")
    assert world.records == [kept("A")]


@pytest.mark.parametrize("kind", ["adopted", "new"])
def test_before_the_primaries_go_the_servers_addresses_are_kept(monkeypatch: pytest.MonkeyPatch, kind: str) -> None:
    world = World([primary("A"), primary("AAAA")], status="DELETE_IN_PROGRESS")
    assert run(monkeypatch, world, "Delete", f"Z1/{NAME}/{kind}") == f"Z1/{NAME}/{kind}"
    assert world.records == [primary("A"), primary("AAAA"), kept("A"), kept("AAAA")]
    run(monkeypatch, world, "Delete", f"Z1/{NAME}/{kind}")
    assert len(world.batches) == 1, "a repetition, as after a lost answer, is none"


def test_the_primaries_go_only_when_every_name_server_knows_the_kept_ones(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World([primary("A")], in_sync_after=3)
    run(monkeypatch, world, "Delete", f"Z1/{NAME}/new")
    assert world.asked == ["/change/C1"] * 3


def test_what_takes_longer_than_the_function_may_is_not_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World([primary("A")], in_sync_after=99)
    run(monkeypatch, world, "Delete", f"Z1/{NAME}/new")
    assert kept("A") in world.records
    assert 0 < len(world.asked) < 5


@pytest.mark.parametrize(("kind", "stays"), [("new", False), ("adopted", True)])
def test_a_roll_back_leads_to_what_there_was(monkeypatch: pytest.MonkeyPatch, kind: str, stays: bool) -> None:
    world = World([primary("A")], status="ROLLBACK_IN_PROGRESS")
    run(monkeypatch, world, "Delete", f"Z1/{NAME}/{kind}")
    assert (kept("A") in world.records) is stays


def test_a_page_that_is_still_there_makes_room_in_the_same_batch(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World([primary("A"), record("A", "SECONDARY", "maintenance-page") | {"HealthCheckId": "of-the-page"}])
    run(monkeypatch, world, "Delete", f"Z1/{NAME}/new")
    assert world.batches == [[("DELETE", "A", "maintenance-page"), ("CREATE", "A", "kept-by-understudy")]]


def test_a_name_that_somebody_made_simple_is_left_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    simple = {"Name": NAME, "Type": "A", "TTL": 30, "ResourceRecords": [{"Value": "203.0.113.10"}]}
    world = World([simple])
    run(monkeypatch, world, "Delete", f"Z1/{NAME}/adopted")
    assert world.records == [simple]


def test_an_update_keeps_the_physical_id_and_hands_over_what_came_later(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World([primary("A"), primary("AAAA"), kept("AAAA")])
    assert run(monkeypatch, world, "Update", f"Z1/{NAME}/new") == f"Z1/{NAME}/new"
    assert world.records == [primary("A"), primary("AAAA")]


def test_a_host_that_moves_to_another_zone_is_another_resource(monkeypatch: pytest.MonkeyPatch) -> None:
    assert run(monkeypatch, World([primary("A")]), "Update", f"Z0/{NAME}/adopted") == f"Z1/{NAME}/new"


def test_a_wildcard_is_found_as_route_53_writes_it(monkeypatch: pytest.MonkeyPatch) -> None:
    world = World([{**one, "Name": "\\052.example.com."} for one in (primary("A"), kept("A"))])
    answer = {"ResourceRecordSets": list(world.records), "IsTruncated": False}
    monkeypatch.setattr(world, "list_resource_record_sets", lambda **_: answer)
    assert run(monkeypatch, world, "Create", Name="*.example.com.").endswith("/adopted")
    assert [one["Failover"] for one in world.records] == ["PRIMARY"]


def test_a_policy_that_is_not_there_yet_is_waited_for_and_a_zone_that_is_gone_is_not(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    world = World([primary("A"), kept("A")], errors=["AccessDenied", "Throttling"])
    assert run(monkeypatch, world, "Create").endswith("/adopted")
    run(monkeypatch, World([], errors=["NoSuchHostedZone"]), "Delete", f"Z1/{NAME}/adopted")
    with pytest.raises(ClientError):
        run(monkeypatch, World([primary("A")], errors=["AccessDenied"], left_seconds=5), "Create")
