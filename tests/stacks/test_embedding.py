"""Inside somebody else's app, everything keeps its id and name: feature flags, scope and stage id decide nothing."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from aws_cdk import App, Stack

from stacks.stage import FailoverStage
from tests.stacks.templates import ROOT, Synthesis, cdk_context
from understudy_failover.operations.review import changes
from understudy_failover.operations.review.templates import Resources, synthesized_resources
from understudy_failover.settings import load

PERMISSION = "AWS::Lambda::Permission"
"""Of EventBridge for a function: the CDK puts the path of the function into its id."""


def _synthesised(
    folder: Path, context: Mapping[str, Any], *, id_: str = "Understudy", inside: bool = False
) -> Resources:
    app = App(context=dict(context), outdir=str(folder), builtin_cloud_formation_validation=False)
    FailoverStage(Stack(app, "Inside") if inside else app, id_, settings=load(ROOT / "tests/sample/failover.toml"))
    app.synth()
    (assembly,) = folder.glob("assembly-*")
    return synthesized_resources(assembly)


POLICIES = {"AWS::IAM::Policy", "AWS::IAM::Role", "AWS::KMS::Key", "AWS::S3::BucketPolicy", "AWS::SNS::TopicPolicy"}


@pytest.fixture
def own(sample: Synthesis) -> Resources:
    return synthesized_resources(sample.folder)


def _ids(resources: Resources) -> dict[str, str]:
    return {key: resource["Type"] for key, resource in resources.items() if resource["Type"] != PERMISSION}


def test_an_app_without_feature_flags_has_the_same_ids_and_names(own: Resources, tmp_path: Path) -> None:
    other = _synthesised(tmp_path, {})
    assert _ids(other) == _ids(own)
    differing = {own[key]["Type"] for key in _ids(own) if own[key] != other[key]}
    assert differing <= POLICIES, "ARNs are written in another form, and that is all"
    assert not any(change.destructive for change in changes(own, other))


def test_another_id_within_another_construct_has_the_same_ids(own: Resources, tmp_path: Path) -> None:
    other = _synthesised(tmp_path, cdk_context(), id_="Else", inside=True)
    assert _ids(other) == _ids(own)
    assert not any(change.destructive for change in changes(own, other))
