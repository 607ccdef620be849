"""Orphaned stacks, which are no longer in failover.toml: the deploy, the review, and the removal."""

import re
import subprocess
from collections.abc import Iterator

import pytest

from tests.conftest import ROOT
from tests.rehearsal.deployed import deployed
from tests.rehearsal.verifying import findings, operations
from tests.stacks.templates import synthesise
from understudy_failover.operations.sight import resolve
from understudy_failover.rehearsal.errors import CdkError
from understudy_failover.rehearsal.stage import Stage
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
def stage(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Stage]:
    """`APART`, deployed."""
    with deployed(tmp_path_factory.mktemp("leaving"), APART, CERTIFIED) as prepared:
        yield prepared


def _destroy(stage: Stage, *variables: str, code: int = 0) -> str:
    arguments = f"--force --context settings={stage.settings_path} --output {stage.settings_path.parent / 'destroyed'}"
    command = ["make", "--no-print-directory", "destroy", *variables, f"ARGS={arguments}"]
    process = subprocess.run(
        command,
        cwd=ROOT,
        env=stage.aws.environment(),
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert process.returncode == code, process.stdout
    return process.stdout


def _review(stage: Stage) -> tuple[int, str]:
    """Exit code and text about the file as it is."""
    assembly = stage.settings_path.parent / "reviewed"
    synthesise(stage.settings_path, assembly)
    process = operations(ROOT, stage, "diff", str(assembly), options=False)
    assert not process.stderr
    return process.returncode, process.stdout


def _write(stage: Stage, text: str) -> None:
    stage.settings_path.write_text(text, encoding="utf-8")


def _shop_is_answered_by_its_server(stage: Stage) -> bool:
    (server,) = (server for server in stage.settings.servers if server.name == "shop")
    return resolve(server.hosts[0], stage.name_server()).are_of_server(server)


def _printed_orphans(text: str) -> list[str]:
    """Of each stack that the review names: whether it is destructive, which, and what to do."""
    matches = re.findall(r"^  - stack (\S+) is no longer in failover.toml, .*?; (.*)$", text, re.MULTILINE)
    return [" ".join(entry) for entry in matches]


def test_a_deploy_that_wants_what_a_left_stack_has_fails_and_the_review_says_so_before(stage: Stage) -> None:
    _write(stage, MOVED)
    code, text = _review(stage)
    assert code == 2
    assert _printed_orphans(text) == [
        f"{FAILOVER} the deploy would fail, as the record sets of shop.example.com exist already: "
        f"first understudy destroy {FAILOVER}, then cdk deploy --all",
        f"{MAINTENANCE} the deploy would fail, as its distribution has shop.example.com still: first cdk deploy --all "
        f"without these hosts, understudy destroy {MAINTENANCE}, then cdk deploy --all with them",
    ]
    with pytest.raises(CdkError, match="CNAMEAlreadyExists"):
        stage.cdk.deploy(print)
    assert {FAILOVER, MAINTENANCE} < set(stage.aws.resources()["stacks"])


def test_in_the_order_of_the_review_it_leaves_and_its_host_stays_with_its_server(stage: Stage) -> None:
    _destroy(stage, f"STACKS={FAILOVER}")
    assert FAILOVER not in stage.aws.resources()["stacks"]
    assert _shop_is_answered_by_its_server(stage)
    _write(stage, WITHOUT)
    # Before that deploy the first failover stack still uses it, and the CDK would take that along.
    refused = _destroy(stage, f"STACKS={MAINTENANCE}", code=2)
    assert f"destroy: {MAINTENANCE} is used by leaving-failover; `understudy diff` shows the order" in refused
    assert MAINTENANCE in stage.aws.resources()["stacks"]
    stage.cdk.deploy(print)
    code, text = _review(stage)
    assert (code, _printed_orphans(text)) == (
        0,
        [f"{MAINTENANCE} first cdk deploy --all, then understudy destroy {MAINTENANCE}"],
    )
    all_findings = findings(stage, settings=load(stage.settings_path))
    assert [(finding.subject, finding.id) for finding in all_findings if finding.verdict != "passed"] == [
        (MAINTENANCE, "stack-orphaned")
    ]
    _destroy(stage, f"STACKS={MAINTENANCE}")
    assert MAINTENANCE not in stage.aws.resources()["stacks"]
    all_findings = findings(stage, settings=load(stage.settings_path))
    assert [finding for finding in all_findings if finding.verdict != "passed"] == []
    assert _shop_is_answered_by_its_server(stage)
    # With its host at another stack, and others of the names that are free again.
    _write(stage, ONE_MORE)
    stage.cdk.deploy(print)
    assert _shop_is_answered_by_its_server(stage)
    assert _review(stage) == (0, "No changes.\n")


def test_destroy_takes_left_stacks_along_in_an_order_that_their_imports_allow(stage: Stage) -> None:
    assert {FAILOVER, MAINTENANCE} < set(stage.aws.resources()["stacks"])
    _write(stage, WITHOUT)
    _destroy(stage)
    assert stage.leftovers() == []
