"""The code of docs/embedding.md does what the page says."""

import json
import re
import shutil
from pathlib import Path
from typing import Any

import pytest

from tests.stacks.templates import Template


@pytest.fixture
def blocks(root: Path) -> list[str]:
    return re.findall(r"^```python\n(.*?)^```", (root / "docs" / "embedding.md").read_text("utf-8"), re.M | re.S)


@pytest.fixture
def place(root: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, processes: None) -> Path:
    """A folder that has what the examples read, as the working folder."""
    shutil.copytree(root / "certificates", tmp_path / "certificates")
    shutil.copy(root / "failover.toml", tmp_path)
    public = root / "certificates" / "example"
    chain = (public / "certificate.pem").read_text() + (public / "chain.pem").read_text()
    (tmp_path / "fullchain.pem").write_text(chain)
    monkeypatch.chdir(tmp_path)
    return tmp_path


def _run(block: str, place: Path) -> Path:
    """The assembly that an example writes."""
    # Else it would go to a temporary folder that nobody removes.
    code = block.replace("App()", f"App(outdir={str(place / 'cdk.out')!r}, builtin_cloud_formation_validation=False)")
    exec(compile(code, "docs/embedding.md", "exec"), {})  # noqa: S102 (our own page)
    return place / "cdk.out"


def _stacks(assembly: Path) -> dict[str, dict[str, Any]]:
    manifest = json.loads((assembly / "manifest.json").read_text("utf-8"))["artifacts"].values()
    return {one["properties"]["stackName"]: one for one in manifest if one["type"] == "aws:cloudformation:stack"}


def test_settings_of_python_values_make_the_stacks(blocks: list[str], place: Path) -> None:
    (assembly,) = _run(blocks[0], place).glob("assembly-*")
    assert _stacks(assembly).keys() == {"shop-maintenance", "shop-failover"}


def test_a_pipeline_publishes_assets_and_deploys_the_page_before_the_records(blocks: list[str], place: Path) -> None:
    assembly = _run(blocks[1], place)
    document = json.loads((assembly / "Pipeline.template.json").read_text("utf-8"))
    (pipeline,) = Template(document, {}).of_type("AWS::CodePipeline::Pipeline").values()
    stages = {one["Name"]: one["Actions"] for one in pipeline["Stages"]}
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
    assert {one["environment"] for one in _stacks(nested).values()} == {"aws://444455556666/us-east-1"}
