"""Orphaned stacks, which are no longer in failover.toml: the deploy, the review, and the removal."""

import re
import subprocess
from collections.abc import Iterator

import pytest

from tests.conftest import ROOT
from tests.rehearsal.deployed import deployed
from tests.rehearsal.verifying import findings, operations
from tests.stacks.templates import synthesise
from understudy_failover.operations.observation import resolve
from understudy_failover.rehearsal.bed import RehearsalBed
from understudy_failover.rehearsal.errors import CdkError
from understudy_failover.settings import load

# Four deploys with the real CDK, one of which fails, and three times `understudy destroy`.
pytestmark = pytest.mark.timeout(600)

FILE = """
app = "leaving"

[certificate]
name = "main"
private_key_secret = "leaving/main"
{certificates}
[timing]
profile = "fast"

[[zones]]
name = "example.com"
id = "Z0EXAMPLECOM00000001"

[[servers]]
name = "web"
ipv4 = "203.0.113.31"
hosts = ["www.example.com"]
{shop}
"""
SHOPS = '\n[[certificates]]\nname = "shops"\nprivate_key_secret = "leaving/shops"\n'
SHOP = '\n[[servers]]\nname = "shop"\nipv4 = "203.0.113.32"\nhosts = ["shop.example.com"]\n'
APART = FILE.format(certificates=SHOPS, shop=f'{SHOP}stack = "shops"\ncertificate = "shops"\n')
MOVED = FILE.format(certificates="", shop=SHOP)
ONE_MORE = FILE.format(
    certificates=SHOPS,
    shop=f'{SHOP}{SHOP.replace("shop", "two").replace(".32", ".31")}stack = "shops"\ncertificate = "shops"\n',
)
WITHOUT = FILE.format(certificates="", shop="")
CERTIFIED = {"main": ("*.example.com",), "shops": ("shop.example.com", "two.example.com")}
FAILOVER, MAINTENANCE = "leaving-failover-shops", "leaving-maintenance-shops"


@pytest.fixture(scope="module")
def bed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RehearsalBed]:
    """`APART`, deployed."""
    with deployed(tmp_path_factory.mktemp("leaving"), APART, CERTIFIED) as prepared:
        yield prepared


def _destroy(bed: RehearsalBed, *variables: str, code: int = 0) -> str:
    arguments = f"--force --context settings={bed.settings_path} --output {bed.settings_path.parent / 'destroyed'}"
    command = ["make", "--no-print-directory", "destroy", *variables, f"ARGS={arguments}"]
    process = subprocess.run(
        command,
        cwd=ROOT,
        env=bed.aws.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert process.returncode == code, process.stdout
    return process.stdout


def _review(bed: RehearsalBed) -> tuple[int, str]:
    """Exit code and text about the file as it is."""
    assembly = bed.settings_path.parent / "reviewed"
    synthesise(bed.settings_path, assembly)
    process = operations(ROOT, bed, "diff", str(assembly), options=False)
    assert not process.stderr
    return process.returncode, process.stdout


def _write(bed: RehearsalBed, text: str) -> None:
    bed.settings_path.write_text(text, encoding="utf-8")


def _shop_is_answered_by_its_server(bed: RehearsalBed) -> bool:
    (server,) = (server for server in bed.settings.servers if server.name == "shop")
    return resolve(server.hosts[0], bed.name_server()).are_of_server(server)


def _printed_orphans(text: str) -> list[str]:
    """Of each stack that the review names: whether it is destructive, which, and what to do."""
    matches = re.findall(r"^  - stack (\S+) is no longer in failover.toml, .*?; (.*)$", text, re.MULTILINE)
    return [" ".join(entry) for entry in matches]


def test_a_deploy_that_wants_what_an_orphaned_stack_has_fails_and_the_review_says_so_before(bed: RehearsalBed) -> None:
    _write(bed, MOVED)
    code, text = _review(bed)
    assert code == 2
    assert _printed_orphans(text) == [
        f"{FAILOVER} the deploy would fail, as the record sets of shop.example.com exist already: "
        f"first understudy destroy {FAILOVER}, then cdk deploy --all",
        f"{MAINTENANCE} the deploy would fail, as its distribution has shop.example.com still: first cdk deploy --all "
        f"without these hosts, understudy destroy {MAINTENANCE}, then cdk deploy --all with them",
    ]
    with pytest.raises(CdkError, match="CNAMEAlreadyExists"):
        bed.cdk.deploy(print)
    assert {FAILOVER, MAINTENANCE} < set(bed.aws.resources()["stacks"])


def test_in_the_order_of_the_review_it_leaves_and_its_host_stays_with_its_server(bed: RehearsalBed) -> None:
    _destroy(bed, f"STACKS={FAILOVER}")
    assert FAILOVER not in bed.aws.resources()["stacks"]
    assert _shop_is_answered_by_its_server(bed)
    _write(bed, WITHOUT)
    # Before that deploy the first failover stack still uses it, and the CDK would take that along.
    refused = _destroy(bed, f"STACKS={MAINTENANCE}", code=2)
    assert f"destroy: {MAINTENANCE} is used by leaving-failover; `understudy diff` shows the order" in refused
    assert MAINTENANCE in bed.aws.resources()["stacks"]
    bed.cdk.deploy(print)
    code, text = _review(bed)
    assert (code, _printed_orphans(text)) == (
        0,
        [f"{MAINTENANCE} first cdk deploy --all, then understudy destroy {MAINTENANCE}"],
    )
    all_findings = findings(bed, settings=load(bed.settings_path))
    assert [(finding.subject, finding.id) for finding in all_findings if finding.verdict != "passed"] == [
        (MAINTENANCE, "stack-orphaned")
    ]
    _destroy(bed, f"STACKS={MAINTENANCE}")
    assert MAINTENANCE not in bed.aws.resources()["stacks"]
    all_findings = findings(bed, settings=load(bed.settings_path))
    assert [finding for finding in all_findings if finding.verdict != "passed"] == []
    assert _shop_is_answered_by_its_server(bed)
    # With its host at another stack, and others of the names that are free again.
    _write(bed, ONE_MORE)
    bed.cdk.deploy(print)
    assert _shop_is_answered_by_its_server(bed)
    assert _review(bed) == (0, "No changes.\n")


def test_destroy_takes_orphaned_stacks_along_in_an_order_that_their_imports_allow(bed: RehearsalBed) -> None:
    assert {FAILOVER, MAINTENANCE} < set(bed.aws.resources()["stacks"])
    _write(bed, WITHOUT)
    _destroy(bed)
    assert bed.leftovers() == []
