"""A function that CloudFront's engine cannot run fails the deploy before the distribution is touched."""

import json
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.stacks.templates import ROOT, sample_text, with_sample_certificate
from understudy_failover.operations.interruption import Interruption
from understudy_failover.rehearsal.errors import CdkError
from understudy_failover.rehearsal.stage import Stage

BROKEN = """
import sys
sys.path.insert(0, {root!r})
from understudy_failover.page import edge

read = edge._code
edge._code = lambda name: read(name).replace(
    "function handler(event){{", "function handler(event){{for (const one of [1]) {{}}", 1
)
from stacks.app import main
main()
"""


@pytest.fixture
def stage(tmp_path: Path, processes: None) -> Iterator[Stage]:
    folder = with_sample_certificate(tmp_path / "settings")
    (folder / "failover.toml").write_text(sample_text(), encoding="utf-8")
    with (
        Interruption() as interruption,
        Stage(folder / "failover.toml", rate=10, interruption=interruption) as prepared,
    ):
        yield prepared


def test_a_deploy_with_for_of_fails_on_a_new_and_on_a_deployed_page(
    stage: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    app = tmp_path / "broken.py"
    app.write_text(BROKEN.format(root=str(ROOT)), encoding="utf-8")
    cdk = json.loads((ROOT / "cdk.json").read_text(encoding="utf-8"))
    (tmp_path / "cdk.json").write_text(json.dumps(cdk | {"app": f"{sys.executable} {app}"}), encoding="utf-8")
    said: list[str] = []
    stage.cdk.bootstrap(said.append)
    cloudfront = stage.aws.client("cloudfront")

    def deploy_broken() -> str:
        with monkeypatch.context() as patch:
            patch.chdir(tmp_path)
            with pytest.raises(CdkError) as told:
                stage.cdk.deploy(said.append, stacks="Maintenance")
        return str(told.value)

    text = deploy_broken()
    assert "SyntaxError" in text
    assert "understudy-example-test-request" in text
    assert cloudfront.list_distributions()["DistributionList"].get("Items", []) == []
    assert cloudfront.list_functions()["FunctionList"].get("Items", []) == []
    stage.cdk.destroy(said.append, stacks="Maintenance")

    said.clear()
    stage.cdk.deploy(said.append, stacks="Maintenance")
    assert any("EdgeComputeUtilization" in line and "understudy-example-test-response" in line for line in said)
    name = "understudy-example-viewer-request"
    before = cloudfront.get_function(Name=name, Stage="LIVE")["FunctionCode"].read()
    assert "SyntaxError" in deploy_broken()
    assert cloudfront.get_function(Name=name, Stage="LIVE")["FunctionCode"].read() == before
    assert {one["Name"] for one in cloudfront.list_functions()["FunctionList"]["Items"]} == {
        name,
        "understudy-example-viewer-response",
    }
