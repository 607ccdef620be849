"""Where the two sides of a review come from."""

import json
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from understudy_failover.operations.review.templates import (
    AssemblyError,
    deployed,
    stack_templates,
    synthesized_resources,
)


def _assembly(folder: Path) -> Path:
    inner = folder / "assembly-Stage"
    inner.mkdir(parents=True)
    nested = {"type": "cdk:cloud-assembly", "properties": {"directoryName": "assembly-Stage"}}
    stack = {"type": "aws:cloudformation:stack", "properties": {"stackName": "one", "templateFile": "One.json"}}
    (folder / "manifest.json").write_text(json.dumps({"artifacts": {"Stage": nested, "Tree": {"type": "cdk:tree"}}}))
    (inner / "manifest.json").write_text(json.dumps({"artifacts": {"One": stack}}))
    (inner / "One.json").write_text(json.dumps({"Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}}}))
    return folder


class CloudFormation:
    """Answers one stack, or an error."""

    def __init__(self, code: str) -> None:
        self._code = code

    def get_template(self, *, StackName: str, TemplateStage: str) -> dict[str, Any]:  # noqa: N803 (boto3's names)
        assert TemplateStage == "Original"
        if StackName == "one":
            return {"TemplateBody": {"Resources": {"Bucket": {"Type": "AWS::S3::Bucket"}}}}
        raise ClientError({"Error": {"Code": self._code, "Message": "…"}}, "GetTemplate")


def test_stacks_of_a_stage_are_found(tmp_path: Path) -> None:
    folder = _assembly(tmp_path / "cdk.out")
    assert stack_templates(folder) == {"one": folder / "assembly-Stage" / "One.json"}
    assert synthesized_resources(folder) == {"one/Bucket": {"Type": "AWS::S3::Bucket"}}


def test_a_folder_without_an_assembly_is_refused_with_what_to_do(tmp_path: Path) -> None:
    with pytest.raises(AssemblyError, match="cdk synth"):
        synthesized_resources(tmp_path)


def test_a_stack_that_is_not_deployed_has_no_resources() -> None:
    assert deployed(CloudFormation("ValidationError"), ["one", "two"]) == {"one/Bucket": {"Type": "AWS::S3::Bucket"}}


def test_another_error_is_not_taken_for_a_missing_stack() -> None:
    with pytest.raises(ClientError):
        deployed(CloudFormation("AccessDenied"), ["two"])
