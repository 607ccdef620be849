"""`understudy import` and `detach`: what is planned, refused, taken back and restored."""

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.account import log_in
from understudy_failover.cli import main
from understudy_failover.contract.set_identifiers import PAGE, PLACEHOLDER, SERVER
from understudy_failover.operations.hosted_zones import record_sets
from understudy_failover.operations.interruption import Interruption
from understudy_failover.operations.record_import import carry_out, command
from understudy_failover.rehearsal.bed import RehearsalBed

COM = "Z0EXAMPLECOM00000001"
SERVER_A = "203.0.113.10"


class Live:
    """A test bed on which nothing is deployed, and the commands on it."""

    def __init__(self, bed: RehearsalBed, capsys: pytest.CaptureFixture[str]) -> None:
        self.bed = bed
        self._capsys = capsys
        self.journal = bed.settings_path.parent / "adopted-records.json"
        self.said = ""

    def run(self, *words: str, name_server: str = "") -> tuple[int, dict[str, dict[str, Any]]]:
        """Exit code, and what the JSON says of each host."""
        server = name_server or ":".join(map(str, self.bed.aws.nameserver))
        self._capsys.readouterr()
        command, *rest = words
        where = ("--settings", str(self.bed.settings_path), "--name-server", server)
        code = main([command, "--json", *where, *rest])
        printed = self._capsys.readouterr()
        self.said = printed.err
        return code, {host["name"]: host for host in json.loads(printed.out or '{"hosts": []}')["hosts"]}

    def printed(self, *words: str) -> str:
        """Everything that the command prints for people."""
        server = ":".join(map(str, self.bed.aws.nameserver))
        self._capsys.readouterr()
        main([*words, "--settings", str(self.bed.settings_path), "--name-server", server])
        return "".join(self._capsys.readouterr())

    def change(self, action: str, *records: dict[str, Any]) -> None:
        """One batch in example.com."""
        changes = [{"Action": action, "ResourceRecordSet": record} for record in records]
        self.bed.aws.client("route53").change_resource_record_sets(HostedZoneId=COM, ChangeBatch={"Changes": changes})

    def records(self) -> list[dict[str, Any]]:
        """Of example.com, without its own."""
        listed = self.bed.aws.client("route53").list_resource_record_sets(HostedZoneId=COM)["ResourceRecordSets"]
        return [record for record in listed if record["Type"] not in {"NS", "SOA", "MX"}]


@pytest.fixture(scope="module")
def _bed(root: Path, processes: None) -> Iterator[RehearsalBed]:
    with (
        pytest.MonkeyPatch.context() as patch,
        Interruption() as interruption,
        RehearsalBed(root / "tests/sample/failover.toml", rate=10, interruption=interruption) as bed,
    ):
        log_in(patch, bed.aws)
        yield bed


