"""A function that CloudFront's engine cannot run fails the deploy before the distribution is touched."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.rehearsal.deployed import bootstrapped
from understudy_failover.page import edge
from understudy_failover.rehearsal.bed import RehearsalBed
from understudy_failover.rehearsal.errors import CdkError

FUNCTION = "understudy-example-viewer-request"


@pytest.fixture
def bed(fast_settings: Path) -> Iterator[RehearsalBed]:
    with bootstrapped(fast_settings) as prepared:
        yield prepared


def test_a_deploy_with_for_of_fails_on_a_new_and_on_a_deployed_page(
    bed: RehearsalBed, monkeypatch: pytest.MonkeyPatch
) -> None:
    cloudfront, cloudformation = bed.aws.client("cloudfront"), bed.aws.client("cloudformation")
    read = edge._code

    def with_for_of(name: str) -> str:
        return read(name).replace("function handler(event){", "function handler(event){for (const one of [1]) {}", 1)

    def deploy_with_for_of() -> str:
        with monkeypatch.context() as patch:
            patch.setattr(edge, "_code", with_for_of)
            with pytest.raises(CdkError) as raised:
                bed.cdk.deploy(print, stacks="Maintenance")
        return str(raised.value)

    text = deploy_with_for_of()
    assert "SyntaxError" in text
    assert "understudy-example-test-request" in text
    assert cloudfront.list_distributions()["DistributionList"].get("Items", []) == []
    assert cloudfront.list_functions()["FunctionList"].get("Items", []) == []

    bed.cdk.deploy(print, stacks="Maintenance")
    outputs = [each for stack in cloudformation.describe_stacks()["Stacks"] for each in stack.get("Outputs", [])]
    (utilization,) = [each["OutputValue"] for each in outputs if each["OutputKey"] == "EdgeComputeUtilization"]
    assert "understudy-example-test-response" in utilization
    before = cloudfront.get_function(Name=FUNCTION, Stage="LIVE")["FunctionCode"].read()
    assert "SyntaxError" in deploy_with_for_of()
    assert cloudfront.get_function(Name=FUNCTION, Stage="LIVE")["FunctionCode"].read() == before
    assert {each["Name"] for each in cloudfront.list_functions()["FunctionList"]["Items"]} == {
        FUNCTION,
        "understudy-example-viewer-response",
    }
