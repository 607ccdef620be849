"""The code of docs/embedding.md does what the page says."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.owner.environment import Environment
from tests.stacks.templates import Template


@pytest.fixture
def blocks(root: Path) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", (root / "docs" / "embedding.md").read_text("utf-8"), re.M | re.S)


@pytest.fixture
def place(root: Path, tmp_path: Path) -> Path:
    """The folder of another app: what the examples read, and packages of its own that are called as ours once were."""
    shutil.copytree(root / "tests/sample/certificates", tmp_path / "certificates")
    shutil.copy(root / "tests/sample/failover.toml", tmp_path)
    public = root / "tests/sample/certificates" / "example"
    chain = (public / "certificate.pem").read_text() + (public / "chain.pem").read_text()
    (tmp_path / "fullchain.pem").write_text(chain)
    for name in ("stacks", "settings", "operations"):
        (tmp_path / name).mkdir()
        (tmp_path / name / "__init__.py").write_text(f"OWNER = {name!r}\n", encoding="utf-8")
    return tmp_path


def _run(environment: Environment, block: str, place: Path) -> Path:
    """The assembly that an example writes, as an app with packages of its own."""
    own = "import operations, settings as own_settings, stacks\n"
    own += "assert (operations.OWNER, own_settings.OWNER, stacks.OWNER) == ('operations', 'settings', 'stacks')\n"
    (place / "app.py").write_text(own + block, encoding="utf-8")
    more = {"CDK_OUTDIR": str(place / "cdk.out"), "CDK_VALIDATION": "false"}
    code, printed = environment.run("python app.py", place, more)
    assert code == 0, printed
    return place / "cdk.out"


def _stacks(assembly: Path) -> dict[str, dict[str, Any]]:
    manifest = json.loads((assembly / "manifest.json").read_text("utf-8"))["artifacts"].values()
    return {
        artifact["properties"]["stackName"]: artifact
        for artifact in manifest
        if artifact["type"] == "aws:cloudformation:stack"
    }


def test_settings_of_python_values_make_the_stacks(environment: Environment, blocks: list[str], place: Path) -> None:
    (assembly,) = _run(environment, blocks[0], place).glob("assembly-*")
    assert _stacks(assembly).keys() == {"shop-maintenance", "shop-failover"}


def test_a_pipeline_publishes_assets_and_deploys_the_page_before_the_records(
    environment: Environment, blocks: list[str], place: Path
) -> None:
    assembly = _run(environment, blocks[1], place)
    document = json.loads((assembly / "Pipeline.template.json").read_text("utf-8"))
    (pipeline,) = Template(document, {}).of_type("AWS::CodePipeline::Pipeline").values()
    stages = {stage["Name"]: stage["Actions"] for stage in pipeline["Stages"]}
    assert list(stages) == ["Source", "Build", "UpdatePipeline", "Assets", "Failover"]
    assert len(stages["Assets"]) > 1
    order = {action["Name"]: action["RunOrder"] for action in stages["Failover"]}
    assert sorted(order, key=lambda name: order[name]) == [
        "Reviewed",
        "understudy-example-maintenance.Prepare",
        "understudy-example-maintenance.Deploy",
        "understudy-example-failover.Prepare",
        "understudy-example-failover.Deploy",
    ]
    assert len(set(order.values())) == len(order), "one after the other"
    (nested,) = assembly.glob("assembly-*")
    assert {stack["environment"] for stack in _stacks(nested).values()} == {"aws://444455556666/us-east-1"}