@pytest.fixture
def live(_bed: RehearsalBed, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Iterator[Live]:
    """The test bed; what a test puts into its zone is gone afterwards."""
    monkeypatch.setattr(carry_out, "POLL_SECONDS", 0.01)
    world = Live(_bed, capsys)
    yield world
    if left := world.records():
        world.change("DELETE", *left)
    world.journal.unlink(missing_ok=True)


def simple(name: str, type_: str, *values: str, ttl: int = 300) -> dict[str, Any]:
    """A record set without a routing policy."""
    return {"Name": f"{name}.", "Type": type_, "TTL": ttl, "ResourceRecords": [{"Value": value} for value in values]}


def test_without_apply_the_plan_is_shown_and_nothing_is_changed_or_written(live: Live) -> None:
    record = simple("www.example.com", "A", SERVER_A)
    live.change("CREATE", record)
    code, hosts = live.run("import")
    assert (code, live.records(), live.journal.exists()) == (0, [record], False)
    www = hosts["www.example.com"]
    assert [change["Action"] for change in www["changes"]] == ["DELETE", "CREATE"]
    # The TTL of the pair: resolvers must not remember the placeholder for longer than that.
    assert www["changes"][1]["ResourceRecordSet"] == record | {
        "SetIdentifier": PLACEHOLDER,
        "Failover": "SECONDARY",
        "TTL": 30,
    }
    assert hosts["shop.example.com"]["text"] == "has no record; the deploy creates its pair"
    assert "pass --apply to do it" in live.said


@pytest.fixture
def features(live: Live) -> Iterator[Any]:
    """Gives example.com guardrails and the like, for the length of a test."""
    control = live.bed.aws.control
    yield lambda **wanted: control.set_zone_features(id=COM, **wanted)
    control.set_zone_features(id=COM)


@pytest.mark.parametrize("command", ["import", "detach"])
@pytest.mark.parametrize(
    ("wanted", "words"),
    [
        ({"protections": [("www.example.com.", "A", "of the shop")]}, "of the shop"),
        ({"recovery": "ENABLING"}, "ENABLING"),
    ],
)
def test_what_a_zone_refuses_for_certain_is_refused_before_anything_is_changed(
    live: Live, features: Any, command: str, wanted: dict[str, Any], words: str
) -> None:
    record = simple("www.example.com", "A", SERVER_A)
    live.change(
        "CREATE", record if command == "import" else record | {"SetIdentifier": PLACEHOLDER, "Failover": "SECONDARY"}
    )
    live.change("CREATE", simple("example.com", "A", SERVER_A))
    before = live.records()
    features(**wanted)
    code, hosts = live.run(command, "--apply")
    features()
    assert (code, live.records(), live.journal.exists()) == (1, before, False)
    assert words in hosts["www.example.com"]["refusal"]


def test_a_guardrail_that_asks_resolvers_warns_and_its_refusal_is_one_text(live: Live, features: Any) -> None:
    kept = {"SetIdentifier": PLACEHOLDER, "Failover": "SECONDARY"}
    live.change("CREATE", simple("www.example.com", "A", SERVER_A) | kept)
    before = live.records()
    features(tier="ADVANCED", guardrails=["ACTIVE_RECORD_CHECK"])
    code, hosts = live.run("detach", "www.example.com", "--remove", "--apply")
    assert (code, live.records()) == (1, before)
    assert any("ACTIVE_RECORD_CHECK" in warning for warning in hosts["www.example.com"]["warnings"])
    assert "www.example.com: nothing was changed. Route 53 refused the whole batch" in live.said
    assert "Name=ACTIVE_RECORD_CHECK,Status=DISABLED" in live.said
    assert live.run("detach", "www.example.com", "--apply")[0] == 0, "a record of the name and type stays"


def test_a_cname_under_the_guardrail_warns_and_is_refused_as_a_whole(live: Live, features: Any) -> None:
    record = simple("www.example.com", "CNAME", "elsewhere.example.net.", ttl=60)
    live.change("CREATE", record)
    features(tier="ADVANCED", guardrails=["ACTIVE_RECORD_CHECK"])
    code, hosts = live.run("import", "www.example.com", "--apply")
    assert (code, live.records()) == (1, [record])
    assert "the last CNAME record" in " ".join(hosts["www.example.com"]["warnings"])


def test_a_second_adoption_finds_nothing_to_do_and_forgets_nothing(live: Live) -> None:
    record = simple("www.example.com", "A", SERVER_A)
    live.change("CREATE", record)
    assert live.run("import", "--apply")[0] == 0
    code, hosts = live.run("import", "--apply")
    assert (code, hosts["www.example.com"]["changes"]) == (0, [])
    assert live.run("detach", "--apply")[0] == 0
    assert live.records() == [record]
    assert not live.journal.exists()


def test_two_commands_at_a_time_forget_and_keep_no_record(live: Live, monkeypatch: pytest.MonkeyPatch) -> None:
    live.change("CREATE", simple("www.example.com", "A", SERVER_A), simple("example.com", "A", SERVER_A))
    for action in ("import", "detach"):

        def other_command_first(*arguments: Any, action: str = action) -> Any:
            monkeypatch.setattr(command, "record_sets", record_sets)
            assert live.run(action, "example.com", "--apply")[0] == 0
            return record_sets(*arguments)

        monkeypatch.setattr(command, "record_sets", other_command_first)
        assert live.run(action, "www.example.com", "--apply")[0] == 0
        if action == "import":
            zones = json.loads(live.journal.read_text(encoding="utf-8"))["zones"]
            assert set(zones[COM]) == {"example.com", "www.example.com"}
    assert not live.journal.exists()


def test_a_cname_becomes_the_servers_addresses_of_both_types_and_comes_back(live: Live) -> None:
    record = simple("www.example.com", "CNAME", "elsewhere.example.net.", ttl=600)
    live.change("CREATE", record)
    _, hosts = live.run("import", "--apply")
    warnings = " ".join(hosts["www.example.com"]["warnings"])
    assert "the server's values: 203.0.113.10, 2001:db8::10" in warnings
    assert "resolvers keep the old answer for up to 10 min" in warnings
    assert {(record["Type"], record["ResourceRecords"][0]["Value"], record["TTL"]) for record in live.records()} == {
        ("A", SERVER_A, 30),
        ("AAAA", "2001:db8::10", 30),
    }
    assert re.search("www.example.com: until [-0-9T:]+Z resolvers may keep the answer from before `import`", live.said)
    live.run("detach", "--apply")
    assert live.records() == [record]


def test_what_is_kept_of_a_cname_pair_becomes_what_the_server_has_now_and_leaves_no_trace(live: Live) -> None:
    """tests/rehearsal/test_to_cname.py has the other direction, deployed."""
    kept = {"SetIdentifier": PLACEHOLDER, "Failover": "SECONDARY"}
    live.change("CREATE", simple("www.example.com", "CNAME", "home.example.net", ttl=30) | kept)
    code, hosts = live.run("import", "--apply")
    assert (code, hosts["www.example.com"]["text"]) == (0, "CNAME SECONDARY home.example.net, TTL 30 → placeholder")
    assert live.records() == [
        simple("www.example.com", "A", SERVER_A, ttl=30) | kept,
        simple("www.example.com", "AAAA", "2001:db8::10", ttl=30) | kept,
    ]
    assert (
        live.run("import", "--apply")[1]["www.example.com"]["text"] == "is already adopted; the deploy creates its pair"
    )
    # There is nothing to restore: it was ours.
    assert not live.journal.exists()


def test_an_alias_becomes_the_servers_address_and_comes_back(live: Live) -> None:
    target = {"HostedZoneId": COM, "DNSName": "origin.example.com.", "EvaluateTargetHealth": False}
    alias = {"Name": "www.example.com.", "Type": "A", "AliasTarget": target}
    live.change("CREATE", alias)
    live.run("import", "www.example.com", "--apply")
    assert [record["ResourceRecords"][0]["Value"] for record in live.records()] == [SERVER_A]
    live.run("detach", "--apply")
    assert live.records() == [alias]


def test_another_address_is_kept_and_reported(live: Live) -> None:
    live.change("CREATE", simple("www.example.com", "A", "198.51.100.7", "198.51.100.8"))
    _, hosts = live.run("import", "--apply")
    assert "from the deploy on 203.0.113.10 answers" in hosts["www.example.com"]["warnings"][0]
    assert len(live.records()[0]["ResourceRecords"]) == 2


def test_what_was_kept_of_a_server_that_has_moved_stays_although_something_else_was_adopted(live: Live) -> None:
    live.change("CREATE", simple("www.example.com", "A", "198.51.100.7"))
    live.run("import", "--apply")
    (old,) = live.records()
    new = old | {"ResourceRecords": [{"Value": SERVER_A}], "TTL": 30}  # as the stack leaves it
    live.change("UPSERT", new)
    live.run("detach", "--apply")
    assert live.records() == [simple("www.example.com", "A", SERVER_A, ttl=30)]


def test_records_with_another_routing_policy_are_refused_and_nothing_else_is_touched(live: Live) -> None:
    weighted = simple("shop.example.com", "A", SERVER_A) | {"SetIdentifier": "one", "Weight": 1}
    live.change("CREATE", weighted, simple("www.example.com", "A", SERVER_A))
    before = live.records()
    code, hosts = live.run("import", "--apply")
    assert (code, live.records()) == (1, before)
    assert "another routing policy (weighted one)" in hosts["shop.example.com"]["refusal"]
    assert live.run("import", "www.example.com", "--apply")[0] == 0


def test_a_failover_pair_of_another_tool_is_taken_over_in_one_batch_and_comes_back(live: Live) -> None:
    check = live.bed.aws.client("route53").create_health_check(
        CallerReference="theirs", HealthCheckConfig={"Type": "TCP", "IPAddress": SERVER_A, "Port": 443}
    )["HealthCheck"]["Id"]
    primary = simple("www.example.com", "A", SERVER_A) | {
        "SetIdentifier": "Primary",
        "Failover": "PRIMARY",
        "HealthCheckId": check,
    }
    secondary = simple("www.example.com", "A", "203.0.113.99") | {"SetIdentifier": "Secondary", "Failover": "SECONDARY"}
    live.change("CREATE", primary, secondary)
    before = live.records()
    code, hosts = live.run("import", "--apply")
    assert code == 0
    # Route 53 makes a batch as a whole: the name is answered all the while.
    assert [change["Action"] for change in hosts["www.example.com"]["changes"]] == ["DELETE", "DELETE", "CREATE"]
    warnings = " ".join(hosts["www.example.com"]["warnings"])
    assert "no failover until the deploy" in warnings
    assert "SECONDARY 203.0.113.99, TTL 300: is deleted" in warnings
    (placeholder,) = live.records()
    assert (placeholder["SetIdentifier"], placeholder["ResourceRecords"]) == (PLACEHOLDER, primary["ResourceRecords"])
    assert live.run("detach", "--apply")[0] == 0
    assert live.records() == before


def test_a_name_that_leads_to_an_adopted_host_is_reported(live: Live) -> None:
    live.change(
        "CREATE", simple("www.example.com", "A", SERVER_A), simple("blog.example.com", "CNAME", "www.example.com")
    )
    live.run("import", "www.example.com")
    assert "blog.example.com CNAME: leads to CloudFront" in live.said


def test_an_unknown_host_is_refused_with_those_that_there_are(live: Live) -> None:
    assert live.run("import", "ww.example.com")[0] == 2
    assert "failover.toml has no host ww.example.com; it has example.com, www.example.com" in live.said


def test_what_the_name_server_does_not_answer_is_taken_back(live: Live) -> None:
    record = simple("www.example.com", "A", SERVER_A)
    live.change("CREATE", record, simple("shop.example.com", "A", SERVER_A))
    before = live.records()
    code, _ = live.run("import", "--apply", name_server="127.0.0.1:9")
    assert (code, live.records()) == (1, before)
    assert "The change was undone" in live.said
    code, _ = live.run("import", "--apply", "--unchecked", name_server="127.0.0.1:9")
    assert code == 0


def test_a_batch_that_route_53_refuses_changes_nothing_and_can_be_repeated(live: Live) -> None:
    record = simple("www.example.com", "A", SERVER_A)
    live.change("CREATE", record)
    live.bed.aws.control.plan_fault(operation=f"POST /2013-04-01/hostedzone/{COM}/rrset", kind="access-denied")
    assert live.run("import", "--apply")[0] == 1
    assert live.records() == [record]
    assert live.run("import", "--apply")[0] == 0
    assert live.run("detach", "--apply")[0] == 0
    assert live.records() == [record]


def test_a_lost_answer_is_no_loss_as_the_record_sets_show_what_is_true(live: Live) -> None:
    record = simple("www.example.com", "A", SERVER_A)
    live.change("CREATE", record)
    live.bed.aws.control.plan_fault(operation="GET /2013-04-01/change", kind="access-denied")
    assert live.run("import", "--apply")[0] == 1
    assert live.run("import")[1]["www.example.com"]["text"] == "is already adopted; the deploy creates its pair"
    live.run("detach", "--apply")
    assert live.records() == [record]


def test_a_pair_is_not_released_behind_the_back_of_its_stack(live: Live) -> None:
    check = live.bed.aws.client("route53").create_health_check(
        CallerReference="pair", HealthCheckConfig={"Type": "TCP", "IPAddress": SERVER_A, "Port": 443}
    )["HealthCheck"]["Id"]
    pair = simple("www.example.com", "A", SERVER_A)
    live.change(
        "CREATE",
        pair | {"SetIdentifier": SERVER, "Failover": "PRIMARY", "HealthCheckId": check},
        pair | {"SetIdentifier": PAGE, "Failover": "SECONDARY"},
    )
    code, hosts = live.run("detach", "--apply")
    assert (code, len(live.records())) == (1, 2)
    refusal = hosts["www.example.com"]["refusal"]
    assert "remove it from failover.toml and deploy" in refusal
    assert live.printed("detach").count(refusal) == 1
    assert live.run("import", "--apply")[1]["www.example.com"]["text"] == "already fails over"


def test_a_host_that_was_removed_from_the_file_is_detached_by_name(live: Live, tmp_path: Path) -> None:
    record = simple("www.example.com", "A", SERVER_A)
    live.change("CREATE", record, simple("shop.example.com", "A", SERVER_A))
    live.run("import", "--apply")
    text = live.bed.settings_path.read_text(encoding="utf-8")
    (tmp_path / "failover.toml").write_text(text.replace('"www.example.com", ', ""), encoding="utf-8")
    (tmp_path / "certificates").symlink_to(live.bed.settings_path.parent / "certificates")
    without = ("--settings", str(tmp_path / "failover.toml"))
    assert "www.example.com" not in live.run("detach", *without)[1]
    assert live.run("detach", "www.example.com", "--apply", *without)[0] == 0
    assert record | {"TTL": 30} in live.records()
    code, hosts = live.run("detach", "www.example.com", *without)
    assert (code, hosts["www.example.com"]["changes"]) == (0, [])
    assert live.run("detach", "www.example.net", *without)[0] == 2
    live.run("detach", "--apply")


def test_only_who_asks_for_it_leaves_a_name_unanswered(live: Live) -> None:
    live.change("CREATE", simple("www.example.com", "A", SERVER_A))
    live.run("import", "--apply")
    code, hosts = live.run("detach", "www.example.com", "--remove", "--apply")
    assert (code, live.records(), live.journal.exists()) == (0, [], False)
    assert "the name will not resolve" in hosts["www.example.com"]["warnings"][0]


def test_an_ipv6_record_beside_a_server_without_ipv6_stays_and_is_reported(live: Live, tmp_path: Path) -> None:
    text = live.bed.settings_path.read_text(encoding="utf-8")
    (tmp_path / "failover.toml").write_text(text.replace('ipv6 = "2001:db8::10"', ""), encoding="utf-8")
    (tmp_path / "certificates").symlink_to(live.bed.settings_path.parent / "certificates")
    aaaa = simple("www.example.com", "AAAA", "2001:db8::99")
    live.change("CREATE", aaaa, simple("www.example.com", "A", SERVER_A))
    _, hosts = live.run("import", "--apply", "--settings", str(tmp_path / "failover.toml"))
    assert aaaa in live.records()
    assert "clients with IPv6 bypass the failover" in hosts["www.example.com"]["warnings"][0]


def test_a_journal_that_is_something_else_stops_before_anything_is_changed(live: Live) -> None:
    live.change("CREATE", simple("www.example.com", "A", SERVER_A))
    before = live.records()
    live.journal.write_text("[]", encoding="utf-8")
    assert live.run("import", "--apply")[0] == 1
    assert live.records() == before
    assert "restore it from version control" in live.said
