"""The stage: two stacks under fixed names in the one region, and modules that do nothing but define."""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from tests.stacks.templates import ROOT, Synthesis
from understudy_failover.contract.identity import identity


def _stacks(synthesis: Synthesis) -> list[dict[str, Any]]:
    manifest = json.loads((synthesis.folder / "manifest.json").read_text(encoding="utf-8"))
    return [artifact for artifact in manifest["artifacts"].values() if artifact["type"] == "aws:cloudformation:stack"]


def test_the_stacks_are_named_for_the_app_and_not_for_the_stage_around_them(synthesis: Synthesis) -> None:
    names = [stack["properties"]["stackName"] for stack in _stacks(synthesis)]
    assert sorted(names) == [f"{synthesis.settings.app}-failover", f"{synthesis.settings.app}-maintenance"]


def test_both_stacks_are_deployed_to_the_region_of_the_metrics_in_any_account(sample: Synthesis) -> None:
    assert {stack["environment"] for stack in _stacks(sample)} == {"aws://unknown-account/us-east-1"}


def test_the_page_is_ready_before_the_records_lead_to_it(sample: Synthesis) -> None:
    manifest = json.loads((sample.folder / "manifest.json").read_text(encoding="utf-8"))["artifacts"]
    dependencies = {stack["properties"]["stackName"]: stack.get("dependencies", []) for stack in _stacks(sample)}
    (maintenance,) = (
        name
        for name, artifact in manifest.items()
        if artifact.get("properties", {}).get("stackName") == f"{sample.settings.app}-maintenance"
    )
    assert maintenance in dependencies[f"{sample.settings.app}-failover"]


def test_no_resource_has_a_name_or_value_of_another_installation(sample: Synthesis, variants: Synthesis) -> None:
    for synthesis, other in ((sample, variants), (variants, sample)):
        text = json.dumps([synthesis.maintenance.document, synthesis.failover.document])
        assert synthesis.settings.app in text
        assert other.settings.app not in text


def test_importing_the_stacks_says_nothing_writes_nothing_and_needs_nothing(tmp_path: Path) -> None:
    modules = sorted(
        ".".join(file.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for file in (ROOT / "stacks").rglob("*.py")
        if "handler" not in file.parts
    )
    assert "stacks.stage" in modules
    code = f"import sys; sys.path.insert(0, {str(ROOT)!r})\n" + "\n".join(f"import {module}" for module in modules)
    result = subprocess.run(
        [sys.executable, "-B", "-W", "error", "-c", code],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"]},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert (result.returncode, result.stdout, result.stderr) == (0, "", "")
    assert list(tmp_path.iterdir()) == []


def test_every_stack_says_whose_it_is_in_its_metadata_and_its_tags(sample: Synthesis) -> None:
    artifacts = json.loads((sample.folder / "manifest.json").read_text(encoding="utf-8"))["artifacts"]
    for kind, template in (("maintenance", sample.maintenance), ("failover", sample.failover)):
        installation = identity(template.document)
        assert (installation.app, installation.kind) == (sample.settings.app, kind)
        assert artifacts[kind.capitalize()]["properties"]["tags"] == {
            "understudy:app": sample.settings.app,
            "understudy:kind": kind,
        }
