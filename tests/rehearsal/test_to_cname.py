"""A server gets a name of its own on a live deployment: its hosts' pairs of addresses become CNAME pairs."""

import json
import subprocess
import sys
from collections.abc import Iterator

import pytest

from tests.account import log_in
from tests.conftest import ROOT
from tests.rehearsal.deployed import deployed
from tests.rehearsal.looking import served_all_the_while
from tests.rehearsal.verifying import operations
from tests.stacks.templates import synthesise
from understudy_failover import cli
from understudy_failover.operations.observation import resolve
from understudy_failover.rehearsal.bed import OWN_NAME_TTL_SECONDS, RehearsalBed
from understudy_failover.rehearsal.errors import CdkError
from understudy_failover.settings import Settings, load

# Four deploys with the real CDK, one of which fails.
pytestmark = pytest.mark.timeout(600)

OWN_NAME = "home.origin.example.net"
FILE = """
app = "named"

[certificate]
name = "main"
private_key_secret = "named/main"

[timing]
profile = "fast"

[[zones]]
name = "example.com"
id = "Z0EXAMPLECOM00000001"

[[servers]]
name = "web"
ipv4 = "203.0.113.31"
hosts = ["www.example.com"]
"""
HOME = '\n[[servers]]\nname = "home"\nipv4 = "203.0.113.32"\nipv6 = "2001:db8::32"\nhosts = ["shop.example.com"]\n'
NAMED = HOME.replace('ipv6 = "2001:db8::32"', f'cname = "{OWN_NAME}"')


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RehearsalBed]:
    """The host has pairs of addresses, and the server's owner has given it a name."""
    with deployed(tmp_path_factory.mktemp("named"), FILE + HOME, {"main": ("*.example.com",)}) as prepared:
        prepared.aws.control.create_hosted_zone(id="Z0OWNNAME", name="origin.example.net")
        for kind, address in (("A", "203.0.113.32"), ("AAAA", "2001:db8::32")):
            own = {"Name": f"{OWN_NAME}.", "Type": kind, "TTL": OWN_NAME_TTL_SECONDS}
            change = {"Action": "CREATE", "ResourceRecordSet": own | {"ResourceRecords": [{"Value": address}]}}
            prepared.aws.client("route53").change_resource_record_sets(
                HostedZoneId="Z0OWNNAME", ChangeBatch={"Changes": [change]}
            )
        yield prepared


def _written(bed: RehearsalBed, text: str) -> Settings:
    bed.settings_path.write_text(text, encoding="utf-8")
    return load(bed.settings_path)


def _types(bed: RehearsalBed) -> set[tuple[str, str]]:
    """Type and role of the host's record sets."""
    answer = bed.aws.client("route53").list_resource_record_sets(HostedZoneId="Z0EXAMPLECOM00000001")
    record = (entry for entry in answer["ResourceRecordSets"] if entry["Name"] == "shop.example.com.")
    return {(record["Type"], record["SetIdentifier"]) for record in record}


def _review(bed: RehearsalBed) -> tuple[int, str]:
    assembly = bed.settings_path.parent / "reviewed"
    synthesise(bed.settings_path, assembly)
    process = operations(ROOT, bed, "diff", str(assembly), options=False)
    return process.returncode, process.stdout


def _preflight(bed: RehearsalBed) -> list[tuple[str, str]]:
    """Return id and text of preflight's findings about the change that `_review` synthesized."""
    command = [sys.executable, "-m", "understudy_failover", "preflight", "--json", *bed.options()]
    command += ["--settings", str(bed.settings_path), "--assembly", str(bed.settings_path.parent / "reviewed")]
    process = subprocess.run(command, env=bed.aws.environment(), cwd=ROOT, capture_output=True, text=True, check=False)
    return [
        (finding["id"], finding["text"])
        for finding in json.loads(process.stdout)["findings"]
        if finding["area"] == "change"
    ]


def test_in_one_deploy_it_fails_as_the_review_says_and_everything_stays(bed: RehearsalBed) -> None:
    before = _types(bed)
    assert before == {(kind, role) for kind in ("A", "AAAA") for role in ("server", "maintenance-page")}
    _written(bed, FILE + NAMED)
    code, text = _review(bed)
    assert code == 2
    assert "record pairs of shop.example.com: A 203.0.113.32; AAAA 2001:db8::32 → CNAME" in text
    assert "the deploy would fail" in text
    ((identifier, text),) = _preflight(bed)
    assert (identifier, "→ CNAME" in text) == ("deploy-would-fail", True)
    with served_all_the_while(bed) as observations, pytest.raises(CdkError, match="CNAME"):
        bed.cdk.deploy(print)
    assert observations.faults == []
    assert _types(bed) == before


def test_in_the_order_of_the_review_it_works_and_the_host_is_answered_all_the_while(
    bed: RehearsalBed, monkeypatch: pytest.MonkeyPatch
) -> None:
    log_in(monkeypatch, bed.aws)
    adopt = [
        "--settings",
        str(bed.settings_path),
        "import",
        "--apply",
        "--name-server",
        "{}:{}".format(*bed.aws.nameserver),
    ]
    with served_all_the_while(bed) as observations:
        _written(bed, FILE)
        bed.cdk.deploy(print)
        assert _types(bed) == {("A", "kept-by-understudy"), ("AAAA", "kept-by-understudy")}
    assert observations.faults == []
    named = _written(bed, FILE + NAMED)
    bed.settings = named
    assert cli.main(adopt) == 0
    assert _types(bed) == {("CNAME", "kept-by-understudy")}
    with served_all_the_while(bed) as observations:
        bed.cdk.deploy(print)
    assert observations.probes > 0
    assert observations.faults == []
    assert _types(bed) == {("CNAME", "server"), ("CNAME", "maintenance-page")}
    assert _review(bed) == (0, "No changes.\n")
    assert [identifier for identifier, _ in _preflight(bed)] == [""]
    (host,) = named.servers[1].hosts
    assert resolve(host, bed.name_server()).are_of_server(named.servers[1])


def test_and_back_again(bed: RehearsalBed) -> None:
    """The other way round it is as impossible at once."""
    _written(bed, FILE + HOME)
    code, text = _review(bed)
    assert code == 2
    assert f"record pairs of shop.example.com: CNAME {OWN_NAME} → A 203.0.113.32; AAAA 2001:db8::32: the deploy" in text
