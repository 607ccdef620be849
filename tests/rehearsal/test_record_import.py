"""Host names in use are imported and detached again, while clients query them.

adopt, a deploy that fails half way, deploy, a host taken out, destroy, release: the real commands, the real CDK and
the real handler on the embedded AWS, whose Route 53 refuses what Route 53 refuses.
"""

import json
import re
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Literal

import pytest

from tests.rehearsal.deployed import bootstrapped
from understudy_failover.contract.set_identifiers import PLACEHOLDER
from understudy_failover.operations.name_server import DnsError
from understudy_failover.operations.observation import client_name
from understudy_failover.rehearsal.bed import RehearsalBed
from understudy_failover.rehearsal.errors import CdkError

pytestmark = pytest.mark.timeout(900)

COM, ORG = "Z0EXAMPLECOM00000001", "Z0EXAMPLEORG00000002"
Kind = Literal["A", "AAAA"]
BEFORE: list[tuple[str, dict[str, Any]]] = [
    (COM, {"Name": "example.com.", "Type": "A", "TTL": 300, "ResourceRecords": [{"Value": "203.0.113.10"}]}),
    (COM, {"Name": "example.com.", "Type": "AAAA", "TTL": 300, "ResourceRecords": [{"Value": "2001:db8::10"}]}),
    (COM, {"Name": "www.example.com.", "Type": "CNAME", "TTL": 600, "ResourceRecords": [{"Value": "example.com."}]}),
    (COM, {"Name": "shop.example.com.", "Type": "A", "TTL": 60, "ResourceRecords": [{"Value": "203.0.113.10"}]}),
    (ORG, {"Name": "*.example.org.", "Type": "A", "TTL": 120, "ResourceRecords": [{"Value": "203.0.113.20"}]}),
]
"""shop has no AAAA record, and api.example.org none of its own: the wildcard answers for it."""


@pytest.fixture
def live(fast_settings: Path) -> Iterator[RehearsalBed]:
    """A test bed on which nothing is deployed, and whose names are in use."""
    with bootstrapped(fast_settings) as prepared:
        for zone, record in BEFORE:
            change = {"Action": "CREATE", "ResourceRecordSet": record}
            prepared.aws.client("route53").change_resource_record_sets(
                HostedZoneId=zone, ChangeBatch={"Changes": [change]}
            )
        yield prepared


class Convergence:
    """What the name server answered for every host, of every type that it answered for in the beginning."""

    def __init__(self, bed: RehearsalBed) -> None:
        self._name_server = bed.name_server()
        self._names = [client_name(host) for server in bed.settings.servers for host in server.hosts]
        kinds: tuple[Kind, ...] = ("A", "AAAA")
        self.questions = [(name, kind) for name in self._names for kind in kinds if self._ask(name, kind)]
        self.first = {question: self._ask(*question) for question in self.questions}
        self.others: dict[tuple[str, Kind], set[tuple[str, ...]]] = {}
        self.asked = 0
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._watch)

    @contextmanager
    def watching(self) -> Iterator[None]:
        self._thread.start()
        try:
            yield
        finally:
            self._done.set()
            self._thread.join()

    def _watch(self) -> None:
        while not self._done.is_set():
            for name, kind in self.questions:
                try:
                    answer = self._ask(name, kind)
                except DnsError:  # a busy machine: retry at once
                    continue
                self.asked += 1
                if answer != self.first[name, kind]:
                    self.others.setdefault((name, kind), set()).add(answer)

    def _ask(self, name: str, kind: Kind) -> tuple[str, ...]:
        return self._name_server.addresses(name, kind)


def _tool(bed: RehearsalBed, *words: str) -> subprocess.CompletedProcess[str]:
    """`understudy …`, as an operator runs it."""
    where = ("--settings", str(bed.settings_path), *bed.options())
    return subprocess.run(
        [sys.executable, "-m", "understudy_failover", *words, *where],
        env=bed.aws.environment(),
        capture_output=True,
        text=True,
        check=False,
    )


def _preflight(bed: RehearsalBed) -> set[tuple[str, str]]:
    """Return area and verdict of findings that block a deploy, or are unknown."""
    process = _tool(bed, "preflight", "--json", "--assembly", str(bed.settings_path.parent / "cdk.out"))
    result = {(finding["area"], finding["verdict"]) for finding in json.loads(process.stdout)["findings"]}
    # Before the first synthesis there are no templates.
    without = {(area, "unknown") for area in ("quotas", "changes", "bootstrap")}
    return {entry for entry in result - without if entry[1] in {"failed", "unknown"} or entry[0] == "record"} - {
        ("record", "passed")
    }


def _records(bed: RehearsalBed) -> list[tuple[str, dict[str, Any]]]:
    """Return all but the zones' own, in the order of `BEFORE`."""
    results = []
    for zone in (COM, ORG):
        listed = bed.aws.client("route53").list_resource_record_sets(HostedZoneId=zone)["ResourceRecordSets"]
        results += [(zone, record) for record in listed if record["Type"] not in {"NS", "SOA"}]
    return sorted(results, key=lambda entry: json.dumps(entry, sort_keys=True))


def _sorted(records: list[tuple[str, dict[str, Any]]]) -> list[tuple[str, dict[str, Any]]]:
    return sorted(records, key=lambda entry: json.dumps(entry, sort_keys=True))


def _identifiers(bed: RehearsalBed) -> set[str]:
    return {record.get("SetIdentifier", "") for _, record in _records(bed)}


def _describe(others: Mapping[tuple[str, Kind], set[tuple[str, ...]]]) -> str:
    return "; ".join(f"{name} {kind}: {sorted(answers)}" for (name, kind), answers in others.items())


def test_names_in_use_go_in_and_out_and_are_answered_by_their_servers_all_the_while(live: RehearsalBed) -> None:
    watch = Convergence(live)
    assert len(watch.questions) == 7
    with watch.watching():
        # There and back, before anything is deployed.
        # What the next step cures is no failure.
        assert _preflight(live) == {("record", "warning")}
        assert _tool(live, "import", "--apply").returncode == 0
        assert _identifiers(live) == {PLACEHOLDER}
        assert _tool(live, "detach", "--apply").returncode == 0
        assert _records(live) == _sorted(BEFORE)

        # A deploy that breaks off behind the hand-over of some: CloudFormation takes everything back.
        assert _tool(live, "import", "--apply").returncode == 0
        adopted = _records(live)
        assert _preflight(live) == set()
        live.aws.control.plan_fault(operation="AWS::Route53::RecordSet", kind="server-error", times=1, skip=12)
        with pytest.raises(CdkError, match="failed"):
            live.cdk.deploy(print)
        live.aws.control.clear_faults()
        assert {(zone, record["Name"], record["Type"]) for zone, record in _records(live)} >= {
            (zone, record["Name"], record["Type"]) for zone, record in adopted
        }
        assert _identifiers(live) == {PLACEHOLDER}

        # All of it.
        live.cdk.deploy(print)
        assert _identifiers(live) == {"server", "maintenance-page"}
        assert _preflight(live) == set()
        assert _tool(live, "detach", "--apply").returncode == 1

        # One host is taken out, and goes on with its server.
        text = live.settings_path.read_text(encoding="utf-8")
        changed = text.replace(', "shop.example.com"]', "]")
        assert changed != text
        live.settings_path.write_text(changed, encoding="utf-8")
        live.cdk.deploy(print)
        entry = [record for _, record in _records(live) if record.get("SetIdentifier") == PLACEHOLDER]
        assert {(record["Name"], record["Type"]) for record in entry} == {
            ("shop.example.com.", "A"),
            ("shop.example.com.", "AAAA"),
        }
        live.settings_path.write_text(text, encoding="utf-8")

        # All are.
        live.cdk.destroy(print)
        assert live.leftovers() == []
        assert _identifiers(live) == {PLACEHOLDER}
        process = _tool(live, "release", "--apply", "--json")
        assert process.returncode == 0, process.stderr
        assert _identifiers(live) == {""}
    assert watch.others == {}, _describe(watch.others)
    assert watch.asked > 1_000
    # As before; with the records that Understudy added to them.
    assert all(record in _records(live) for record in _sorted(BEFORE) if "shop" not in record[1]["Name"])
    assert not re.search("adopted-records", " ".join(path.name for path in live.settings_path.parent.iterdir()))
